// A table of a shard that lives through nights, with the bytes of its segments. Totals are counted as a run counts
// them: by what a night changes, except where there is nothing to add to and in the first night after a file was
// removed.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <list>
#include <string>
#include <utility>
#include <vector>

#include "data/rows/table_shard.h"

namespace strata {

class LivingTable {
 public:
  explicit LivingTable(TableLayout layout) : layout_(std::move(layout)) {}

  void Add(const std::vector<TableBatch>& fresh, Compaction compaction = Compaction::kWhenItPays,
           const AliasTable* leaving = nullptr) {
    if (leaving != nullptr) counting_ = Counting::kAllRows;
    absl::StatusOr<TableUpdate> update =
        UpdateTableShard(layout_, segments_, removed_files_, fresh, leaving, compaction, counting_);
    ASSERT_TRUE(update.ok()) << update.status();
    segments_.resize(update->kept);
    if (!update->segment.empty()) {
      bytes_.push_back(std::move(update->segment));
      const absl::StatusOr<TableSegment> segment = TableSegment::Open(layout_, bytes_.back());
      ASSERT_TRUE(segment.ok()) << segment.status();
      segments_.push_back(*segment);
    }
    if (counting_ == Counting::kAllRows) {
      totals_ = std::move(update->totals);
    } else {
      totals_.Add(update->totals);
    }
    counting_ = Counting::kChange;
  }
  void Remove(int32_t file) {
    removed_files_.push_back(file);
    std::sort(removed_files_.begin(), removed_files_.end());
    counting_ = Counting::kAllRows;
  }

  TableShard Read(Day as_of, Versions versions = Versions::kApplying) const {
    return TableShard::Read(layout_, segments_, removed_files_, as_of, versions);
  }
  TableTotals Sum() const { return *SumTableShard(layout_, segments_, removed_files_); }

  const TableLayout& layout() const { return layout_; }
  const std::vector<TableSegment>& segments() const { return segments_; }
  const std::vector<int32_t>& removed_files() const { return removed_files_; }
  const TableTotals& totals() const { return totals_; }
  const std::string& newest() const { return bytes_.back(); }

 private:
  const TableLayout layout_;
  std::list<std::string> bytes_;  // of superseded segments too
  std::vector<TableSegment> segments_;
  std::vector<int32_t> removed_files_;
  TableTotals totals_;
  Counting counting_ = Counting::kAllRows;  // of the next night
};

inline void ExpectEqualTotals(const TableTotals& one, const TableTotals& other) {
  EXPECT_EQ(one.digest, other.digest);
  EXPECT_EQ(one.customers, other.customers);
  EXPECT_EQ(one.rows, other.rows);
  EXPECT_EQ(one.conflicts, other.conflicts);
  EXPECT_EQ(one.rows_by_day, other.rows_by_day);
  EXPECT_EQ(one.rows_by_file, other.rows_by_file);
}

}  // namespace strata
