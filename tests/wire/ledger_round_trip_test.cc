#include <gtest/gtest.h>

#include "strata/v1/ledger_service.pb.h"
#include "tests/base/status_matchers.h"
#include "tests/wire/drawn_values.h"
#include "wire/ledgers.h"

namespace strata {
namespace {

RegisteredFile DrawFile(Draw* draw) {
  return {.number = static_cast<int32_t>(draw->Int(0, 1'000'000)),
          .path = draw->Text(),
          .size_bytes = static_cast<uint64_t>(draw->Int(0, 1LL << 60)),
          .modified_ns = draw->Int(-2'000'000'000'000'000'000, 4'000'000'000'000'000'000),
          .checksum = static_cast<uint64_t>(
              draw->Int(std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max())),
          .same_as = static_cast<int32_t>(draw->Int(-1, 5)),
          .counts = draw->Rows(),
          .table = static_cast<TableId>(draw->Int(0, kTableCount - 1))};
}

TEST(LedgerFilesOnTheWire, ArriveAsTheyWere) {
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    SCOPED_TRACE(seed);
    Draw draw(seed);
    const RegisteredFile file = DrawFile(&draw);
    v1::LedgerFile message, arrived;
    FillLedgerFile(file, &message);
    ASSERT_TRUE(arrived.ParseFromString(message.SerializeAsString()));
    const auto read = ReadLedgerFile(arrived);
    ASSERT_OK(read);
    EXPECT_EQ(read->number, file.number);
    EXPECT_EQ(read->path, file.path);
    EXPECT_EQ(read->size_bytes, file.size_bytes);
    EXPECT_EQ(read->modified_ns, file.modified_ns);
    EXPECT_EQ(read->checksum, file.checksum);
    EXPECT_EQ(read->same_as, file.same_as);
    EXPECT_EQ(read->counts, file.counts);
    EXPECT_EQ(read->table, file.table);
  }
}

TEST(LedgersOnTheWire, AddUpTheirFilesAndSegments) {
  Draw draw(1);
  LedgerRegistry registry{.customers = 10, .rows = 20, .conflicts = 3};
  RowCounts sum;
  for (int i = 0; i < 3; ++i) {
    registry.files.push_back(DrawFile(&draw));
    registry.files.back().table = TableId::kTransactions;
    sum.Add(registry.files.back().counts);
    registry.segments.push_back({{.object = {.key = "k", .size_bytes = 100}, .version = 1}});
  }
  RegisteredFile& of_customers = registry.files.emplace_back(DrawFile(&draw));
  of_customers.table = TableId::kCustomers;
  const RowCounts customers = of_customers.counts;
  for (const TableId table : {TableId::kTransactions, TableId::kCustomers, TableId::kLinks}) {
    RegisteredTable& registered = registry.TableOf(table);
    registered.segments = {{{.object = {.key = "k", .size_bytes = 7}, .version = 1}}, {}};
    registered.rows = 5;
    registered.conflicts = 2;
  }
  const LedgerVersion version{
      .version = 4, .parent = 3, .fingerprint = {{"time_zone", "UTC"}, {"shards", "3"}}, .digest = "0123", .run = 9};
  v1::Ledger message;
  FillLedger(version, registry, "cdnow", &message);
  EXPECT_EQ(message.name(), "jobs/cdnow/ledger");
  EXPECT_EQ(message.run(), "jobs/cdnow/runs/9");
  const auto read = ReadLedger(message);
  ASSERT_OK(read);
  EXPECT_EQ(read->job, "cdnow");
  EXPECT_EQ(read->version.version, 4);
  EXPECT_EQ(read->version.parent, 3);
  EXPECT_EQ(read->version.fingerprint, version.fingerprint);
  EXPECT_EQ(read->version.digest, "0123");
  EXPECT_EQ(read->version.run, 9);
  EXPECT_EQ(read->files, 4);
  EXPECT_EQ(read->customers, 10);
  EXPECT_EQ(read->rows, 20);
  EXPECT_EQ(read->conflicts, 3);
  EXPECT_EQ(read->shards, 3);
  EXPECT_EQ(read->size_bytes, 300 + 3 * 7);
  EXPECT_EQ(read->counts, sum);
  ASSERT_EQ(read->tables.size(), 2u) << "links are nobody's table";
  EXPECT_EQ(read->tables[0].table, "transactions");
  EXPECT_EQ(read->tables[0].counts, sum);
  EXPECT_EQ(read->tables[1].table, "customers");
  EXPECT_EQ(read->tables[1].counts, customers);
  EXPECT_EQ(read->tables[1].files, 1);
  EXPECT_EQ(read->tables[1].rows, 5);
  EXPECT_EQ(read->tables[1].size_bytes, 7);
  EXPECT_EQ(read->tables[1].conflicts, 2);
}

TEST(RowCountsOnTheWire, ThatDoNotAddUpAreRefused) {
  Draw draw(2);
  v1::RowCounts good;
  FillRowCounts(draw.Rows(), &good);
  ASSERT_OK(ReadRowCounts(good, "rows"));
  v1::RowCounts off_by_one = good;
  off_by_one.set_read(good.read() + 1);
  EXPECT_THAT(ReadRowCounts(off_by_one, "rows"), SaysThat("do not add up"));
  v1::RowCounts total_off = good;
  total_off.mutable_skipped()->set_total(good.skipped().total() + 1);
  EXPECT_THAT(ReadRowCounts(total_off, "rows"), SaysThat("do not add up"));
  v1::RowCounts negative;
  negative.set_accepted(-1);
  negative.set_rejected(1);
  EXPECT_THAT(ReadRowCounts(negative, "rows"), SaysThat("negative"));
}

}  // namespace
}  // namespace strata
