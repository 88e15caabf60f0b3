// Intervals of what is said of one customer: the quick way against the slow one, and against the delta method.
#include "model/lifetime/parameter_draws.h"

#include <gtest/gtest.h>

#include <cmath>

#include "model/lifetime/fit_lifetime.h"
#include "model/lifetime/forecast.h"
#include "model/lifetime/likelihood.h"
#include "tests/model/lifetime/golden_base.h"

namespace strata {
namespace {

constexpr double kLevel = 0.9;
const PurchaseHistory kCustomers[] = {{2, 30.43, 38.86}, {26, 30.86, 31}, {0, 0, 38.86}, {5, 12, 35}, {1, 1.71, 38.86}};

LifetimeFit CdnowFit(LifetimeKind kind) {
  return FitLifetime(kind, std::nullopt, GoldenBaseNamed("cdnow_sample_A").Table(), {});
}

void ExpectSameEnds(const QuantityInterval& quick, const QuantityInterval& slow, const char* what) {
  const double width = slow.high - slow.low;
  EXPECT_NEAR(quick.low, slow.low, 0.02 * width) << what;
  EXPECT_NEAR(quick.high, slow.high, 0.02 * width) << what;
  EXPECT_GT(width, 0) << what;
}

TEST(ParameterDraws, TaylorEndsAreThoseOfEvaluationAtEveryDraw) {
  for (const LifetimeKind kind : {LifetimeKind::kNbd, LifetimeKind::kBgNbd}) {
    const LifetimeFit fit = CdnowFit(kind);
    const ParameterDraws draws(fit, 1);
    EXPECT_TRUE(draws.taylor_suffices());
    for (const PurchaseHistory& customer : kCustomers) {
      SCOPED_TRACE(testing::Message() << Name(kind) << " x " << customer.x);
      const LifetimeParameters& at = fit.parameters;
      ExpectSameEnds(
          draws.OfProbability(LogProbabilityNone(at, customer, 13), kLevel),
          draws.OfAnything([&](const auto& near) { return ProbabilityNoPurchase(near, customer, 13); }, kLevel),
          "no purchase");
      const auto log_expected = [&](const LifetimeParameters& near) {
        return std::log(ExpectedPurchases(near, customer, 39));
      };
      ExpectSameEnds(draws.OfPositive(JetByDifferences(at, log_expected), kLevel),
                     draws.OfAnything([&](const auto& near) { return ExpectedPurchases(near, customer, 39); }, kLevel),
                     "expected purchases");
      const QuantityInterval alive = draws.OfProbability(LogProbabilityAlive(at, customer), kLevel);
      if (ProbabilityAlive(at, customer) == 1) {
        EXPECT_TRUE(alive.low == 1 && alive.high == 1);
        continue;
      }
      ExpectSameEnds(
          alive, draws.OfAnything([&](const auto& near) { return ProbabilityAlive(near, customer); }, kLevel), "alive");
    }
  }
}

TEST(ParameterDraws, WideErrorsAskForEveryDraw) {
  for (const LifetimeKind kind : {LifetimeKind::kMbgNbd, LifetimeKind::kParetoNbd}) {
    const ParameterDraws draws(CdnowFit(kind), 1);
    EXPECT_FALSE(draws.taylor_suffices());  // ln b has an error of 0.33, ln beta one of 0.53
    EXPECT_EQ(draws.parameters().size(), static_cast<size_t>(kParameterDraws));
  }
}

TEST(ParameterDraws, ManyDrawsGiveTheErrorsOfTheFit) {
  const LifetimeFit fit = CdnowFit(LifetimeKind::kBgNbd);
  const ParameterDraws draws(fit, 7, 20'000);
  for (size_t i = 0; i < 4; ++i) {
    const QuantityInterval ends = draws.OfAnything([i](const auto& near) { return near.value[i]; }, 0.95);
    EXPECT_NEAR(std::log(ends.low), std::log(*fit.estimates[i].low), 0.02) << i;
    EXPECT_NEAR(std::log(ends.high), std::log(*fit.estimates[i].high), 0.02) << i;
  }
}

TEST(ParameterDraws, AreTheSameForEverybodyWhoAsks) {
  const LifetimeFit fit = CdnowFit(LifetimeKind::kBgNbd);
  EXPECT_EQ(ParameterDraws(fit, 3).parameters(), ParameterDraws(fit, 3).parameters());
  EXPECT_NE(ParameterDraws(fit, 3).parameters(), ParameterDraws(fit, 4).parameters());
  // What a boundary holds fixed stays there.
  LifetimeFit held = fit;
  for (size_t i = 0; i < 4; ++i) held.covariance[0][i] = held.covariance[i][0] = 0;
  const ParameterDraws draws(held, 3);
  for (const LifetimeParameters& at : draws.parameters()) {
    EXPECT_EQ(at.value[0], fit.parameters.value[0]);
    EXPECT_NE(at.value[1], fit.parameters.value[1]);
  }
}

TEST(JetByDifferences, AgreesWithExactDerivatives) {
  const LifetimeParameters at{.kind = LifetimeKind::kParetoNbd, .value = {0.55, 10.6, 0.6, 11.7}, .k = 1};
  for (const PurchaseHistory& customer : kCustomers) {
    const LogJet exact = LogProbabilityNone(at, customer, 13);
    const LogJet found =
        JetByDifferences(at, [&](const auto& near) { return std::log(ProbabilityNoPurchase(near, customer, 13)); });
    for (size_t i = 0; i < 4; ++i) EXPECT_NEAR(found.gradient[i], exact.gradient[i], 1e-5) << i;
    for (size_t i = 0; i < 10; ++i) EXPECT_NEAR(found.hessian[i], exact.hessian[i], 2e-3) << i;
  }
}

}  // namespace
}  // namespace strata
