// Shards as tests build them: one segment of everything, or night after night.
#pragma once

#include <gtest/gtest.h>

#include <list>
#include <string>
#include <vector>

#include "data/ledger/shard.h"
#include "tests/data/ledger/raw_rows.h"

namespace strata {

inline absl::StatusOr<ShardUpdate> BuildShard(const std::vector<RowBatch>& fresh, bool has_transaction_id) {
  return UpdateShard({}, fresh, has_transaction_id);
}

// A shard of one segment; `bytes` must outlive it.
inline LedgerShard ShardOver(const std::string& bytes) { return {.segments = {*LedgerSegment::Open(bytes)}}; }

// A shard that lives through nights, with the bytes of its segments. Totals are counted as a run counts them: by what a
// night changes, except where there is nothing yet to add to and in the first night after a file was removed.
class LivingShard {
 public:
  explicit LivingShard(bool has_transaction_id) : has_transaction_id_(has_transaction_id) {}

  void Add(const std::vector<std::vector<RawRow>>& batches, Compaction compaction = Compaction::kWhenItPays) {
    std::vector<RowBatch> fresh;
    for (const std::vector<RawRow>& batch : batches) fresh.push_back(ToBatch(batch, has_transaction_id_));
    AddBatches(fresh, compaction);
  }
  void AddBatches(const std::vector<RowBatch>& fresh, Compaction compaction = Compaction::kWhenItPays) {
    absl::StatusOr<ShardUpdate> update = UpdateShard(shard_, fresh, has_transaction_id_, compaction, {}, counting_);
    ASSERT_TRUE(update.ok()) << update.status();
    shard_.segments.resize(update->kept);
    if (!update->segment.empty()) {
      bytes_.push_back(std::move(update->segment));
      shard_.segments.push_back(*LedgerSegment::Open(bytes_.back()));
    }
    if (counting_ == Counting::kAllRows) {
      totals_ = std::move(update->totals);
    } else {
      totals_.Add(update->totals);
      ++nights_counted_by_change_;
    }
    counting_ = Counting::kChange;
  }
  void Remove(int32_t file) {
    shard_.removed_files.push_back(file);
    std::sort(shard_.removed_files.begin(), shard_.removed_files.end());
    counting_ = Counting::kAllRows;
  }

  const LedgerShard& shard() const { return shard_; }
  const ShardTotals& totals() const { return totals_; }  // of the last night
  int nights_counted_by_change() const { return nights_counted_by_change_; }
  const std::string& newest() const { return bytes_.back(); }

 private:
  const bool has_transaction_id_;
  std::list<std::string> bytes_;  // of superseded segments too
  LedgerShard shard_;
  ShardTotals totals_;
  Counting counting_ = Counting::kAllRows;  // of the next night
  int nights_counted_by_change_ = 0;
};

inline void ExpectEqual(const ShardTotals& one, const ShardTotals& other) {
  EXPECT_EQ(one.digest, other.digest);
  EXPECT_EQ(one.customers, other.customers);
  EXPECT_EQ(one.rows, other.rows);
  EXPECT_EQ(one.conflicts, other.conflicts);
  EXPECT_EQ(one.rows_by_day, other.rows_by_day);
  EXPECT_EQ(one.rows_by_file, other.rows_by_file);
}

}  // namespace strata
