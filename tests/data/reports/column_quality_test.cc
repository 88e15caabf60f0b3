// The pieces of the quality reports against plain counts.
#include "data/reports/column_quality.h"

#include <gtest/gtest.h>

#include <random>
#include <set>
#include <string>

#include "data/reports/customer_orphans.h"
#include "data/reports/table_books.h"
#include "tests/data/reports/made_table.h"
#include "tests/data/reports/report_laws.h"
#include "tests/model/customer_table.h"

namespace strata {
namespace {

WordCount Counted(const std::vector<std::string>& words) {
  WordCount count;
  for (const std::string& word : words) count.Add(word);
  return count;
}

TEST(WordCount, CountsDifferentWordsUpToItsLimitHoweverTheyAreMerged) {
  for (const size_t different : {size_t{0}, size_t{1}, size_t{100}, kMaxCountedWords, kMaxCountedWords + 1}) {
    std::mt19937_64 random(different);
    std::vector<WordCount> parts(7);
    for (size_t i = 0; i < different; ++i) {
      const std::string word = "word " + std::to_string(i);
      for (int times = 0; times < 3; ++times) parts[random() % parts.size()].Add(word);
    }
    std::string expected;
    for (uint64_t seed = 0; seed < 4; ++seed) {
      const WordCount merged = MergedInRandomGroups(parts, seed);
      if (expected.empty()) expected = EncodedBytes(merged);
      EXPECT_EQ(EncodedBytes(merged), expected) << different << " words, seed " << seed;
      const std::optional<int64_t> known =
          different > kMaxCountedWords ? std::nullopt : std::optional(static_cast<int64_t>(different));
      EXPECT_EQ(merged.count(), known);
    }
  }
}

TEST(WordCount, HasOneFormForEqualWords) {
  EXPECT_EQ(EncodedBytes(Counted({"b", "a", "b"})), EncodedBytes(Counted({"a", "b"})));
  EXPECT_NE(EncodedBytes(Counted({"a"})), EncodedBytes(Counted({"a", "b"})));
}

TEST(ColumnOfReason, FindsTheLongestColumnAndTheKindOfFault) {
  const std::vector<std::string> columns = {"customer_id", "cost", "cost_centre", "time", "currency"};
  const auto of = [&](std::string_view reason) -> std::string {
    const auto found = ColumnOfReason(reason, columns);
    if (!found.has_value()) return "none";
    constexpr const char* kKinds[] = {"missing", "malformed", "out of range"};
    return found->column + " " + kKinds[static_cast<size_t>(found->kind)];
  };
  EXPECT_EQ(of("MISSING_CUSTOMER"), "customer_id missing");
  EXPECT_EQ(of("MISSING_COST"), "cost missing");
  EXPECT_EQ(of("MISSING_COST_CENTRE"), "cost_centre missing");
  EXPECT_EQ(of("COST_MALFORMED"), "cost malformed");
  EXPECT_EQ(of("COST_CENTRE_TOO_LONG"), "cost_centre malformed");
  EXPECT_EQ(of("COST_CENTRE_CHOICE_UNKNOWN"), "cost_centre out of range");
  EXPECT_EQ(of("COST_OUT_OF_RANGE"), "cost out of range");
  EXPECT_EQ(of("COST_TOO_LARGE"), "cost out of range");
  EXPECT_EQ(of("TIME_ENDS_BEFORE_START"), "time out of range");
  EXPECT_EQ(of("CURRENCY_OTHER"), "currency malformed");
  EXPECT_EQ(of("DATE_OUT_OF_RANGE"), "none");
  EXPECT_EQ(of("RECORD_FIELD_COUNT"), "none");
  EXPECT_EQ(of("ROW_INCOMPLETE"), "none");
}

TEST(DayOf, TakesTheDayOfAMinuteAlsoBefore1970) {
  EXPECT_EQ(DayOf(ValueType::kDay, 17), 17);
  EXPECT_EQ(DayOf(ValueType::kTime, 17 * 1440), 17);
  EXPECT_EQ(DayOf(ValueType::kTime, 17 * 1440 + 1439), 17);
  EXPECT_EQ(DayOf(ValueType::kTime, -1), -1);
  EXPECT_EQ(DayOf(ValueType::kTime, -1440), -1);
  EXPECT_EQ(DayOf(ValueType::kTime, -1441), -2);
}

TableLayout Layout(TableId table, std::vector<std::string> names = {}, std::vector<ValueType> types = {}) {
  return {.table = table,
          .names = std::move(names),
          .types = std::move(types),
          .has_key = false,
          .effect = SchemaOf(table).effect,
          .entity = {}};
}

class Orphans : public testing::Test {
 protected:
  static constexpr Day kAsOf = 10100;

  Orphans() : base_({{1, kAsOf - 5, 1}, {1, kAsOf - 3, 1}, {2, kAsOf - 5, 1}}, kAsOf, 0, 1) {
    for (const uint64_t hash : base_.shards()[0].today.hash) ids_.push_back(hash == HashOfCustomer(1) ? "1" : "2");
    shard_.as_of = kAsOf;
    shard_.today = &base_.shards()[0].today;
    shard_.id = [this](size_t i) { return std::string_view(ids_[i]); };
    shard_.tables = &tables_;
  }
  void Put(TableId table, const MadeTable& made) { tables_.tables[static_cast<size_t>(table)] = made.shard(); }

  TestBase base_;
  std::vector<std::string> ids_;
  ShardTables tables_;
  ReportShard shard_;
};

TEST_F(Orphans, WithoutACustomersTableWhoBoughtIsKnown) {
  const MadeTable visits(Layout(TableId::kVisits), {{"1", 9000}, {"3", 9000}, {"3", 9001}, {"0", 9000}}, kAsOf);
  Put(TableId::kVisits, visits);
  EXPECT_EQ(CountOrphans(shard_, TableId::kVisits), 3);
  EXPECT_EQ(CountOrphans(shard_, TableId::kTransactions), std::nullopt);
  EXPECT_EQ(CountOrphans(shard_, TableId::kCustomers), std::nullopt);
  EXPECT_EQ(CountOrphans(shard_, TableId::kUsage), std::nullopt) << "not in the job";
}

TEST_F(Orphans, WithOneOnlyWhoIsInIt) {
  const MadeTable customers(Layout(TableId::kCustomers), {{"2", kTimelessDay}, {"3", 9000}, {"1", kAsOf + 1}}, kAsOf);
  const MadeTable visits(Layout(TableId::kVisits), {{"1", 9000}, {"3", 9000}, {"2", 9001}, {"4", 9002}}, kAsOf);
  Put(TableId::kCustomers, customers);
  Put(TableId::kVisits, visits);
  EXPECT_EQ(CountOrphans(shard_, TableId::kVisits), 2) << "customers 1, who is in it from tomorrow on, and 4";
  EXPECT_EQ(CountOrphans(shard_, TableId::kTransactions), 2) << "both rows of customer 1";
  EXPECT_EQ(CountOrphans(shard_, TableId::kCustomers), std::nullopt);
}

TEST_F(Orphans, LinksAreCountedByTheirKind) {
  const MadeTable customers(Layout(TableId::kCustomers), {{"1", kTimelessDay}}, kAsOf);
  const MadeTable links(Layout(TableId::kLinks, {"kind"}, {ValueType::kChoice}),
                        {{"1", kTimelessDay, {{"kind", "referrer"}}},
                         {"7", kTimelessDay, {{"kind", "referrer"}}},
                         {"7", kTimelessDay, {{"kind", "parent"}}},
                         {"8", kTimelessDay, {{"kind", "referrer"}}}},
                        kAsOf);
  Put(TableId::kCustomers, customers);
  Put(TableId::kLinks, links);
  EXPECT_EQ(CountOrphans(shard_, TableId::kLinks, "referrer"), 2);
  EXPECT_EQ(CountOrphans(shard_, TableId::kLinks, "parent"), 1);
}

TEST(TableBooks, BalanceAsOfTheDate) {
  LedgerRegistry registry;
  registry.files = {{.number = 1, .counts = {.read = 10, .accepted = 6, .rejected = 1, .duplicates = 2, .blank = 1}},
                    {.number = 2, .counts = {.read = 4, .skipped_known_file = 4}}};
  registry.rows_by_day = {{100, 2}, {102, 3}, {110, 1}};
  registry.conflicts = 1;
  const std::vector<TableBooks> all = BooksOf(registry, 105);
  ASSERT_EQ(all.size(), 1u);
  const TableBooks& books = all[0];
  EXPECT_EQ(books.table, TableId::kTransactions);
  EXPECT_EQ(books.files, 2);
  EXPECT_EQ(books.conflicts, 1);
  EXPECT_EQ(books.rows.accepted, 5);
  EXPECT_EQ(books.rows.skipped_after_as_of, 1);
  EXPECT_TRUE(books.rows.Balances());
  EXPECT_EQ(books.first_day, 100);
  EXPECT_EQ(books.newest_day, 102);
}

}  // namespace
}  // namespace strata
