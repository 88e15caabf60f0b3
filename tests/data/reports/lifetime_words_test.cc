// What the reports of lifetime values say in words, and why one is left out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <numeric>
#include <string>

#include "data/reports/lifetime_reports.h"
#include "tests/data/reports/lifetime_base.h"

namespace strata {
namespace {

using testing::HasSubstr;

TEST(LifetimeReportWords, TellOfTheHoldoutWhatTheJudgementHolds) {
  const HoldoutJudgement& judged = *Base().facts().models->lifetime->holdout;
  const RegisteredReport errors = LifetimeErrorsReport(), bins = LifetimeBinsReport(),
                         reliability = LifetimeReliabilityReport();
  const ReportTable of_errors = Table(errors), of_bins = Table(bins), of_reliability = Table(reliability);
  const Read read(errors, of_errors);
  ASSERT_EQ(of_errors.rows, 5u);
  EXPECT_EQ(read.Text("measure")[0], "bias");
  EXPECT_EQ(read.Number("model")[0], judged.errors[0].bias);
  EXPECT_EQ(read.Number("historic_average")[4], judged.errors[1].rmse);
  EXPECT_EQ(read.Number("last_period_repeats")[2], judged.errors[2].log_probability);
  EXPECT_EQ(read.Text("measure")[1], "grade");
  EXPECT_EQ(*read.Text("words")[1], std::string(Name(judged.grade)) + ": " + judged.grade_reason);
  EXPECT_THAT(errors.info.method, HasSubstr(kGradeRule));
  const Read by_bin(bins, of_bins);
  ASSERT_EQ(of_bins.rows, 8u);
  const auto& customers = by_bin.Whole("customers");
  EXPECT_EQ(std::accumulate(customers.begin(), customers.end(), int64_t{0}), judged.customers);
  EXPECT_LT(by_bin.Number("expected_mean")[1], by_bin.Number("expected_mean")[5]);
  EXPECT_NEAR(by_bin.Number("actual_mean")[0], by_bin.Number("expected_mean")[0], 0.15);
  const Read by_probability(reliability, of_reliability);
  ASSERT_EQ(of_reliability.rows, 20u);
  for (size_t row = 0; row < 20; ++row) {
    if (by_probability.Whole("customers")[row] < 100) continue;
    EXPECT_NEAR(by_probability.Number("predicted")[row], by_probability.Number("actual")[row], 0.15) << row;
  }
}

TEST(LifetimeReportWords, ParametersThatAreNotDeterminedAreAbsentInWords) {
  const RegisteredReport report = LifetimeParametersReport();
  const ReportTable table = Table(report);
  const Read read(report, table);
  ASSERT_EQ(table.rows, 4u);
  EXPECT_EQ(read.Text("parameter")[0], "a");
  EXPECT_TRUE(std::isnan(read.Number("estimate")[0]));
  EXPECT_EQ(read.Text("words")[0], "not determined");
  EXPECT_EQ(read.Text("parameter")[1], "alpha");
  EXPECT_EQ(read.Text("unit")[1], "weeks");
  EXPECT_EQ(read.Number("high")[1], 6.4);
  EXPECT_EQ(read.Text("model")[3], "gamma_gamma");
}

TEST(LifetimeReportWords, CombinationsOfParametersHaveTheUnitsOfTheirParts) {
  LifetimeBase base(7, 200);
  LifetimeFit& fit = base.models().lifetime->fit;
  fit.asked = LifetimeKind::kParetoNbd;
  fit.estimates.clear();
  fit.determined = {{.name = "r / alpha"}, {.name = "s / beta"}};
  base.models().spend->estimates = {{.name = "v"}, {.name = "p v"}, {.name = "q / v"}, {.name = "p v / q"}};
  const RegisteredReport report = LifetimeParametersReport();
  const auto units = [&] {
    const ReportTable table = Table(report, base);
    std::map<std::string, std::string> found;
    const Read read(report, table);
    for (size_t row = 0; row < table.rows; ++row) found[*read.Text("parameter")[row]] = *read.Text("unit")[row];
    return found;
  };
  const std::map<std::string, std::string> expected = {{"r / alpha", "1 / weeks"}, {"s / beta", "1 / weeks"},
                                                       {"v", "currency"},          {"p v", "currency"},
                                                       {"q / v", "1 / currency"},  {"p v / q", "currency"}};
  EXPECT_EQ(units(), expected);
  fit.asked = LifetimeKind::kBgNbd;
  fit.determined = {{.name = "a / (a + b)"}};
  EXPECT_EQ(units()["a / (a + b)"], "1");
}

TEST(LifetimeReportWords, RevenueOfSpendWithoutAMeanIsByTheMedian) {
  LifetimeBase base(7, 200);
  const auto spend_of_a_purchase = [&](const RegisteredReport& report, const char* repeats, const char* net) {
    const ReportTable table = Table(report, base);
    const Read read(report, table);
    return read.Number(net)[table.rows - 1] / read.Number(repeats)[table.rows - 1];
  };
  SpendModel& spend = *base.models().spend;
  spend.boundary = "infinite_mean";
  spend.population_median = 12.5;
  EXPECT_DOUBLE_EQ(spend_of_a_purchase(LifetimeCohortsReport(), "expected_repeat", "expected_repeat_net"), 12.5);
  EXPECT_DOUBLE_EQ(spend_of_a_purchase(LifetimeSurvivalReport(), "expected_repeats", "expected_repeat_net"), 12.5);
  spend.population_median.reset();
  EXPECT_TRUE(std::isnan(spend_of_a_purchase(LifetimeCohortsReport(), "expected_repeat", "expected_repeat_net")));
}

TEST(LifetimeReportWords, TheChoiceIsToldByCandidate) {
  LifetimeBase base(7, 200);
  const RegisteredReport report = LifetimeModelsReport();
  const ReportTable named = Table(report, base);
  EXPECT_EQ(Read(report, named).Text("words")[0], "as the job says");
  base.models().lifetime->candidates = {
      {.kind = LifetimeKind::kNbd, .takes_part = true, .log_likelihood = -900, .log_probability = -300, .bias = 0.4},
      {.kind = LifetimeKind::kBgNbd, .words = "takes no part: attrition is not identified"},
      {.kind = LifetimeKind::kMbgCnbd,
       .k = 3,
       .takes_part = true,
       .log_likelihood = -880,
       .log_probability = -290,
       .gain = 10,
       .gain_error = 3,
       .bias = 0.02,
       .chosen = true}};
  base.models().lifetime->chosen_as_of = LifetimeBase::kNow;
  const ReportTable table = Table(report, base);
  const Read read(report, table);
  ASSERT_EQ(table.rows, 3u);
  EXPECT_TRUE(std::isnan(read.Number("gain")[0])) << "the first one replaces nobody";
  EXPECT_TRUE(std::isnan(read.Number("log_likelihood")[1]));
  EXPECT_EQ(read.Whole("k")[2], 3);
  EXPECT_EQ(read.Whole("k")[0], kNoWhole);
  EXPECT_EQ(read.Whole("chosen")[2], 1);
  EXPECT_EQ(read.Number("gain_se")[2], 3);
  EXPECT_EQ(*read.Text("words")[2], "chosen as of 2024-10-04");
}

TEST(LifetimeReportWords, CoefficientsOfTraitsAreToldByColumnAndLevel) {
  LifetimeBase base(7, 200);
  const RegisteredReport report = LifetimeCovariatesReport();
  EXPECT_THAT(std::string(StdView(base.Made(report, 1).status().message())), HasSubstr("without covariates"));
  CovariateModel& model = base.models().lifetime->covariates.emplace();
  model.fit.fitted = true;
  model.sources = {{.column = "customers.region", .is_category = true, .reference = "north", .levels = {"south"}},
                   {.column = "customers.age"}};
  const CovariateTrait south{.source = 0, .coding = CovariateTrait::Coding::kLevel, .level = "south"};
  const CovariateTrait age{.source = 1, .coding = CovariateTrait::Coding::kNumber};
  model.coefficients = {
      {.trait = south, .on = CovariateCoefficient::On::kRate, .told = {.name = "", .estimate = 0.5, .low = 0.2}},
      {.trait = age, .on = CovariateCoefficient::On::kDropOut, .told_per = 10, .told = {.words = "all are equal"}}};
  const ReportTable table = Table(report, base);
  const Read read(report, table);
  ASSERT_EQ(table.rows, 2u);
  EXPECT_EQ(read.Text("column")[0], "customers.age");
  EXPECT_EQ(read.Text("level")[0], std::nullopt);
  EXPECT_EQ(read.Number("per")[0], 10);
  EXPECT_TRUE(std::isnan(read.Number("factor")[0]));
  EXPECT_EQ(read.Text("words")[0], "all are equal");
  EXPECT_EQ(read.Text("on")[1], "rate");
  EXPECT_EQ(read.Text("reference")[1], "north");
  EXPECT_EQ(read.Number("factor")[1], std::exp(0.5));
  EXPECT_EQ(read.Number("low")[1], 0.2);
}

TEST(LifetimeReportWords, AreLeftOutWithAReasonWhereThereIsNothingToSay) {
  LifetimeBase base(7, 200);
  const auto why = [&base](const RegisteredReport& report) {
    return std::string(StdView(base.Made(report, 1).status().message()));
  };
  base.models().lifetime->holdout->spend = {};
  EXPECT_THAT(why(LifetimeDecilesReport()), HasSubstr("no spend was known before the hold-out"));
  base.models().lifetime->holdout->reason = "nobody had bought anything before the hold-out";
  EXPECT_THAT(why(LifetimeErrorsReport()), HasSubstr("nobody had bought anything"));
  EXPECT_THAT(why(LifetimeDecilesReport()), HasSubstr("nobody had bought anything"));
  base.models().lifetime->holdout.reset();
  EXPECT_THAT(why(LifetimeBinsReport()), HasSubstr("too short"));
  EXPECT_OK(base.Made(LifetimeTrackingReport(), 1)) << "follows the night's model where there is no hold-out";
  base.models().lifetime->fit.parameters = {.kind = LifetimeKind::kSbg, .value = {1, 2, 0, 0}, .k = 1};
  EXPECT_THAT(why(LifetimeTrackingReport()), HasSubstr("sbg counts opportunities or periods"));
  const RegisteredReport survival = LifetimeSurvivalReport();
  const ReportTable contracts = Table(survival, base);
  ASSERT_EQ(contracts.rows, 61u);
  EXPECT_NEAR(Read(survival, contracts).Number("alive")[1], 2.0 / 3 * 3.0 / 4, 1e-12) << "two renewals";
  base.models().lifetime->fit.fitted = false;
  base.models().lifetime->fit.reason = "no customer bought again";
  EXPECT_THAT(why(LifetimeSurvivalReport()), HasSubstr("no customer bought again"));
  base.models().lifetime.reset();
  for (const RegisteredReport& report : LifetimeReports()) {
    EXPECT_THAT(why(report), HasSubstr("no lifetime value")) << report.info.name;
    EXPECT_EQ(base.Made(report, 1).status().code(), absl::StatusCode::kOutOfRange);
  }
}

}  // namespace
}  // namespace strata
