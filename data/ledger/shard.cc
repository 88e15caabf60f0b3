#include "data/ledger/shard.h"

#include <fmt/format.h>

#include "base/hash_sum.h"
#include "data/ledger/fresh_segment.h"
#include "data/ledger/merged_rows.h"
#include "data/ledger/segment_columns.h"
#include "data/ledger/shard_sums.h"

namespace strata {
namespace {

bool Leaves(const AliasTable* leaving, uint64_t hash, std::string_view id) {
  return leaving != nullptr && leaving->Find(hash, id).has_value();
}

// How many of the first segments hold nobody who leaves.
size_t SegmentsWithout(const std::vector<SegmentSpans>& segments, const AliasTable* leaving) {
  if (leaving == nullptr) return segments.size();
  for (size_t i = 0; i < segments.size(); ++i) {
    for (size_t k = 0; k < segments[i].customers(); ++k) {
      if (Leaves(leaving, segments[i].hash[k], segments[i].id(k))) return i;
    }
  }
  return segments.size();
}

int64_t ItemsOf(const SegmentSpans& segment) {
  return static_cast<int64_t>(segment.days.size() + segment.lines.day.size());
}

absl::StatusOr<SegmentColumns> Merge(std::vector<SegmentSpans> segments, std::span<const int32_t> removed_files,
                                     const AliasTable* leaving) {
  size_t customers = 0, days = 0, line_count = 0;
  for (const SegmentSpans& segment : segments) {
    customers += segment.customers();
    days += segment.days.size();
    line_count += segment.lines.day.size();
  }
  MergedRows rows(std::move(segments), removed_files);
  SegmentColumns columns;
  columns.Reserve(customers, days, line_count);
  std::vector<LedgerLine> lines;
  while (rows.Next()) {
    if (Leaves(leaving, rows.hash(), rows.id())) continue;
    columns.AddDays(rows.days());
    lines.clear();
    if (rows.has_lines()) rows.AppendStored(&lines);
    for (const LedgerLine& line : lines) columns.AddLine(line);
    STRATA_RETURN_IF_ERROR(columns.EndCustomer(rows.hash(), rows.id()));
  }
  STRATA_RETURN_IF_ERROR(rows.status());
  return columns;
}

std::vector<SegmentSpans> ColumnsOfSegments(const LedgerShard& shard) {
  std::vector<SegmentSpans> columns;
  for (const LedgerSegment& segment : shard.segments) columns.push_back(segment.columns());
  return columns;
}

template <typename Key>
void AddCount(Key key, int64_t count, std::map<Key, int64_t>* counts) {
  int64_t& sum = (*counts)[key];
  sum += count;
  if (sum == 0) counts->erase(key);
}

}  // namespace

absl::Status CheckKind(std::span<const LedgerSegment> segments, bool has_transaction_id) {
  for (const LedgerSegment& segment : segments) {
    if (segment.has_lines() == has_transaction_id) continue;
    return MakeError(absl::StatusCode::kFailedPrecondition, "LEDGER_MISMATCH",
                     fmt::format("the ledger was built {} transaction ids, the job maps {}",
                                 segment.has_lines() ? "with" : "without", has_transaction_id ? "them" : "none"));
  }
  return absl::OkStatus();
}

absl::StatusOr<ShardTotals> SumShard(const LedgerShard& shard, bool has_transaction_id) {
  STRATA_RETURN_IF_ERROR(CheckKind(shard.segments, has_transaction_id));
  return SumAll(ColumnsOfSegments(shard), shard.removed_files, has_transaction_id);
}

size_t SegmentsToKeep(std::span<const int64_t> sizes, int64_t fresh) {
  size_t kept = sizes.size();
  if (fresh == 0) return kept;
  int64_t merged = fresh;
  while (kept > 0 && (sizes[kept - 1] <= kTierRatio * merged || kept >= kMaxShardSegments)) merged += sizes[--kept];
  return kept;
}

void ShardTotals::Add(const ShardTotals& change) {
  customers += change.customers;
  rows += change.rows;
  conflicts += change.conflicts;
  digest = Plus(digest, change.digest);
  for (const auto& [file, count] : change.rows_by_file) AddCount(file, count, &rows_by_file);
  for (const auto& [day, count] : change.rows_by_day) AddCount(day, count, &rows_by_day);
}

absl::StatusOr<ShardUpdate> UpdateShard(const LedgerShard& shard, const std::vector<RowBatch>& fresh,
                                        bool has_transaction_id, Compaction compaction, const ShardMoves& moves,
                                        Counting counting) {
  STRATA_RETURN_IF_ERROR(CheckKind(shard.segments, has_transaction_id));
  STRATA_RETURN_IF_ERROR(CheckKind(moves.arriving, has_transaction_id));
  STRATA_ASSIGN_OR_RETURN(SegmentColumns columns, ColumnsOf(fresh, has_transaction_id));
  std::vector<SegmentSpans> segments = ColumnsOfSegments(shard);
  ShardUpdate update;
  if (counting == Counting::kChange) {
    if (moves.leaving != nullptr || !moves.arriving.empty()) {
      return MakeError(absl::StatusCode::kInternal, "CHANGE_UNKNOWN",
                       "rows move between customers: what changes can only be found by counting all rows");
    }
    STRATA_ASSIGN_OR_RETURN(
        update.totals, SumChange(segments, columns.Spans(has_transaction_id), shard.removed_files, has_transaction_id));
  }
  if (compaction == Compaction::kWhenItPays) {
    std::vector<int64_t> sizes;
    for (const SegmentSpans& segment : segments) sizes.push_back(ItemsOf(segment));
    auto fresh_items = static_cast<int64_t>(columns.items());
    for (const LedgerSegment& segment : moves.arriving) fresh_items += ItemsOf(segment.columns());
    update.kept = std::min(SegmentsToKeep(sizes, fresh_items), SegmentsWithout(segments, moves.leaving));
  }
  if (update.kept < segments.size() || !moves.arriving.empty()) {
    std::vector<SegmentSpans> merged(segments.begin() + static_cast<std::ptrdiff_t>(update.kept), segments.end());
    for (const LedgerSegment& segment : moves.arriving) merged.push_back(segment.columns());
    merged.push_back(columns.Spans(has_transaction_id));
    STRATA_ASSIGN_OR_RETURN(SegmentColumns together, Merge(std::move(merged), shard.removed_files, moves.leaving));
    columns = std::move(together);
    segments.resize(update.kept);
  }
  if (!columns.hash.empty()) {
    STRATA_ASSIGN_OR_RETURN(update.segment, EncodeSegment(columns, has_transaction_id));
    segments.push_back(columns.Spans(has_transaction_id));
  }
  if (counting == Counting::kAllRows) {
    STRATA_ASSIGN_OR_RETURN(update.totals, SumAll(std::move(segments), shard.removed_files, has_transaction_id));
  }
  return update;
}

}  // namespace strata
