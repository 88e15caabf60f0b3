// Survival and expected purchases of new customers, beside integrals and simulated lives.
#include "model/lifetime/new_customers.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "model/lifetime/forecast.h"

namespace strata {
namespace {

// E over p ~ Beta(a, b) of stays(p), by the trapezoidal rule in the logit of p.
template <typename Stays>
double OverLeaving(double a, double b, const Stays& stays) {
  constexpr double kStep = 1.0 / 64, kReach = 120;
  double sum = 0;
  for (double logit = -kReach; logit <= kReach; logit += kStep) {
    const double log_p = -std::log1p(std::exp(-logit)), log_q = -std::log1p(std::exp(logit));
    sum += kStep * std::exp(a * log_p + b * log_q) * stays(std::exp(log_p), std::exp(log_q));
  }
  return sum * std::exp(std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b));
}

// With a purchase rate l and a probability p to leave after each purchase one is there after t with exp(-l p t).
TEST(NewCustomers, SurvivalOfCoinsIsTheIntegralOverRatesAndCoins) {
  for (const std::array<double, 4>& v : {std::array{0.25, 4.4, 0.8, 2.4}, {3.0, 2.0, 0.3, 0.9}, {0.6, 9.0, 5.0, 2.0}}) {
    for (const double t : {0.0, 0.5, 10.0, 300.0, 5000.0}) {
      const auto power = [&](double p) { return std::pow(v[1] / (v[1] + p * t), v[0]); };
      const double bg = OverLeaving(v[2], v[3], [&](double p, double) { return power(p); });
      const double mbg = OverLeaving(v[2], v[3], [&](double p, double q) { return q * power(p); });
      EXPECT_NEAR(SurvivalOfNewCustomer({.kind = LifetimeKind::kBgNbd, .value = v, .k = 1}, t), bg, 1e-9) << t;
      EXPECT_NEAR(SurvivalOfNewCustomer({.kind = LifetimeKind::kMbgNbd, .value = v, .k = 1}, t), mbg, 1e-9) << t;
    }
  }
}

TEST(NewCustomers, RegularBuyersLeaveAsSimulatedOnesDo) {
  const LifetimeParameters at{.kind = LifetimeKind::kMbgCnbd, .value = {1.2, 3, 0.7, 2.5}, .k = 3};
  std::mt19937_64 random(4);
  constexpr int kLives = 100'000;
  int alive = 0;
  for (int i = 0; i < kLives; ++i) {
    const double rate = std::gamma_distribution<double>(1.2, 1.0 / 3)(random);
    const double a = std::gamma_distribution<double>(0.7)(random);
    const double p = a / (a + std::gamma_distribution<double>(2.5)(random));
    std::uniform_real_distribution<double> coin;
    double time = 0;
    bool there = coin(random) >= p;
    while (there) {
      time += std::gamma_distribution<double>(3, 1 / rate)(random);
      if (time > 40) break;
      there = coin(random) >= p;
    }
    alive += there ? 1 : 0;
  }
  EXPECT_NEAR(SurvivalOfNewCustomer(at, 40), static_cast<double>(alive) / kLives, 0.006);
}

TEST(NewCustomers, OtherKindsHaveClosedForms) {
  EXPECT_EQ(SurvivalOfNewCustomer({.kind = LifetimeKind::kNbd, .value = {0.5, 9, 0, 0}, .k = 1}, 1000), 1);
  EXPECT_NEAR(SurvivalOfNewCustomer({.kind = LifetimeKind::kParetoNbd, .value = {0.5, 9, 0.6, 12}, .k = 1}, 20),
              std::pow(12.0 / 32, 0.6), 1e-14);
  EXPECT_NEAR(SurvivalOfNewCustomer({.kind = LifetimeKind::kBgBb, .value = {1, 2, 1, 3}, .k = 1}, 2), 3.0 / 4 * 4 / 5,
              1e-14);
  EXPECT_NEAR(SurvivalOfNewCustomer({.kind = LifetimeKind::kSbg, .value = {1, 3, 0, 0}, .k = 1}, 2), 3.0 / 4 * 4 / 5,
              1e-14);
}

TEST(NewCustomers, TheCurveIsTheForecastByDays) {
  const LifetimeParameters at{.kind = LifetimeKind::kBgNbd, .value = {0.25, 4.4, 0.8, 2.4}, .k = 1};
  const NewCustomerCurve curve(at, 7, 400);
  EXPECT_EQ(curve.Expected(-3), 0);
  EXPECT_EQ(curve.Expected(0), 0);
  for (const int days : {1, 6, 7, 100, 400}) {
    EXPECT_EQ(curve.Expected(days), ExpectedPurchasesOfNewCustomer(at, days / 7.0));
  }
}

}  // namespace
}  // namespace strata
