// The clusters that customers had in an earlier snapshot: what ids that persist and reports of moves go by. A pure
// function; thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "data/snapshot/lookup_part.h"
#include "model/customer_columns.h"

namespace strata {

// Ids by row of `today`, whose customers are in the order (hash, id), as those of the part of the same shard; 0: had no
// cluster, kNotInFollowed: was not in the base.
std::vector<int16_t> FollowedClusters(const LookupPart& followed, const CustomerColumns& today,
                                      const std::function<std::string_view(size_t)>& id);

}  // namespace strata
