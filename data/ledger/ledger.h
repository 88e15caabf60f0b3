// The ledger: all accepted rows of a job, per shard, as immutable segments in the order (hash, id, day). A segment is
// an Arrow IPC file with one row per customer and a nested list of days; where the job maps transaction_id also a
// nested list of lines, from which the days are derived. Pure functions of bytes; thread-safe. How the segments of a
// shard come about and are read as one: shard.h.
//
// Errors: DATA_LOSS (LEDGER_CORRUPT, MAP_OUTPUT_CORRUPT, BATCH_INCONSISTENT) when bytes or rows are not as they must
// be, FAILED_PRECONDITION (FORMAT_UNKNOWN) for a version this build does not know.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "base/status.h"
#include "data/row_batch.h"

namespace strata {

inline constexpr int kLedgerFormatVersion = 2;

// Limits of a segment; more of either is OUT_OF_RANGE (SEGMENT_TOO_LARGE) and wants more shards in the job.
inline constexpr int64_t kMaxSegmentIdBytes = 2'147'483'647;  // Arrow's utf8 counts bytes in 32 bits
inline constexpr int64_t kMaxSegmentItems = 2'147'483'647;    // days, and lines: Arrow's list counts items in 32 bits
inline constexpr int64_t kMaxCustomerRows = 2'147'483'647;    // CustomerColumns::rows has 32 bits

// What a map task leaves behind: the batches of all shards in one object, with an index, so that a ledger task reads
// its shard alone; each shard has its own checksum, so nobody needs to verify the whole object first. An empty shard
// costs its 24 bytes of index. DecodeMapOutput copies out one shard; DATA_LOSS when the bytes are not as written.
// Precondition of EncodeMapOutput: all columns of a batch have the length that RowBatch promises.
std::string EncodeMapOutput(const std::vector<RowBatch>& shards);
absl::StatusOr<RowBatch> DecodeMapOutput(std::string_view object, uint32_t shard);

// One calendar day of a customer in one file.
struct LedgerDay {
  Day day = 0;
  int32_t file = 0;
  int64_t net_micros = 0;
  int32_t rows = 0;
  int32_t return_rows = 0;  // rows == return_rows: a returns-only day, no purchase
};

// One row, kept where transaction_id is mapped: the best of its file for this transaction (line_rules.h).
struct LedgerLine {
  Hash128 transaction;
  Day day = 0;
  int16_t minute = 0;
  uint8_t is_return = 0;
  uint8_t differs = 0;  // 1: its file has rows of this transaction with other content
  int32_t file = 0;
  int64_t net_micros = 0;
  int64_t updated_at_us = 0;
  uint64_t row_hash = 0;
};

struct SegmentSpans;

// A read-only view of a segment; `bytes` must outlive it and its copies, and lie at a multiple of 8 lest columns be
// copied.
class LedgerSegment {
 public:
  static absl::StatusOr<LedgerSegment> Open(std::string_view bytes);
  size_t customers() const;
  uint64_t hash(size_t customer) const;
  std::string_view id(size_t customer) const;
  bool has_lines() const;
  // Ascending by (day, file); a day may appear once per file.
  std::vector<LedgerDay> days(size_t customer) const;
  // Ascending by (day, minute, transaction, file), one per transaction and file. Precondition: has_lines().
  std::vector<LedgerLine> lines(size_t customer) const;

  const SegmentSpans& columns() const;

 private:
  struct Arrays;
  std::shared_ptr<const Arrays> arrays_;
};

}  // namespace strata
