// A report as people, scripts and spreadsheets get it: golden texts of a table made by hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "client/json/report_json.h"
#include "client/report_file.h"
#include "client/text/report_text.h"
#include "tests/base/status_matchers.h"
#include "tests/base/temporary_folder.h"
#include "tests/client/csv_reader.h"
#include "tests/client/example_values.h"

namespace strata {
namespace {

using Json = nlohmann::json;
using testing::HasSubstr;

ReportAnswer Example() {
  ReportAnswer answer;
  answer.info = ExampleInfo();
  answer.report = {.name = "grades",
                   .title = "Grades",
                   .sources = {"A20", "C4"},
                   .tables = {"costs"},
                   .method = "By margin.",
                   .columns = {{"grade", ReportType::kText, "", "Grade."},
                               {"customers", ReportType::kInteger, "customers", "Customers."},
                               {"since", ReportType::kDay, "", "Day."},
                               {"graded", ReportType::kFlag, "", "Flag."},
                               {"sum_margin", ReportType::kMoney, "", "Money."},
                               {"mean_gap", ReportType::kNumber, "days", "Number."},
                               {"share", ReportType::kShare, "1", "Share."}},
                   .rows = 3,
                   .skipped = {}};
  ReportRows rows("grades", answer.report.columns);
  rows.Add(
      {std::string("A"), int64_t{1200}, int64_t{ToDay({2024, 3, 1})}, int64_t{1}, int64_t{1'234'567'890}, 12.5, 0.25});
  rows.Add({std::string("B, \"new\""), int64_t{7}, {}, int64_t{0}, int64_t{-1}, {}, {}});
  rows.Add({{}, {}, {}, {}, {}, {}, {}});
  answer.table = *rows.Take();
  return answer;
}

std::string ContentOf(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

TEST(ReportText, ShowsUnitsAmountsAndWhatIsMissing) {
  const ReportAnswer answer = Example();
  EXPECT_EQ(ReportText(answer.report, answer.table, "EUR"),
            "Grades (A20, C4)\n"
            "By margin.\n"
            "\n"
            "grade     customers       since  graded  sum_margin (EUR)  mean_gap (days)    share\n"
            "-                 -           -  -                      -                -        -\n"
            "A             1,200  2024-03-01  yes             1,234.57          12.5000  25.00 %\n"
            "B, \"new\"          7           -  no                  0.00                -        -\n");
}

TEST(ReportText, SaysWhenNotAllRowsAreShown) {
  const std::vector<ReportColumn> columns = {{"n", ReportType::kInteger, "", "Integer."}};
  ReportRows rows("long", columns);
  for (int64_t i = 0; i < 1500; ++i) rows.Add({i});
  const std::string text = ReportText(
      {.name = "long", .title = "Long", .sources = {"A1"}, .columns = columns, .rows = 1500}, *rows.Take(), "EUR");
  EXPECT_THAT(text, HasSubstr("\n199\n"));
  EXPECT_THAT(text, HasSubstr("200 of 1,500 rows; --out FILE.csv or FILE.parquet has all"));
}

TEST(ReportsTable, HasALinePerReportAndTheReasonWhereItWasLeftOut) {
  std::vector<ReportEntry> reports = {Example().report, Example().report};
  reports[1].name = "surveys";
  reports[1].rows = 0;
  reports[1].skipped = "needs surveys: sources.surveys is not in the job";
  EXPECT_EQ(ReportsTable(reports),
            "report   answers     rows\n"
            "grades   A20 C4         3  Grades\n"
            "surveys  A20 C4   skipped  needs surveys: sources.surveys is not in the job\n");
  EXPECT_EQ(ReportsTable({}), "This snapshot lists no reports.\n");
}

TEST(ReportJson, HasMicrosDaysAndNulls) {
  const Json json = Json::parse(ReportJson(Example()));
  EXPECT_EQ(json["snapshot"], 3);
  EXPECT_EQ(json["report"]["name"], "grades");
  EXPECT_EQ(json["report"]["skipped"], nullptr);
  EXPECT_EQ(json["report"]["columns"][4]["type"], "money");
  ASSERT_EQ(json["rows"].size(), 3u);
  EXPECT_EQ(json["rows"][1], Json({{"grade", "A"},
                                   {"customers", 1200},
                                   {"since", "2024-03-01"},
                                   {"graded", true},
                                   {"sum_margin_micros", 1'234'567'890},
                                   {"mean_gap", 12.5},
                                   {"share", 0.25}}));
  EXPECT_EQ(json["rows"][0]["grade"], nullptr);
  EXPECT_EQ(json["rows"][0]["sum_margin_micros"], nullptr);
  EXPECT_EQ(Json::parse(ReportsJson({ExampleInfo(), {Example().report}}))["reports"][0]["sources"],
            Json({"A20", "C4"}));
}

TEST(ReportFile, CsvIsExactAndReadable) {
  EXPECT_EQ(ReportCsv(Example()),
            "grade,customers,since,graded,sum_margin,mean_gap,share\n"
            ",,,,,,\n"
            "A,1200,2024-03-01,true,1234.56789,12.5,0.25\n"
            "\"B, \"\"new\"\"\",7,,false,-0.000001,,\n");
  const auto records = ReadCsv(ReportCsv(Example()));
  ASSERT_EQ(records.size(), 4u);
  EXPECT_EQ(records[3][0], "B, \"new\"");
}

TEST(ReportFile, ParquetIsThatOfTheSnapshot) {
  const TemporaryFolder folder;
  const ReportAnswer answer = Example();
  ASSERT_OK(WriteReportFile(answer, folder.Under("r.parquet")));
  EXPECT_EQ(ContentOf(folder.Under("r.parquet")), *EncodeReport("grades", answer.report.columns, answer.table));
  ASSERT_OK(WriteReportFile(answer, folder.Under("r.csv")));
  EXPECT_EQ(ContentOf(folder.Under("r.csv")), ReportCsv(answer));
  EXPECT_THAT(WriteReportFile(answer, folder.Under("r.xlsx")),
              FailsWith(absl::StatusCode::kInvalidArgument, "FLAG_INVALID"));
  EXPECT_THAT(WriteReportFile(answer, folder.Under("none/r.csv")), SaysThat("there is no folder"));
}

}  // namespace
}  // namespace strata
