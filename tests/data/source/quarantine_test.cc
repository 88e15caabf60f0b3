#include "data/source/quarantine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/data/source/sample_job.h"

namespace strata {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

std::vector<QuarantineRow> Rows(int64_t first_line, int64_t count, const std::string& reason) {
  std::vector<QuarantineRow> rows;
  for (int64_t i = 0; i < count; ++i) rows.push_back({.file = "f", .line = first_line + i, .reason = reason});
  return rows;
}

TEST(QuarantineMerger, KeepsTheSmallestPositionsWhateverTheOrderOfSplits) {
  const int64_t cap = kQuarantineRowsPerReason;
  const auto a = Rows(1, cap, "A");
  const auto b = Rows(2'000, cap, "A");
  const auto c = Rows(9'000, 3, "B");
  QuarantineMerger forward;
  forward.Add(a, {{"A", cap + 400}});
  forward.Add(b, {{"A", cap}});
  forward.Add(c, {{"B", 3}});
  QuarantineMerger backward;
  backward.Add(c, {{"B", 3}});
  backward.Add(b, {{"A", cap}});
  backward.Add(a, {{"A", cap + 400}});
  const FileQuarantine one = forward.Finish();
  const FileQuarantine two = backward.Finish();
  EXPECT_EQ(QuarantineCsv(one.rows), QuarantineCsv(two.rows));
  EXPECT_EQ(one.rows.size(), static_cast<size_t>(cap + 3));
  EXPECT_EQ(one.rows[static_cast<size_t>(cap) - 1].line, cap);
  EXPECT_EQ(one.rows.back().line, 9'002);
  EXPECT_THAT(one.rejected_by_reason, ElementsAre(Pair("A", 2 * cap + 400), Pair("B", 3)));
  EXPECT_EQ(one.rejected, 2 * cap + 403);
  EXPECT_EQ(one.cut, cap + 400);
}

TEST(QuarantineCsv, QuotesWhatMustBeQuoted) {
  const std::vector<QuarantineRow> rows = {{.file = "in/a,b.csv",
                                            .line = 7,
                                            .column = "amount",
                                            .value = "1,5 \"net\"\nx",
                                            .reason = "AMOUNT_MALFORMED",
                                            .message = "plain"}};
  EXPECT_EQ(std::string(kQuarantineHeader), "file,line,column,value,reason,message\n");
  EXPECT_EQ(QuarantineCsv(rows), "\"in/a,b.csv\",7,amount,\"1,5 \"\"net\"\"\nx\",AMOUNT_MALFORMED,plain\n");
}

TEST(QuarantineCsv, IsReadBackByTheReaderOfSources) {
  // Ids, days and amounts that are themselves full of quotes and delimiters come back as they were.
  const std::string bad = "\"a\"\",\r\nb\"";
  const MappedRows first = MapText("id,day,amount\n1,2024-01-01," + bad + "\n", SampleJob());
  ASSERT_EQ(first.quarantine.size(), 1u);
  Job job = SampleJob();
  job.transactions.columns.customer_id = "value";
  job.transactions.columns.time = "line";
  job.transactions.columns.amount = "line";
  job.transactions.time_format = "%Y%m%d";  // line 2 is no day: the row is rejected for it
  const MappedRows second = MapText(kQuarantineHeader + QuarantineCsv(first.quarantine), job);
  EXPECT_EQ(second.quarantine.at(0).reason, "TIME_MALFORMED");
  job.transactions.columns.time = "value";
  EXPECT_EQ(MapText(kQuarantineHeader + QuarantineCsv(first.quarantine), job).quarantine.at(0).value, "a\",\r\nb");
}

}  // namespace
}  // namespace strata
