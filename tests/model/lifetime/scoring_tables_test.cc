// The quick ways of scoring against the forecasts they stand for.
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <numeric>

#include "model/lifetime/count_tails.h"
#include "model/lifetime/forecast.h"
#include "model/lifetime/parameter_draws.h"
#include "model/lifetime/predictive.h"
#include "model/lifetime/purchase_dates.h"
#include "model/lifetime/totals_to_come.h"

namespace strata {
namespace {

std::vector<LifetimeParameters> Models() {
  return {{.kind = LifetimeKind::kNbd, .value = {0.39, 12, 0, 0}, .k = 1},
          {.kind = LifetimeKind::kBgNbd, .value = {0.243, 4.414, 0.793, 2.426}, .k = 1},
          {.kind = LifetimeKind::kMbgNbd, .value = {0.525, 6.183, 0.891, 1.614}, .k = 1},
          {.kind = LifetimeKind::kParetoNbd, .value = {0.553, 10.58, 0.606, 11.67}, .k = 1},
          {.kind = LifetimeKind::kParetoNbd, .value = {2.5, 1.3, 1, 200}, .k = 1},
          {.kind = LifetimeKind::kBgCnbd, .value = {0.7, 2, 0.9, 3}, .k = 3},
          {.kind = LifetimeKind::kMbgCnbd, .value = {1.7, 3, 0.5, 2}, .k = 5}};
}

const PurchaseHistory kHistories[] = {{0, 0, 0},   {0, 0, 38.86},   {1, 1.71, 38.86}, {2, 30.43, 38.86},
                                      {5, 12, 35}, {26, 30.86, 31}, {120, 150, 152},  {40, 20, 90}};

TEST(CountTails, AreTheSumsOfTheProbabilitiesOfMore) {
  for (const LifetimeParameters& at : Models()) {
    for (const PurchaseHistory& history : kHistories) {
      for (const double t : {0.0, 0.3, 13.0, 52.0}) {
        for (const int j : {0, at.k - 1}) {
          SCOPED_TRACE(testing::Message() << Name(at.kind) << " x " << history.x << " t " << t << " j " << j);
          std::vector<double> tails;
          CountTails(at, history.x, history.T, j, t, 1e-5, &tails);
          const std::vector<double> counts = AliveForecast(at, history.x, history.T, j).Counts(t);
          ASSERT_LE(tails.size(), counts.size() + 1);
          double below = 0;
          for (size_t n = 0; n < tails.size(); ++n) {
            below += n < counts.size() ? counts[n] : 0;
            ASSERT_NEAR(tails[n], 1 - below, 1e-9) << n;
            ASSERT_EQ(tails[n] < 1e-5, n + 1 == tails.size()) << n;
          }
        }
      }
    }
  }
}

TEST(CountTails, HoldWhereNoPurchaseAtAllIsAsGoodAsImpossible) {
  const LifetimeParameters at{.kind = LifetimeKind::kParetoNbd, .value = {900, 10, 0.6, 11}, .k = 1};
  std::vector<double> tails;
  CountTails(at, 5, 1, 0, 40, 1e-5, &tails);
  const std::vector<double> counts = AliveForecast(at, 5, 1).Counts(40);
  const double half = 1 - std::accumulate(counts.begin(), counts.begin() + 1500, 0.0);
  EXPECT_NEAR(tails[1499], half, 1e-9);
}

TEST(TimesToPurchase, AreThoseOfTheForecast) {
  constexpr double kLevels[] = {0.1, 0.5, 0.9};
  int never = 0, found = 0;
  for (const LifetimeParameters& at : Models()) {
    for (const PurchaseHistory& history : kHistories) {
      std::optional<double> times[3];
      const std::array<double, kRegularityMax> hits = HitWeights(at, history);
      double never_alive = 0;
      for (int j = 0; j < at.k; ++j) {
        never_alive += hits[static_cast<size_t>(j)] * AliveForecast(at, history.x, history.T, j).NoneEver();
      }
      TimesToPurchase(at, history, AliveOddsOf(at, history), never_alive, {hits.data(), static_cast<size_t>(at.k)},
                      kLevels, times);
      for (size_t i = 0; i < 3; ++i) {
        const std::optional<double> slow = TimeToPurchase(at, history, kLevels[i]);
        SCOPED_TRACE(testing::Message() << Name(at.kind) << " x " << history.x << " level " << kLevels[i]);
        ASSERT_EQ(times[i].has_value(), slow.has_value());
        ++(slow.has_value() ? found : never);
        if (!slow.has_value()) continue;
        EXPECT_NEAR(*times[i], *slow, 3e-9 * *slow);
      }
    }
  }
  EXPECT_GT(never, 10);
  EXPECT_GT(found, 50);
}

TEST(TotalsToCome, QuantilesAreThoseOfTheSumsThemselves) {
  const GammaGammaParameters models[] = {{6.25, 3.74, 15.44}, {0.8, 2.2, 30},   {60, 12, 4},       {2.5, 0.9, 20},
                                         {0.04, 1.1, 900},    {700, 3.74, 0.1}, {1e6, 3.74, 1e-4}, {6.25, 1e6, 5.6e6}};
  const LifetimeParameters at = Models()[3];
  for (const GammaGammaParameters& spend : models) {
    const TotalsToCome totals(spend);
    for (const PurchaseHistory& history : kHistories) {
      std::vector<double> tails;
      CountTails(at, history.x, history.T, 0, 52, TotalsToCome::kLeastTail, &tails);
      if (tails.size() > 90) continue;  // the slow way takes seconds
      std::vector<double> above;
      totals.AboveOf(history.x, tails, &above);
      for (const double alive : {1.0, 0.6, 0.2}) {
        const AmountInterval slow = totals.Direct(history.x, tails, alive, 0.9);
        const double low = totals.TotalExceeded(history.x, above, tails[0], 0.95 / alive);
        const double high = totals.TotalExceeded(history.x, above, tails[0], 0.05 / alive);
        SCOPED_TRACE(testing::Message() << "p " << spend.p << " x " << history.x << " alive " << alive);
        const double tolerance = spend.p > 100 ? 3e-3 : 3e-4;
        EXPECT_NEAR(low, slow.low, tolerance * slow.low);
        EXPECT_NEAR(high, slow.high, tolerance * slow.high);
      }
    }
  }
}

TEST(EndsOf, AreOrderStatistics) {
  std::vector<double> values(128);
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<double>((i * 37) % 128);
  const QuantityInterval ninety = EndsOf(values, 0.9);  // 6 outside on either side
  EXPECT_EQ(ninety.low, 6);
  EXPECT_EQ(ninety.high, 121);
  values.resize(101);
  std::iota(values.begin(), values.end(), 0.0);
  EXPECT_EQ(EndsOf(values, 0.5).low, 25);
  EXPECT_EQ(EndsOf(values, 0.5).high, 75);
  const std::vector<double> one = {3.5};
  EXPECT_EQ(EndsOf(one, 0.99).low, 3.5);
  EXPECT_EQ(EndsOf(one, 0.99).high, 3.5);
}

}  // namespace
}  // namespace strata
