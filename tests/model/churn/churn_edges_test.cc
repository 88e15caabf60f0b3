// Where a history has too little to say: defined answers, with the reason.
#include <gtest/gtest.h>

#include <cmath>

#include "model/churn/churn_scorer.h"
#include "tests/model/churn/rhythm_base.h"

namespace strata {
namespace {

constexpr Day kAsOf = kChurnAsOf;

class ChurnEdges : public testing::TestWithParam<bool> {
 protected:
  ChurnFitSettings Settings() const { return ChurnTestSettings(GetParam()); }
  ChurnModel Fit(const std::vector<TestRow>& rows) const {
    return FitChurn(TestBase(rows, kAsOf, kChurnHorizon, 3).shards(), Settings());
  }
  static std::vector<double> Probabilities(const ChurnModel& model, const std::vector<TestRow>& rows) {
    const CustomerTable today(rows, kAsOf);
    return *ChurnProbabilities(model, today.columns(), nullptr, WidestKernels());
  }
};
INSTANTIATE_TEST_SUITE_P(Kinds, ChurnEdges, testing::Bool(), [](const auto& kind) {
  return kind.param ? "Trees" : "Logistic";
});

const SufficiencyLine* LineOf(const ChurnModel& model, const std::string& rule) {
  for (const SufficiencyLine& line : model.sufficiency) {
    if (line.rule == rule) return &line;
  }
  return nullptr;
}

TEST_P(ChurnEdges, AShortHistoryIsFittedButNotGraded) {
  const ChurnModel model = Fit(RhythmRows(5, 2000, kAsOf - 150));
  ASSERT_TRUE(model.fitted) << model.reason;
  EXPECT_EQ(model.grade, Grade::kNone);
  EXPECT_NE(model.grade_reason.find("two horizons (120 days)"), std::string::npos) << model.grade_reason;
  EXPECT_TRUE(model.baselines.empty());
  const SufficiencyLine* line = LineOf(model, "history, days");
  ASSERT_NE(line, nullptr);
  EXPECT_FALSE(line->met);
  EXPECT_EQ(line->needed, 180);
}

TEST_P(ChurnEdges, TooFewOfAClassAreAnsweredByTheLifetimeModel) {
  const std::vector<TestRow> rows = RhythmRows(6, 30, kAsOf - 700);
  const ChurnModel few = Fit(rows);
  EXPECT_FALSE(few.fitted);
  EXPECT_EQ(few.algorithm, ChurnAlgorithm::kLifetime);
  EXPECT_NE(few.reason.find("at least 25 of each"), std::string::npos) << few.reason;
  EXPECT_EQ(few.grade, Grade::kNone);
  EXPECT_FALSE(few.grade_reason.empty());
  ASSERT_GT(few.lifetime_customers, 0);
  const ChurnForecasts forecasts(*LifetimeOf(few), kChurnHorizon);
  const CustomerTable today(rows, kAsOf);
  const std::vector<double> probabilities = Probabilities(few, rows);
  int answered = 0;
  for (size_t row = 0; row < today.size(); ++row) {
    if (std::isnan(probabilities[row])) continue;
    ++answered;
    EXPECT_EQ(probabilities[row], forecasts.Of(today.columns(), row).none);
  }
  EXPECT_GT(answered, 3);
}

TEST_P(ChurnEdges, TenCustomersHaveADefinedAnswer) {
  const std::vector<TestRow> rows = RhythmRows(8, 10, kAsOf - 700);
  const ChurnModel model = Fit(rows);
  EXPECT_FALSE(model.fitted);
  EXPECT_FALSE(model.reason.empty());
  for (const double p : Probabilities(model, rows)) {
    if (!std::isnan(p)) {
      EXPECT_GT(p, 0);
      EXPECT_LT(p, 1);
    }
  }
}

TEST_P(ChurnEdges, NobodyHasNoAnswer) {
  const ChurnModel model = FitChurn({ShardFeatures()}, Settings());
  EXPECT_FALSE(model.fitted);
  EXPECT_NE(model.reason.find("nobody has an answer"), std::string::npos) << model.reason;
  const CustomerTable table({{1, kAsOf, 1'000'000}}, kAsOf);
  EXPECT_TRUE(std::isnan((*ChurnProbabilities(model, table.columns(), nullptr, WidestKernels()))[0]));
}

TEST_P(ChurnEdges, OneClassOnlyIsAnsweredByTheLifetimeModel) {
  std::vector<TestRow> rows;  // everybody buys every 20 days, for ever
  for (uint64_t customer = 0; customer < 600; ++customer) {
    for (Day day = kAsOf - 500 + static_cast<Day>(customer % 20); day <= kAsOf; day += 20) {
      rows.push_back({customer, day, 1'000'000});
    }
  }
  const ChurnModel model = Fit(rows);
  EXPECT_FALSE(model.fitted);
  EXPECT_EQ(model.algorithm, ChurnAlgorithm::kLifetime);
  EXPECT_NE(model.reason.find("600 customers at risk stayed and 0 were lost"), std::string::npos) << model.reason;
}

TEST(TreesOfChurn, TooFewRowsForTreesAreFittedByTheLogisticModel) {
  const ChurnModel model =
      FitChurn(TestBase(RhythmRows(10, 520, kAsOf - 700), kAsOf, kChurnHorizon, 2).shards(), ChurnTestSettings(true));
  ASSERT_TRUE(model.fitted) << model.reason;
  EXPECT_EQ(model.algorithm, ChurnAlgorithm::kLogistic);
  EXPECT_NE(TextOf(model.warnings).find("too few rows for trees"), std::string::npos) << TextOf(model.warnings);
}

TEST_P(ChurnEdges, AConstantFeatureIsLeftOutAndSaid) {
  const ChurnModel model = Fit(RhythmRows(11, 2000, kAsOf - 700));  // nobody returns anything
  ASSERT_TRUE(model.fitted) << model.reason;
  for (const ChurnFeature& feature : model.plan.features) EXPECT_NE(feature.name, "return_rows_share");
  const SufficiencyLine* line = LineOf(model, "values: return_rows_share");
  ASSERT_NE(line, nullptr);
  EXPECT_NE(line->consequence.find("left out"), std::string::npos);
}

}  // namespace
}  // namespace strata
