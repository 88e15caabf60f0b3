// From what a job asks for to what is published: one report runs, one is left out, the list has both.
#include <gtest/gtest.h>

#include "data/reports/job_offer.h"
#include "data/reports/report_plan.h"
#include "run/job_file.h"
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

constexpr char kPlainJob[] = R"(name: plain
currency: EUR
sources:
  transactions: {uri: t.csv, columns: {customer_id: c, time: t, amount: a, order_id: o, category: k}, lines: drop}
  customers: {uri: c.csv, columns: {customer_id: c, age: a}}
models: {value: {}}
)";

Job JobWith(const std::string& more) { return *ParseJob(kPlainJob + more, "plain.yaml"); }

TEST(ReportPlan, OfAJobIsWhatItAsksForAndCanHave) {
  const ReportOffer offer = OfferOf(JobWith(""), "there is no other");
  EXPECT_TRUE(PlanReports(JobWith(""), offer)->run.empty());
  const auto some = PlanReports(JobWith("reports: [segments, completeness, life_cycle, core_list]\n"), offer);
  ASSERT_OK(some);
  ASSERT_EQ(some->run.size(), 1u);
  EXPECT_EQ(some->run[0]->info.name, "completeness");
  ASSERT_EQ(some->skipped.size(), 2u);
  EXPECT_EQ(some->skipped[0].skipped, "needs an earlier snapshot to compare with: there is no other");
  EXPECT_EQ(some->skipped[1].skipped, "needs life_cycle: models.life_cycle is not in the job");
  const auto all = PlanReports(JobWith("reports: all\n"), offer);
  ASSERT_OK(all);
  EXPECT_EQ(all->run.size() + all->skipped.size(), AllReports().size());
}

TEST(ReportPlan, AReportThatThereIsNotIsRefusedByName) {
  const Job job = JobWith("reports: [completeness, compleatness]\n");
  for (const absl::Status& status : {CheckReportNames(job, "plain.yaml"), PlanReports(job, {}).status()}) {
    EXPECT_THAT(status, FailsWith(absl::StatusCode::kInvalidArgument, "JOB_INVALID"));
    EXPECT_THAT(status, SaysThat("reports: found 'compleatness'; allowed: all, or some of "));
    EXPECT_THAT(status, SaysThat("completeness, "));
  }
}

TEST(JobOffer, DetailsThatAreDroppedAreNotThere) {
  const ReportOffer offer = OfferOf(JobWith(""), "");
  EXPECT_EQ(offer.tables[0].columns, (std::vector<std::string>{"customer_id", "time", "amount"}));
  EXPECT_TRUE(offer.tables[1].in_job);
  EXPECT_EQ(offer.tables[1].columns, (std::vector<std::string>{"customer_id", "age"}));
  EXPECT_FALSE(offer.tables[2].in_job);
  EXPECT_EQ(WhyMissing({.schemes = {SchemeId::kGrade}}, offer), "");
  EXPECT_EQ(WhyMissing({.schemes = {SchemeId::kStage}}, offer), "needs stage: models.life_cycle is not in the job");
  EXPECT_EQ(WhyMissing({.schemes = {SchemeId::kRfm}}, offer), "needs rfm: models.rfm is not in the job");
}

}  // namespace
}  // namespace strata
