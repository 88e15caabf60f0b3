// What is said of the future of customers drawn from each model, against that future: the probability integral
// transform of the count, randomised because counts are discrete, is uniform, and intervals cover what they say.
#include "model/lifetime/predictive.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdlib>

#include "model/lifetime/forecast.h"
#include "tests/model/lifetime/simulate_histories.h"

namespace strata {
namespace {

class Predictive : public testing::TestWithParam<LifetimeParameters> {};

TEST_P(Predictive, CountsAreUniformAndIntervalsCover) {
  constexpr double kAhead = 26;  // weeks
  constexpr size_t kBins = 20;
  constexpr double kChiSquaredMax = 43.82;  // 19 degrees of freedom, p = 0.001
  constexpr double kLevel = 0.9;
  const int customers = std::getenv("STRATA_LONG") != nullptr ? 100'000 : 4'000;
  const LifetimeParameters& truth = GetParam();
  const uint64_t seed = 70 + static_cast<uint64_t>(truth.kind);
  Random random(seed);
  const DrawNature nature = NatureOf(truth);
  std::array<double, kBins> bins{};
  double mass = 0, covered = 0;
  for (int i = 0; i < customers; ++i) {
    const double T = 5 + i % 100;
    PurchaseHistory history{.x = 0, .t_x = 0, .T = T};
    size_t after = 0;
    for (const double time : PurchaseTimes(truth, nature(&random), T + kAhead, &random)) {
      if (time > T) {
        ++after;
      } else {
        ++history.x;
        history.t_x = time;
      }
    }
    const std::vector<double> counts = CountProbabilities(truth, history, kAhead);
    double below = 0;
    for (size_t n = 0; n < std::min(after, counts.size()); ++n) below += counts[n];
    const double own = after < counts.size() ? counts[after] : 0;
    const double place = below + own * std::uniform_real_distribution<double>()(random);
    ++bins[std::min(kBins - 1, static_cast<size_t>(place * kBins))];
    const CountInterval interval = CountIntervalOf(counts, kLevel);
    mass += interval.mass / customers;
    const auto count = static_cast<int64_t>(after);
    if (interval.low <= count && count <= interval.high) covered += 1.0 / customers;
  }
  double chi_squared = 0;
  const double expected = static_cast<double>(customers) / kBins;
  for (const double bin : bins) chi_squared += (bin - expected) * (bin - expected) / expected;
  EXPECT_LT(chi_squared, kChiSquaredMax) << Name(truth.kind) << " seed " << seed;
  EXPECT_GE(mass, kLevel);
  EXPECT_NEAR(covered, mass, customers >= 100'000 ? 0.005 : 0.02) << Name(truth.kind) << " seed " << seed;
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, Predictive,
    testing::Values(LifetimeParameters{.kind = LifetimeKind::kNbd, .value = {0.6, 7, 0, 0}, .k = 1},
                    LifetimeParameters{.kind = LifetimeKind::kBgNbd, .value = {0.5, 4.4, 0.8, 2.4}, .k = 1},
                    LifetimeParameters{.kind = LifetimeKind::kMbgNbd, .value = {0.7, 5, 0.9, 1.8}, .k = 1},
                    LifetimeParameters{.kind = LifetimeKind::kParetoNbd, .value = {0.8, 6, 0.8, 12}, .k = 1},
                    LifetimeParameters{.kind = LifetimeKind::kBgCnbd, .value = {0.7, 2, 0.9, 3}, .k = 3},
                    LifetimeParameters{.kind = LifetimeKind::kMbgCnbd, .value = {0.8, 2.5, 0.9, 2.2}, .k = 2}),
    [](const auto& truth) { return Name(truth.param.kind); });

// Customers whose thrift is drawn after x purchases of mean m: totals fall below every level as often as it says.
TEST(AmountInterval, TotalsOfDrawnCustomersLieWithinAsOftenAsItSays) {
  constexpr GammaGammaParameters kSpend{.p = 6.25, .q = 3.74, .v = 15.44};
  constexpr int kCustomers = 20'000;
  const std::vector<double> counts = {0.4, 0.25, 0.2, 0.1, 0.05};
  const AmountInterval interval = AmountIntervalOf(counts, kSpend, 3, 30, 0.9);
  EXPECT_EQ(interval.low, 0);  // four in ten buy nothing
  EXPECT_NEAR(ProbabilityOfTotal(counts, kSpend, 3, 30, interval.high), 0.95, 1e-9);
  Random random(77);
  std::discrete_distribution<int> draw_count(counts.begin(), counts.end());
  std::gamma_distribution<double> draw_thrift(kSpend.p * 3 + kSpend.q, 1 / (kSpend.v + 90));
  int above = 0, below_median = 0;
  const AmountInterval half = AmountIntervalOf(counts, kSpend, 3, 30, 0.3);
  for (int i = 0; i < kCustomers; ++i) {
    const double thrift = draw_thrift(random);
    double total = 0;
    for (int n = draw_count(random); n > 0; --n) {
      total += std::gamma_distribution<double>(kSpend.p, 1 / thrift)(random);
    }
    above += total > interval.high ? 1 : 0;
    below_median += total <= half.high ? 1 : 0;
  }
  EXPECT_NEAR(above / double{kCustomers}, 0.05, 0.006);
  EXPECT_NEAR(below_median / double{kCustomers}, 0.65, 0.013);
}

TEST(CountInterval, EndsAreTheLeastCountsThatReachTheLevels) {
  const std::vector<double> probabilities = {0.02, 0.08, 0.5, 0.3, 0.06, 0.04};
  const CountInterval ninety = CountIntervalOf(probabilities, 0.9);
  EXPECT_EQ(ninety.low, 1);   // 0.10 is the first sum to reach 0.05
  EXPECT_EQ(ninety.high, 4);  // 0.96 reaches 0.95
  EXPECT_NEAR(ninety.mass, 0.94, 1e-12);
  const CountInterval sure = CountIntervalOf(std::vector{1.0}, 0.9);
  EXPECT_EQ(sure.low, 0);
  EXPECT_EQ(sure.high, 0);
  EXPECT_EQ(sure.mass, 1);
}

}  // namespace
}  // namespace strata
