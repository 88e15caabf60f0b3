// Customers whose traits are numbers: next to nobody shares parameters with anybody, and nothing is tabled.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "model/lifetime/covariate_coding.h"
#include "model/lifetime/outlook.h"
#include "model/lifetime/parameter_draws.h"
#include "model/lifetime/value.h"
#include "tests/model/lifetime/customer_base.h"

namespace strata {
namespace {

SpendModel Spend() {
  SpendModel model;
  model.fitted = true;
  model.customers = 946;
  model.p = 6.25;
  model.q = 3.74;
  model.v = 15.44;
  model.population_mean = model.p * model.v / (model.q - 1);
  model.covariance = {{{0.0004, -0.0002, -0.0005}, {-0.0002, 0.0003, 0.0004}, {-0.0005, 0.0004, 0.0009}}};
  return model;
}

// Age acts on buying and leaving; `error` is of the coefficients.
LifetimeModel ModelOf(const LifetimeParameters& parameters, double error) {
  LifetimeModel model;
  model.fit.fitted = true;
  model.fit.parameters = parameters;
  model.time_unit_days = 7;
  model.T_max_days = 800;
  model.interval_level = 0.9;
  CovariateModel& covariates = model.covariates.emplace();
  covariates.sources = {{.column = "age", .centre = 45, .deviation = 12}};
  covariates.traits = TraitsOf(covariates.sources);
  covariates.effects = {.rate = {0}, .dropout = {0}};
  covariates.fit.fitted = true;
  covariates.fit.base = parameters;
  covariates.fit.rate = {0.3};
  covariates.fit.dropout = {-0.4};
  covariates.fit.kept = covariates.effects;
  covariates.fit.covariance.assign(36, 0);
  for (size_t i = 0; i < 6; ++i) covariates.fit.covariance[i * 7] = i < 4 ? 0.0009 : error * error;
  return model;
}

const LifetimeParameters kModels[] = {
    {.kind = LifetimeKind::kBgNbd, .value = {0.243, 4.414, 0.793, 2.426}, .k = 1},
    {.kind = LifetimeKind::kMbgNbd, .value = {0.525, 6.183, 0.891, 1.614}, .k = 1},
    {.kind = LifetimeKind::kParetoNbd, .value = {0.553, 10.58, 0.606, 11.67}, .k = 1}};

// Ages by what a customer is called, so that a customer keeps theirs in any shard.
ColumnSet AgesOf(const CustomerColumns& customers, std::vector<int64_t>* ages) {
  for (const uint64_t hash : customers.hash) ages->push_back(18 + static_cast<int64_t>(hash % 61));
  ColumnSet profile;
  profile.Add({.name = "age", .whole = *ages});
  return profile;
}

struct Told {
  LifetimeColumns scores;
  std::vector<CustomerOutlook> outlooks;
};

Told TellAll(const LifetimeScorer& scorer, const CustomerColumns& customers) {
  std::vector<int64_t> ages;
  const ColumnSet profile = AgesOf(customers, &ages);
  Told told;
  EXPECT_TRUE(scorer.Score(customers, &profile, &told.scores).ok());
  EXPECT_TRUE(scorer.Outlook(customers, &profile, &told.outlooks).ok());
  return told;
}

void ExpectEnds(double low, double high, double slow_low, double slow_high, double tolerance, const char* what) {
  const double width = slow_high - slow_low;
  EXPECT_NEAR(low, slow_low, tolerance * width + 1e-9 * std::fabs(slow_low)) << what;
  EXPECT_NEAR(high, slow_high, tolerance * width + 1e-9 * std::fabs(slow_high)) << what;
}

void ExpectSame(const CustomerOutlook& quick, const CustomerOutlook& slow, double tolerance) {
  ExpectEnds(quick.p_alive_low, quick.p_alive_high, slow.p_alive_low, slow.p_alive_high, tolerance, "alive");
  ExpectEnds(quick.expected_purchases_low, quick.expected_purchases_high, slow.expected_purchases_low,
             slow.expected_purchases_high, tolerance, "purchases");
  ExpectEnds(quick.p_no_purchase_low, quick.p_no_purchase_high, slow.p_no_purchase_low, slow.p_no_purchase_high,
             tolerance, "none");
  ExpectEnds(quick.lifetime_value_low, quick.lifetime_value_high, slow.lifetime_value_low, slow.lifetime_value_high,
             tolerance, "value");
  EXPECT_NEAR(quick.residual_value, slow.residual_value, 1e-9 * slow.residual_value);
  EXPECT_NEAR(quick.lifetime_value_by_period, slow.lifetime_value_by_period, 1e-9 * slow.lifetime_value_by_period);
  EXPECT_EQ(quick.next_purchase, slow.next_purchase);
  EXPECT_EQ(quick.predicted_purchases_high, slow.predicted_purchases_high);
}

TEST(OwnTraits, EverybodyIsToldWhatTheirOwnParametersSay) {
  const CustomerBase base = Simulate({.r = 0.3, .alpha = 5, .a = 0.8, .b = 2.5}, 40, 80, 3);
  const SpendModel spend = Spend();
  const CustomerColumns columns = base.Columns();
  std::vector<int64_t> ages;
  const ColumnSet profile = AgesOf(columns, &ages);
  for (const LifetimeParameters& at : kModels) {
    // Errors so small that Taylor polynomials are told, or so large that every draw is evaluated of who is far enough
    // from the mean age.
    int by_taylor = 0, by_draws = 0;
    for (const double error : {0.03, 0.5}) {
      const LifetimeModel model = ModelOf(at, error);
      const Told told = TellAll(LifetimeScorer(model, &spend, {}), columns);
      const auto coded = CodeCustomers(model.covariates->sources, &profile);
      ASSERT_TRUE(coded.ok()) << coded.status();
      for (size_t i = 0; i < columns.size(); ++i) {
        SCOPED_TRACE(testing::Message() << Name(at.kind) << ", error " << error << ", customer " << i);
        LifetimeModel own = model;
        own.fit = FitForTraits(*model.covariates,
                               TraitsOfPattern(model.covariates->sources, coded->pattern(coded->pattern_of[i])));
        const bool is_taylor = ParameterDraws(own.fit, own.draw_seed).taylor_suffices();
        ++(is_taylor ? by_taylor : by_draws);
        ExpectSame(told.outlooks[i],
                   OutlookOf(own, &spend, {}, columns.purchase_days[i], columns.first_day[i], columns.last_day[i],
                             columns.as_of, columns.repeat_net_micros[i]),
                   is_taylor ? 0.04 : 1e-3);
        const LifetimeScore slow = ScoreLifetime(own, &spend, {}, columns.purchase_days[i], columns.first_day[i],
                                                 columns.last_day[i], columns.as_of, columns.repeat_net_micros[i]);
        EXPECT_NEAR(told.scores.expected_purchases[i], slow.expected_purchases, 1e-10 * slow.expected_purchases);
        EXPECT_NEAR(told.scores.lifetime_value[i], slow.lifetime_value, 1e-10 * slow.lifetime_value);
        EXPECT_NEAR(told.scores.p_no_purchase[i], slow.p_no_purchase, 1e-10);
      }
    }
    EXPECT_GT(by_taylor, 40);
    EXPECT_GT(by_draws, 15);
  }
}

TEST(OwnTraits, NeitherTheOrderNorTheCompanyChangesABit) {
  const CustomerBase base = Simulate({.r = 0.3, .alpha = 5, .a = 0.8, .b = 2.5}, 600, 80, 11);
  const SpendModel spend = Spend();
  for (const LifetimeParameters& at : kModels) {
    for (const double error : {0.03, 0.5}) {
      const LifetimeModel model = ModelOf(at, error);
      const CustomerColumns columns = base.Columns();
      const Told together = TellAll(LifetimeScorer(model, &spend, {}), columns);
      const LifetimeScorer another(model, &spend, {});
      for (const CustomerBase& shard : base.Shards(7)) {
        const CustomerColumns own = shard.Columns();
        const Told told = TellAll(another, own);
        for (size_t i = 0; i < own.size(); ++i) {
          const auto row = static_cast<size_t>(std::find(columns.hash.begin(), columns.hash.end(), own.hash[i]) -
                                               columns.hash.begin());
          const CustomerOutlook &one = told.outlooks[i], &other = together.outlooks[row];
          ASSERT_EQ(one.lifetime_value_high, other.lifetime_value_high);
          ASSERT_EQ(one.p_no_purchase_low, other.p_no_purchase_low);
          ASSERT_EQ(one.residual_value, other.residual_value);
          ASSERT_EQ(one.next_purchase, other.next_purchase);
          ASSERT_EQ(told.scores.lifetime_value[i], together.scores.lifetime_value[row]);
          ASSERT_EQ(told.scores.p_no_purchase[i], together.scores.p_no_purchase[row]);
        }
      }
    }
  }
}

}  // namespace
}  // namespace strata
