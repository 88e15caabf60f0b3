// The reports that are functions of the churn model: every figure of a made-up model is told once, in its place, and
// what a model does not have leaves its report out with the reason.
#include <gtest/gtest.h>

#include <map>

#include "data/reports/churn_reports.h"
#include "model/churn/catalogue.h"
#include "tests/base/status_matchers.h"

namespace strata {
namespace {

ChurnModel Graded() {
  ChurnModel model;
  model.fitted = true;
  model.algorithm = ChurnAlgorithm::kTrees;
  model.rows = 5000;
  model.churned = 1200;
  model.train_cutoff = 20'000;
  model.test_cutoff = 20'090;
  model.holdout_rows = 3000;
  model.holdout_churned = 700;
  model.auc = 0.81;
  model.log_loss = 0.41;
  model.average_precision = 0.6;
  model.baselines = {{.name = "inactivity_rank", .auc = 0.7, .log_loss = {}, .average_precision = 0.5, .threshold = 0},
                     {.name = "inactivity_d", .auc = 0.66, .log_loss = {}, .average_precision = {}, .threshold = 45}};
  model.best_baseline = "inactivity_rank";
  model.auc_gain = 0.11;
  model.grade = Grade::kA;
  model.ensemble.emplace();
  model.ensemble->trees.resize(37);
  model.calibration = {.method = CalibrationMethod::kIsotonic, .rows = 900, .churned = 200};
  model.cutoffs = {20'090, 20'000};
  model.plan.features = {ChurnCatalogue()[0], ChurnCatalogue()[1], ChurnCatalogue()[5]};
  model.drivers = {{.feature = model.plan.features[2].name, .group = "frequency", .gain = 9, .contribution = 0.5},
                   {.feature = model.plan.features[0].name, .group = "inactivity", .gain = 7, .contribution = 0.4},
                   {.feature = model.plan.features[1].name, .group = "inactivity", .gain = 0, .contribution = 0.3}};
  model.dependence = {
      {.feature = "recency_days", .from = 0, .to = 10, .level = "", .margin = -1, .probability = 0.3},
      {.feature = "recency_days", .from = 11, .to = 90, .level = "", .margin = 1, .probability = 0.7},
      {.feature = "customers.tariff", .from = 0, .to = 0, .level = "old", .margin = 0, .probability = 0.5}};
  model.reliability = {{.rows = 100, .churned = 10, .predicted = 0.12, .low = 0.05, .high = 0.17},
                       {.rows = 100, .churned = 90, .predicted = 0.5, .low = 0.82, .high = 0.95}};
  model.lift = {{.rows = 150, .churned = 120, .lift = 3, .gain = 0.4},
                {.rows = 150, .churned = 30, .lift = 0.75, .gain = 0.5}};
  model.sufficiency = {
      {.rule = "churned", .found = 1200, .needed = 100, .met = true, .consequence = ""},
      {.rule = "history days", .found = 200, .needed = 270, .met = false, .consequence = "not graded"}};
  model.warnings = {"recency_days alone has an AUC of 0.97"};
  return model;
}

absl::StatusOr<ReportTable> Made(const RegisteredReport& report, const FittedModels& models) {
  return report.finish({}, {.as_of = 20'180, .job = nullptr, .models = &models});
}

// Texts of the first text column to texts and numbers of the row, as one would read them.
std::map<std::string, std::string> CardOf(const ReportTable& card) {
  std::map<std::string, std::string> lines;
  for (size_t row = 0; row < card.rows; ++row) {
    const double number = card.number[2][row];
    lines[*card.text[1][row]] = card.text[3][row].value_or(std::isnan(number) ? "" : std::to_string(number));
  }
  return lines;
}

TEST(ChurnModelReports, CardTellsTheProcedureAndTheGrade) {
  const FittedModels models = {.churn = Graded()};
  const absl::StatusOr<ReportTable> table = Made(ChurnModelCardReport(), models);
  ASSERT_OK(table);
  auto card = CardOf(*table);
  EXPECT_EQ(card["algorithm"], "gbdt");
  EXPECT_EQ(card["question"], "purchases");
  EXPECT_EQ(card["trees"], "37.000000");
  EXPECT_EQ(card["calibration"], "isotonic");
  EXPECT_EQ(card["cutoffs"], "2025-01-02, 2024-10-04");
  EXPECT_EQ(card["test_cutoff"], "2025-01-02");
  EXPECT_EQ(card["grade"], "A");
  EXPECT_EQ(card["auc"], "0.810000");
  EXPECT_EQ(card["best_baseline"], "inactivity_rank");
  EXPECT_EQ(card["temporal"], "yes");
  EXPECT_EQ(card["warning"], "recency_days alone has an AUC of 0.97");
}

TEST(ChurnModelReports, CardOfAFallbackSaysWhoAnswers) {
  ChurnModel model;
  model.algorithm = ChurnAlgorithm::kLifetime;
  model.reason = "only 10 customers at risk";
  model.grade_reason = "not graded: no model of its own";
  const FittedModels models = {.churn = model};
  const absl::StatusOr<ReportTable> table = Made(ChurnModelCardReport(), models);
  ASSERT_OK(table);
  auto card = CardOf(*table);
  EXPECT_EQ(card["algorithm"], "lifetime");
  EXPECT_FALSE(card.contains("auc"));
  EXPECT_FALSE(card.contains("rows"));
  for (const RegisteredReport& report : {ChurnReliabilityReport(), ChurnLiftReport(), ChurnBaselinesReport(),
                                         ChurnDriversReport(), ChurnFeaturesReport(), ChurnPartialDependenceReport()}) {
    const absl::Status status = Made(report, models).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kOutOfRange) << report.info.name;
    EXPECT_NE(std::string(status.message()).find("only 10 customers at risk"), std::string::npos) << report.info.name;
  }
}

TEST(ChurnModelReports, TestFiguresAreTold) {
  const FittedModels models = {.churn = Graded()};
  const ReportTable bins = *Made(ChurnReliabilityReport(), models);
  ASSERT_EQ(bins.rows, 2U);
  EXPECT_EQ(bins.number[4], (std::vector<double>{0.1, 0.9}));
  EXPECT_EQ(bins.whole[7], (std::vector<int64_t>{1, 0})) << "0.5 lies outside of 0.82 to 0.95";
  const ReportTable lift = *Made(ChurnLiftReport(), models);
  EXPECT_EQ(lift.number[3], (std::vector<double>{0.8, 0.2}));
  EXPECT_EQ(lift.number[5], (std::vector<double>{0.4, 0.5}));
  const ReportTable baselines = *Made(ChurnBaselinesReport(), models);
  ASSERT_EQ(baselines.rows, 3U);
  for (size_t row = 0; row < 3; ++row) {
    const std::string name = *baselines.text[0][row];
    EXPECT_EQ(baselines.whole[6][row], name == "inactivity_rank" ? 1 : 0);
    if (name == "inactivity_d") {
      EXPECT_EQ(baselines.number[5][row], 45);
      EXPECT_TRUE(std::isnan(baselines.number[3][row]));
    }
    if (name == "inactivity_rank") {
      EXPECT_NEAR(baselines.number[2][row], 0.11, 1e-12);
    }
  }
}

TEST(ChurnModelReports, DriversAreRankedByGroup) {
  const FittedModels models = {.churn = Graded()};
  const ReportTable drivers = *Made(ChurnDriversReport(), models);
  ASSERT_EQ(drivers.rows, 2U);
  EXPECT_EQ(*drivers.text[1][0], "inactivity") << "two features together";
  EXPECT_NEAR(drivers.number[2][0], 0.7, 1e-12);
  EXPECT_NEAR(drivers.number[3][0], 0.7 / 1.2, 1e-12);
  EXPECT_EQ(*drivers.text[5][0], "recency_days");
  const ReportTable features = *Made(ChurnFeaturesReport(), models);
  ASSERT_EQ(features.rows, 3U);
  for (size_t row = 0; row < 3; ++row) EXPECT_EQ(features.whole[8][row], 1);
  const ReportTable dependence = *Made(ChurnPartialDependenceReport(), models);
  ASSERT_EQ(dependence.rows, 3U);
  EXPECT_EQ(*dependence.text[4][0], "old");
  EXPECT_TRUE(std::isnan(dependence.number[2][0])) << "a word has no bounds";
  EXPECT_EQ(dependence.whole[1], (std::vector<int64_t>{1, 1, 2}));
}

TEST(ChurnModelReports, SufficiencyKeepsItsOrder) {
  const FittedModels models = {.churn = Graded()};
  const ReportTable lines = *Made(ChurnSufficiencyReport(), models);
  ASSERT_EQ(lines.rows, 2U);
  EXPECT_EQ(*lines.text[1][1], "history days");
  EXPECT_EQ(lines.whole[4], (std::vector<int64_t>{1, 0}));
  EXPECT_EQ(lines.text[5][0], std::nullopt);
  EXPECT_EQ(*lines.text[5][1], "not graded");
}

TEST(ChurnModelReports, WithoutChurnTheyAreLeftOut) {
  for (const RegisteredReport& report : ChurnReports()) {
    EXPECT_EQ(Made(report, FittedModels()).status().code(), absl::StatusCode::kOutOfRange) << report.info.name;
    EXPECT_TRUE(report.info.needs.churn) << report.info.name;
  }
}

}  // namespace
}  // namespace strata
