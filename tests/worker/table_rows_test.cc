// Tasks over tables of rows, as the coordinator would send them: from a file to a segment, and on to another customer.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/hash.h"
#include "base/hash_sum.h"
#include "data/row_batch.h"
#include "data/tables/alias_table.h"
#include "tests/base/status_matchers.h"
#include "tests/worker/job_runner.h"

namespace strata {
namespace {

using testing::ElementsAre;

constexpr uint32_t kShards = 4;
constexpr char kJob[] = R"(name: shop
time_zone: UTC
currency: EUR
shards: 4
sources:
  transactions:
    uri: /unused
    columns: {customer_id: id, time: day, amount: amount, product_id: product}
  customers:
    uri: /unused
    columns: {customer_id: id, gender: sex, referrer_id: friend}
  products:
    uri: /unused
    columns: {product_id: product, unit_cost: cost}
models:
  rfm: {scores: 5}
)";

class TableRowsTest : public testing::Test {
 protected:
  StagePlan Plan(Stage stage) const { return runner_.Plan(stage); }
  absl::StatusOr<Blob> Run(const StagePlan& plan, uint32_t index) { return runner_.Run(plan, index); }
  MapResult Mapped(TableId table, const std::string& text) { return runner_.Mapped(table, text); }
  PlannedTable Planned(TableId table, std::vector<ObjectRef> outputs) const {
    return runner_.Planned(table, std::move(outputs));
  }
  // What the ledger stage makes of all shards and the reference shard.
  std::vector<LedgerResult> Ledger(const std::vector<PlannedTable>& tables, const ObjectRef& moves = {}) {
    StagePlan plan = Plan(Stage::kLedger);
    plan.segments.resize(kShards);
    plan.counts_change = true;  // no day of transactions is new
    plan.tables = tables;
    plan.moves = moves;
    return runner_.Ledger(plan);
  }

  JobRunner runner_{"shop", kJob, kShards};
};

int64_t RowsOf(const std::vector<LedgerResult>& results, size_t table) {
  int64_t rows = 0;
  for (const LedgerResult& result : results) rows += result.tables[table].rows;
  return rows;
}

TEST_F(TableRowsTest, ASplitLeavesItsRowsWhereTheyBelong) {
  const MapResult sales = Mapped(TableId::kTransactions, "id,day,amount,product\na,2024-01-01,1,p\nb,2024-01-02,2,\n");
  EXPECT_FALSE(sales.output.empty());
  ASSERT_EQ(sales.tables.size(), 1u) << "details";
  EXPECT_EQ(sales.tables[0].table, TableId::kTransactions);
  EXPECT_EQ(sales.tables[0].rows, 2);
  const MapResult customers = Mapped(TableId::kCustomers, "id,sex,friend\na,female,b\nb,whoever,a\nc,male,\n");
  EXPECT_TRUE(customers.output.empty());
  EXPECT_EQ(customers.counts.accepted, 2);
  EXPECT_THAT(customers.rejected_by_reason, ElementsAre(testing::Pair("GENDER_CHOICE_UNKNOWN", 1)));
  ASSERT_EQ(customers.tables.size(), 2u) << "rows, and whom they name";
  EXPECT_EQ(customers.tables[1].table, TableId::kLinks);
  EXPECT_EQ(customers.tables[1].rows, 1);
  const MapResult nothing = Mapped(TableId::kProducts, "product,cost\np,-1\n");
  EXPECT_TRUE(nothing.tables.empty());
  EXPECT_EQ(nothing.counts.rejected, 1);
}

TEST_F(TableRowsTest, RowsWithoutACustomerAreInTheReferenceShard) {
  const MapResult products = Mapped(TableId::kProducts, "product,cost\np,1\nq,2\np,1\n");
  const std::vector<LedgerResult> results = Ledger({Planned(TableId::kProducts, {products.tables[0].object})});
  for (uint32_t shard = 0; shard < kShards; ++shard) {
    EXPECT_EQ(results[shard].tables[0].rows, 0);
    EXPECT_TRUE(results[shard].tables[0].segment.empty());
  }
  EXPECT_EQ(results[kShards].tables[0].rows, 2) << "one of them came twice";
  EXPECT_FALSE(results[kShards].tables[0].segment.empty());
}

// What a night says added to what was there is what counting everything says, and a shard without news stays as it is.
TEST_F(TableRowsTest, ANightAddsToASegment) {
  const MapResult first = Mapped(TableId::kCustomers, "id,sex,friend\na,female,\nb,male,\nc,male,\nd,male,\n");
  const std::vector<LedgerResult> before = Ledger({Planned(TableId::kCustomers, {first.tables[0].object})});
  const MapResult second = Mapped(TableId::kCustomers, "id,sex,friend\na,male,\n");
  PlannedTable night = Planned(TableId::kCustomers, {second.tables[0].object});
  for (uint32_t shard = 0; shard <= kShards; ++shard) {
    if (!before[shard].tables[0].segment.empty()) night.segments[shard] = {before[shard].tables[0].segment};
  }
  const std::vector<LedgerResult> all = Ledger({night});
  night.counts_change = true;
  const std::vector<LedgerResult> change = Ledger({night});
  for (uint32_t shard = 0; shard <= kShards; ++shard) {
    SCOPED_TRACE(shard);
    const TableLedgerResult &was = before[shard].tables[0], &grown = change[shard].tables[0];
    EXPECT_EQ(Plus(was.digest, grown.digest), all[shard].tables[0].digest);
    EXPECT_EQ(was.rows + grown.rows, all[shard].tables[0].rows);
    EXPECT_EQ(was.conflicts + grown.conflicts, all[shard].tables[0].conflicts);
    if (shard != ShardOf(Hash64("a"), kShards)) {
      EXPECT_EQ(grown.kept, night.segments[shard].size());
      EXPECT_TRUE(grown.segment.empty());
    }
  }
  EXPECT_EQ(RowsOf(all, 0), 4) << "one of two answers for a counts";
}

TEST_F(TableRowsTest, RowsFollowTheirCustomer) {
  const MapResult first = Mapped(TableId::kCustomers, "id,sex,friend\na,female,\nb,male,\n");
  const std::vector<LedgerResult> before = Ledger({Planned(TableId::kCustomers, {first.tables[0].object})});
  const std::string alias = EncodeAliasTable({{.hash = Hash64("a"), .id = "a", .target = "b"}});
  const ObjectRef moves{.key = "jobs/shop/moves", .checksum = Hash64(alias), .size_bytes = alias.size()};
  ASSERT_THAT(runner_.objects().PutVolatile(moves.key, alias), IsOk());
  StagePlan map = Plan(Stage::kMap);
  const uint32_t from = ShardOf(Hash64("a"), kShards);
  PlannedTable customers = Planned(TableId::kCustomers, {});
  for (uint32_t shard = 0; shard <= kShards; ++shard) {
    if (!before[shard].tables[0].segment.empty()) customers.segments[shard] = {before[shard].tables[0].segment};
  }
  map.segments.resize(kShards);
  map.moves = moves;
  map.leaving = {from};
  map.tables = {customers};
  const auto left = Run(map, 0);
  ASSERT_THAT(left, IsOk());
  const MoveResult moved = *MoveResult::Decode(left->inline_bytes);
  EXPECT_TRUE(moved.moved.empty()) << "nobody bought anything";
  ASSERT_EQ(moved.tables.size(), 1u);
  EXPECT_EQ(moved.tables[0].rows, 1);
  customers.outputs = {moved.tables[0].object};
  customers.has_moves = true;
  const std::vector<LedgerResult> after = Ledger({customers}, moves);
  EXPECT_EQ(RowsOf(after, 0), 2);
  EXPECT_EQ(after[ShardOf(Hash64("b"), kShards)].tables[0].customers, 1);
}

TEST_F(TableRowsTest, ATableThatTheJobDoesNotHaveIsNoTask) {
  StagePlan scan = Plan(Stage::kPlan);
  scan.files = {{"/nowhere", 1, 1, TableId::kVisits}};
  EXPECT_THAT(Run(scan, 0), FailsWith(absl::StatusCode::kInternal, "TASK_UNKNOWN"));
  StagePlan ledger = Plan(Stage::kLedger);
  ledger.segments.resize(kShards);
  ledger.tables = {Planned(TableId::kVisits, {})};
  EXPECT_THAT(Run(ledger, kShards), FailsWith(absl::StatusCode::kInternal, "TABLE_UNKNOWN"));
  EXPECT_THAT(Run(ledger, kShards + 1), FailsWith(absl::StatusCode::kInternal, "TASK_UNKNOWN"));
}

}  // namespace
}  // namespace strata
