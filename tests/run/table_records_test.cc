// What plans, results and registries say of tables comes back, and tells tables apart.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "run/ledger_version.h"
#include "run/stage_plan.h"
#include "run/summary.h"
#include "run/table_results.h"
#include "run/task_results.h"
#include "tests/base/status_matchers.h"

namespace strata {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

ObjectRef Ref(const std::string& key) { return {.key = key, .checksum = 5, .size_bytes = 6}; }

LedgerRegistry WithTables() {
  LedgerRegistry registry;
  registry.files = {{.number = 1, .path = "a"},
                    {.number = 2,
                     .path = "b",
                     .counts = {.read = 3, .accepted = 1, .rejected = 2},
                     .table = TableId::kCases,
                     .rejected_by_reason = {{"CLOSED_ENDS_BEFORE_START", 2}}}};
  registry.segments = {{{.object = Ref("s"), .version = 7}}, {}};
  registry.digests = {{.high = 8, .low = 9}, {}};
  RegisteredTable& cases = registry.TableOf(TableId::kCases);
  cases.segments = {{{.object = Ref("c"), .version = 3}}, {}, {{.object = Ref("d"), .version = 9}}};
  cases.digests = {{.high = 1, .low = 2}, {}, {.high = 3, .low = 4}};
  cases.rows = 1;
  cases.customers = 1;
  cases.conflicts = 6;
  cases.rows_by_day = {{kTimelessDay, 1}};
  registry.TableOf(TableId::kTransactions).segments = {{{.object = Ref("l"), .version = 5}}, {}, {}};
  return registry;
}

TEST(LedgerRegistry, KeepsItsTablesInTheirOrder) {
  LedgerRegistry registry = WithTables();
  registry.removed_files = {{.number = 4, .version = 8, .table = TableId::kCases}, {.number = 5, .version = 8}};
  const auto read = LedgerRegistry::Decode(registry.Encode());
  ASSERT_OK(read);
  EXPECT_EQ(read->Encode(), registry.Encode());
  EXPECT_EQ(read->removed_files, registry.removed_files);
  EXPECT_EQ(read->files[1].table, TableId::kCases);
  EXPECT_EQ(read->files[1].rejected_by_reason, registry.files[1].rejected_by_reason);
  ASSERT_EQ(read->tables.size(), 2u);
  EXPECT_EQ(read->tables[0].table, TableId::kTransactions);
  EXPECT_EQ(read->Find(TableId::kCases)->rows_by_day, registry.Find(TableId::kCases)->rows_by_day);
  EXPECT_EQ(read->Find(TableId::kCases)->digests, registry.Find(TableId::kCases)->digests);
  EXPECT_EQ(read->Find(TableId::kKyc), nullptr);
}

TEST(LedgerRegistry, ForgetsARemovedFileWhenNoSegmentOfItsTableCanHoldIt) {
  LedgerRegistry registry = WithTables();
  registry.TableOf(TableId::kLinks).segments = {{{.object = Ref("k"), .version = 2}}};
  registry.removed_files = {{.number = 1, .version = 3, .table = TableId::kCases},
                            {.number = 2, .version = 4, .table = TableId::kCases},
                            {.number = 3, .version = 5},
                            {.number = 4, .version = 6},
                            {.number = 5, .version = 2, .table = TableId::kCustomers},
                            {.number = 6, .version = 3, .table = TableId::kCustomers},
                            {.number = 7, .version = 9, .table = TableId::kKyc}};
  registry.ForgetRemoved();
  EXPECT_THAT(registry.RemovedNumbers(TableId::kCases), ElementsAre(2));
  EXPECT_THAT(registry.RemovedNumbers(), ElementsAre(4)) << "details are older than sums";
  EXPECT_THAT(registry.RemovedNumbers(TableId::kCustomers), ElementsAre(6)) << "links are of the customers' files";
  EXPECT_THAT(registry.RemovedNumbers(TableId::kKyc), IsEmpty());
}

TEST(LedgerDigest, IsThatOfTransactionsWhereNoTableHasRows) {
  LedgerRegistry plain = WithTables();
  plain.tables.clear();
  LedgerRegistry empty = WithTables();
  for (RegisteredTable& table : empty.tables) table.rows = 0;
  EXPECT_EQ(LedgerDigest(empty), LedgerDigest(plain));
  const LedgerRegistry full = WithTables();
  EXPECT_NE(LedgerDigest(full), LedgerDigest(plain));
  LedgerRegistry other = full;
  other.tables[1].table = TableId::kContacts;
  EXPECT_NE(LedgerDigest(other), LedgerDigest(full)) << "the same rows in another table";
  other = full;
  std::swap(other.tables[1].digests[0], other.tables[1].digests[2]);
  EXPECT_NE(LedgerDigest(other), LedgerDigest(full)) << "in another shard";
}

TEST(StagePlans, KeepWhatTheySayOfTables) {
  StagePlan plan;
  plan.stage = Stage::kLedger;
  plan.files = {{.path = "p", .table = TableId::kVisits}};
  plan.splits = {{.path = "q", .table = TableId::kUsage}};
  plan.tables = {{.table = TableId::kTransactions,
                  .segments = {{Ref("a")}, {}},
                  .removed_files = {3, 4},
                  .outputs = {Ref("b")},
                  .counts_change = true,
                  .has_moves = false},
                 {.table = TableId::kKyc, .segments = {{}, {}}, .has_moves = true}};
  const auto read = StagePlan::Decode(plan.Encode());
  ASSERT_OK(read);
  EXPECT_EQ(read->Encode(), plan.Encode());
  EXPECT_EQ(read->files[0].table, TableId::kVisits);
  EXPECT_EQ(read->splits[0].table, TableId::kUsage);
  ASSERT_EQ(read->tables.size(), 2u);
  EXPECT_EQ(read->tables[0].removed_files, plan.tables[0].removed_files);
  EXPECT_EQ(read->tables[0].outputs[0].key, "b");
  EXPECT_TRUE(read->tables[0].counts_change);
  EXPECT_TRUE(read->tables[1].has_moves);
}

TEST(Results, KeepWhatTheySayOfTables) {
  const std::vector<TableOutput> outputs = {{.table = TableId::kCustomers, .rows = 3, .object = Ref("rows")},
                                            {.table = TableId::kLinks, .rows = 1, .object = Ref("links")}};
  MapResult mapped;
  mapped.tables = outputs;
  const auto map = MapResult::Decode(mapped.Encode());
  ASSERT_OK(map);
  ASSERT_EQ(map->tables.size(), 2u);
  EXPECT_EQ(map->tables[1].table, TableId::kLinks);
  EXPECT_EQ(map->tables[0].rows, 3);
  EXPECT_EQ(map->tables[0].object.key, "rows");
  MoveResult moved;
  moved.tables = outputs;
  const auto move = MoveResult::Decode(moved.Encode());
  ASSERT_OK(move);
  EXPECT_EQ(move->Encode(), moved.Encode());
  EXPECT_EQ(move->tables.size(), 2u);
}

TEST(RunSummary, SaysWhatBecameOfTheRowsOfEachTable) {
  RunSummary summary;
  summary.tables = {{.table = "customers",
                     .files = 2,
                     .rows = {.read = 4, .accepted = 3, .skipped_after_as_of = 1},
                     .rows_new = {.read = 2, .accepted = 1, .rejected = 1},
                     .conflicts = 5,
                     .rejected_by_reason = {{"AGE_OUT_OF_RANGE", 1}}},
                    {.table = "kyc"}};
  const auto read = RunSummary::FromJson(summary.ToJson());
  ASSERT_OK(read);
  ASSERT_EQ(read->tables.size(), 2u);
  EXPECT_EQ(read->tables[0].table, "customers");
  EXPECT_EQ(read->tables[0].rows, summary.tables[0].rows);
  EXPECT_EQ(read->tables[0].rows_new, summary.tables[0].rows_new);
  EXPECT_EQ(read->tables[0].conflicts, 5);
  EXPECT_EQ(read->tables[0].rejected_by_reason, summary.tables[0].rejected_by_reason);
  EXPECT_EQ(read->ToJson(), summary.ToJson());
  EXPECT_EQ(RunSummary().ToJson().find("\"tables\""), std::string::npos) << "a job without tables says nothing of them";
}

}  // namespace
}  // namespace strata
