// Rows of tables that change their customer when identities are merged: in the end every shard holds what it would hold
// if all had been known in the first night.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/base/status_matchers.h"
#include "tests/data/rows/living_table.h"
#include "tests/data/rows/raw_table.h"

namespace strata {
namespace {

constexpr uint32_t kShards = 3;
constexpr uint64_t kSeeds = 30;

using Merges = std::map<std::string, std::string>;

// Rows under their customers, as ingest makes them: the hash of a row's content keeps the id that the row came with.
TableBatch BatchOf(const std::vector<RawTableRow>& rows, const Merges& merges, uint32_t shard, bool has_key) {
  std::vector<RawTableRow> here;
  std::vector<uint64_t> hashes;
  TextColumn ids;
  for (const RawTableRow& row : rows) {
    const auto found = merges.find(row.id);
    const std::string& customer = found == merges.end() ? row.id : found->second;
    if (ShardOf(Hash64(customer), kShards) != shard) continue;
    here.push_back(row);
    hashes.push_back(Hash64(customer));
    ids.Append(customer);
  }
  TableBatch batch = ToTableBatch(here, has_key);
  batch.hash = hashes;
  batch.id = ids;
  return batch;
}

// Every third customer is someone with a number that ends in 1.
Merges RandomMerges(std::mt19937_64* random, uint64_t customers) {
  Merges merges;
  for (uint64_t i = 0; i < customers; ++i) {
    if (i % 10 == 1 || (*random)() % 3 != 0) continue;
    merges["customer-" + std::to_string(i)] = "customer-" + std::to_string((*random)() % (customers / 10) * 10 + 1);
  }
  return merges;
}

std::string TableOf(const Merges& merges) {
  std::vector<AliasEntry> entries;
  for (const auto& [id, target] : merges) entries.push_back({Hash64(id), id, target});
  return EncodeAliasTable(std::move(entries));
}

class MovedTableRows : public testing::TestWithParam<bool> {};

TEST_P(MovedTableRows, LeaveNoTraceOfTheirFirstCustomer) {
  const bool has_key = GetParam();
  const TableLayout layout = RawLayout(has_key);
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 random(seed);
    const std::vector<RawTableRow> rows = RandomTableRows(seed, 300, 30);
    const auto removed = static_cast<int32_t>(random() % 5);
    std::vector<LivingTable> living(kShards, LivingTable(layout));
    for (int32_t file = 0; file < 4; ++file) {
      std::vector<RawTableRow> night;
      for (const RawTableRow& row : rows) {
        if (row.file == file) night.push_back(row);
      }
      for (uint32_t shard = 0; shard < kShards; ++shard) living[shard].Add({BatchOf(night, {}, shard, has_key)});
    }
    for (LivingTable& shard : living) shard.Remove(removed);

    const Merges merges = RandomMerges(&random, 30);
    const std::string table = TableOf(merges);
    const AliasTable moves = *AliasTable::Open(table);
    std::vector<std::string> objects;
    for (const LivingTable& shard : living) {
      objects.push_back(
          EncodeTableBatches(CollectMovedRows(layout, shard.segments(), shard.removed_files(), moves, kShards)));
    }
    std::vector<RawTableRow> last_night, left;
    for (const RawTableRow& row : rows) {
      if (row.file == 4) last_night.push_back(row);
      if (row.file != removed || row.file == 4) left.push_back(row);
    }
    if (removed == 4) last_night.clear(), std::erase_if(left, [](const RawTableRow& row) { return row.file == 4; });
    for (uint32_t shard = 0; shard < kShards; ++shard) {
      std::vector<TableBatch> fresh = {BatchOf(last_night, merges, shard, has_key)};
      for (const std::string& object : objects) {
        const absl::StatusOr<TableBatch> moved = DecodeTableBatch(object, shard, layout);
        ASSERT_OK(moved);
        fresh.push_back(*moved);
      }
      living[shard].Add(fresh, Compaction::kWhenItPays, &moves);
      const TableUpdate at_once = *UpdateTableShard(layout, {}, {}, {BatchOf(left, merges, shard, has_key)});
      ExpectEqualTotals(living[shard].totals(), at_once.totals);
      living[shard].Add({}, Compaction::kAll);
      EXPECT_EQ(living[shard].newest(), at_once.segment);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Keys, MovedTableRows, testing::Bool(),
                         [](const auto& param) { return param.param ? "WithKey" : "WithoutKey"; });

TEST(MovedTableRowsStories, WhatChangesCannotBeFoundFromNewRowsAlone) {
  const std::string table = TableOf({{"ann", "bea"}});
  const AliasTable moves = *AliasTable::Open(table);
  EXPECT_THAT(UpdateTableShard(RawLayout(true), {}, {}, {}, &moves, Compaction::kWhenItPays, Counting::kChange),
              FailsWith(absl::StatusCode::kInternal, "CHANGE_UNKNOWN"));
}

}  // namespace
}  // namespace strata
