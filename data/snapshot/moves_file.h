// parts/<shard>.moves of a snapshot: who entered and who left which of the job's segments since the snapshot that the
// run followed. A Parquet file inside (not named so, for it has no row per customer): segment, customer_id, change
// ("entered" or "left"), ascending. Pure functions of bytes; thread-safe.
#pragma once

#include <compare>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace strata {

struct MemberMove {
  std::string segment;
  bool entered = false;  // else left
  std::string customer_id;
  bool operator==(const MemberMove&) const = default;
};

// Ascending by segment, who entered before who left, by id. Equal moves have equal bytes, in any order.
absl::StatusOr<std::string> EncodeMoves(std::vector<MemberMove> moves);
// DATA_LOSS (SNAPSHOT_CORRUPT).
absl::StatusOr<std::vector<MemberMove>> DecodeMoves(std::string_view bytes);

}  // namespace strata
