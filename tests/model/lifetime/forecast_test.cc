// Laws that forecasts of every model keep, and the corners of their domain.
#include "model/lifetime/forecast.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "model/lifetime/likelihood.h"
#include "model/lifetime/sbg.h"

namespace strata {
namespace {

struct Case {
  LifetimeParameters at;
  PurchaseHistory history;
};

std::vector<Case> Cases() {
  std::vector<Case> cases;
  const PurchaseHistory histories[] = {{0, 0, 39}, {2, 30, 39}, {26, 31, 31}, {0, 0, 0}, {7, 8, 40}};
  for (const auto& [kind, k] : {std::pair{LifetimeKind::kNbd, 1},
                                {LifetimeKind::kBgNbd, 1},
                                {LifetimeKind::kMbgNbd, 1},
                                {LifetimeKind::kParetoNbd, 1},
                                {LifetimeKind::kBgCnbd, 2},
                                {LifetimeKind::kMbgCnbd, 3}}) {
    for (const PurchaseHistory& history : histories) {
      const bool simple = kind == LifetimeKind::kNbd;
      cases.push_back({{.kind = kind, .value = {0.55, 10.6, simple ? 0 : 0.6, simple ? 0 : 11.7}, .k = k}, history});
      cases.push_back({{.kind = kind, .value = {2.5, 7, simple ? 0 : 1.3, simple ? 0 : 2.2}, .k = k}, history});
    }
  }
  for (const PurchaseHistory& history : histories) {
    cases.push_back({{.kind = LifetimeKind::kBgBb, .value = {1.2, 0.75, 0.66, 2.78}, .k = 1}, history});
  }
  return cases;
}

std::string Told(const Case& c) {
  return std::string(Name(c.at.kind)) + " r " + std::to_string(c.at.value[0]) + " x " + std::to_string(c.history.x) +
         " T " + std::to_string(c.history.T);
}

TEST(Forecast, CountsAddUpToOneAndTheirMeanIsTheExpectation) {
  for (const Case& c : Cases()) {
    SCOPED_TRACE(Told(c));
    const std::vector<double> counts = CountProbabilities(c.at, c.history, 30, 0);
    double sum = 0, mean = 0;
    for (size_t n = 0; n < counts.size(); ++n) {
      EXPECT_GE(counts[n], 0);
      sum += counts[n];
      mean += static_cast<double>(n) * counts[n];
    }
    EXPECT_NEAR(sum, 1, 1e-12);
    EXPECT_NEAR(mean, ExpectedPurchases(c.at, c.history, 30), 1e-10 * mean);
    EXPECT_NEAR(counts[0], ProbabilityNoPurchase(c.at, c.history, 30), 1e-12);
  }
}

TEST(Forecast, NoPurchaseIsTheRatioOfLikelihoods) {
  for (const Case& c : Cases()) {
    SCOPED_TRACE(Told(c));
    const PurchaseHistory later{.x = c.history.x, .t_x = c.history.t_x, .T = c.history.T + 13};
    const double ratio = std::exp(RowLogLikelihood(c.at, later).value - RowLogLikelihood(c.at, c.history).value);
    EXPECT_NEAR(ProbabilityNoPurchase(c.at, c.history, 13), ratio, 1e-11 * ratio);
    EXPECT_NEAR(LogProbabilityNone(c.at, c.history, 13).value, std::log(ratio), 1e-12);
  }
}

// The gap term of regular timing is the same now and later: it enters no probability of what comes.
TEST(Forecast, SilenceWhileAliveTimesTheOddsOfHavingLeftGivesPAlive) {
  for (const Case& c : Cases()) {
    SCOPED_TRACE(Told(c));
    if (c.at.kind == LifetimeKind::kParetoNbd || c.at.kind == LifetimeKind::kBgBb) continue;  // may leave in silence
    const PurchaseHistory at_purchase{.x = c.history.x, .t_x = c.history.t_x, .T = c.history.t_x};
    const AliveOdds then = AliveOddsOf(c.at, at_purchase);
    const double silent = then.alive * ProbabilityOfSilence(c.at, c.history);
    EXPECT_NEAR(ProbabilityAlive(c.at, c.history), silent / (silent + then.dropped), 1e-12);
  }
}

TEST(Forecast, NothingHappensInNoTime) {
  for (const Case& c : Cases()) {
    SCOPED_TRACE(Told(c));
    EXPECT_EQ(ExpectedPurchases(c.at, c.history, 0), 0);
    EXPECT_NEAR(ProbabilityNoPurchase(c.at, c.history, 0), 1, 1e-15);
    EXPECT_EQ(DiscountedPurchases(c.at, c.history, 0, 0.002), 0);
    EXPECT_EQ(SteppedPurchases(c.at, c.history, 0, 4, 0.01), 0);
    EXPECT_EQ(OverdueRatio(c.at, {.x = c.history.x, .t_x = c.history.t_x, .T = c.history.t_x}), 0);
    EXPECT_EQ(ProbabilityOfSilence(c.at, {.x = c.history.x, .t_x = c.history.t_x, .T = c.history.t_x}), 1);
  }
}

TEST(Forecast, DiscountedPurchasesAreThoseOfManySmallSteps) {
  constexpr double kHorizon = 52, kRate = 0.02;
  for (const Case& c : Cases()) {
    SCOPED_TRACE(Told(c));
    const double plain = DiscountedPurchases(c.at, c.history, kHorizon, 0);
    EXPECT_NEAR(plain, ExpectedPurchases(c.at, c.history, kHorizon), 1e-12 * (1 + plain));
    const double found = DiscountedPurchases(c.at, c.history, kHorizon, kRate);
    if (c.at.kind == LifetimeKind::kBgBb) {
      EXPECT_NEAR(found, SteppedPurchases(c.at, c.history, 52, 1, kRate), 1e-12 * (1 + found));
      continue;
    }
    // Steps paid at their end and at their begin lie on either side; their mean is right to the square of the step, and
    // two such means together to its fourth power.
    const auto by_steps = [&](int steps) {
      const double per_step = std::expm1(kRate * kHorizon / steps);
      const double late = SteppedPurchases(c.at, c.history, steps, kHorizon / steps, per_step);
      EXPECT_GT(found, late);
      return late * (2 + per_step) / 2;
    };
    EXPECT_NEAR(found, (4 * by_steps(2600) - by_steps(1300)) / 3, 1e-9 * found);
  }
}

TEST(Forecast, WhatRemainsIsTheLimitOfLongHorizons) {
  constexpr double kRate = 0.05;
  for (const Case& c : Cases()) {
    SCOPED_TRACE(Told(c));
    const double ever = ResidualTransactions(c.at, c.history, kRate);
    const double horizon = c.at.kind == LifetimeKind::kBgBb ? 700 : 600;
    EXPECT_NEAR(DiscountedPurchases(c.at, c.history, horizon, kRate), ever, 1e-9 * ever);
    EXPECT_GT(ever, ResidualTransactions(c.at, c.history, 2 * kRate));
  }
}

TEST(Forecast, DatesAreWhereTheProbabilityIsReached) {
  int never = 0, within = 0;
  for (const Case& c : Cases()) {
    SCOPED_TRACE(Told(c));
    double before = 0;
    for (const double probability : {0.1, 0.5, 0.9}) {
      const std::optional<double> t = TimeToPurchase(c.at, c.history, probability);
      const double reached = 1 - ProbabilityNeverAgain(c.at, c.history);
      if (!t) {
        EXPECT_LE(reached, probability);
        ++never;
        continue;
      }
      ++within;
      EXPECT_GT(reached, probability);
      EXPECT_GE(*t, before);
      before = *t;
      if (c.at.kind == LifetimeKind::kBgBb) {
        EXPECT_GE(1 - ProbabilityNoPurchase(c.at, c.history, *t), probability);
        EXPECT_LT(1 - ProbabilityNoPurchase(c.at, c.history, *t - 1), probability);
      } else {
        EXPECT_NEAR(1 - ProbabilityNoPurchase(c.at, c.history, *t), probability, 1e-8);
      }
    }
  }
  EXPECT_GT(never, 10);
  EXPECT_GT(within, 40);
}

TEST(Forecast, WithoutDropOutEverybodyIsAlive) {
  for (const LifetimeKind kind : {LifetimeKind::kNbd, LifetimeKind::kBgCnbd}) {
    const LifetimeParameters at{.kind = kind, .value = {0.4, 12, 0, 1}, .k = kind == LifetimeKind::kNbd ? 1 : 3};
    const PurchaseHistory history{.x = 5, .t_x = 10, .T = 40};
    EXPECT_EQ(ProbabilityAlive(at, history), 1);
    EXPECT_EQ(ProbabilityNeverAgain(at, history), 0);
    const double hits_rate = (0.4 + 5 * at.k) / 52;  // per week, were none made since the last purchase
    EXPECT_LT(ExpectedPurchases(at, history, 130), 130 * 1.2 * hits_rate / at.k);
    // In the long run 1 / k of the hits.
    EXPECT_NEAR(ResidualTransactions(at, history, 1e-6) * 1e-6,
                (ExpectedPurchases(at, history, 2e4) - ExpectedPurchases(at, history, 1e4)) / 1e4, 1e-6);
  }
}

TEST(Forecast, OneTimeBuyersAreAliveInBgAndMayNotBeInMbg) {
  const PurchaseHistory once{.x = 0, .t_x = 0, .T = 40};
  const LifetimeParameters bg{.kind = LifetimeKind::kBgNbd, .value = {0.5, 6, 0.9, 1.6}, .k = 1};
  LifetimeParameters mbg = bg;
  mbg.kind = LifetimeKind::kMbgNbd;
  EXPECT_EQ(ProbabilityAlive(bg, once), 1);
  EXPECT_LT(ProbabilityAlive(mbg, once), 0.7);
  EXPECT_DOUBLE_EQ(ProbabilityAlive(mbg, {}), 1.6 / 2.5);  // on the day itself: b / (a + b)
}

TEST(Forecast, TenThousandPurchasesAreNoTrouble) {
  const PurchaseHistory busy{.x = 10'000, .t_x = 1499.9, .T = 1500};
  for (const auto& [kind, k] : {std::pair{LifetimeKind::kBgNbd, 1},
                                {LifetimeKind::kMbgNbd, 1},
                                {LifetimeKind::kParetoNbd, 1},
                                {LifetimeKind::kBgCnbd, 4}}) {
    const LifetimeParameters at{.kind = kind, .value = {0.55, 10.6, 0.6, 11.7}, .k = k};
    EXPECT_NEAR(ProbabilityAlive(at, busy), 1, 0.01) << Name(kind);
    const double expected = ExpectedPurchases(at, busy, 52);
    EXPECT_TRUE(expected > 100 && expected < 352) << Name(kind) << " " << expected;
    EXPECT_TRUE(ResidualTransactions(at, busy, 0.002) > expected) << Name(kind);
    const std::vector<double> counts = CountProbabilities(at, busy, 52);
    EXPECT_NEAR(std::accumulate(counts.begin(), counts.end(), 0.0), 1, 1e-10) << Name(kind);
  }
}

// What fits hold at 1e6 where the optimum lies at infinity: forecasts are those of the limit to 1e-5.
TEST(Forecast, AStrengthOfAMillionStandsForInfinity) {
  constexpr double kNear = 2e-5;
  const PurchaseHistory history{.x = 4, .t_x = 25, .T = 40};
  // Everybody buys 0.1 a week.
  const LifetimeParameters equal_rates{.kind = LifetimeKind::kNbd, .value = {1e6, 1e7, 0, 0}, .k = 1};
  EXPECT_NEAR(ProbabilityNoPurchase(equal_rates, history, 13), std::exp(-1.3), kNear * std::exp(-1.3));
  EXPECT_NEAR(ExpectedPurchases(equal_rates, history, 13), 1.3, kNear * 1.3);
  // Everybody leaves with 0.2 after a purchase.
  const LifetimeParameters equal_coins{.kind = LifetimeKind::kBgNbd, .value = {0.6, 5, 2e5, 8e5}, .k = 1};
  const double dropped = 0.2 / 0.8 * std::pow(45.0 / 30, 4.6);
  EXPECT_NEAR(ProbabilityAlive(equal_coins, history), 1 / (1 + dropped), kNear);
  const double expected = (1 - std::pow(1 + 0.2 * 52 / 45, -4.6)) / 0.2 / (1 + dropped);
  EXPECT_NEAR(ExpectedPurchases(equal_coins, history, 52), expected, kNear * expected);
  // Everybody dies at 0.02 a week.
  const LifetimeParameters equal_deaths{.kind = LifetimeKind::kParetoNbd, .value = {0.6, 5, 1e6, 5e7}, .k = 1};
  const double alive = ProbabilityAlive(equal_deaths, history);
  const double bought = alive * 4.6 / 45 * -std::expm1(-0.02 * 52) / 0.02;
  EXPECT_NEAR(ExpectedPurchases(equal_deaths, history, 52), bought, kNear * bought);
  const double worth = alive * 4.6 / 45 / (0.02 + 0.003);
  EXPECT_NEAR(ResidualTransactions(equal_deaths, history, 0.003), worth, kNear * worth);
  // Nine in a hundred leave at the first occasion, the others never.
  const LifetimeParameters polarised{.kind = LifetimeKind::kMbgNbd, .value = {0.6, 5, 9e-8, 91e-8}, .k = 1};
  EXPECT_NEAR(ProbabilityAlive(polarised, {}), 0.91, kNear);
  EXPECT_NEAR(ExpectedPurchases(polarised, {}, 52), 0.91 * 0.6 / 5 * 52, 1e-4);
}

TEST(Forecast, UnknownIsSaidWhereHitsAreTooManyToCount) {
  const LifetimeParameters at{.kind = LifetimeKind::kBgCnbd, .value = {0.5, 1e-9, 0.6, 2}, .k = 2};
  EXPECT_TRUE(std::isnan(ExpectedPurchases(at, {}, 1000)));
}

TEST(Contracts, SurvivorsAndWhatRemains) {
  const Sbg model{.alpha = 0.7, .beta = 1.2};
  EXPECT_EQ(SbgSurvivor(model, 0), 1);
  for (int t = 1; t <= 12; ++t) {
    EXPECT_NEAR(SbgSurvivor(model, t), SbgSurvivor(model, t - 1) * SbgRetention(model, t), 1e-15);
  }
  // Of one who renewed n - 1 times: the sum over further periods of S(t) / S(n - 1), discounted.
  for (const int n : {1, 4}) {
    double sum = 0, factor = 1;
    for (int t = n; t < 2000; ++t) {
      sum += SbgSurvivor(model, t) / SbgSurvivor(model, n - 1) * factor;
      factor /= 1.1;
    }
    EXPECT_NEAR(SbgResidualLifetime(model, n, 0.1), sum, 1e-11 * sum);
  }
}

}  // namespace
}  // namespace strata
