// Reliability, lift and the calibration error that chance alone makes, against plain definitions and simulation.
#include "model/churn/reliability.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "base/hash.h"
#include "model/statistics/ranking_metrics.h"

namespace strata {
namespace {

struct Scored {
  std::vector<double> probabilities;
  std::vector<uint8_t> churned;
};
Scored Draw(uint64_t seed, int rows) {
  std::mt19937_64 random(seed);
  Scored scored;
  for (int i = 0; i < rows; ++i) {
    scored.probabilities.push_back(UnitInterval(random()));
    scored.churned.push_back(UnitInterval(random()) < scored.probabilities.back() ? 1 : 0);
  }
  return scored;
}

TEST(Reliability, AddsUpToTheCalibrationError) {
  const Scored scored = Draw(1, 1009);
  const std::vector<CalibrationBin> bins = ReliabilityOf(scored.probabilities, scored.churned);
  ASSERT_EQ(bins.size(), 15U);
  double error = 0;
  int64_t rows = 0;
  double last = 0;
  for (const CalibrationBin& bin : bins) {
    const double realised = static_cast<double>(bin.churned) / static_cast<double>(bin.rows);
    error += static_cast<double>(bin.rows) * std::fabs(realised - bin.predicted);
    rows += bin.rows;
    EXPECT_GT(bin.predicted, last);
    EXPECT_LE(bin.low, realised);
    EXPECT_GE(bin.high, realised);
    last = bin.predicted;
  }
  EXPECT_EQ(rows, 1009);
  EXPECT_NEAR(error / 1009, CalibrationError(scored.probabilities, scored.churned), 1e-12);
  EXPECT_EQ(ReliabilityOf(std::vector<double>{0.5, 0.25}, std::vector<uint8_t>{1, 0}).size(), 2U);
}

TEST(CalibrationErrorIfPerfect, IsWhatSimulationFinds) {
  const Scored scored = Draw(2, 3000);
  std::mt19937_64 random(3);
  double sum = 0;
  constexpr int kTimes = 300;
  for (int i = 0; i < kTimes; ++i) {
    std::vector<uint8_t> churned;
    for (const double p : scored.probabilities) churned.push_back(UnitInterval(random()) < p ? 1 : 0);
    sum += CalibrationError(scored.probabilities, churned);
  }
  EXPECT_NEAR(CalibrationErrorIfPerfect(scored.probabilities), sum / kTimes, 0.0006);
  EXPECT_TRUE(std::isnan(CalibrationErrorIfPerfect({})));
}

TEST(Lift, CountsTenthsFromTheTop) {
  // Twenty rows: the five greatest scores churned, and one at the bottom.
  std::vector<double> scores;
  std::vector<uint8_t> churned;
  for (int i = 0; i < 20; ++i) {
    scores.push_back(i);
    churned.push_back(i >= 15 || i == 0 ? 1 : 0);
  }
  const std::vector<LiftDecile> tenths = LiftOf(scores, churned);
  ASSERT_EQ(tenths.size(), 10U);
  EXPECT_EQ(tenths[0].churned, 2);
  EXPECT_DOUBLE_EQ(tenths[0].lift, 20.0 / 6);
  EXPECT_DOUBLE_EQ(tenths[1].gain, 4.0 / 6);
  EXPECT_DOUBLE_EQ(tenths[2].lift, 10.0 / 6);
  EXPECT_EQ(tenths[5].churned, 0);
  EXPECT_DOUBLE_EQ(tenths[8].gain, 5.0 / 6);
  EXPECT_DOUBLE_EQ(tenths[9].gain, 1);
  EXPECT_TRUE(LiftOf(scores, std::vector<uint8_t>(20, 0)).empty());
}

}  // namespace
}  // namespace strata
