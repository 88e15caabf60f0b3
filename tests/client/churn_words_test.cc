// Churn in words: of one customer, and of the model.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/text/churn_report.h"
#include "client/text/score_card.h"
#include "tests/client/example_values.h"

namespace strata {
namespace {

using testing::HasSubstr;
using testing::Not;

ScoreAnswer AtRisk() {
  ScoreAnswer answer{ExampleInfo(), ExampleScore()};
  answer.score.churn_probability = 0.72;
  answer.score.churn = {.margin = 0.95, .value_at_risk = 40.125, .band = ChurnBand::kHigh, .reasons = {}};
  answer.reasons.resize(2);
  answer.reasons[0] = {.group = "inactivity", .feature = "recency_days", .contribution = 0.75f, .value = 74};
  answer.reasons[0].words = "has not bought for long (74 days, usually 12)";
  answer.reasons[1] = {.group = "place", .feature = "main_region", .contribution = -0.5f};
  return answer;
}

TEST(ScoreCard, SaysWhatIsAtRiskAndWhy) {
  const FittedModels models = ExampleModels();
  EXPECT_THAT(
      ScoreCard("c-17", AtRisk(), &models),
      HasSubstr("  Churn               72.0 % likely to buy nothing in the next 90 days: high risk (66 % or more)\n"
                "  Value at risk       40.12 EUR: the probability times what staying would bring in that time\n"
                "  Why                 has not bought for long (74 days, usually 12) [inactivity]\n"
                "                      but less likely, as: main_region [place]\n"));
}

TEST(ScoreCard, SaysWhichBandAndWhichLoss) {
  FittedModels models = ExampleModels();
  ScoreAnswer answer = AtRisk();
  answer.score.churn.band = ChurnBand::kMedium;
  models.churn->plan.question = ChurnQuestion::kContract;
  EXPECT_THAT(ScoreCard("c-17", answer, &models),
              HasSubstr("72.0 % likely to end the contract in the next 90 days: medium risk (33 % to 66 %)\n"));
  EXPECT_THAT(ScoreCard("c-17", answer, nullptr),
              HasSubstr("72.0 % likely to buy nothing in the churn horizon: medium risk\n"));
  answer.score.churn_probability = kAbsent;
  EXPECT_THAT(ScoreCard("c-17", answer, &models), Not(HasSubstr("Value at risk")));
}

TEST(ChurnReport, TellsOfTreesWhatDrivesThem) {
  ChurnModel model = ExampleChurn();
  model.algorithm = ChurnAlgorithm::kTrees;
  model.features.clear();
  model.coefficients.clear();
  model.plan.features.resize(1);
  model.average_precision = 0.875;
  model.calibration_error_perfect = 0.011;
  model.calibration = {.method = CalibrationMethod::kIsotonic, .rows = 300};
  model.lift = {{.rows = 70, .churned = 70, .lift = 1.25, .gain = 0.125}};
  model.drivers = {
      {.feature = "recency_days", .group = "inactivity", .gain = 9, .contribution = 0.5, .single_auc = 0.7}};
  model.sufficiency = {
      {.rule = "history days", .found = 200, .needed = 450, .met = false, .consequence = "one cutoff"}};
  model.warnings = {"returns foretells too well"};
  EXPECT_THAT(ChurnBrief(model, ""), HasSubstr("Churn (boosted trees): no purchase in 90 days"));
  EXPECT_THAT(ChurnBrief(model, ""),
              HasSubstr("probabilities off by 2.4 % on average (by 1.1 % were every one right).\n"));
  EXPECT_THAT(ChurnBrief(model, ""), HasSubstr("  ! returns foretells too well\n"));
  const std::string tables = ChurnTables(model);
  EXPECT_THAT(tables, HasSubstr("average precision"));
  EXPECT_THAT(tables, HasSubstr("  The riskiest tenth held 12.5 % of those who left, 1.2 times its share.\n"));
  EXPECT_THAT(tables, HasSubstr("  Probabilities were set right on 300 customer periods that the model had not seen "
                                "(isotonic).\n"));
  EXPECT_THAT(tables, HasSubstr("  Low risk below 33 %, high risk from 66 % on.\n"));
  EXPECT_THAT(tables, HasSubstr("  Too thin: history days 200, needed 450: one cutoff.\n"));
  EXPECT_THAT(tables, HasSubstr("  recency_days    inactivity              0.500      0.700    0.0 %\n"));
  EXPECT_THAT(tables, Not(HasSubstr("what weighs")));
}

TEST(ChurnReport, SaysWhenTheLifetimeModelAnswers) {
  ChurnModel model;
  model.algorithm = ChurnAlgorithm::kLifetime;
  model.reason = "12 customers at risk, needed are 500";
  EXPECT_EQ(ChurnBrief(model, ""),
            "Churn (lifetime model): the history is too thin for a model of its own: 12 customers at risk, needed are "
            "500\n");
  EXPECT_EQ(ChurnTables(model), "");
}

}  // namespace
}  // namespace strata
