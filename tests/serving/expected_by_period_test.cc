// What is expected by period adds up to what is expected in all, by every model that counts days.
#include "serving/expected_by_period.h"

#include <gtest/gtest.h>

#include <numeric>

#include "model/lifetime/forecast.h"

namespace strata {
namespace {

constexpr Day kAsOf = 10'000;

FittedModels ModelsOf(const LifetimeParameters& at, int horizon_days) {
  FittedModels models;
  models.lifetime.emplace().fit = {.fitted = true, .parameters = at};
  models.lifetime_horizon_days = horizon_days;
  return models;
}

CustomerScore Score() { return {.first_day = kAsOf - 280, .last_day = kAsOf - 35, .purchase_days = 4}; }

TEST(ExpectedByPeriod, AddsUpToTheHorizon) {
  const LifetimeParameters models[] = {{.kind = LifetimeKind::kNbd, .value = {0.39, 12, 0, 0}},
                                       {.kind = LifetimeKind::kBgNbd, .value = {0.243, 4.414, 0.793, 2.426}},
                                       {.kind = LifetimeKind::kMbgNbd, .value = {0.52, 6.2, 0.89, 1.6}},
                                       {.kind = LifetimeKind::kParetoNbd, .value = {0.55, 10.6, 0.61, 11.7}},
                                       {.kind = LifetimeKind::kMbgCnbd, .value = {0.7, 2, 0.9, 3}, .k = 2}};
  for (const LifetimeParameters& at : models) {
    for (const int days : {0, 1, 30, 365}) {
      const std::vector<float> periods = ExpectedByPeriod(Score(), kAsOf, ModelsOf(at, days));
      ASSERT_EQ(periods.size(), static_cast<size_t>((days + 29) / 30)) << Name(at.kind);
      const double sum = std::accumulate(periods.begin(), periods.end(), 0.0);
      EXPECT_NEAR(sum, ExpectedPurchases(at, {.x = 3, .t_x = 35, .T = 40}, days / 7.0), 1e-6) << Name(at.kind);
      for (size_t i = 1; i < periods.size() && at.k == 1; ++i) {
        EXPECT_LE(periods[i], periods[i - 1] * 1.00001f) << "who may leave buys ever less, others the same";
      }
    }
  }
}

TEST(ExpectedByPeriod, IsEmptyWhereTheScoreDoesNotSayItAlone) {
  const LifetimeParameters at{.kind = LifetimeKind::kBgNbd, .value = {0.243, 4.414, 0.793, 2.426}};
  EXPECT_TRUE(ExpectedByPeriod(Score(), kAsOf, {}).empty());
  EXPECT_TRUE(ExpectedByPeriod({.rows = 1}, kAsOf, ModelsOf(at, 365)).empty()) << "no purchase day";
  FittedModels models = ModelsOf(at, 365);
  models.lifetime->covariates.emplace().fit.fitted = true;
  EXPECT_TRUE(ExpectedByPeriod(Score(), kAsOf, models).empty());
  models = ModelsOf({.kind = LifetimeKind::kSbg, .value = {1, 2}}, 365);
  EXPECT_TRUE(ExpectedByPeriod(Score(), kAsOf, models).empty());
  models = ModelsOf(at, 365);
  models.lifetime->fit.fitted = false;
  EXPECT_TRUE(ExpectedByPeriod(Score(), kAsOf, models).empty());
}

}  // namespace
}  // namespace strata
