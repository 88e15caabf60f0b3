// The ledger: all accepted rows of a job, per shard, as immutable segments in the order (hash, id, day). A segment is
// an Arrow IPC file with one row per customer and a nested list of days; where the job maps transaction_id also a
// nested list of lines, from which the days are derived. Pure functions of bytes; thread-safe.
//
// Errors: DATA_LOSS (LEDGER_CORRUPT, MAP_OUTPUT_CORRUPT, BATCH_INCONSISTENT) when bytes or rows are not as they must
// be, FAILED_PRECONDITION (FORMAT_UNKNOWN) for a version this build does not know.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "base/status.h"
#include "data/row_batch.h"

namespace strata {

inline constexpr int kLedgerFormatVersion = 1;

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

struct SegmentResult {
  std::string bytes;  // the new segment
  int64_t customers = 0;
  int64_t rows = 0;  // accepted rows in the segment
  Hash128 digest;    // logical: over the merged day stream (and lines), without file numbers
  // Rows that this merge found to be duplicates of a kept row, by the file number of the row left out.
  std::map<int32_t, int64_t> duplicates_by_file;
  int64_t conflicts = 0;  // transaction ids with differing content (the greatest updated_at, then row hash, was kept)
  std::map<Day, int64_t> rows_by_day;  // accepted rows per day (for as_of, freshness and future rows)
};

// Merges the shard's parent segment (empty: none) and new rows into a segment. Independent of the order of `fresh` and
// of rows within it; of equal duplicates the one with the smallest file number is kept. Any partition of rows into
// batches and nights gives the same digest, and the same bytes where the file numbers are the same.
//
// Errors beyond those above: OUT_OF_RANGE (NET_OVERFLOW) names the customer's hash and the day when a day's net, or the
// sum of the sizes of all days' nets of a customer, leaves 64 bits, so that no later sum over days can;
// FAILED_PRECONDITION (LEDGER_MISMATCH) when the parent has lines and `has_transaction_id` is false, or the reverse.
absl::StatusOr<SegmentResult> BuildSegment(std::string_view parent, const std::vector<RowBatch>& fresh,
                                           bool has_transaction_id);

// One calendar day of a customer in one file.
struct LedgerDay {
  Day day = 0;
  int32_t file = 0;
  int64_t net_micros = 0;
  int32_t rows = 0;
  int32_t return_rows = 0;  // rows == return_rows: a returns-only day, no purchase
};

// One row, kept where transaction_id is mapped.
struct LedgerLine {
  Hash128 transaction;
  Day day = 0;
  int16_t minute = 0;
  uint8_t is_return = 0;
  int32_t file = 0;
  int64_t net_micros = 0;
  int64_t updated_at_us = 0;
  uint64_t row_hash = 0;
};

// A read-only view of a segment; `bytes` must outlive it, and lie at a multiple of 8 lest columns be copied.
class LedgerSegment {
 public:
  static absl::StatusOr<LedgerSegment> Open(std::string_view bytes);
  size_t customers() const;
  uint64_t hash(size_t customer) const;
  std::string_view id(size_t customer) const;
  // Ascending by (day, file); a day may appear once per file.
  std::vector<LedgerDay> days(size_t customer) const;
  void AppendDays(size_t customer, std::vector<LedgerDay>* days) const;

  bool has_lines() const;
  // Ascending by (day, minute, transaction), one per transaction. Appends to `lines`. Precondition: has_lines().
  void AppendLines(size_t customer, std::vector<LedgerLine>* lines) const;

  // Columns, for the feature stage: days of customer i are [day_offsets[i], day_offsets[i + 1]).
  std::span<const int32_t> day_offsets() const;
  std::span<const Day> day() const;
  std::span<const int32_t> file() const;
  std::span<const int64_t> net_micros() const;
  std::span<const int32_t> rows() const;
  std::span<const int32_t> return_rows() const;

 private:
  struct Arrays;
  std::shared_ptr<const Arrays> arrays_;
};

}  // namespace strata
