// Lifetime value of one customer.
#include "model/lifetime/value.h"

#include <gtest/gtest.h>

#include <cmath>

#include "model/lifetime/gamma_gamma.h"
#include "model/lifetime/outlook.h"
#include "tests/model/lifetime/customer_base.h"
#include "tests/model/lifetime/golden.h"

namespace strata {
namespace {

LifetimeModel Lifetime() {
  LifetimeModel model;
  model.fit.fitted = true;
  model.fit.parameters = {.kind = LifetimeKind::kBgNbd, .value = {0.243, 4.414, 0.793, 2.426}, .k = 1};
  model.T_max_days = 700;
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

TEST(LifetimeValue, IsSpendTimesContinuouslyDiscountedPurchases) {
  const SpendModel spend = Spend();
  // Three purchase days, the first 100 days and the last 20 days before the date, 50 a repeat day; 75 days ahead.
  const LifetimeScore score = ScoreLifetime(Lifetime(), &spend, {.horizon_days = 75, .discount_rate_annual = 0.10}, 3,
                                            1000, 1080, 1100, 100'000'000);
  const PurchaseHistory history{.x = 2, .t_x = 80 / 7.0, .T = 100 / 7.0};
  const double own = ExpectedSpend({.p = 6.25, .q = 3.74, .v = 15.44}, 2, 50);
  // Purchases of each day, discounted at its middle: to the square of a day's discount.
  double value = 0, before = 0;
  for (int day = 1; day <= 75; ++day) {
    const double until = ExpectedPurchases(kParameters, history, day / 7.0);
    value += own * (until - before) * std::pow(1.1, -(day - 0.5) / 365);
    before = until;
  }
  EXPECT_DOUBLE_EQ(score.p_alive, ProbabilityAlive(kParameters, history));
  EXPECT_NEAR(score.expected_purchases, before, 1e-11);
  EXPECT_NEAR(score.p_no_purchase, ProbabilityNoPurchase(kParameters, history, 75 / 7.0), 1e-14);
  EXPECT_DOUBLE_EQ(score.expected_spend, own);
  EXPECT_NEAR(score.lifetime_value, value, 1e-7 * value);
  EXPECT_EQ(score.flags, 0u);
}

TEST(LifetimeValue, WithoutDiscountIsExpectedSpendTimesExpectedPurchases) {
  const SpendModel spend = Spend();
  const LifetimeScore score = ScoreLifetime(Lifetime(), &spend, {.horizon_days = 365, .discount_rate_annual = 0}, 3,
                                            1000, 1080, 1100, 100'000'000);
  EXPECT_NEAR(score.lifetime_value, score.expected_spend * score.expected_purchases, 1e-9);
}

TEST(LifetimeValue, OverNoTimeNothingHappens) {
  const SpendModel spend = Spend();
  const LifetimeScore score = ScoreLifetime(Lifetime(), &spend, {.horizon_days = 0, .discount_rate_annual = 0.10}, 3,
                                            1000, 1080, 1100, 100'000'000);
  EXPECT_EQ(score.expected_purchases, 0);
  EXPECT_EQ(score.lifetime_value, 0);
  EXPECT_EQ(score.p_no_purchase, 1);
}

TEST(LifetimeValue, SpendComesFromThePopulationWhereTheCustomerHasNone) {
  const SpendModel spend = Spend();
  const LifetimeScore once =
      ScoreLifetime(Lifetime(), &spend, {.horizon_days = 365, .discount_rate_annual = 0.10}, 1, 1000, 1000, 1100, 0);
  EXPECT_EQ(once.expected_spend, spend.population_mean);
  EXPECT_EQ(once.flags, kFlagSpendFromPopulation);
  const LifetimeScore returned =
      ScoreLifetime(Lifetime(), &spend, {.horizon_days = 365, .discount_rate_annual = 0.10}, 3, 1000, 1080, 1100, -1);
  EXPECT_EQ(returned.expected_spend, spend.population_mean);
  EXPECT_EQ(returned.flags, kFlagSpendFromPopulation | kFlagSpendNotPositive);
  SpendModel unfitted;
  unfitted.customers = 5;
  unfitted.population_mean = 17;
  const LifetimeScore plain = ScoreLifetime(Lifetime(), &unfitted, {.horizon_days = 365, .discount_rate_annual = 0.10},
                                            3, 1000, 1080, 1100, 100'000'000);
  EXPECT_EQ(plain.expected_spend, 17);
  EXPECT_EQ(plain.flags, kFlagSpendFromPopulation);
}

TEST(LifetimeValue, WhatIsNotKnownIsNotANumber) {
  const SpendModel spend = Spend();
  const SpendModel nobody;
  EXPECT_TRUE(std::isnan(
      ScoreLifetime(Lifetime(), &spend, {.horizon_days = 365, .discount_rate_annual = 0.1}, 0, 0, 0, 1100, 0).p_alive));
  EXPECT_TRUE(std::isnan(
      ScoreLifetime(LifetimeModel{}, &spend, {.horizon_days = 365, .discount_rate_annual = 0.1}, 3, 1000, 1080, 1100, 0)
          .lifetime_value));
  for (const SpendModel* none : {static_cast<const SpendModel*>(nullptr), &nobody}) {
    const LifetimeScore score = ScoreLifetime(Lifetime(), none, {.horizon_days = 365, .discount_rate_annual = 0.1}, 3,
                                              1000, 1080, 1100, 100'000'000);
    EXPECT_TRUE(std::isnan(score.expected_spend) && std::isnan(score.lifetime_value));
    EXPECT_TRUE(score.expected_purchases > 0);
  }
  EXPECT_TRUE(std::isnan(NoPurchaseProbability(LifetimeModel{}, 90, 3, 1000, 1080, 1100)));
}

void ExpectClose(double found, double direct, const char* what) { EXPECT_NEAR(found, direct, 1e-10 * direct) << what; }

TEST(LifetimeScorer, AgreesWithTheForecastsOfEachCustomer) {
  const SpendModel spend = Spend();
  const CustomerBase base = CdnowCalibration();
  const CustomerColumns columns = base.Columns();
  const LifetimeParameters models[] = {{.kind = LifetimeKind::kNbd, .value = {0.39, 12, 0, 0}, .k = 1},
                                       {.kind = LifetimeKind::kBgNbd, .value = {0.243, 4.414, 0.793, 2.426}, .k = 1},
                                       {.kind = LifetimeKind::kMbgNbd, .value = {1e6, 7e6, 0.891, 1.614}, .k = 1},
                                       {.kind = LifetimeKind::kParetoNbd, .value = {0.55, 10.6, 0.61, 11.7}, .k = 1},
                                       {.kind = LifetimeKind::kMbgCnbd, .value = {0.7, 2, 0.9, 3}, .k = 2}};
  for (const LifetimeParameters& at : models) {
    LifetimeModel lifetime = Lifetime();
    lifetime.fit.parameters = at;
    const LifetimeScorer scorer(lifetime, &spend, {});
    LifetimeColumns found;
    ASSERT_TRUE(scorer.Score(columns, nullptr, &found).ok());
    for (size_t i = 0; i < columns.size(); i += 7) {
      SCOPED_TRACE(testing::Message() << Name(at.kind) << " customer " << i);
      const LifetimeScore direct = ScoreLifetime(lifetime, &spend, {}, columns.purchase_days[i], columns.first_day[i],
                                                 columns.last_day[i], columns.as_of, columns.repeat_net_micros[i]);
      ExpectClose(found.p_alive[i], direct.p_alive, "alive");
      ExpectClose(found.expected_purchases[i], direct.expected_purchases, "purchases");
      ExpectClose(found.p_no_purchase[i], direct.p_no_purchase, "none");
      ExpectClose(found.expected_spend[i], direct.expected_spend, "spend");
      ExpectClose(found.lifetime_value[i], direct.lifetime_value, "value");
      ASSERT_EQ(found.flags[i], direct.flags);
    }
  }
}

TEST(LifetimeScorer, OlderCustomersThanTheTablesKnowAndThousandsOfPurchasesAreScoredDirectly) {
  CustomerBase base(20'000);
  base.Add(1, 3, 20'000 - 900, 20'000 - 100, 50'000'000);
  base.Add(2, 10'001, 20'000 - 10'001, 20'000 - 1, 9'000'000'000);
  base.Add(3, 1, 20'000, 20'000, 0);
  const CustomerColumns columns = base.Columns();
  const SpendModel spend = Spend();
  LifetimeColumns found;
  ASSERT_TRUE(LifetimeScorer(Lifetime(), &spend, {}).Score(columns, nullptr, &found).ok());
  for (size_t i = 0; i < columns.size(); ++i) {
    const LifetimeScore direct = ScoreLifetime(Lifetime(), &spend, {}, columns.purchase_days[i], columns.first_day[i],
                                               columns.last_day[i], columns.as_of, columns.repeat_net_micros[i]);
    ExpectClose(found.p_alive[i], direct.p_alive, "alive");
    ExpectClose(found.lifetime_value[i], direct.lifetime_value, "value");
  }
}

TEST(NoPurchaseProbability, IsThatOfTheScore) {
  const LifetimeScore score =
      ScoreLifetime(Lifetime(), nullptr, {.horizon_days = 90, .discount_rate_annual = 0.1}, 3, 1000, 1080, 1100, 0);
  EXPECT_EQ(NoPurchaseProbability(Lifetime(), 90, 3, 1000, 1080, 1100), score.p_no_purchase);
}

TEST(NextPurchaseDay, IsTheFirstDayByWhichAndNeverOrBeyondAreSaid) {
  constexpr Day as_of = 12'000;
  EXPECT_EQ(NextPurchaseDay(as_of, 2.0, 7), as_of + 14);
  EXPECT_EQ(NextPurchaseDay(as_of, 2.01, 7), as_of + 15);
  EXPECT_EQ(NextPurchaseDay(as_of, 1e-6, 7), as_of + 1);
  EXPECT_EQ(NextPurchaseDay(as_of, std::nullopt, 7), kNeverDay);
  EXPECT_EQ(NextPurchaseDay(as_of, 1e5, 7), kBeyondDay);
}

}  // namespace
}  // namespace strata
