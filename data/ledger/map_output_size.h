// How large the shards' parts of a map output are, without reading them.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace strata {

// Adds the bytes of each shard's block in an object of EncodeMapOutput to those of the shard. From its index, whose
// entries must fill the object; blocks are verified by DecodeMapOutput. DATA_LOSS (MAP_OUTPUT_CORRUPT) where they do
// not, or are not as many as the vector has.
absl::Status AddMapOutputSizes(std::string_view object, std::vector<uint64_t>* bytes_by_shard);

}  // namespace strata
