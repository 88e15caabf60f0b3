// From what a job asks for to what is published: one report runs, one is left out, the list has both.
#include <gtest/gtest.h>

#include "data/reports/report_plan.h"
#include "tests/base/status_matchers.h"
#include "tests/data/reports/toy_report.h"

namespace strata {
namespace {

struct NeedyReport : ToyReport {
  static ReportInfo Info() {
    ReportInfo info = ToyReport::Info();
    info.name = "needy";
    info.needs.columns = {{TableId::kTransactions, "time"}, {TableId::kCases, "opened"}, {TableId::kCases, "closed"}};
    return info;
  }
};

ReportOffer Offer(bool cases) {
  return {.tables = {{TableId::kTransactions, "transactions", true, {"time"}},
                     {TableId::kCases, "cases", cases, {"opened", "closed"}},
                     {TableId::kSurveys, "surveys", true, {}}},
          .schemes = {},
          .segments = false,
          .not_followed = {}};
}

ReportTable ToyTable() {
  ToyReport::Partial partial;
  partial.lines[1] = {.customers = 3, .net = 30, .newest = 9000};
  partial.lines[2] = {.customers = 1, .net = 5, .newest = 9001};
  return *ToyReport::Finish(partial, {.customers = 4});
}

TEST(ReportPlan, RunsWhatHasWhatItNeedsByName) {
  const RegisteredReport toy = Registered<ToyReport>();
  const RegisteredReport needy = Registered<NeedyReport>();
  const ReportPlan all = PlanReports({&toy, &needy}, Offer(true));
  EXPECT_EQ(all.run, (std::vector<const RegisteredReport*>{&needy, &toy}));
  EXPECT_TRUE(all.skipped.empty());
  const ReportPlan some = PlanReports({&toy, &needy}, Offer(false));
  EXPECT_EQ(some.run, (std::vector<const RegisteredReport*>{&toy}));
  ASSERT_EQ(some.skipped.size(), 1u);
  EXPECT_EQ(some.skipped[0].skipped, "needs cases.opened: sources.cases is not in the job");
  EXPECT_EQ(some.skipped[0].tables, std::vector<std::string>{"cases"});
}

TEST(ReportPlan, WhatIsPublishedDescribesAndContainsEverything) {
  const RegisteredReport toy = Registered<ToyReport>();
  const RegisteredReport needy = Registered<NeedyReport>();
  const ReportPlan plan = PlanReports({&needy, &toy}, Offer(false));
  const auto files = EncodeReports(plan, {ToyTable()}, {SegmentsReportEntry(3)}, Offer(false));
  ASSERT_OK(files);
  ASSERT_EQ(files->size(), 2u);
  EXPECT_EQ((*files)[0].name, "reports/toy.parquet");
  EXPECT_EQ((*files)[0].rows, 2);
  EXPECT_EQ((*files)[1].name, kReportIndexName);
  const auto index = DecodeReportIndex((*files)[1].bytes);
  ASSERT_OK(index);
  ASSERT_EQ(index->reports.size(), 3u);
  EXPECT_EQ(index->reports[0].name, "needy");
  EXPECT_EQ(index->reports[1].name, "segments");
  EXPECT_EQ(index->Find("toy")->rows, 2);
  const auto table = DecodeReport("toy", (*files)[0].bytes, index->Find("toy")->columns);
  ASSERT_OK(table);
  EXPECT_EQ(table->whole, ToyTable().whole);
  EXPECT_THAT(EncodeReports(plan, {}, {}, Offer(false)), FailsWith(absl::StatusCode::kInternal, "REPORT_INVALID"));
}

}  // namespace
}  // namespace strata
