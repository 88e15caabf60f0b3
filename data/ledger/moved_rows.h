// Rows that change their customer, and so perhaps their shard, because an id was merged into another customer after
// they had come into the ledger. One task per shard that they may leave collects them into one object; each shard then
// takes what arrives as if it were one more segment and drops who has left (UpdateShard). Pure functions of bytes;
// thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "data/ledger/ledger.h"
#include "data/ledger/shard.h"
#include "data/tables/alias_table.h"

namespace strata {

// Segments of a few shards in one object: {magic, version, number of segments}, {shard, offset, size, checksum} of
// each, a checksum of all that, then the segments, aligned to 64 bytes.
struct MovedRows {
  std::string object;  // empty: nobody moves
  int64_t customers = 0;
};

// The rows of every customer of `from` that `moves` merges into another one, under that one's id. Rows of removed files
// stay behind. Errors are those of UpdateShard.
absl::StatusOr<MovedRows> CollectMoved(const LedgerShard& from, const AliasTable& moves, uint32_t shards,
                                       bool has_transaction_id);

// The segment in such an object that goes to a shard; empty where there is none. A view of `object`, of which only the
// header and this segment are looked at, and verified. DATA_LOSS (MOVED_ROWS_CORRUPT), FAILED_PRECONDITION
// (FORMAT_UNKNOWN).
absl::StatusOr<std::string_view> MovedInto(std::string_view object, uint32_t shard);

// Adds the bytes of each segment to those of its shard. Errors are those above; a shard beyond the vector is one.
absl::Status AddMovedSizes(std::string_view object, std::vector<uint64_t>* bytes_by_shard);

}  // namespace strata
