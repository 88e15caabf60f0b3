// One shard of the ledger: its segments, read as one, and what a night does to it. Pure functions of bytes;
// thread-safe.
//
// A night adds one segment with its new rows. Segments are merged when that pays, by a rule over sizes alone
// (SegmentsToKeep), so that reading never has to look into many of them, and a row is rewritten only a few times. What
// the shard holds, its digest included, is a function of the rows of the files that count: not of nights, segments or
// compaction.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/hash.h"
#include "base/status.h"
#include "data/ledger/ledger.h"
#include "data/row_batch.h"
#include "data/tables/alias_table.h"

namespace strata {

// A shard has at most this many segments: each costs every reader an open file and a step per customer.
inline constexpr size_t kMaxShardSegments = 8;
// A segment is merged into the next one as soon as it is at most this many times as large: a shard that grows evenly
// rewrites each row about log(size) / log(kTierRatio + 1) times, and keeps the bulk untouched for a quarter of its
// size.
inline constexpr int64_t kTierRatio = 4;

struct LedgerShard {
  std::vector<LedgerSegment> segments;  // oldest first
  std::vector<int32_t> removed_files;   // ascending; their rows no longer count
};

// What counts in a shard, or by how much that changes; counts of a change may be negative.
struct ShardTotals {
  int64_t customers = 0;
  int64_t rows = 0;
  int64_t conflicts = 0;  // transaction ids whose rows differ in content
  Hash128 digest;         // logical: the sum of the customers' digests (customer_digest.h), without file numbers
  std::map<int32_t, int64_t> rows_by_file;  // none is 0
  std::map<Day, int64_t> rows_by_day;       // none is 0

  void Add(const ShardTotals& change);
};

// Reads every row. OUT_OF_RANGE (NET_OVERFLOW, CUSTOMER_TOO_LARGE) and LEDGER_MISMATCH as for UpdateShard.
absl::StatusOr<ShardTotals> SumShard(const LedgerShard& shard, bool has_transaction_id);

// How many of the first segments stay as they are when a new one of `fresh` items is added; the others are merged into
// it. Sizes are in items: days and lines. With nothing new all stay.
size_t SegmentsToKeep(std::span<const int64_t> sizes, int64_t fresh);

enum class Compaction {
  kWhenItPays,  // SegmentsToKeep
  kAll,         // into one segment, without the rows of removed files
};

struct ShardUpdate {
  size_t kept = 0;      // the first segments that stay; the others are replaced by `segment`
  std::string segment;  // the new one; empty: none is needed
  ShardTotals totals;   // as Counting says
};

// What an update says of its shard. Either way the sums over all nights are the same.
enum class Counting : uint8_t {
  kAllRows,  // the totals of the shard as it is from now on: reads every row
  // By how much they differ from those of `shard`: reads the customers of the new rows alone. Preconditions: nobody
  // leaves or arrives, and whatever the change is added to was counted with the same removed files.
  kChange,
};

// What a change of merged identities does to a shard, beside its new rows (moved_rows.h).
struct ShardMoves {
  const AliasTable* leaving = nullptr;  // customers of the segments whose ids are merged into others; may be null
  std::vector<LedgerSegment> arriving;  // rows that come from other shards, or back to this one under another id
};

// FAILED_PRECONDITION (LEDGER_MISMATCH) unless all segments have lines as they must.
absl::Status CheckKind(std::span<const LedgerSegment> segments, bool has_transaction_id);

// Adds new rows to a shard. Independent of the order of `fresh` and of the rows within it. Of several rows with one
// transaction id one counts (line_rules.h), whichever nights they came in. The first segment that holds rows of someone
// who leaves is merged with all later ones, without those rows.
//
// Errors beyond those of ledger.h: OUT_OF_RANGE (NET_OVERFLOW) names the customer's hash and the day when a day's net,
// or the sum of the sizes of all days' nets of a customer, leaves 64 bits, so that no later sum over days can;
// FAILED_PRECONDITION (LEDGER_MISMATCH) when the shard has lines and `has_transaction_id` is false, or the reverse.
absl::StatusOr<ShardUpdate> UpdateShard(const LedgerShard& shard, const std::vector<RowBatch>& fresh,
                                        bool has_transaction_id, Compaction compaction = Compaction::kWhenItPays,
                                        const ShardMoves& moves = {}, Counting counting = Counting::kAllRows);

}  // namespace strata
