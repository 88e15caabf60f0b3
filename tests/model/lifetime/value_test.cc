// Lifetime value of one customer.
#include "model/lifetime/value.h"

#include <gtest/gtest.h>

#include <cmath>

#include "model/lifetime/gamma_gamma.h"
#include "tests/model/lifetime/customer_base.h"
#include "tests/model/lifetime/golden.h"

namespace strata {
namespace {

LifetimeModel Lifetime() {
  LifetimeModel model;
  model.fitted = true;
  model.r = 0.243;
  model.alpha = 4.414;
  model.a = 0.793;
  model.b = 2.426;
  return model;
}

SpendModel Spend() {
  SpendModel model;
  model.fitted = true;
  model.customers = 946;
  model.p = 6.25;
  model.q = 3.74;
  model.v = 15.44;
  model.population_mean = model.p * model.v / (model.q - 1);
  return model;
}

constexpr BgNbdParameters kParameters{.r = 0.243, .alpha = 4.414, .a = 0.793, .b = 2.426};

TEST(LifetimeValue, TwelveMonthsOfThePapersCustomers) {
  for (const char* who : {"cust1", "cust2", "cust3", "cust6"}) {
    const GoldenEntry entry = Golden(std::string("cdnow_sample_B.clv_12_months.") + who);
    const std::vector<double> bg = entry.Inputs("bg_nbd");
    const std::vector<double> gg = entry.Inputs("gamma_gamma");
    std::vector<double> horizons;
    for (int month = 1; month <= 12; ++month) horizons.push_back(month * entry.Input("step_weeks"));
    std::vector<double> expected(12);
    ExpectedPurchasesAt({.r = bg[0], .alpha = bg[1], .a = bg[2], .b = bg[3]}, entry.History(), horizons, expected);
    double value = 0;
    for (size_t i = 0; i < 12; ++i) {
      value += (expected[i] - (i == 0 ? 0 : expected[i - 1])) /
               std::pow(1 + entry.Input("monthly_discount"), static_cast<double>(i + 1));
    }
    ExpectGolden(entry,
                 {value * ExpectedSpend({.p = gg[0], .q = gg[1], .v = gg[2]}, entry.History().x, entry.Input("m"))});
  }
}

TEST(LifetimeValue, IsDiscountedSpendInStepsOfThirtyDays) {
  const SpendModel spend = Spend();
  // Three purchase days, the first 100 days and the last 20 days before the date, 50 a repeat day; 75 days ahead.
  const LifetimeScore score = ScoreLifetime(Lifetime(), &spend, 75, 0.10, 3, 1000, 1080, 1100, 100'000'000);
  const PurchaseHistory history{.x = 2, .t_x = 80 / 7.0, .T = 100 / 7.0};
  const double e30 = ExpectedPurchases(kParameters, history, 30 / 7.0);
  const double e60 = ExpectedPurchases(kParameters, history, 60 / 7.0);
  const double e75 = ExpectedPurchases(kParameters, history, 75 / 7.0);
  const double own = ExpectedSpend({.p = 6.25, .q = 3.74, .v = 15.44}, 2, 50);
  const double value = own * (e30 * std::pow(1.1, -30 / 365.0) + (e60 - e30) * std::pow(1.1, -60 / 365.0) +
                              (e75 - e60) * std::pow(1.1, -75 / 365.0));
  EXPECT_DOUBLE_EQ(score.p_alive, ProbabilityAlive(kParameters, history));
  EXPECT_NEAR(score.expected_purchases, e75, 1e-11);
  EXPECT_DOUBLE_EQ(score.p_no_purchase, ProbabilityNoPurchase(kParameters, history, 75 / 7.0));
  EXPECT_DOUBLE_EQ(score.expected_spend, own);
  EXPECT_NEAR(score.lifetime_value, value, 1e-9);
  EXPECT_FALSE(score.spend_from_population);
  EXPECT_FALSE(score.spend_not_positive);
}

TEST(LifetimeValue, WithoutDiscountIsExpectedSpendTimesExpectedPurchases) {
  const SpendModel spend = Spend();
  const LifetimeScore score = ScoreLifetime(Lifetime(), &spend, 365, 0, 3, 1000, 1080, 1100, 100'000'000);
  EXPECT_NEAR(score.lifetime_value, score.expected_spend * score.expected_purchases, 1e-9);
}

TEST(LifetimeValue, OverNoTimeNothingHappens) {
  const SpendModel spend = Spend();
  const LifetimeScore score = ScoreLifetime(Lifetime(), &spend, 0, 0.10, 3, 1000, 1080, 1100, 100'000'000);
  EXPECT_EQ(score.expected_purchases, 0);
  EXPECT_EQ(score.lifetime_value, 0);
  EXPECT_EQ(score.p_no_purchase, 1);
}

TEST(LifetimeValue, SpendComesFromThePopulationWhereTheCustomerHasNone) {
  const SpendModel spend = Spend();
  const LifetimeScore once = ScoreLifetime(Lifetime(), &spend, 365, 0.10, 1, 1000, 1000, 1100, 0);
  EXPECT_EQ(once.expected_spend, spend.population_mean);
  EXPECT_TRUE(once.spend_from_population);
  EXPECT_FALSE(once.spend_not_positive);
  const LifetimeScore returned = ScoreLifetime(Lifetime(), &spend, 365, 0.10, 3, 1000, 1080, 1100, -1);
  EXPECT_EQ(returned.expected_spend, spend.population_mean);
  EXPECT_TRUE(returned.spend_from_population);
  EXPECT_TRUE(returned.spend_not_positive);
  SpendModel unfitted;
  unfitted.customers = 5;
  unfitted.population_mean = 17;
  const LifetimeScore plain = ScoreLifetime(Lifetime(), &unfitted, 365, 0.10, 3, 1000, 1080, 1100, 100'000'000);
  EXPECT_EQ(plain.expected_spend, 17);
  EXPECT_TRUE(plain.spend_from_population);
}

TEST(LifetimeValue, WhatIsNotKnownIsNotANumber) {
  const SpendModel spend = Spend();
  const SpendModel nobody;
  EXPECT_TRUE(std::isnan(ScoreLifetime(Lifetime(), &spend, 365, 0.1, 0, 0, 0, 1100, 0).p_alive));
  EXPECT_TRUE(std::isnan(ScoreLifetime(LifetimeModel{}, &spend, 365, 0.1, 3, 1000, 1080, 1100, 0).lifetime_value));
  for (const SpendModel* none : {static_cast<const SpendModel*>(nullptr), &nobody}) {
    const LifetimeScore score = ScoreLifetime(Lifetime(), none, 365, 0.1, 3, 1000, 1080, 1100, 100'000'000);
    EXPECT_TRUE(std::isnan(score.expected_spend) && std::isnan(score.lifetime_value));
    EXPECT_TRUE(score.expected_purchases > 0);
  }
  EXPECT_TRUE(std::isnan(NoPurchaseProbability(LifetimeModel{}, 90, 3, 1000, 1080, 1100)));
}

TEST(LifetimeValue, TheCacheNeverChangesAResult) {
  const SpendModel spend = Spend();
  const CustomerBase base = CdnowCalibration();
  const CustomerColumns columns = base.Columns();
  LifetimeScorer roomy(Lifetime(), &spend, 365, 0.10);
  LifetimeScorer cramped(Lifetime(), &spend, 365, 0.10, /*cache_slots=*/3);
  for (size_t i = 0; i < columns.size(); ++i) {
    const auto score = [&](LifetimeScorer& scorer) {
      return scorer.Score(columns.purchase_days[i], columns.first_day[i], columns.last_day[i], columns.as_of,
                          columns.repeat_net_micros[i]);
    };
    const LifetimeScore a = score(roomy);
    const LifetimeScore b = score(cramped);
    ASSERT_EQ(a.lifetime_value, b.lifetime_value) << i;
    ASSERT_EQ(a.expected_purchases, b.expected_purchases) << i;
    ASSERT_EQ(a.p_alive, b.p_alive) << i;
    ASSERT_EQ(a.p_no_purchase, b.p_no_purchase) << i;
  }
}

TEST(NoPurchaseProbability, IsThatOfTheScore) {
  const LifetimeScore score = ScoreLifetime(Lifetime(), nullptr, 90, 0.1, 3, 1000, 1080, 1100, 0);
  EXPECT_EQ(NoPurchaseProbability(Lifetime(), 90, 3, 1000, 1080, 1100), score.p_no_purchase);
}

}  // namespace
}  // namespace strata
