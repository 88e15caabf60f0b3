// Splits of tables beside transactions: which shard gets which row, what is counted, what is rejected, and what the
// details of transactions are. Random rows are compared with rows that never went through a file.
#include "data/source/table_mapper.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "data/source/line_sink.h"
#include "tests/base/status_matchers.h"
#include "tests/data/source/sample_job.h"
#include "tests/data/source/shown_rows.h"

namespace strata {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

constexpr char kPath[] = "data/table.csv";

TableSource Source(TableId table, const std::vector<std::string>& fields) {
  TableSource source;
  source.table = table;
  for (const std::string& field : fields) source.columns.emplace(field, field);
  return source;
}

Job ShardedJob(uint32_t shards) {
  Job job = SampleJob();
  job.shards = shards;
  return job;
}

// All splits of a file, one after another.
std::vector<MappedTable> MapText(const std::string& text, const Job& job, const TableSource& source,
                                 const MapTables& tables = {}) {
  MemoryFileSystem files;
  files.Set(kPath, text);
  const FileScan scan = ScanFile(files, files.Info(kPath), FieldsOf(source)).value();
  std::vector<MappedTable> mapped;
  for (const Split& split : scan.splits) {
    mapped.push_back(MapTableSplit(files, kPath, scan, split, job, source, /*file_number=*/3, tables).value());
    for (const TableBatch& batch : mapped.back().rows) EXPECT_EQ(batch.columns.empty(), batch.size() == 0);
    EXPECT_TRUE(mapped.back().counts.Balances());
  }
  return mapped;
}

std::vector<std::vector<std::string>> ShownShards(const std::vector<TableBatch>& batches) {
  std::vector<std::vector<std::string>> shards;
  for (const TableBatch& batch : batches) shards.push_back(ShownRows(batch));
  return shards;
}

TEST(TableMapper, DealsRandomRowsOutAsASlowMapperDoes) {
  for (uint64_t seed = 1; seed <= 30; ++seed) {
    std::mt19937_64 random(seed);
    const auto below = [&random](uint64_t n) { return static_cast<int>(random() % n); };
    const auto shards = static_cast<uint32_t>(1 + below(9));
    const TableSource costs = Source(TableId::kCosts, {"customer_id", "activity", "period", "type", "amount"});
    std::string text = "amount,type,period,activity,customer_id\n";
    std::vector<std::vector<std::string>> expected(shards + 1);
    RowCounts counts;
    std::map<std::string, int64_t> reasons;
    const auto reject = [&](const char* reason) {
      ++counts.rejected;
      ++reasons[reason];
    };
    for (counts.read = 0; counts.read < 300; ++counts.read) {
      const std::string id = below(3) == 0 ? "" : fmt::format("c{}", below(20));
      const std::string activity = below(3) == 0 ? "" : fmt::format("activity {}", below(90));
      const int day = 1 + below(28);
      const int cents = below(20'000) - 10'000;
      const char* type = below(2) == 0 ? "goods" : "retention";
      std::string record = fmt::format("{}{}.{:02},{},2024-05-{:02},{},{}\n", cents < 0 ? "-" : "",
                                       std::abs(cents) / 100, std::abs(cents) % 100, type, day, activity, id);
      switch (below(12)) {
        case 0:
          record = "\n";
          ++counts.blank;
          break;
        case 1:
          record = "1,goods,2024-05-01\n";
          reject("RECORD_FIELD_COUNT");
          break;
        case 2:
          record.insert(record.find(','), "x");
          reject("AMOUNT_MALFORMED");
          break;
        default:
          if (id.empty() && activity.empty()) {
            reject("ROW_INCOMPLETE");
            break;
          }
          ++counts.accepted;
          expected[id.empty() ? shards : ShardOf(Hash64(id), shards)].push_back(
              fmt::format("{} 2024-05-{:02} 0 3 {} {} {}", id, day, activity.empty() ? "-" : activity, type,
                          int64_t{cents} * 10'000));
      }
      text += record;
    }
    const auto mapped = MapText(text, ShardedJob(shards), costs);
    ASSERT_EQ(mapped.size(), 1u);
    EXPECT_EQ(ShownShards(mapped[0].rows), expected) << "seed " << seed;
    EXPECT_EQ(mapped[0].counts, counts) << "seed " << seed;
    EXPECT_EQ(mapped[0].rejected_by_reason, RejectCounts(reasons.begin(), reasons.end())) << "seed " << seed;
    EXPECT_EQ(mapped[0].quarantine.size(), static_cast<size_t>(counts.rejected));
  }
}

TEST(TableMapper, BatchesAreWhatTheLedgerTakes) {
  const TableSource cases =
      Source(TableId::kCases, {"case_id", "customer_id", "kind", "opened", "region", "updated_at"});
  const auto mapped = MapText(
      "case_id,customer_id,kind,opened,region,updated_at\n"
      "1,a,opinion,2024-01-02 10:30,north,2024-01-03\n"
      "1,a,opinion,2024-01-02 10:30,south,2024-01-04\n"
      "2,a,complaint,2024-01-02,north,\n",
      ShardedJob(1), cases);
  const TableBatch& batch = mapped[0].rows[0];
  EXPECT_THAT(ShownRows(batch),
              ElementsAre(HasSubstr("opinion north"), HasSubstr("opinion south"), HasSubstr("complaint north")));
  EXPECT_EQ(batch.minute[0], 630);
  EXPECT_EQ(batch.hash, std::vector<uint64_t>(3, Hash64("a")));
  EXPECT_EQ(batch.key[0], batch.key[1]);
  EXPECT_NE(batch.key[0], batch.key[2]);
  EXPECT_NE(batch.row_hash[0], batch.row_hash[1]);
  EXPECT_LT(batch.version[0], batch.version[1]);
  EXPECT_EQ(batch.version[2], kNoWhole);
  EXPECT_EQ(batch.columns[0].whole[0], StoredKey("1")) << "an id is kept as a hash";
  EXPECT_EQ(batch.columns[1].words.size(), 2u) << "a word is kept once";
}

TEST(TableMapper, RowsWithoutACustomerAreSkippedOrRejectedAsTheJobSays) {
  TableSource visits = Source(TableId::kVisits, {"customer_id", "time", "page"});
  const std::string text = "customer_id,time,page\n,2024-01-02,home\na,2024-01-02,home\n,soon,home\n";
  const auto rejected = MapText(text, ShardedJob(2), visits)[0];
  EXPECT_EQ(rejected.counts.rejected, 2);
  EXPECT_THAT(rejected.rejected_by_reason, ElementsAre(Pair("MISSING_CUSTOMER", 2)));
  EXPECT_EQ(rejected.quarantine[0].file, kPath);
  EXPECT_EQ(rejected.quarantine[0].line, 2);
  EXPECT_EQ(rejected.quarantine[0].column, "customer_id");
  visits.on_missing_customer = OnMissingCustomer::kSkip;
  const auto skipped = MapText(text, ShardedJob(2), visits)[0];
  EXPECT_EQ(skipped.counts.skipped_no_customer, 2);
  EXPECT_EQ(skipped.counts.accepted, 1);
  EXPECT_THAT(skipped.quarantine, IsEmpty());
}

TEST(TableMapper, MergedCustomersTakeTheirRowsAndWhoNamesThem) {
  const std::string bytes = EncodeAliasTable({{.hash = Hash64("old"), .id = "old", .target = "new"}});
  const AliasTable aliases = AliasTable::Open(bytes).value();
  const TableSource customers = Source(TableId::kCustomers, {"customer_id", "referrer_id", "parent_id"});
  ASSERT_TRUE(HasLinks(customers));
  EXPECT_FALSE(HasLinks(Source(TableId::kCustomers, {"customer_id", "age"})));
  const auto mapped = MapText("customer_id,referrer_id,parent_id\nold,,new\nx,old,old\ny,,\n", ShardedJob(4), customers,
                              {.aliases = &aliases})[0];
  std::vector<std::string> rows, links;
  for (const auto& shard : ShownShards(mapped.rows)) rows.insert(rows.end(), shard.begin(), shard.end());
  const std::string before = std::to_string(StoredKey("old")), after = std::to_string(StoredKey("new"));
  EXPECT_THAT(rows, testing::UnorderedElementsAre("new always 0 3 - " + after, "x always 0 3 " + before + " " + before,
                                                  "y always 0 3 - -"));
  const TableBatch& of_new = mapped.links[ShardOf(Hash64("new"), 4)];
  EXPECT_THAT(ShownRows(of_new),
              ElementsAre("new always 0 3 parent", "new always 0 3 referrer", "new always 0 3 parent"));
  EXPECT_NE(of_new.key[1], of_new.key[2]) << "a row may name one customer twice";
}

TEST(TableMapper, TheDateOfAFileIsTheOnePatternThatMatches) {
  TableSource source = Source(TableId::kProducts, {"product_id"});
  source.valid_from = {{"products_2024*.csv", 19'723}, {"products_2025*.csv", 20'089}};
  EXPECT_EQ(*ValidFromOf(source, "s3://bucket/products_2024_01.csv"), 19'723);
  EXPECT_EQ(*ValidFromOf(source, "products_2025.csv"), 20'089);
  EXPECT_EQ(*ValidFromOf(source, "products_2024/old.csv"), std::nullopt);
  source.valid_from.emplace_back("*_01.csv", 3);
  const auto two = ValidFromOf(source, "a/products_2024_01.csv");
  EXPECT_THAT(two, FailsWith(absl::StatusCode::kInvalidArgument, "VALID_FROM_AMBIGUOUS"));
  EXPECT_THAT(two, SaysThat("a/products_2024_01.csv: the patterns 'products_2024*.csv' and '*_01.csv' of "
                            "sources.products.valid_from both match it"));
  source.valid_from = {{"*", 5}};
  const auto mapped = MapText("product_id\np1\n", ShardedJob(3), source);
  EXPECT_THAT(ShownShards(mapped[0].rows),
              ElementsAre(IsEmpty(), IsEmpty(), IsEmpty(), ElementsAre(" 1970-01-06 0 3 p1")));
}

TEST(LineSink, DiscountAndCostAreInTheJobsCurrencyAndWordsAreBounded) {
  Job job = ShardedJob(1);
  TransactionColumns& columns = job.transactions.columns;
  columns.category = "category";
  columns.discount = "discount";
  columns.cost = "cost";
  const std::string text =
      "id,day,amount,category,discount,cost\na,2024-01-02,10,tea,1.5,4\na,2024-01-02,10,,,0\na,2024-01-02,10," +
      std::string(kMaxCategoryBytes + 1, 'x') + ",,\na,2024-01-02,10,tea,-1,\n";
  MemoryFileSystem files;
  files.Set(kPath, text);
  const FileScan scan = ScanFile(files, files.Info(kPath), job.transactions).value();
  LineSink lines(job.transactions, 1, 3);
  const MappedRows mapped = MapSplit(files, kPath, scan, scan.splits.at(0), job, 3, {}, &lines).value();
  EXPECT_THAT(ShownRows(lines.Take()[0]),
              ElementsAre("a 2024-01-02 0 3 10000000 0 tea 1500000 4000000", "a 2024-01-02 0 3 10000000 0 - - 0"));
  EXPECT_THAT(mapped.rejected_by_reason, ElementsAre(Pair("CATEGORY_TOO_LONG", 1), Pair("DISCOUNT_OUT_OF_RANGE", 1)));
  job.transactions.keep_lines = false;
  EXPECT_EQ(MapSplit(files, kPath, scan, scan.splits.at(0), job, 3)->counts.rejected, 1) << "no word is kept";
}

Job DetailsJob(uint32_t shards) {
  Job job = ShardedJob(shards);
  TransactionColumns& columns = job.transactions.columns;
  columns.transaction_id = "tx";
  columns.order_id = "order";
  columns.product_id = "product";
  columns.quantity = "n";
  columns.due_date = "due";
  return job;
}

TEST(LineSink, KeepsTheDetailsOfExactlyTheRowsThatTheLedgerGets) {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    std::mt19937_64 random(seed);
    const auto below = [&random](uint64_t n) { return static_cast<int>(random() % n); };
    const auto shards = static_cast<uint32_t>(1 + below(5));
    const Job job = DetailsJob(shards);
    std::string text = "id,day,amount,tx,order,product,n,due\n";
    std::vector<std::vector<std::string>> expected(shards + 1);
    for (int i = 0; i < 400; ++i) {
      const std::string id = fmt::format("c{}", below(30));
      const std::string product = below(9) == 0 ? " " : fmt::format("p {}", below(200));
      const std::string order = below(9) == 0 ? "" : fmt::format("{}", below(50));
      const int pieces = below(7) - 2;
      const bool is_due = below(3) == 0;
      const bool wrong = below(10) == 0;
      text += fmt::format("{},2024-03-04 00:{:02},{},t{},{},{},{},{}\n", id, i % 60, wrong ? "much" : "7.5", i, order,
                          product, pieces, is_due ? "2024-04-01" : "");
      if (wrong) continue;
      expected[ShardOf(Hash64(id), shards)].push_back(
          fmt::format("{} 2024-03-04 {} 3 {} {} {} {} {} {}", id, i % 60, pieces < 0 ? -7'500'000 : 7'500'000,
                      pieces < 0 ? 1 : 0, pieces * 1'000'000, order.empty() ? "-" : std::to_string(StoredKey(order)),
                      product == " " ? "-" : product, is_due ? "19814" : "-"));
    }
    MemoryFileSystem files;
    files.Set(kPath, text);
    const FileScan scan = ScanFile(files, files.Info(kPath), job.transactions).value();
    LineSink lines(job.transactions, shards, 3);
    const MappedRows mapped = MapSplit(files, kPath, scan, scan.splits.at(0), job, 3, {}, &lines).value();
    const std::vector<TableBatch> batches = lines.Take();
    EXPECT_EQ(ShownShards(batches), expected) << "seed " << seed;
    for (uint32_t shard = 0; shard < shards; ++shard) {
      EXPECT_EQ(batches[shard].hash, mapped.shards[shard].hash);
      EXPECT_EQ(batches[shard].key, mapped.shards[shard].transaction);
      EXPECT_EQ(batches[shard].version, mapped.shards[shard].updated_at_us);
      EXPECT_EQ(batches[shard].row_hash, mapped.shards[shard].row_hash);
    }
    // Nobody who does not ask for details gets other rows.
    EXPECT_EQ(MapSplit(files, kPath, scan, scan.splits.at(0), job, 3)->shards, mapped.shards);
  }
}

}  // namespace
}  // namespace strata
