// Reports arrive as they were, a page at a time; questions keep to one snapshot; what no report stands behind is
// refused.
#include <gtest/gtest.h>

#include <cmath>

#include "strata/v1/report_service.pb.h"
#include "tests/base/status_matchers.h"
#include "tests/wire/drawn_values.h"
#include "wire/reports.h"

namespace strata {
namespace {

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

std::vector<ReportColumn> AllTypes() {
  return {{"label", ReportType::kText, "", "Text."},    {"number_of", ReportType::kInteger, "rows", "Integer."},
          {"when", ReportType::kDay, "", "Day."},       {"is_it", ReportType::kFlag, "", "Flag."},
          {"amount", ReportType::kMoney, "", "Money."}, {"mean", ReportType::kNumber, "days", "Number."},
          {"part", ReportType::kShare, "1", "Share."}};
}

ReportTable DrawTable(Draw* draw, size_t rows) {
  ReportTable table = EmptyTable(AllTypes().size());
  table.rows = rows;
  for (size_t row = 0; row < rows; ++row) {
    table.text[0].push_back(draw->Coin() ? std::nullopt : std::optional(draw->Text()));
    table.whole[1].push_back(draw->Coin() ? kNoWhole : draw->Int(-9, 9));
    table.whole[2].push_back(draw->Coin() ? kNoWhole : draw->AnyDay());
    table.whole[3].push_back(draw->Coin() ? kNoWhole : draw->Int(0, 1));
    table.whole[4].push_back(draw->Coin() ? kNoWhole : draw->Int(-1'000'000'000'000'000, 1'000'000'000'000'000));
    table.number[5].push_back(draw->DoubleOrAbsent());
    table.number[6].push_back(draw->DoubleOrAbsent());
  }
  return table;
}

TEST(ReportsOnTheWire, DescriptionsArriveAsTheyWere) {
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    SCOPED_TRACE(seed);
    Draw draw(seed);
    const ReportEntry entry{.name = "value_classes",
                            .title = draw.Text(),
                            .sources = draw.Texts(3),
                            .tables = draw.Texts(2),
                            .method = draw.Text(),
                            .columns = AllTypes(),
                            .rows = draw.Int(0, 1'000'000),
                            .skipped = draw.Text()};
    v1::Report message, arrived;
    FillReport(entry, "shop", &message);
    EXPECT_EQ(message.name(), "jobs/shop/reports/value_classes");
    ASSERT_TRUE(arrived.ParseFromString(message.SerializeAsString()));
    const auto read = ReadReport(arrived);
    ASSERT_OK(read);
    EXPECT_EQ(*read, entry);
  }
}

TEST(ReportsOnTheWire, RowsArriveAsTheyWereWhateverThePages) {
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    SCOPED_TRACE(seed);
    Draw draw(seed);
    const ReportTable table = DrawTable(&draw, static_cast<size_t>(draw.Int(0, 20)));
    const auto page = static_cast<size_t>(draw.Int(1, 7));
    ReportTable read = EmptyTable(AllTypes().size());
    size_t begin = 0;
    do {
      v1::GetReportResponse response, arrived;
      const size_t next = FillReportRows(AllTypes(), table, begin, page, &response);
      EXPECT_EQ(next, std::min(table.rows, begin + page));
      ASSERT_TRUE(arrived.ParseFromString(response.SerializeAsString()));
      ASSERT_OK(ReadReportRows(arrived, AllTypes(), &read));
      begin = next;
    } while (begin < table.rows);
    EXPECT_EQ(read.rows, table.rows);
    EXPECT_EQ(read.whole, table.whole);
    EXPECT_EQ(read.text, table.text);
    for (size_t i = 0; i < table.number.size(); ++i) {
      ASSERT_EQ(read.number[i].size(), table.number[i].size());
      for (size_t row = 0; row < table.number[i].size(); ++row) {
        EXPECT_TRUE(SameNumber(read.number[i][row], table.number[i][row])) << i << " " << row;
      }
    }
  }
}

TEST(ReportsOnTheWire, APageOfLongTextsEndsEarlierAndHasARowAtLeast) {
  const std::vector<ReportColumn> columns = {{"label", ReportType::kText, "", "Text."}};
  ReportTable table = EmptyTable(1);
  table.rows = 5;
  table.text[0] = {std::string(1'500'000, 'a'), std::string(400'000, 'b'), std::string(400'000, 'c'),
                   std::string(3'000'000, 'd'), std::string(1, 'e')};
  std::vector<size_t> ends;
  for (size_t begin = 0; begin < table.rows; begin = ends.back()) {
    v1::GetReportResponse response;
    ends.push_back(FillReportRows(columns, table, begin, 100, &response));
    ASSERT_GT(ends.back(), begin);
  }
  EXPECT_EQ(ends, (std::vector<size_t>{2, 3, 4, 5}));
}

TEST(ReportsOnTheWire, WhatNoReportStandsBehindIsRefused) {
  const auto refused = FailsWith(absl::StatusCode::kInternal, "ANSWER_INVALID");
  EXPECT_THAT(ReadReport(v1::Report()), refused);
  v1::Report report;
  report.set_display_name("a");
  ASSERT_OK(ReadReport(report));
  report.set_rows(-1);
  EXPECT_THAT(ReadReport(report), refused);
  report.set_rows(1);
  report.add_columns()->set_name("x");
  EXPECT_THAT(ReadReport(report), refused) << "a column without a type";

  const std::vector<ReportColumn> columns = {{"label", ReportType::kText, "", ""}, {"n", ReportType::kInteger, "", ""}};
  const auto read = [&columns](const v1::GetReportResponse& response) {
    ReportTable table = EmptyTable(columns.size());
    return ReadReportRows(response, columns, &table);
  };
  v1::GetReportResponse response;
  EXPECT_THAT(read(response), refused) << "no columns";
  response.add_values()->add_texts("a");
  response.add_values()->add_integers(1);
  ASSERT_OK(read(response));
  v1::GetReportResponse wrong = response;
  wrong.mutable_values(1)->add_integers(2);
  EXPECT_THAT(read(wrong), refused) << "columns of different lengths";
  wrong = response;
  wrong.mutable_values(1)->clear_integers();
  wrong.mutable_values(1)->add_numbers(1);
  EXPECT_THAT(read(wrong), refused) << "numbers in a column of integers";
  wrong = response;
  wrong.mutable_values(0)->add_null_rows(1);
  EXPECT_THAT(read(wrong), refused) << "a row that is not there";
}

TEST(ReportQuestions, KeepToOneSnapshotAndKnowTheirBounds) {
  v1::ListReportsRequest list;
  list.set_parent("jobs/a");
  EXPECT_EQ(ReadListReports(list)->page_size, 100);
  list.set_page_token(ReportsToken(list, 7, 3));
  EXPECT_EQ(ReadListReports(list)->snapshot, (SnapshotName{"a", 7}));
  EXPECT_EQ(ReadListReports(list)->begin, 3u);
  list.set_parent("jobs/b");
  EXPECT_THAT(ReadListReports(list), FailsWith(kInvalid, "PAGE_TOKEN_INVALID"));

  v1::GetReportRequest get;
  get.set_name("jobs/a/reports/value_classes");
  EXPECT_EQ(ReadGetReport(get)->name, (ReportName{{"a", 0}, "value_classes"}));
  EXPECT_EQ(ReadGetReport(get)->page_size, kDefaultReportRows);
  get.set_page_size(1'000'000);
  EXPECT_EQ(ReadGetReport(get)->page_size, kMaxReportRows);
  get.set_page_token(ReportRowsToken(get, 7, 30));
  EXPECT_EQ(ReadGetReport(get)->name, (ReportName{{"a", 7}, "value_classes"}));
  EXPECT_EQ(ReadGetReport(get)->begin, 30u);
  get.set_name("jobs/a/reports/life_cycle");
  EXPECT_THAT(ReadGetReport(get), FailsWith(kInvalid, "PAGE_TOKEN_INVALID"));
  get.set_page_size(-1);
  EXPECT_THAT(ReadGetReport(get), FailsWith(kInvalid, "PAGE_SIZE_INVALID"));
}

TEST(ReportNames, AreReadAndWritten) {
  EXPECT_EQ(*ParseReportName("name", ReportResource("a", "life_cycle")), (ReportName{{"a", 0}, "life_cycle"}));
  EXPECT_EQ(*ParseReportName("name", "jobs/a/snapshots/3/reports/x"), (ReportName{{"a", 3}, "x"}));
  for (const char* name : {"jobs/a", "jobs/a/reports", "jobs/a/reports/", "jobs/a/reports/X", "jobs/a/segments/x",
                           "jobs/a/snapshots/0/reports/x", "jobs/a/reports/x/y", "jobs/a/reports/x.parquet"}) {
    EXPECT_THAT(ParseReportName("name", name), FailsWith(kInvalid, "NAME_INVALID")) << name;
  }
}

}  // namespace
}  // namespace strata
