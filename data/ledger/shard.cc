#include "data/ledger/shard.h"

#include <fmt/format.h>

#include "data/ledger/batch_check.h"
#include "data/ledger/customer_rows.h"
#include "data/ledger/day_sum.h"
#include "data/ledger/fresh_segment.h"
#include "data/ledger/merged_rows.h"
#include "data/ledger/segment_columns.h"
#include "data/ledger/segment_digest.h"

namespace strata {
namespace {

// Adds up customers as they come in the order of the ledger.
class ShardSums {
 public:
  explicit ShardSums(bool has_lines) : digest_(has_lines), rows_by_day_(size_t{kLastDay - kFirstDay + 1}) {}

  absl::Status Add(const MergedRows& customer);
  ShardTotals Finish();

 private:
  DaySum AddDay(const DaySpans& days, size_t* next);

  SegmentDigest digest_;
  ShardTotals totals_;
  std::vector<int64_t> rows_by_day_;   // from kFirstDay
  std::vector<int64_t> rows_by_file_;  // by number
  std::vector<LedgerLine> lines_;
};

// The day at `*next` over all files; moves past it.
DaySum ShardSums::AddDay(const DaySpans& days, size_t* next) {
  const Day day = days.day[*next];
  DaySum sum;
  for (; *next < days.size() && days.day[*next] == day; ++*next) {
    const int32_t rows = days.rows[*next];
    sum.Add(days.net_micros[*next], rows, days.return_rows[*next]);
    const auto file = static_cast<size_t>(days.file[*next]);
    if (file >= rows_by_file_.size()) rows_by_file_.resize(file + 1);
    rows_by_file_[file] += rows;
  }
  rows_by_day_[static_cast<size_t>(day - kFirstDay)] += sum.rows;
  return sum;
}

absl::Status ShardSums::Add(const MergedRows& customer) {
  digest_.BeginCustomer(customer.id());
  const DaySpans& days = customer.days();
  Int128 turnover = 0;
  int64_t rows = 0;
  for (size_t i = 0; i < days.size();) {
    const Day day = days.day[i];
    const DaySum sum = AddDay(days, &i);
    if (!FitsMicros(sum.net_micros)) return DayOverflow(customer.hash(), day, ToString(sum.net_micros), sum.rows);
    digest_.AddDay(day, static_cast<int64_t>(sum.net_micros), sum.rows, sum.return_rows);
    turnover += sum.net_micros < 0 ? -sum.net_micros : sum.net_micros;
    rows += sum.rows;
  }
  if (!FitsMicros(turnover)) {
    return MakeError(absl::StatusCode::kOutOfRange, "NET_OVERFLOW",
                     fmt::format("customer {}: the nets of all days add up to {} micros, which leaves 64 bits",
                                 Hex(customer.hash()), ToString(turnover)),
                     {{"customer_hash", Hex(customer.hash())}});
  }
  if (rows > kMaxCustomerRows) {
    return MakeError(
        absl::StatusCode::kOutOfRange, "CUSTOMER_TOO_LARGE",
        fmt::format("customer {} has {} rows, allowed are {}", Hex(customer.hash()), rows, kMaxCustomerRows),
        {{"customer_hash", Hex(customer.hash())}});
  }
  ++totals_.customers;
  totals_.rows += rows;
  if (!customer.has_lines()) return absl::OkStatus();
  lines_.clear();
  customer.AppendWinners(&lines_);
  for (const LedgerLine& line : lines_) digest_.AddLine(line);
  totals_.conflicts += customer.Conflicts();
  return absl::OkStatus();
}

ShardTotals ShardSums::Finish() {
  totals_.digest = digest_.Finish();
  for (size_t i = 0; i < rows_by_day_.size(); ++i) {
    if (rows_by_day_[i] > 0) totals_.rows_by_day[kFirstDay + static_cast<Day>(i)] = rows_by_day_[i];
  }
  for (size_t i = 0; i < rows_by_file_.size(); ++i) {
    if (rows_by_file_[i] > 0) totals_.rows_by_file[static_cast<int32_t>(i)] = rows_by_file_[i];
  }
  return std::move(totals_);
}

absl::StatusOr<ShardTotals> Sum(std::vector<SegmentSpans> segments, std::span<const int32_t> removed_files,
                                bool has_lines) {
  ShardSums sums(has_lines);
  MergedRows rows(std::move(segments), removed_files);
  while (rows.Next()) STRATA_RETURN_IF_ERROR(sums.Add(rows));
  STRATA_RETURN_IF_ERROR(rows.status());
  return sums.Finish();
}

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
  return Sum(ColumnsOfSegments(shard), shard.removed_files, has_transaction_id);
}

size_t SegmentsToKeep(std::span<const int64_t> sizes, int64_t fresh) {
  size_t kept = sizes.size();
  if (fresh == 0) return kept;
  int64_t merged = fresh;
  while (kept > 0 && (sizes[kept - 1] <= kTierRatio * merged || kept >= kMaxShardSegments)) merged += sizes[--kept];
  return kept;
}

absl::StatusOr<ShardUpdate> UpdateShard(const LedgerShard& shard, const std::vector<RowBatch>& fresh,
                                        bool has_transaction_id, Compaction compaction, const ShardMoves& moves) {
  STRATA_RETURN_IF_ERROR(CheckKind(shard.segments, has_transaction_id));
  STRATA_RETURN_IF_ERROR(CheckKind(moves.arriving, has_transaction_id));
  STRATA_ASSIGN_OR_RETURN(SegmentColumns columns, ColumnsOf(fresh, has_transaction_id));
  std::vector<SegmentSpans> segments = ColumnsOfSegments(shard);
  ShardUpdate update;
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
  STRATA_ASSIGN_OR_RETURN(update.totals, Sum(std::move(segments), shard.removed_files, has_transaction_id));
  return update;
}

}  // namespace strata
