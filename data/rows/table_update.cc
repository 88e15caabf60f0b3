#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "data/rows/table_shard.h"
#include "data/rows/table_sums.h"

namespace strata {
namespace {

bool Leaves(const AliasTable* leaving, uint64_t hash, std::string_view id) {
  return leaving != nullptr && leaving->Find(hash, id).has_value();
}

// How many of the first segments hold nobody who leaves.
size_t SegmentsWithout(std::span<const TableSegment> segments, const AliasTable* leaving) {
  if (leaving == nullptr) return segments.size();
  for (size_t i = 0; i < segments.size(); ++i) {
    const RowSpans& rows = segments[i].rows();
    for (size_t owner = 0; owner < rows.owners(); ++owner) {
      if (Leaves(leaving, rows.hash[owner], rows.id[owner])) return i;
    }
  }
  return segments.size();
}

// Segments and then batches as sources of rows.
class ShardRows {
 public:
  ShardRows(const TableLayout& layout, std::span<const TableSegment> segments, std::span<const int32_t> removed_files,
            const std::vector<TableBatch>& fresh, const AliasTable* leaving)
      : layout_(layout), segments_(segments.size()), removed_files_(removed_files), leaving_(leaving) {
    for (const TableSegment& segment : segments) sources_.push_back(segment.rows());
    for (const TableBatch& batch : fresh) {
      if (batch.size() > 0) sources_.push_back(SpansOf(batch));
    }
  }

  std::span<const RowSpans> sources() const { return sources_; }

  // Rows of the sources from `first` on. New rows come in as they are; who leaves has none in segments.
  CustomerOrder From(size_t first) const {
    std::vector<RowAt> rows;
    size_t count = 0;
    for (size_t i = first; i < sources_.size(); ++i) count += sources_[i].rows();
    rows.reserve(count);
    for (size_t i = first; i < sources_.size(); ++i) {
      const RowSpans& source = sources_[i];
      for (size_t owner = 0; owner < source.owners(); ++owner) {
        if (i < segments_ && Leaves(leaving_, source.hash[owner], source.id[owner])) continue;
        AppendRows(sources_, i, owner, removed_files_, &rows);
      }
    }
    return {sources_, std::move(rows)};
  }

  // Sums over these sources.
  TableSums Sums() const {
    TableSums sums(layout_);
    for (size_t i = segments_; i < sources_.size(); ++i) sums.HashAhead(sources_, i);
    return sums;
  }

  TableTotals SumAll() const {
    TableSums sums = Sums();
    RowRules rules(layout_, sources_);
    const CustomerOrder order = From(0);
    for (size_t i = 0; i < order.customers(); ++i) {
      rules.Settle(order.RowsOf(i));
      sums.Add(rules, order.id(i), 1);
    }
    return sums.Finish();
  }

  // By how much SumAll grows by the batches: reads their customers and nobody else.
  TableTotals SumChange() const {
    TableSums sums = Sums();
    RowRules rules(layout_, sources_);
    const CustomerOrder order = From(segments_);
    std::vector<RowAt> rows;
    std::vector<size_t> next(segments_);  // owner by segment
    for (size_t i = 0; i < order.customers(); ++i) {
      rows.clear();
      for (size_t segment = 0; segment < segments_; ++segment) {
        if (Seek(segment, order.hash(i), order.id(i), &next[segment])) {
          AppendRows(sources_, segment, next[segment], removed_files_, &rows);
        }
      }
      if (!rows.empty()) {
        rules.Settle(rows);
        sums.Add(rules, order.id(i), -1);
      }
      rows.insert(rows.end(), order.RowsOf(i).begin(), order.RowsOf(i).end());
      rules.Settle(rows);
      sums.Add(rules, order.id(i), 1);
    }
    return sums.Finish();
  }

 private:
  // Moves to the customer in a segment; false where it has no rows there.
  bool Seek(size_t segment, uint64_t hash, std::string_view id, size_t* owner) const {
    const RowSpans& rows = sources_[segment];
    const auto from = rows.hash.begin() + static_cast<std::ptrdiff_t>(*owner);
    *owner = static_cast<size_t>(std::lower_bound(from, rows.hash.end(), hash) - rows.hash.begin());
    while (*owner < rows.owners() && rows.hash[*owner] == hash && rows.id[*owner] < id) ++*owner;
    return *owner < rows.owners() && rows.hash[*owner] == hash && rows.id[*owner] == id;
  }

  const TableLayout& layout_;
  const size_t segments_;
  std::span<const int32_t> removed_files_;
  const AliasTable* leaving_;
  std::vector<RowSpans> sources_;
};

size_t Kept(std::span<const TableSegment> segments, const std::vector<TableBatch>& fresh, const AliasTable* leaving) {
  std::vector<int64_t> sizes;
  for (const TableSegment& segment : segments) sizes.push_back(static_cast<int64_t>(segment.rows().rows()));
  int64_t fresh_rows = 0;
  for (const TableBatch& batch : fresh) fresh_rows += static_cast<int64_t>(batch.size());
  return std::min(SegmentsToKeep(sizes, fresh_rows), SegmentsWithout(segments, leaving));
}

absl::Status CheckFresh(const TableLayout& layout, const std::vector<TableBatch>& fresh) {
  for (size_t i = 0; i < fresh.size(); ++i) {
    if (absl::Status status = CheckTableBatch(fresh[i], layout); !status.ok()) {
      return WithContext(status, fmt::format("batch {}", i));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<TableTotals> SumTableShard(const TableLayout& layout, std::span<const TableSegment> segments,
                                          std::span<const int32_t> removed_files) {
  return ShardRows(layout, segments, removed_files, {}, nullptr).SumAll();
}

absl::StatusOr<TableUpdate> UpdateTableShard(const TableLayout& layout, std::span<const TableSegment> segments,
                                             std::span<const int32_t> removed_files,
                                             const std::vector<TableBatch>& fresh, const AliasTable* leaving,
                                             Compaction compaction, Counting counting) {
  if (counting == Counting::kChange && leaving != nullptr) {
    return MakeError(absl::StatusCode::kInternal, "CHANGE_UNKNOWN",
                     "rows move between customers: what changes can only be found by counting all rows");
  }
  STRATA_RETURN_IF_ERROR(CheckFresh(layout, fresh));
  const ShardRows rows(layout, segments, removed_files, fresh, leaving);
  TableUpdate update;
  update.kept = compaction == Compaction::kAll ? 0 : Kept(segments, fresh, leaving);
  const bool at_once = update.kept == 0 && counting == Counting::kAllRows;  // what is written is all there is
  if (counting == Counting::kChange) {
    update.totals = rows.SumChange();
  } else if (!at_once) {
    update.totals = rows.SumAll();
  }
  TableSums sums = at_once ? rows.Sums() : TableSums(layout);
  RowRules rules(layout, rows.sources());
  const CustomerOrder order = rows.From(update.kept);
  StoredRows stored;
  stored.rows.reserve(order.rows());
  for (size_t i = 0; i < order.customers(); ++i) {
    rules.Settle(order.RowsOf(i));
    stored.AddCustomer(rules.stored());
    if (at_once) sums.Add(rules, order.id(i), 1);
  }
  if (at_once) update.totals = sums.Finish();
  STRATA_ASSIGN_OR_RETURN(update.segment, EncodeTableSegment(layout, rows.sources(), stored));
  return update;
}

}  // namespace strata
