// What scoring says of churn, from trees and coefficients that were not fitted but drawn.
#include "model/churn_scores.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "model/churn/catalogue.h"
#include "model/churn/value_at_risk.h"
#include "tests/model/churn/drawn_trees.h"
#include "tests/model/customer_table.h"

namespace strata {
namespace {

constexpr Day kAsOf = 20'000;
constexpr double kUnit = 1.0 / static_cast<double>(int64_t{1} << kMarginGridBits);

class ChurnScoresTest : public testing::Test {
 protected:
  ChurnScoresTest() : table_(RandomRows(3, 900, kAsOf - 700, kAsOf), kAsOf) {}

  // A model over features of days; its trees, or coefficients, are drawn.
  static ChurnModel Drawn(ChurnAlgorithm algorithm) {
    ChurnModel model;
    model.fitted = true;
    model.algorithm = algorithm;
    model.plan.horizon_days = model.horizon_days;
    model.plan.eligible_days = model.eligible_days;
    for (const ChurnFeature& feature : ChurnCatalogue()) {
      if (feature.source == ChurnSource::kDays) model.plan.features.push_back(feature);
    }
    const size_t features = model.plan.features.size();
    model.plan.levels.resize(features);
    model.medians.assign(features, 1);
    if (algorithm == ChurnAlgorithm::kTrees) {
      TreeDraws draws(7);
      model.ensemble = draws.Trees(features, 12, 16);
      // Cuts all over the codes of small numbers; no categories, as days know none.
      for (FeatureBins& bins : model.ensemble->bins) {
        const size_t cuts = bins.is_category ? bins.levels : bins.last_code.size();
        bins = FeatureBins();
        for (size_t i = 0; i < cuts; ++i) bins.last_code.push_back(static_cast<uint16_t>(32'768 + 7 * i));
      }
      for (Tree& tree : model.ensemble->trees) {
        for (TreeNode& node : tree.nodes) {
          const size_t last = node.is_leaf() ? 1 : model.ensemble->bins[node.feature].last_code.size();
          if (!node.is_leaf()) node.last_bin = static_cast<uint8_t>(1 + draws.Below(last));
        }
      }
      return model;
    }
    TreeDraws draws(9);
    for (uint16_t j = 0; j < features; ++j) {
      for (const auto kind : {LogisticColumn::Kind::kValue, LogisticColumn::Kind::kMissing}) {
        if (kind == LogisticColumn::Kind::kMissing && j % 3 != 0) continue;
        model.columns.push_back({.feature = j, .kind = kind});
        model.features.push_back("column " + std::to_string(model.features.size()));
        model.mean.push_back(0.25 + static_cast<double>(draws.Below(8)));
        model.deviation.push_back(1 + static_cast<double>(draws.Below(4)));
        model.coefficients.push_back(static_cast<double>(draws.Below(200)) / 100 - 1);
      }
    }
    model.intercept = -0.5;
    return model;
  }

  std::vector<CustomerScore> Score(const FittedModels& models, const Kernels& kernels = WidestKernels()) const {
    std::vector<CustomerScore> scores(table_.size());
    MustBeOk(NightChurn(models).Score(table_.columns(), nullptr, kernels, &scores));
    return scores;
  }

  bool IsAtRisk(size_t row) const {
    return table_.purchase_days[row] > 0 && kAsOf - table_.last_day[row] < ChurnModel().eligible_days;
  }

  CustomerTable table_;
};

TEST_F(ChurnScoresTest, WhoIsNotAtRiskHasAFlagAndNoNumbers) {
  const FittedModels models{.churn = Drawn(ChurnAlgorithm::kTrees)};
  const std::vector<CustomerScore> scores = Score(models);
  int at_risk = 0, inactive = 0;
  for (size_t row = 0; row < scores.size(); ++row) {
    const CustomerScore& score = scores[row];
    EXPECT_EQ(std::isnan(score.churn_probability), !IsAtRisk(row));
    EXPECT_EQ(std::isnan(score.churn.margin), !IsAtRisk(row));
    EXPECT_EQ(std::isnan(score.churn.value_at_risk), !IsAtRisk(row));
    EXPECT_EQ(score.churn.band == ChurnBand::kNone, !IsAtRisk(row));
    EXPECT_EQ((score.flags & kFlagChurnInactive) != 0, !IsAtRisk(row) && table_.purchase_days[row] > 0);
    at_risk += IsAtRisk(row) ? 1 : 0;
    inactive += (score.flags & kFlagChurnInactive) != 0 ? 1 : 0;
  }
  EXPECT_GT(at_risk, 100);
  EXPECT_GT(inactive, 100);
}

TEST_F(ChurnScoresTest, TheMarginIsThatOfTheTreesAndTheProbabilityItsOwn) {
  const FittedModels models{.churn = Drawn(ChurnAlgorithm::kTrees)};
  for (const CustomerScore& score : Score(models)) {
    if (std::isnan(score.churn.margin)) continue;
    EXPECT_NEAR(score.churn_probability, 1 / (1 + std::exp(-score.churn.margin)), 2e-6);
    EXPECT_EQ(score.churn.band, BandOf(*models.churn, score.churn_probability));
  }
}

// Reasons that are sums of contributions: with the base, and the groups that are too weak to be told, they would make
// the margin. Here every group is told of alone.
TEST_F(ChurnScoresTest, ReasonsAreTheSumsOfTheirGroups) {
  for (const ChurnAlgorithm algorithm : {ChurnAlgorithm::kTrees, ChurnAlgorithm::kLogistic}) {
    FittedModels models{.churn = Drawn(algorithm)};
    models.churn->reasons_for = ReasonsFor::kAll;
    for (ChurnFeature& feature : models.churn->plan.features) feature.group = "everything";
    const double base =
        algorithm == ChurnAlgorithm::kTrees ? TreeShap(*models.churn->ensemble).base() : models.churn->intercept;
    int told = 0;
    for (const CustomerScore& score : Score(models)) {
      if (std::isnan(score.churn.margin)) continue;
      const double sum = score.churn.margin - base;
      const ChurnReason& reason = score.churn.reasons[0];
      EXPECT_EQ(reason.is_there(), std::fabs(sum) > kReasonLeast) << Name(algorithm) << ' ' << sum;
      if (!reason.is_there()) continue;
      EXPECT_NEAR(reason.contribution, sum, 1e-6 * std::max(1.0, std::fabs(sum))) << Name(algorithm);
      EXPECT_FALSE(score.churn.reasons[1].is_there());
      ++told;
    }
    EXPECT_GT(told, 100);
  }
}

TEST_F(ChurnScoresTest, ReasonsAreOfThoseThatTheModelAsksThemFor) {
  for (const ReasonsFor reasons_for : {ReasonsFor::kBands, ReasonsFor::kAll, ReasonsFor::kNone}) {
    FittedModels models{.churn = Drawn(ChurnAlgorithm::kTrees)};
    models.churn->reasons_for = reasons_for;
    int with = 0, low_with = 0;
    for (const CustomerScore& score : Score(models)) {
      if (!score.churn.reasons[0].is_there()) continue;
      ++with;
      low_with += score.churn.band == ChurnBand::kLow ? 1 : 0;
    }
    EXPECT_EQ(with > 0, reasons_for != ReasonsFor::kNone);
    EXPECT_EQ(low_with > 0, reasons_for == ReasonsFor::kAll);
  }
}

TEST_F(ChurnScoresTest, AReasonShowsTheFeaturesValueInItsUnit) {
  FittedModels models{.churn = Drawn(ChurnAlgorithm::kTrees)};
  models.churn->reasons_for = ReasonsFor::kAll;
  const std::vector<CustomerScore> scores = Score(models);
  int seen = 0;
  for (size_t row = 0; row < scores.size(); ++row) {
    for (const ChurnReason& reason : scores[row].churn.reasons) {
      if (!reason.is_there()) continue;
      const ChurnFeature& feature = models.churn->plan.features[reason.feature];
      EXPECT_EQ(GroupsOf(models.churn->plan)[reason.group], feature.group);
      if (feature.name == "recency_days") {
        EXPECT_EQ(reason.value, static_cast<float>(kAsOf - table_.last_day[row]));
        ++seen;
      } else if (feature.name == "net_365") {
        EXPECT_FLOAT_EQ(reason.value, static_cast<float>(static_cast<double>(table_.net_micros_365[row]) / 1e6));
        ++seen;
      }
    }
  }
  EXPECT_GT(seen, 0);
}

TEST_F(ChurnScoresTest, WithoutALifetimeModelTheValueAtRiskIsOfTheLastYear) {
  const FittedModels models{.churn = Drawn(ChurnAlgorithm::kLogistic)};
  const std::vector<CustomerScore> scores = Score(models);
  for (size_t row = 0; row < scores.size(); ++row) {
    if (!IsAtRisk(row)) continue;
    const double year = static_cast<double>(table_.net_micros_365[row]) / 1e6;
    EXPECT_DOUBLE_EQ(scores[row].churn.value_at_risk,
                     scores[row].churn_probability * std::max(0.0, year * (90 / 365.0)));
  }
}

TEST_F(ChurnScoresTest, WhereTheHistoryIsTooThinTheLifetimeModelAnswersAndIsNamed) {
  FittedModels models;
  ChurnModel& churn = models.churn.emplace();
  churn.algorithm = ChurnAlgorithm::kLifetime;
  churn.reason = "12 customers at risk";
  churn.lifetime = {.kind = LifetimeKind::kBgNbd, .value = {0.6, 8.0, 0.8, 2.4}};
  churn.lifetime_T_max_days = 1000;
  churn.lifetime_customers = 900;
  const std::vector<CustomerScore> scores = Score(models);
  for (size_t row = 0; row < scores.size(); ++row) {
    EXPECT_EQ((scores[row].flags & kFlagChurnFromLifetime) != 0, IsAtRisk(row));
    EXPECT_EQ(scores[row].churn.band != ChurnBand::kNone, IsAtRisk(row));
    EXPECT_FALSE(scores[row].churn.reasons[0].is_there());
  }
  // Without it nobody is told of.
  churn.lifetime_customers = 0;
  for (const CustomerScore& score : Score(models)) EXPECT_TRUE(std::isnan(score.churn_probability));
}

TEST_F(ChurnScoresTest, ScoresHaveEqualBitsAtEveryWidth) {
  for (const ChurnAlgorithm algorithm : {ChurnAlgorithm::kTrees, ChurnAlgorithm::kLogistic}) {
    FittedModels models{.churn = Drawn(algorithm)};
    models.churn->reasons_for = ReasonsFor::kAll;
    const std::vector<CustomerScore> expected = Score(models, PlainKernels());
    for (const Kernels* kernels : AvailableKernels()) {
      const std::vector<CustomerScore> found = Score(models, *kernels);
      for (size_t row = 0; row < found.size(); ++row) {
        if (!IsAtRisk(row)) continue;
        EXPECT_EQ(found[row].churn.margin, expected[row].churn.margin);
        for (size_t i = 0; i < kChurnReasons; ++i) {
          EXPECT_EQ(found[row].churn.reasons[i].group, expected[row].churn.reasons[i].group);
          EXPECT_EQ(found[row].churn.reasons[i].contribution, expected[row].churn.reasons[i].contribution);
        }
      }
    }
  }
}

}  // namespace
}  // namespace strata
