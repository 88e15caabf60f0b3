// Covariates: derivatives, recovery of what was planted, and what cannot be known.
#include "model/lifetime/covariates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>

#include "tests/model/lifetime/simulate_histories.h"

namespace strata {
namespace {

using testing::Contains;
using testing::HasSubstr;

const std::vector<std::string> kColumns = {"club", "age", "not_club"};

// Customers in or out of the club, of five ages; alpha and drop-out as the true coefficients say.
std::vector<CovariatePattern> Drawn(const LifetimeParameters& base, const CovariateEffects& effects,
                                    const CovariateFit& truth, size_t customers_each, uint64_t seed) {
  std::vector<CovariatePattern> patterns;
  for (const double club : {0.0, 1.0}) {
    for (const double age : {-1.0, -0.5, 0.0, 0.5, 1.0}) {
      const std::vector<double> traits = {club, age, 1 - club};
      CovariateFit own = truth;
      own.base = base;
      const LifetimeParameters at = ParametersFor(own, effects, traits);
      patterns.push_back(
          {.traits = traits, .customers = SimulateTable(at, NatureOf(at), customers_each, 40, 104, ++seed)});
    }
  }
  return patterns;
}

HistoryTable Together(const std::vector<CovariatePattern>& patterns) {
  std::vector<PurchaseHistory> histories;
  std::vector<double> weights;
  for (const CovariatePattern& pattern : patterns) {
    const HistoryTable& table = pattern.customers;
    for (const HistoryRow& row : table.rows) {
      histories.push_back({.x = row.x, .t_x = table.times[row.t_x], .T = table.times[row.T]});
      weights.push_back(row.customers);
    }
  }
  return HistoryTable::Of(histories, weights);
}

struct World {
  LifetimeParameters base;
  CovariateEffects effects;
  CovariateFit truth;
};

std::vector<World> Worlds() {
  CovariateEffects effects;
  effects.rate = {0, 1};
  effects.dropout = {0};
  CovariateFit truth;
  truth.rate = {0.5, -0.3};
  truth.dropout = {-0.6};
  std::vector<World> worlds;
  for (const auto& base : {LifetimeParameters{.kind = LifetimeKind::kBgNbd, .value = {0.8, 5, 0.8, 2.4}, .k = 1},
                           LifetimeParameters{.kind = LifetimeKind::kMbgNbd, .value = {0.9, 5, 0.9, 1.8}, .k = 1},
                           LifetimeParameters{.kind = LifetimeKind::kParetoNbd, .value = {0.9, 6, 0.8, 12}, .k = 1},
                           LifetimeParameters{.kind = LifetimeKind::kBgCnbd, .value = {0.9, 2.5, 0.9, 3}, .k = 2}}) {
    worlds.push_back({base, effects, truth});
  }
  effects.strength = {1};
  truth.strength = {0.4};
  worlds.push_back({{.kind = LifetimeKind::kBgNbd, .value = {0.8, 5, 0.8, 2.4}, .k = 1}, effects, truth});
  return worlds;
}

TEST(Covariates, DerivativesAreThoseOfDifferences) {
  for (World world : Worlds()) {
    for (const bool common : {false, true}) {
      if (common && (world.base.kind == LifetimeKind::kParetoNbd || !world.effects.strength.empty())) continue;
      world.effects.common_factor = common;
      const std::vector<CovariatePattern> patterns = Drawn(world.base, world.effects, world.truth, 20, 1);
      const CovariateBase base = CovariateBase::Of(patterns);
      const CovariateLikelihood likelihood(world.base.kind, world.base.k, base, world.effects);
      std::vector<double> point;
      for (size_t m = 0; m < 4; ++m) point.push_back(std::log(world.base.value[m]) + 0.1);
      for (size_t c = 0; c < likelihood.point().coefficients(); ++c)
        point.push_back(0.2 - 0.1 * static_cast<double>(c));
      const DynamicDerivatives found = likelihood.Evaluate(point);
      constexpr double kStep = 1e-5;
      for (size_t i = 0; i < point.size(); ++i) {
        std::vector<double> up = point, down = point;
        up[i] += kStep;
        down[i] -= kStep;
        const DynamicDerivatives above = likelihood.Evaluate(up), below = likelihood.Evaluate(down);
        const double size = 1 + std::fabs(found.value);
        EXPECT_NEAR(found.gradient[i], (above.value - below.value) / (2 * kStep), 1e-7 * size) << i;
        for (size_t j = 0; j < point.size(); ++j) {
          EXPECT_NEAR(found.hessian[i * point.size() + j], (above.gradient[j] - below.gradient[j]) / (2 * kStep),
                      1e-7 * size)
              << Name(world.base.kind) << " " << i << ", " << j;
        }
      }
    }
  }
}

TEST(Covariates, FindWhatWasPlanted) {
  for (const World& world : Worlds()) {
    SCOPED_TRACE(Name(world.base.kind));
    const std::vector<CovariatePattern> patterns = Drawn(world.base, world.effects, world.truth, 500, 20);
    const LifetimeFit without = FitLifetime(world.base.kind, world.base.k, Together(patterns), {});
    const CovariateFit fit = FitCovariates(without, CovariateBase::Of(patterns), world.effects, kColumns, {});
    ASSERT_TRUE(fit.fitted) << fit.reason;
    EXPECT_GT(fit.log_likelihood, without.log_likelihood + 20);
    std::vector<double> truth(world.base.value.begin(), world.base.value.end());
    for (const auto* coefficients : {&world.truth.rate, &world.truth.dropout, &world.truth.strength}) {
      truth.insert(truth.end(), coefficients->begin(), coefficients->end());
    }
    ASSERT_EQ(fit.estimates.size(), truth.size());
    for (size_t i = 0; i < truth.size(); ++i) {
      EXPECT_NEAR(*fit.estimates[i].estimate, truth[i], 4 * *fit.estimates[i].standard_error) << fit.estimates[i].name;
    }
    EXPECT_EQ(fit.estimates[4].name, "club on rate");
  }
}

TEST(Covariates, IntervalsCoverAsOftenAsTheySay) {
  const bool is_long = std::getenv("STRATA_LONG") != nullptr;
  const int bases = is_long ? 1000 : 60;
  const World world = Worlds()[0];
  std::vector<double> truth(world.base.value.begin(), world.base.value.end());
  for (const auto* coefficients : {&world.truth.rate, &world.truth.dropout}) {
    truth.insert(truth.end(), coefficients->begin(), coefficients->end());
  }
  std::vector<int> covered(truth.size(), 0);
  for (int base = 0; base < bases; ++base) {
    const uint64_t seed = 9'000'000 + 100 * static_cast<uint64_t>(base);
    const std::vector<CovariatePattern> patterns =
        Drawn(world.base, world.effects, world.truth, is_long ? 500 : 200, seed);
    const LifetimeFit without = FitLifetime(world.base.kind, world.base.k, Together(patterns), {});
    const CovariateFit fit = FitCovariates(without, CovariateBase::Of(patterns), world.effects, kColumns, {});
    ASSERT_TRUE(fit.fitted) << "seed " << seed << ": " << fit.reason;
    for (size_t i = 0; i < truth.size(); ++i) {
      covered[i] += *fit.estimates[i].low <= truth[i] && truth[i] <= *fit.estimates[i].high ? 1 : 0;
    }
  }
  for (size_t i = 0; i < truth.size(); ++i) {
    const double share = 100.0 * covered[i] / bases;
    RecordProperty("covered_" + std::to_string(i), testing::PrintToString(share));
    const double low = is_long ? 92.6 : 95 - 100 * 3.5 * std::sqrt(0.05 * 0.95 / bases);
    EXPECT_TRUE(share >= low && share <= (is_long ? 97.1 : 100)) << "parameter " << i << ": " << share << " %";
  }
}

TEST(Covariates, OneFactorForBothCannotMoveTheMeanDropOut) {
  World world = Worlds()[0];
  world.effects.common_factor = true;
  CovariateFit fit = world.truth;
  fit.base = world.base;
  const LifetimeParameters in = ParametersFor(fit, world.effects, std::vector{1.0, 0.0, 0.0});
  EXPECT_NEAR(in.value[2] / (in.value[2] + in.value[3]), 0.8 / 3.2, 1e-15);
  EXPECT_NE(in.value[2], world.base.value[2]);
}

TEST(Covariates, WhatOtherColumnsDetermineIsLeftOutAndNamed) {
  World world = Worlds()[0];
  const std::vector<CovariatePattern> patterns = Drawn(world.base, world.effects, world.truth, 200, 40);
  world.effects.rate = {0, 2, 1};  // not_club is 1 - club
  const LifetimeFit without = FitLifetime(world.base.kind, 1, Together(patterns), {});
  const CovariateFit fit = FitCovariates(without, CovariateBase::Of(patterns), world.effects, kColumns, {});
  ASSERT_TRUE(fit.fitted) << fit.reason;
  EXPECT_THAT(fit.warnings, Contains(HasSubstr("not_club")));
  ASSERT_EQ(fit.rate.size(), 3u);
  EXPECT_EQ(fit.rate[1], 0);
  EXPECT_NEAR(fit.rate[2], -0.3, 0.15);
}

TEST(Covariates, APriorPullsTowardsNothing) {
  const World world = Worlds()[0];
  const std::vector<CovariatePattern> patterns = Drawn(world.base, world.effects, world.truth, 200, 60);
  const LifetimeFit without = FitLifetime(world.base.kind, 1, Together(patterns), {});
  const CovariateFit free = FitCovariates(without, CovariateBase::Of(patterns), world.effects, kColumns, {});
  const CovariateFit loose =
      FitCovariates(without, CovariateBase::Of(patterns), world.effects, kColumns, {.deviations = {100, 100, 100}});
  const CovariateFit tight =
      FitCovariates(without, CovariateBase::Of(patterns), world.effects, kColumns, {.deviations = {0.01, 0.01, 0.01}});
  EXPECT_NEAR(free.rate[0], loose.rate[0], 1e-4);
  EXPECT_LT(std::fabs(tight.rate[0]), 0.1 * std::fabs(free.rate[0]));
  EXPECT_NEAR(tight.base.value[0], *without.estimates[0].estimate, 0.02);
}

TEST(Covariates, ABeliefAboutAParameterHoldsWithThemToo) {
  const World world = Worlds()[0];
  const std::vector<CovariatePattern> patterns = Drawn(world.base, world.effects, world.truth, 200, 60);
  CovariatePrior prior;
  prior.parameters.by_parameter[0] = {.median = 2, .factor = 1.001};
  const LifetimeFit without =
      FitLifetime(world.base.kind, 1, Together(patterns), {.prior = prior.parameters, .intervals = true, .start = {}});
  const CovariateFit fit = FitCovariates(without, CovariateBase::Of(patterns), world.effects, kColumns, prior);
  ASSERT_TRUE(fit.fitted) << fit.reason;
  EXPECT_NEAR(fit.base.value[0], 2, 0.01);
  const CovariateFit free = FitCovariates(without, CovariateBase::Of(patterns), world.effects, kColumns, {});
  EXPECT_LT(free.base.value[0], 1.5);
  EXPECT_GT(free.log_likelihood, fit.log_likelihood) << "which the prior is no part of";
}

TEST(Covariates, NeedAModelThatTheDataDetermine) {
  LifetimeFit without;
  without.fitted = true;
  without.identified = false;
  EXPECT_THAT(FitCovariates(without, {}, {}, {}, {}).reason, HasSubstr("not identified"));
}

}  // namespace
}  // namespace strata
