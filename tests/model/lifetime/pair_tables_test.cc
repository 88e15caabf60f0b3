// Tabled forecasts against the forecasts themselves.
#include "model/lifetime/pair_tables.h"

#include <gtest/gtest.h>
#include <tbb/parallel_for.h>

#include <cmath>

#include "model/lifetime/forecast.h"
#include "model/lifetime/special/chebyshev_table.h"

namespace strata {
namespace {

std::vector<LifetimeParameters> Models() {
  return {{.kind = LifetimeKind::kNbd, .value = {0.39, 12, 0, 0}, .k = 1},
          {.kind = LifetimeKind::kBgNbd, .value = {0.243, 4.414, 0.793, 2.426}, .k = 1},
          {.kind = LifetimeKind::kMbgNbd, .value = {0.525, 6.183, 0.891, 1.614}, .k = 1},
          {.kind = LifetimeKind::kParetoNbd, .value = {0.553, 10.58, 0.606, 11.67}, .k = 1},
          {.kind = LifetimeKind::kBgCnbd, .value = {0.7, 2, 0.9, 3}, .k = 3}};
}

PairForecast ForecastOf(const PairTables& tables, const PurchaseHistory& history) {
  return tables.Of(history, AliveOddsOf(tables.parameters(), history));
}

void ExpectClose(double found, double direct, const char* what) { EXPECT_NEAR(found, direct, 1e-10 * direct) << what; }

TEST(PairTables, AgreeWithTheForecastsThemselves) {
  PairRules rules{.horizon = 52, .rate = 0.0018, .T_max = 208};
  rules.step_ends = {13, 26, 39, 52};
  rules.step_factors = {0.98, 0.96, 0.94, 0.92};
  for (const LifetimeParameters& at : Models()) {
    const PairTables tables(at, rules);
    for (const int64_t x : {0, 1, 7, 60, 1023, 1024}) {
      if (at.k > 1 && x > 60) continue;  // sums over thousands of hits: seconds
      for (const double T : {0.0, 0.14, 3.0, 39.0, 207.9, 208.0}) {
        const PurchaseHistory history{.x = x, .t_x = x == 0 ? 0 : 0.9 * T, .T = T};
        SCOPED_TRACE(testing::Message() << Name(at.kind) << " x " << x << " T " << T);
        const PairForecast found = ForecastOf(tables, history);
        ExpectClose(found.expected, ExpectedPurchases(at, history, rules.horizon), "expected");
        ExpectClose(found.discounted, DiscountedPurchases(at, history, rules.horizon, rules.rate), "discounted");
        ExpectClose(found.residual, ResidualTransactions(at, history, rules.rate), "residual");
        ExpectClose(found.none, ProbabilityNoPurchase(at, history, rules.horizon), "none");
        ExpectClose(found.never, ProbabilityNeverAgain(at, history), "never");
        double stepped = 0, before = 0;
        for (size_t i = 0; i < 4; ++i) {
          const double until = ExpectedPurchases(at, history, rules.step_ends[i]);
          stepped += rules.step_factors[i] * (until - before);
          before = until;
        }
        ExpectClose(found.stepped, stepped, "stepped");
      }
    }
  }
}

TEST(PairTables, KeepTheirPrecisionWhereAlphaIsTiny) {
  const LifetimeParameters at{.kind = LifetimeKind::kBgNbd, .value = {0.2, 0.01, 0.8, 2.5}, .k = 1};
  const PairTables tables(at, {.horizon = 52, .rate = 0.002, .T_max = 1500});
  for (const double T : {0.0, 0.001, 0.3, 80.0, 1500.0}) {
    const PurchaseHistory history{.x = 2, .t_x = 0.5 * T, .T = T};
    ExpectClose(ForecastOf(tables, history).expected, ExpectedPurchases(at, history, 52), "expected");
    ExpectClose(ForecastOf(tables, history).discounted, DiscountedPurchases(at, history, 52, 0.002), "discounted");
  }
}

TEST(PairTables, GiveTheSameBitsToManyAtOnce) {
  const LifetimeParameters at = Models()[1];
  const PairRules rules{.horizon = 52, .rate = 0.0018, .T_max = 104};
  const PairTables alone(at, rules), shared(at, rules);
  constexpr size_t kCustomers = 5000;
  const auto history = [](size_t i) {
    return PurchaseHistory{.x = static_cast<int64_t>(i % 37), .t_x = i % 37 == 0 ? 0.0 : 10.0, .T = 10.0 + i % 90};
  };
  std::vector<double> found(kCustomers);
  tbb::parallel_for(size_t{0}, kCustomers, [&](size_t i) { found[i] = ForecastOf(shared, history(i)).residual; });
  for (size_t i = kCustomers; i-- > 0;) EXPECT_EQ(found[i], ForecastOf(alone, history(i)).residual) << i;
}

TEST(PairTables, WithoutDiscountingThereIsNoResidualAndInNoTimeNothing) {
  const LifetimeParameters at = Models()[3];
  const PurchaseHistory history{.x = 2, .t_x = 20, .T = 30};
  const PairForecast plain = ForecastOf(PairTables(at, {.horizon = 26, .rate = 0, .T_max = 104}), history);
  EXPECT_EQ(plain.discounted, plain.expected);
  EXPECT_TRUE(std::isnan(plain.residual));
  const PairForecast nothing = ForecastOf(PairTables(at, {.horizon = 0, .rate = 0.01, .T_max = 104}), history);
  EXPECT_EQ(nothing.expected, 0);
  EXPECT_EQ(nothing.discounted, 0);
  EXPECT_GT(nothing.residual, 0);
}

TEST(ChebyshevTable, SeriesAreExactForSmoothFunctionsAndSayWhenTheyAreNot) {
  const auto smooth = [](double s, std::span<double> values) {
    values[0] = std::exp(-s) / (1 + s * s);
    values[1] = std::sin(3 * s);
  };
  const ChebyshevTable table(smooth, 2, -1, 2, 24, 1e-13);
  EXPECT_TRUE(table.is_precise());
  double found[ChebyshevTable::kRoom];
  for (const double s : {-1.0, -0.3, 0.0, 1.7, 2.0}) {
    table(s, found);
    EXPECT_NEAR(found[0], std::exp(-s) / (1 + s * s), 1e-12);
    EXPECT_NEAR(found[1], std::sin(3 * s), 1e-12);
  }
  const auto kinked = [](double s, std::span<double> values) { values[0] = std::fabs(s); };
  EXPECT_FALSE(ChebyshevTable(kinked, 1, -1, 2, 24, 1e-13).is_precise());
}

}  // namespace
}  // namespace strata
