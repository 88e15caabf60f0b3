// Columns of customers in a churn fit: categories with words that the fit has never seen, missing values, and a column
// that knows the answer.
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <memory>

#include "model/churn/churn_scorer.h"
#include "tests/model/churn/rhythm_base.h"

namespace strata {
namespace {

constexpr Day kAsOf = kChurnAsOf;

// What a shard knows of customers at a date.
struct Knowledge {
  std::vector<std::string> words = {"gold", "late", "silver"};  // "late" occurs from the test's cutoff on
  std::vector<int32_t> plan;
  std::vector<int64_t> answer, age;
  ColumnSet set;
};

class ChurnColumns : public testing::TestWithParam<bool> {
 protected:
  ChurnColumns() : rows_(RhythmRows(31, 2500, kAsOf - 700)), base_(rows_, kAsOf, kChurnHorizon, 3) {
    for (const ShardFeatures& shard : base_.shards()) {
      ShardFeatures with = shard;
      auto& profiles = profiles_.emplace_back(std::make_unique<std::vector<const ColumnSet*>>());
      profiles->push_back(Know(shard.today, true));
      for (const CustomerColumns& view : shard.churn_views)
        profiles->push_back(Know(view, &view == &shard.churn_views[0]));
      with.churn_profiles = *profiles;
      shards_.push_back(with);
    }
  }

  const ColumnSet* Know(const CustomerColumns& columns, bool late) {
    Knowledge& known = *knowledge_.emplace_back(std::make_unique<Knowledge>());
    for (size_t row = 0; row < columns.size(); ++row) {
      const uint64_t kind = columns.hash[row] % 10;
      known.plan.push_back(late && kind == 0 ? 1 : kind < 5 ? 0 : kind == 9 ? -1 : 2);
      known.answer.push_back(columns.future_purchase_days[row]);
      known.age.push_back(kind == 3 ? kNoWhole : static_cast<int64_t>(18 + columns.hash[row] % 60));
    }
    known.set.Add({.name = "customers.plan",
                   .type = ColumnType::kText,
                   .unit = "",
                   .whole = {},
                   .number = {},
                   .code = known.plan,
                   .words = known.words});
    for (const auto& [name, values] :
         {std::pair{"customers.answer", &known.answer}, std::pair{"customers.age", &known.age}}) {
      known.set.Add({.name = name,
                     .type = ColumnType::kInteger,
                     .unit = "",
                     .whole = *values,
                     .number = {},
                     .code = {},
                     .words = {}});
    }
    return &known.set;
  }

  ChurnFitSettings Settings(const std::vector<std::pair<std::string, ColumnType>>& columns) const {
    ChurnFitSettings settings = ChurnTestSettings(GetParam());
    for (const auto& [name, type] : columns) settings.features.push_back(AttributeFeature(name, type));
    return settings;
  }

  std::vector<TestRow> rows_;
  TestBase base_;
  std::vector<std::unique_ptr<Knowledge>> knowledge_;
  std::vector<std::unique_ptr<std::vector<const ColumnSet*>>> profiles_;
  std::vector<ShardFeatures> shards_;
};
INSTANTIATE_TEST_SUITE_P(Kinds, ChurnColumns, testing::Bool(),
                         [](const auto& kind) { return kind.param ? "Trees" : "Logistic"; });

size_t PlaceOf(const ChurnPlan& plan, const std::string& name) {
  for (size_t j = 0; j < plan.features.size(); ++j) {
    if (plan.features[j].name == name) return j;
  }
  return plan.features.size();
}

TEST_P(ChurnColumns, AColumnThatKnowsTheAnswerIsNamed) {
  const ChurnModel model = FitChurn(shards_, Settings({{"customers.answer", ColumnType::kInteger}}));
  ASSERT_TRUE(model.fitted) << model.reason;
  const std::string warnings = TextOf(model.warnings);
  EXPECT_NE(warnings.find("leakage? customers.answer alone"), std::string::npos) << warnings;
  EXPECT_GT(model.auc, 0.97);
  const ChurnModel honest = FitChurn(shards_, Settings({{"customers.age", ColumnType::kInteger}}));
  EXPECT_EQ(TextOf(honest.warnings).find("leakage"), std::string::npos) << TextOf(honest.warnings);
}

TEST_P(ChurnColumns, AWordNeverSeenInTrainingHasADefinedAnswer) {
  const ChurnModel model =
      FitChurn(shards_, Settings({{"customers.plan", ColumnType::kText}, {"customers.age", ColumnType::kInteger}}));
  ASSERT_TRUE(model.fitted) << model.reason;
  EXPECT_NE(model.grade, Grade::kNone) << "the test has words that the graded fit has not";
  const size_t plan = PlaceOf(model.plan, "customers.plan");
  ASSERT_LT(plan, model.plan.features.size());
  EXPECT_EQ(model.plan.levels[plan].size(), 3U) << "the served fit has seen all of them";
  const size_t age = PlaceOf(model.plan, "customers.age");
  EXPECT_NEAR(model.medians[age], 47, 4);
  // Today's customers under a word that nobody had before.
  const ShardFeatures& shard = shards_[0];
  Knowledge strange;
  strange.words = {"never seen"};
  strange.plan.assign(shard.today.size(), 0);
  strange.age.assign(shard.today.size(), kNoWhole);
  strange.set.Add({.name = "customers.plan",
                   .type = ColumnType::kText,
                   .unit = "",
                   .whole = {},
                   .number = {},
                   .code = strange.plan,
                   .words = strange.words});
  strange.set.Add({.name = "customers.age",
                   .type = ColumnType::kInteger,
                   .unit = "",
                   .whole = strange.age,
                   .number = {},
                   .code = {},
                   .words = {}});
  const auto scores = ChurnAnswers(model).Of(shard.today, &strange.set, WidestKernels());
  ASSERT_TRUE(scores.ok()) << scores.status();
  EXPECT_GT(scores->row.size(), 50U);
  for (const double p : scores->probability) {
    EXPECT_GE(p, kCalibratedFloor);
    EXPECT_LE(p, 1 - kCalibratedFloor);
  }
  const auto without = ChurnAnswers(model).Of(shard.today, nullptr, WidestKernels());
  EXPECT_EQ(without.status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_P(ChurnColumns, CategoriesKeepTheirBitsOverShards) {
  const ChurnFitSettings settings =
      Settings({{"customers.plan", ColumnType::kText}, {"customers.age", ColumnType::kInteger}});
  const ChurnModel first = FitChurn(shards_, settings, 1);
  const ChurnModel second = FitChurn(shards_, settings, 2);
  EXPECT_EQ(first.coefficients, second.coefficients);
  EXPECT_EQ(first.ensemble, second.ensemble);
  EXPECT_EQ(first.calibration, second.calibration);
  if (GetParam()) return;
  int levels = 0;
  int missing = 0;
  for (const LogisticColumn& column : first.columns) {
    levels += column.kind == LogisticColumn::Kind::kLevel ? 1 : 0;
    missing +=
        column.kind == LogisticColumn::Kind::kMissing && first.plan.features[column.feature].name == "customers.age";
  }
  EXPECT_EQ(levels, 2) << "all but the most frequent one";
  EXPECT_EQ(missing, 1);
}

}  // namespace
}  // namespace strata
