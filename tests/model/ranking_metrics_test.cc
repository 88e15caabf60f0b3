// Ranking metrics against their definitions.
#include "model/statistics/ranking_metrics.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

#include "base/hash.h"

namespace strata {
namespace {

struct Rows {
  std::vector<double> scores, other;
  std::vector<uint8_t> positive;
  std::vector<int32_t> weights;
  std::vector<uint64_t> identities;
};

// Scores that know something about the outcome; `values` distinct ones, so that ties occur.
Rows MakeRows(uint64_t seed, size_t count, uint64_t values) {
  std::mt19937_64 random(seed);
  Rows rows;
  for (size_t i = 0; i < count; ++i) {
    rows.positive.push_back(random() % 3 == 0 ? 1 : 0);
    const uint64_t lift = rows.positive.back() != 0 ? values / 4 : 0;
    rows.scores.push_back(static_cast<double>(random() % values + lift));
    rows.other.push_back(static_cast<double>(random() % values));
    rows.weights.push_back(static_cast<int32_t>(random() % 4));
    rows.identities.push_back(random());
  }
  return rows;
}

double AucByPairs(const Rows& rows) {
  double wins = 0;
  double pairs = 0;
  for (size_t i = 0; i < rows.scores.size(); ++i) {
    for (size_t j = 0; j < rows.scores.size(); ++j) {
      if (rows.positive[i] == 0 || rows.positive[j] != 0) continue;
      const double weight = static_cast<double>(rows.weights[i]) * rows.weights[j];
      pairs += weight;
      wins += weight * (rows.scores[i] > rows.scores[j] ? 1 : rows.scores[i] == rows.scores[j] ? 0.5 : 0);
    }
  }
  return wins / pairs;
}

TEST(Auc, EqualsTheShareOfWonPairs) {
  for (uint64_t seed = 0; seed < 40; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Rows rows = MakeRows(seed, 200, seed % 2 == 0 ? 7 : 1'000'000);
    EXPECT_DOUBLE_EQ(WeightedAuc(rows.scores, rows.positive, rows.weights), AucByPairs(rows));
    std::fill(rows.weights.begin(), rows.weights.end(), 1);
    EXPECT_DOUBLE_EQ(Auc(rows.scores, rows.positive), AucByPairs(rows));
  }
}

TEST(Auc, IsUndefinedWithoutBothClasses) {
  EXPECT_TRUE(std::isnan(Auc(std::vector<double>{1, 2}, std::vector<uint8_t>{1, 1})));
  EXPECT_TRUE(std::isnan(Auc({}, {})));
}

TEST(ProbabilityScores, EqualTheirFormulas) {
  const std::vector<double> probabilities = {0.9, 0.2, 0.6};
  const std::vector<uint8_t> positive = {1, 0, 0};
  EXPECT_NEAR(LogLoss(probabilities, positive), -(std::log(0.9) + std::log(0.8) + std::log(0.4)) / 3, 1e-15);
  EXPECT_NEAR(BrierScore(probabilities, positive), (0.01 + 0.04 + 0.36) / 3, 1e-15);
  // A certain mistake costs the floor, not infinity.
  EXPECT_NEAR(LogLoss(std::vector<double>{0}, std::vector<uint8_t>{1}), 40 * std::log(2.0), 1e-12);
}

TEST(CalibrationError, IsTheGapBetweenSaidAndSeen) {
  // Two halves of 150 rows, said 0.2 and 0.7, seen 0.3 and 0.5: 30 rows a bin would straddle, 15 bins of 20 do not.
  std::vector<double> probabilities;
  std::vector<uint8_t> positive;
  for (int i = 0; i < 300; ++i) {
    const bool low = i < 160;  // 8 bins of 20
    probabilities.push_back(low ? 0.2 : 0.7);
    positive.push_back(i % 10 < (low ? 3 : 5) ? 1 : 0);
  }
  EXPECT_NEAR(CalibrationError(probabilities, positive), (160 * 0.1 + 140 * 0.2) / 300, 1e-12);
}

TEST(Bootstrap, DoesNotDependOnTheOrderOfRows) {
  const Rows rows = MakeRows(3, 500, 20);
  std::vector<size_t> order(rows.scores.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::shuffle(order.begin(), order.end(), std::mt19937_64(1));
  Rows shuffled;
  for (const size_t row : order) {
    shuffled.scores.push_back(rows.scores[row]);
    shuffled.positive.push_back(rows.positive[row]);
    shuffled.identities.push_back(rows.identities[row]);
  }
  const auto aucs = BootstrapAucs({rows.scores}, rows.positive, rows.identities, 5, 100);
  EXPECT_EQ(BootstrapAucs({shuffled.scores}, shuffled.positive, shuffled.identities, 5, 100), aucs);
  EXPECT_NE(BootstrapAucs({rows.scores}, rows.positive, rows.identities, 6, 100), aucs);
}

TEST(Bootstrap, SpreadsAsTheFormulaForTheStandardErrorSays) {
  const Rows rows = MakeRows(11, 2000, 1'000'000);
  const double auc = Auc(rows.scores, rows.positive);
  const auto replicates = BootstrapAucs({rows.scores}, rows.positive, rows.identities, 1, 1000)[0];
  const double mean = std::accumulate(replicates.begin(), replicates.end(), 0.0) / 1000;
  double squares = 0;
  for (const double replicate : replicates) squares += (replicate - mean) * (replicate - mean);
  const double deviation = std::sqrt(squares / 1000);
  // Hanley and McNeil (1982), equation 1, with their exponential approximation of Q1 and Q2.
  const double m = static_cast<double>(std::count(rows.positive.begin(), rows.positive.end(), 1));
  const double n = 2000 - m;
  const double q1 = auc / (2 - auc);
  const double q2 = 2 * auc * auc / (1 + auc);
  const double error = std::sqrt((auc * (1 - auc) + (m - 1) * (q1 - auc * auc) + (n - 1) * (q2 - auc * auc)) / (m * n));
  EXPECT_NEAR(mean, auc, 4 * error / std::sqrt(1000.0));
  EXPECT_NEAR(deviation, error, 0.15 * error);
}

TEST(Bootstrap, ComparesScorersInPairs) {
  const Rows rows = MakeRows(17, 3000, 1'000'000);
  const auto aucs = BootstrapAucs({rows.scores, rows.other, rows.scores}, rows.positive, rows.identities, 1, 1000);
  const PercentileInterval to_itself = DifferenceInterval(aucs[0], aucs[2]);
  EXPECT_EQ(to_itself.low, 0);  // the same weights for every scorer
  EXPECT_EQ(to_itself.high, 0);
  const PercentileInterval to_noise = DifferenceInterval(aucs[0], aucs[1]);
  const double gain = Auc(rows.scores, rows.positive) - Auc(rows.other, rows.positive);
  EXPECT_GT(to_noise.low, 0.1);
  EXPECT_LT(to_noise.low, gain);
  EXPECT_GT(to_noise.high, gain);
}

}  // namespace
}  // namespace strata
