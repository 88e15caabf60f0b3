// The list of reports: as it was after JSON, complete enough to read the files beside it, strict about what it reads.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "data/reports/report_index.h"
#include "data/reports/reports_markdown.h"
#include "tests/base/status_matchers.h"

namespace strata {
namespace {

ReportIndex Sample() {
  return {{{.name = "grades",
            .title = "Grades",
            .sources = {"A20", "C4"},
            .tables = {"products", "costs"},
            .method = "By margin; A | B \"C\".",
            .columns = {{"grade", ReportType::kText, "", "A or B|C."}, {"sum_margin", ReportType::kMoney, "", "Sum."}},
            .rows = 4,
            .skipped = {}},
           SegmentsReportEntry(12),
           {.name = "surveys",
            .title = "Surveys",
            .sources = {"A9"},
            .tables = {"surveys"},
            .method = "Means.",
            .columns = {{"asked_at", ReportType::kDay, "", "Day."}},
            .rows = 0,
            .skipped = "needs surveys.score: sources.surveys is not in the job"}}};
}

Manifest ManifestWith(const std::vector<std::string>& names) {
  Manifest manifest;
  manifest.job = "shop";
  manifest.number = 3;
  for (const std::string& name : names) manifest.entries.push_back({.name = name, .key = "k/" + name});
  return manifest;
}

TEST(ReportIndex, ComesBackAsItWasInTheOrderOfNames) {
  const ReportIndex index = Sample();
  ReportIndex shuffled = index;
  std::swap(shuffled.reports[0], shuffled.reports[2]);
  const std::string json = EncodeReportIndex(shuffled);
  EXPECT_EQ(json, EncodeReportIndex(index));
  const auto back = DecodeReportIndex(json);
  ASSERT_OK(back);
  EXPECT_EQ(back->reports, index.reports);
  EXPECT_EQ(back->Find("surveys")->skipped, "needs surveys.score: sources.surveys is not in the job");
  EXPECT_EQ(back->Find("survey"), nullptr);
  EXPECT_TRUE(DecodeReportIndex(EncodeReportIndex({}))->reports.empty());
}

TEST(ReportIndex, WhatIsWrongIsNamed) {
  struct Wrong {
    const char* from;
    const char* to;
    const char* says;
  };
  const std::string json = EncodeReportIndex(Sample());
  for (const Wrong& wrong :
       {Wrong{"\"money\"", "\"decimal\"", "column sum_margin has type 'decimal', allowed are text"},
        Wrong{"\"rows\": 4", "\"rows\": -4", "report grades has -4 rows"},
        Wrong{"\"rows\": 4", "\"rows\": \"4\"", "rows is \"4\""},
        Wrong{"\"rows\": 0", "\"rows\": 5", "report surveys has 5 rows although it was skipped"},
        Wrong{"\"name\": \"grades\"", "\"name\": \"zeta\"", "report segments is out of order"},
        Wrong{"\"name\": \"grades\"", "\"name\": \"\"", "a report without a name"},
        Wrong{"\"title\": \"Grades\",", "", "title is missing"},
        Wrong{"\"title\": \"Grades\",", "\"title\": \"Grades\", \"owner\": \"x\",", "fields"},
        Wrong{"\"method\": \"Means.\"", "\"method\": 3", "method is 3"}}) {
    std::string edited = json;
    const size_t at = edited.find(wrong.from);
    ASSERT_NE(at, std::string::npos) << wrong.from;
    edited.replace(at, std::string(wrong.from).size(), wrong.to);
    const auto index = DecodeReportIndex(edited);
    EXPECT_THAT(index, FailsWith(absl::StatusCode::kDataLoss, "SNAPSHOT_CORRUPT")) << wrong.to;
    EXPECT_THAT(index, SaysThat(wrong.says));
  }
  std::string later = json;
  later.replace(later.find("\"format_version\": 1"), 19, "\"format_version\": 2");
  EXPECT_THAT(DecodeReportIndex(later), FailsWith(absl::StatusCode::kFailedPrecondition, "FORMAT_UNKNOWN"));
}

TEST(ReportIndex, FindsTheFileOrSaysWhyThereIsNone) {
  const ReportIndex index = Sample();
  const Manifest manifest = ManifestWith({"reports/grades.parquet", "reports/index.json"});
  EXPECT_EQ(FindReportFile(index, manifest, "grades")->key, "k/reports/grades.parquet");
  const auto unknown = FindReportFile(index, manifest, "grade");
  EXPECT_THAT(unknown, FailsWith(absl::StatusCode::kNotFound, "REPORT_UNKNOWN"));
  EXPECT_THAT(unknown, SaysThat("snapshot 3 of job shop has no report 'grade'; it has grades, segments, surveys"));
  EXPECT_THAT(FindReportFile({}, manifest, "grade"), SaysThat("it has none"));
  const auto skipped = FindReportFile(index, manifest, "surveys");
  EXPECT_THAT(skipped, FailsWith(absl::StatusCode::kFailedPrecondition, "REPORT_SKIPPED"));
  EXPECT_THAT(skipped, SaysThat("sources.surveys is not in the job"));
  EXPECT_THAT(FindReportFile(index, manifest, "segments"), FailsWith(absl::StatusCode::kDataLoss, "SNAPSHOT_CORRUPT"));
}

TEST(ReportIndex, DescribesTheSegmentsReportAsItIs) {
  const std::vector<SegmentLine> lines = {
      {.kind = "rfm", .name = "loyal", .customers = 7, .share = 0.7, .mean_net = 1.5, .sum_net = 10.5},
      {.kind = "class", .name = "no_purchase", .customers = 3, .share = 0.3}};
  const auto table = DecodeReport("segments", *EncodeSegmentsReport(lines), SegmentsReportEntry(2).columns);
  ASSERT_OK(table);
  EXPECT_EQ(table->rows, 2u);
  EXPECT_EQ(table->text[1][0], "loyal");
  EXPECT_EQ(table->whole[2][1], 3);
  EXPECT_EQ(table->number[6][0], 1.5);
}

TEST(ReportsMarkdown, ShowsEveryReportWithItsColumns) {
  std::vector<DescribedReport> reports;
  for (const ReportEntry& entry : Sample().reports) reports.push_back({.entry = entry, .needs = {}, .follows = false});
  reports[0].needs = {"sources.products", "models.value"};
  reports[0].follows = true;
  const std::string text = ReportsMarkdown(reports);
  for (const char* piece :
       {"| [grades](#grades) | A20, C4 | Grades |\n",
        "\n## grades\n\nGrades. Answers A20, C4. Needs `sources.products`, `models.value`. Compares with an earlier "
        "snapshot.\n",
        "\nBy margin; A | B \"C\".\n", "| `grade` | text |  | A or B\\|C. |\n", "| `sum_margin` | money |  | Sum. |\n",
        "\n## surveys\n", "| `share` | share | 1 | Its share of all customers. |\n"}) {
    EXPECT_NE(text.find(piece), std::string::npos) << piece << "\nin\n" << text;
  }
  EXPECT_EQ(text.find("not in the job"), std::string::npos) << "skip reasons are of a snapshot";
}

TEST(ReportsMarkdown, IsThePageInDocs) {
  std::ifstream file("docs/reports.md");
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_EQ(text.str(), ReportsMarkdown(DescribeReports())) << "write it anew: strata report list --markdown";
}

}  // namespace
}  // namespace strata
