// The table of the hold-out: exact whatever the sharding, and damage is noticed.
#include "model/lifetime/holdout_table.h"

#include <gtest/gtest.h>

#include "tests/model/customer_table.h"

namespace strata {
namespace {

constexpr Day kAsOf = 10'000;

std::string Bytes(const HoldoutTable& table) {
  ByteWriter writer;
  table.Encode(&writer);
  return writer.Take();
}

TEST(HoldoutTable, CountsHistoriesWithWhatFollowedAndWhatWentBefore) {
  const std::vector<TestRow> rows = {
      {1, kAsOf - 50, 1},        {1, kAsOf - 5, 1},  {1, kAsOf + 3, 1},
      {1, kAsOf + 9, 1},         {1, kAsOf + 11, 1},  // too late
      {2, kAsOf - 50, 1},        {2, kAsOf - 5, 1},  {2, kAsOf + 1, 1},
      {2, kAsOf + 10, 1},        {3, kAsOf - 50, 1}, {4, kAsOf + 2, 1},  // came after the cutoff
      {5, kAsOf - 20, -1, true},                                         // nothing but a return
  };
  const CustomerTable customers(rows, kAsOf, 10);
  const std::vector<HoldoutRow> found = *HoldoutTable::Of(customers.columns()).Rows();
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].x, 0);
  EXPECT_EQ(found[0].T_days, 50);
  EXPECT_EQ(found[0].y, 0);
  EXPECT_EQ(found[0].customers, 1);
  EXPECT_EQ(found[1].x, 1);
  EXPECT_EQ(found[1].t_x_days, 45);
  EXPECT_EQ(found[1].y, 2);
  EXPECT_EQ(found[1].y_before, 1);
  EXPECT_EQ(found[1].customers, 2);
  const std::vector<PurchaseRow> before = BeforeHoldout(found);
  ASSERT_EQ(before.size(), 2u);
  EXPECT_EQ(before[1].customers, 2);
}

TEST(HoldoutTable, BytesDoNotDependOnShards) {
  const std::vector<TestRow> rows = RandomRows(5, 900, kAsOf - 400, kAsOf);
  const auto table_of = [&rows](uint32_t shards) {
    HoldoutTable table;
    const TestBase base(rows, kAsOf, 60, shards);
    for (const ShardFeatures& shard : base.shards()) table.Merge(HoldoutTable::Of(shard.holdout));
    return table;
  };
  const std::string whole = Bytes(table_of(1));
  for (const uint32_t shards : {2u, 7u, 64u}) EXPECT_EQ(Bytes(table_of(shards)), whole) << shards << " shards";
  ByteReader reader(whole);
  EXPECT_EQ(Bytes(HoldoutTable::Decode(&reader)), whole);
  EXPECT_TRUE(reader.Finish("table").ok());
}

TEST(HoldoutTable, DamagedRowsAreAnError) {
  for (const uint64_t counts : {uint64_t{5}, uint64_t{1} << 63}) {  // more before than ever; fewer than none
    ByteWriter writer;
    writer.I64(0);
    writer.U32(1);
    writer.U64(40);  // x = 0, t_x = 0, T = 40
    writer.U64(counts);
    writer.I64(3);
    ByteReader reader(writer.bytes());
    EXPECT_EQ(HoldoutTable::Decode(&reader).Rows().status().code(), absl::StatusCode::kDataLoss);
  }
}

}  // namespace
}  // namespace strata
