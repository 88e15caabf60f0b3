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

// A shard that lives through nights, with the bytes of its segments.
class LivingShard {
 public:
  explicit LivingShard(bool has_transaction_id) : has_transaction_id_(has_transaction_id) {}

  void Add(const std::vector<std::vector<RawRow>>& batches, Compaction compaction = Compaction::kWhenItPays) {
    std::vector<RowBatch> fresh;
    for (const std::vector<RawRow>& batch : batches) fresh.push_back(ToBatch(batch, has_transaction_id_));
    absl::StatusOr<ShardUpdate> update = UpdateShard(shard_, fresh, has_transaction_id_, compaction);
    ASSERT_TRUE(update.ok()) << update.status();
    shard_.segments.resize(update->kept);
    if (!update->segment.empty()) {
      bytes_.push_back(std::move(update->segment));
      shard_.segments.push_back(*LedgerSegment::Open(bytes_.back()));
    }
    totals_ = std::move(update->totals);
  }
  void Remove(int32_t file) {
    shard_.removed_files.push_back(file);
    std::sort(shard_.removed_files.begin(), shard_.removed_files.end());
  }

  const LedgerShard& shard() const { return shard_; }
  const ShardTotals& totals() const { return totals_; }  // of the last night
  const std::string& newest() const { return bytes_.back(); }

 private:
  const bool has_transaction_id_;
  std::list<std::string> bytes_;  // of superseded segments too
  LedgerShard shard_;
  ShardTotals totals_;
};

}  // namespace strata
