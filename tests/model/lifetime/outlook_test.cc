// What many customers are told at once, against what each of them is told the slow way.
#include "model/lifetime/outlook.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

#include "model/lifetime/covariate_coding.h"
#include "model/lifetime/value.h"
#include "tests/model/lifetime/customer_base.h"

namespace strata {
namespace {

constexpr Day kAsOf = 12'000;

// Errors of the size that some ten thousand customers leave.
LifetimeModel ModelOf(const LifetimeParameters& parameters, double error = 0.04) {
  LifetimeModel model;
  model.fit.fitted = true;
  model.fit.parameters = parameters;
  for (size_t i = 0; i < 4; ++i) {
    for (size_t j = 0; j < 4; ++j) {
      if (parameters.value[i] > 0 && parameters.value[j] > 0) {
        model.fit.covariance[i][j] = error * error * (i == j ? 1 : (i / 2 == j / 2 ? 0.7 : 0.1));
      }
    }
  }
  model.time_unit_days = 7;
  model.T_max_days = 800;
  model.interval_level = 0.9;
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
  model.covariance = {{{0.0004, -0.0002, -0.0005}, {-0.0002, 0.0003, 0.0004}, {-0.0005, 0.0004, 0.0009}}};
  return model;
}

std::vector<LifetimeParameters> Models() {
  return {{.kind = LifetimeKind::kNbd, .value = {0.39, 12, 0, 0}, .k = 1},
          {.kind = LifetimeKind::kBgNbd, .value = {0.243, 4.414, 0.793, 2.426}, .k = 1},
          {.kind = LifetimeKind::kMbgNbd, .value = {0.525, 6.183, 0.891, 1.614}, .k = 1},
          {.kind = LifetimeKind::kParetoNbd, .value = {0.553, 10.58, 0.606, 11.67}, .k = 1},
          {.kind = LifetimeKind::kBgCnbd, .value = {0.7, 2, 0.9, 3}, .k = 2}};
}

struct Customer {
  int32_t purchase_days;
  Day first_day, last_day;
  int64_t repeat_net_micros;
};

const Customer kCustomers[] = {{1, kAsOf, kAsOf, 0},
                               {1, kAsOf - 272, kAsOf - 272, 0},
                               {3, kAsOf - 272, kAsOf - 59, 44'700'000},
                               {6, kAsOf - 700, kAsOf - 500, 301'000'000},
                               {27, kAsOf - 217, kAsOf - 1, 900'000'000},
                               {4, kAsOf - 120, kAsOf - 20, -3'000'000},
                               {2, kAsOf - 1, kAsOf, 12'340'000},
                               {91, kAsOf - 799, kAsOf - 3, 2'000'000'000}};

CustomerBase Base() {
  CustomerBase base(kAsOf);
  uint64_t hash = 1;
  for (const Customer& customer : kCustomers) {
    base.Add(hash++, customer.purchase_days, customer.first_day, customer.last_day, customer.repeat_net_micros);
  }
  base.Add(hash, 0, 0, 0, 0);
  return base;
}

std::vector<CustomerOutlook> Outlooks(const LifetimeScorer& scorer, const CustomerColumns& columns) {
  std::vector<CustomerOutlook> out;
  EXPECT_TRUE(scorer.Outlook(columns, nullptr, &out).ok());
  return out;
}

void ExpectEnds(double low, double high, double slow_low, double slow_high, double tolerance, const char* what) {
  const double width = slow_high - slow_low;
  EXPECT_NEAR(low, slow_low, tolerance * width + 1e-9 * std::fabs(slow_low)) << what;
  EXPECT_NEAR(high, slow_high, tolerance * width + 1e-9 * std::fabs(slow_high)) << what;
  EXPECT_LE(low, high) << what;
}

void ExpectSameMoney(const CustomerOutlook& quick, const CustomerOutlook& slow, double tolerance) {
  ExpectEnds(quick.expected_spend_low, quick.expected_spend_high, slow.expected_spend_low, slow.expected_spend_high,
             0.02, "spend");
  ExpectEnds(quick.lifetime_value_low, quick.lifetime_value_high, slow.lifetime_value_low, slow.lifetime_value_high,
             tolerance, "value");
  EXPECT_NEAR(quick.lifetime_value_by_period, slow.lifetime_value_by_period, 1e-9 * slow.lifetime_value_by_period);
  EXPECT_NEAR(quick.residual_value, slow.residual_value, 1e-9 * slow.residual_value);
  EXPECT_NEAR(quick.predicted_spend_low, slow.predicted_spend_low, 5e-4 * slow.predicted_spend_low);
  EXPECT_NEAR(quick.predicted_spend_high, slow.predicted_spend_high, 5e-4 * slow.predicted_spend_high);
  EXPECT_NEAR(quick.predicted_value_high, slow.predicted_value_high, 5e-4 * slow.predicted_value_high);
}

void ExpectSame(const CustomerOutlook& quick, const CustomerOutlook& slow, double tolerance) {
  ExpectEnds(quick.p_alive_low, quick.p_alive_high, slow.p_alive_low, slow.p_alive_high, tolerance, "alive");
  ExpectEnds(quick.expected_purchases_low, quick.expected_purchases_high, slow.expected_purchases_low,
             slow.expected_purchases_high, tolerance, "purchases");
  ExpectEnds(quick.p_no_purchase_low, quick.p_no_purchase_high, slow.p_no_purchase_low, slow.p_no_purchase_high,
             tolerance, "none");
  EXPECT_EQ(quick.next_purchase, slow.next_purchase);
  EXPECT_EQ(quick.overdue_ratio, slow.overdue_ratio);
  EXPECT_EQ(quick.p_silence, slow.p_silence);
  EXPECT_EQ(quick.predicted_purchases_low, slow.predicted_purchases_low);
  EXPECT_EQ(quick.predicted_purchases_high, slow.predicted_purchases_high);
  ExpectSameMoney(quick, slow, tolerance);
}

void ExpectAllSame(const LifetimeModel& model, const ScoringRules& rules, double tolerance) {
  const SpendModel spend = Spend();
  const CustomerBase base = Base();
  const std::vector<CustomerOutlook> quick = Outlooks(LifetimeScorer(model, &spend, rules), base.Columns());
  for (size_t i = 0; i < std::size(kCustomers); ++i) {
    const Customer& who = kCustomers[i];
    SCOPED_TRACE(testing::Message() << Name(model.fit.parameters.kind) << " customer " << i);
    ExpectSame(
        quick[i],
        OutlookOf(model, &spend, rules, who.purchase_days, who.first_day, who.last_day, kAsOf, who.repeat_net_micros),
        tolerance);
  }
}

TEST(Outlook, IsWhatEachCustomerIsToldTheSlowWay) {
  for (const LifetimeParameters& at : Models()) ExpectAllSame(ModelOf(at), {}, 0.02);
}

TEST(Outlook, OfWideErrorsAndOfReplicatesIsEvaluatedAtEveryDraw) {
  LifetimeModel wide = ModelOf(Models()[3], 0.4);
  ExpectAllSame(wide, {}, 1e-3);
  LifetimeModel replicated = ModelOf(Models()[1]);
  for (int i = 0; i < 40; ++i) {
    replicated.bootstrap.push_back(replicated.fit.parameters);
    for (double& value : replicated.bootstrap.back().value) value *= 1 + 0.003 * ((i * 17) % 40 - 20);
  }
  ExpectAllSame(replicated, {.horizon_days = 100, .discount_rate_annual = 0.2}, 1e-3);
}

// Traits give everybody the parameters of their pattern, with tables (categories) and without (numbers).
TEST(Outlook, OfCovariatesIsThatOfTheCustomersOwnParameters) {
  const CustomerBase base = Base();
  const SpendModel spend = Spend();
  const std::vector<std::string> regions = {"north", "south"};
  std::vector<int32_t> codes;
  std::vector<int64_t> ages;
  for (size_t i = 0; i < base.size(); ++i) {
    codes.push_back(static_cast<int32_t>(i % 2));
    ages.push_back(30 + static_cast<int64_t>(i));
  }
  ColumnSet profile;
  profile.Add({.name = "region", .type = ColumnType::kText, .code = codes, .words = regions});
  profile.Add({.name = "age", .whole = ages});
  const CovariateSource region{.column = "region", .is_category = true, .reference = "south", .levels = {"north"}};
  const CovariateSource age{.column = "age", .centre = 35, .deviation = 4};
  for (const CovariateSource& source : {region, age}) {
    LifetimeModel model = ModelOf(Models()[1]);
    CovariateModel& covariates = model.covariates.emplace();
    covariates.sources = {source};
    covariates.traits = TraitsOf(covariates.sources);
    covariates.effects = {.rate = {0}, .dropout = {0}};
    covariates.fit.fitted = true;
    covariates.fit.base = model.fit.parameters;
    covariates.fit.rate = {0.3};
    covariates.fit.dropout = {-0.2};
    covariates.fit.kept = covariates.effects;
    covariates.fit.covariance.assign(36, 0);
    for (size_t i = 0; i < 6; ++i) covariates.fit.covariance[i * 7] = 0.0009;
    std::vector<CustomerOutlook> found;
    ASSERT_TRUE(LifetimeScorer(model, &spend, {}).Outlook(base.Columns(), &profile, &found).ok());
    const auto coded = CodeCustomers(covariates.sources, &profile);
    ASSERT_TRUE(coded.ok()) << coded.status();
    for (size_t i = 0; i < std::size(kCustomers); ++i) {
      const Customer& who = kCustomers[i];
      LifetimeModel own = model;
      own.fit = FitForTraits(covariates, TraitsOfPattern(covariates.sources, coded->pattern(coded->pattern_of[i])));
      SCOPED_TRACE(testing::Message() << source.column << " of customer " << i);
      ExpectSame(
          found[i],
          OutlookOf(own, &spend, {}, who.purchase_days, who.first_day, who.last_day, kAsOf, who.repeat_net_micros),
          0.02);
    }
    EXPECT_NE(found[0].residual_value, found[1].residual_value);
  }
}

// A number that the fit left out neither makes patterns nor is looked up: scores are to the bit those without it.
TEST(Outlook, OfCovariatesKnowsNothingOfWhatTheFitLeftOut) {
  const CustomerBase base = Base();
  const SpendModel spend = Spend();
  const std::vector<std::string> regions = {"north", "south"};
  std::vector<int32_t> codes;
  for (size_t i = 0; i < base.size(); ++i) codes.push_back(static_cast<int32_t>(i % 2));
  ColumnSet profile;
  profile.Add({.name = "region", .type = ColumnType::kText, .code = codes, .words = regions});
  const CovariateSource region{.column = "region", .is_category = true, .reference = "south", .levels = {"north"}};
  const CovariateSource age{.column = "age", .centre = 35, .deviation = 4};
  const auto outlooks = [&](std::vector<CovariateSource> sources, const CovariateEffects& kept) {
    LifetimeModel model = ModelOf(Models()[1]);
    CovariateModel& covariates = model.covariates.emplace();
    covariates.sources = std::move(sources);
    covariates.traits = TraitsOf(covariates.sources);
    for (size_t trait = 0; trait < covariates.traits.size(); ++trait) covariates.effects.rate.push_back(trait);
    covariates.fit.fitted = true;
    covariates.fit.base = model.fit.parameters;
    covariates.fit.rate.assign(covariates.traits.size(), 0);
    for (const size_t trait : kept.rate) covariates.fit.rate[trait] = 0.3;
    covariates.fit.kept = kept;
    const size_t width = 4 + kept.rate.size();
    covariates.fit.covariance.assign(width * width, 0);
    for (size_t i = 0; i < width; ++i) covariates.fit.covariance[i * (width + 1)] = 0.0009;
    std::vector<CustomerOutlook> found;
    EXPECT_TRUE(LifetimeScorer(model, &spend, {}).Outlook(base.Columns(), &profile, &found).ok());
    return found;
  };
  const auto expect_same = [](const std::vector<CustomerOutlook>& one, const std::vector<CustomerOutlook>& other) {
    for (size_t i = 0; i < std::size(kCustomers); ++i) {
      EXPECT_EQ(one[i].residual_value, other[i].residual_value);
      EXPECT_EQ(one[i].expected_purchases_low, other[i].expected_purchases_low);
      EXPECT_EQ(one[i].lifetime_value_high, other[i].lifetime_value_high);
    }
  };
  const std::vector<CustomerOutlook> alone = outlooks({region}, {.rate = {0}});
  expect_same(alone, outlooks({age, region}, {.rate = {1}}));
  const std::vector<CustomerOutlook> nothing = outlooks({age}, {});
  expect_same(nothing, outlooks({region, age}, {}));
  EXPECT_NE(alone[2].residual_value, nothing[2].residual_value);
}

TEST(Outlook, MoneyIsTimesTheMargin) {
  LifetimeModel model = ModelOf(Models()[1]);
  const SpendModel spend = Spend();
  const CustomerBase base = Base();
  const CustomerOutlook net = Outlooks(LifetimeScorer(model, &spend, {}), base.Columns())[2];
  model.margin.factor = 0.25;
  const LifetimeScorer scorer(model, &spend, {});
  const CustomerOutlook margin = Outlooks(scorer, base.Columns())[2];
  EXPECT_DOUBLE_EQ(margin.residual_value, 0.25 * net.residual_value);
  EXPECT_DOUBLE_EQ(margin.lifetime_value_high, 0.25 * net.lifetime_value_high);
  EXPECT_DOUBLE_EQ(margin.predicted_value_high, 0.25 * net.predicted_value_high);
  EXPECT_EQ(margin.predicted_spend_high, net.predicted_spend_high);
  LifetimeColumns scored;
  ASSERT_TRUE(scorer.Score(base.Columns(), nullptr, &scored).ok());
  EXPECT_TRUE(margin.lifetime_value_low <= scored.lifetime_value[2] &&
              scored.lifetime_value[2] <= margin.lifetime_value_high);
}

// Costs above the revenue: what is worth most to buy is what loses most.
TEST(Outlook, EndsOfMoneyAreInOrderWhereTheMarginIsNegative) {
  LifetimeModel model = ModelOf(Models()[1]);
  const SpendModel spend = Spend();
  const CustomerBase base = Base();
  const std::vector<CustomerOutlook> net = Outlooks(LifetimeScorer(model, &spend, {}), base.Columns());
  model.margin.factor = -0.5;
  const std::vector<CustomerOutlook> loss = Outlooks(LifetimeScorer(model, &spend, {}), base.Columns());
  for (size_t i = 0; i < std::size(kCustomers); ++i) {
    SCOPED_TRACE(i);
    EXPECT_DOUBLE_EQ(loss[i].lifetime_value_low, -0.5 * net[i].lifetime_value_high);
    EXPECT_DOUBLE_EQ(loss[i].lifetime_value_high, -0.5 * net[i].lifetime_value_low);
    EXPECT_DOUBLE_EQ(loss[i].predicted_value_low, -0.5 * net[i].predicted_value_high);
    EXPECT_DOUBLE_EQ(loss[i].predicted_value_high, -0.5 * net[i].predicted_value_low);
    const Customer& who = kCustomers[i];
    const CustomerOutlook slow =
        OutlookOf(model, &spend, {}, who.purchase_days, who.first_day, who.last_day, kAsOf, who.repeat_net_micros);
    ExpectEnds(loss[i].lifetime_value_low, loss[i].lifetime_value_high, slow.lifetime_value_low,
               slow.lifetime_value_high, 0.02, "value");
    EXPECT_LE(slow.predicted_value_low, slow.predicted_value_high);
  }
}

TEST(Outlook, WithoutTablesItIsTheSame) {
  for (const LifetimeParameters& at : {Models()[1], Models()[3]}) {
    LifetimeModel model = ModelOf(at);
    model.T_max_days = 0;
    ExpectAllSame(model, {}, 0.02);
  }
}

TEST(Outlook, OverNoTimeNothingIsExpectedAndEverythingToComeIsWorthWhatItWas) {
  LifetimeModel model = ModelOf(Models()[1]);
  const SpendModel spend = Spend();
  const CustomerBase base = Base();
  const CustomerOutlook now =
      Outlooks(LifetimeScorer(model, &spend, {.horizon_days = 0, .discount_rate_annual = 0.1}), base.Columns())[2];
  const CustomerOutlook year = Outlooks(LifetimeScorer(model, &spend, {}), base.Columns())[2];
  EXPECT_EQ(now.expected_purchases_high, 0);
  EXPECT_EQ(now.p_no_purchase_low, 1);
  EXPECT_EQ(now.lifetime_value_high, 0);
  EXPECT_EQ(now.predicted_purchases_high, 0);
  EXPECT_EQ(now.predicted_spend_high, 0);
  EXPECT_EQ(now.predicted_value_high, 0);
  EXPECT_NEAR(now.residual_value, year.residual_value, 1e-9 * year.residual_value);
  EXPECT_EQ(now.next_purchase, year.next_purchase);
  const CustomerOutlook plain =
      Outlooks(LifetimeScorer(model, &spend, {.horizon_days = 365, .discount_rate_annual = 0}), base.Columns())[2];
  EXPECT_TRUE(std::isnan(plain.residual_value)) << "no finite number without discounting";
  EXPECT_GT(plain.lifetime_value_by_period, year.lifetime_value_by_period);
}

TEST(Outlook, WhatIsNotKnownIsNotSaid) {
  LifetimeModel model = ModelOf(Models()[1]);
  const CustomerBase base = Base();
  const CustomerOutlook alone = Outlooks(LifetimeScorer(model, nullptr, {}), base.Columns())[2];
  EXPECT_TRUE(std::isnan(alone.expected_spend_low) && std::isnan(alone.residual_value));
  EXPECT_TRUE(std::isnan(alone.predicted_spend_high));
  EXPECT_GT(alone.expected_purchases_high, 0);
  EXPECT_EQ(Outlooks(LifetimeScorer(model, nullptr, {}), base.Columns()).back().next_purchase[0], kUnknownDay);
  model.interval_level = 0;
  const SpendModel spend = Spend();
  const CustomerOutlook without = Outlooks(LifetimeScorer(model, &spend, {}), base.Columns())[2];
  EXPECT_TRUE(std::isnan(without.p_alive_low) && std::isnan(without.predicted_value_low));
  EXPECT_EQ(without.predicted_purchases_high, -1);
  EXPECT_GT(without.residual_value, 0);
  EXPECT_GT(without.next_purchase[0], kAsOf);
  LifetimeModel no_errors = ModelOf(Models()[1], 0);
  EXPECT_TRUE(std::isnan(Outlooks(LifetimeScorer(no_errors, &spend, {}), base.Columns())[2].p_alive_low));
  const CustomerOutlook none = Outlooks(LifetimeScorer(LifetimeModel{}, &spend, {}), base.Columns())[2];
  EXPECT_TRUE(std::isnan(none.overdue_ratio));
  EXPECT_EQ(none.next_purchase[0], kUnknownDay);
}

// A mean of q <= 1 is infinite: the median stands for it, there is no value of who has no spend of their own.
TEST(Outlook, ASpendWithoutAMeanHasAMedian) {
  SpendModel spend = Spend();
  spend.q = 0.8;
  spend.population_median = 123.5;
  const CustomerBase base = Base();
  const LifetimeScorer scorer(ModelOf(Models()[1]), &spend, {});
  LifetimeColumns scored;
  ASSERT_TRUE(scorer.Score(base.Columns(), nullptr, &scored).ok());
  EXPECT_EQ(scored.expected_spend[1], 123.5);
  EXPECT_TRUE(std::isnan(scored.lifetime_value[1]));
  EXPECT_NEAR(scored.expected_spend[2], 6.25 * (15.44 + 44.7) / (12.5 + 0.8 - 1), 1e-9);
  EXPECT_GT(scored.lifetime_value[2], 0);
  const std::vector<CustomerOutlook> outlooks = Outlooks(scorer, base.Columns());
  EXPECT_TRUE(std::isnan(outlooks[1].residual_value) && std::isnan(outlooks[1].lifetime_value_low));
  EXPECT_GT(outlooks[1].predicted_spend_high, 0) << "quantiles there are without a mean";
  EXPECT_LT(outlooks[2].lifetime_value_low, outlooks[2].lifetime_value_high);
}

TEST(Outlook, OfThousandsOfPurchasesIsFinite) {
  CustomerBase base(kAsOf);
  base.Add(1, 10'001, kAsOf - 10'001, kAsOf - 1, 90'000'000'000);
  const SpendModel spend = Spend();
  for (const LifetimeParameters& at : {Models()[0], Models()[2], Models()[3]}) {
    const CustomerOutlook found = Outlooks(LifetimeScorer(ModelOf(at), &spend, {}), base.Columns())[0];
    SCOPED_TRACE(Name(at.kind));
    EXPECT_NEAR(found.overdue_ratio, 1, 0.01);
    EXPECT_EQ(found.next_purchase[0], kAsOf + 1);
    EXPECT_TRUE(found.predicted_purchases_low > 250 && found.predicted_purchases_high < 500);
    EXPECT_LT(found.predicted_spend_low, found.predicted_spend_high);
    EXPECT_LT(found.lifetime_value_low, found.lifetime_value_high);
    EXPECT_GT(found.residual_value, found.lifetime_value_by_period);
    EXPECT_LE(found.p_no_purchase_low, found.p_no_purchase_high);
  }
}

TEST(Outlook, NeitherTheOrderNorTheCompanyChangesABit) {
  const CustomerBase base = Simulate({.r = 0.3, .alpha = 5, .a = 0.8, .b = 2.5}, 3000, 80, 11);
  const SpendModel spend = Spend();
  for (const LifetimeParameters& at : {Models()[1], Models()[3]}) {
    LifetimeModel model = ModelOf(at);
    const std::vector<CustomerOutlook> together = Outlooks(LifetimeScorer(model, &spend, {}), base.Columns());
    const LifetimeScorer another(model, &spend, {});
    const CustomerColumns columns = base.Columns();
    for (const CustomerBase& shard : base.Shards(7)) {
      const CustomerColumns own = shard.Columns();
      const std::vector<CustomerOutlook> found = Outlooks(another, own);
      for (size_t i = 0; i < own.size(); ++i) {
        const auto row = static_cast<size_t>(std::find(columns.hash.begin(), columns.hash.end(), own.hash[i]) -
                                             columns.hash.begin());
        ASSERT_EQ(found[i].lifetime_value_high, together[row].lifetime_value_high);
        ASSERT_EQ(found[i].p_no_purchase_low, together[row].p_no_purchase_low);
        ASSERT_EQ(found[i].residual_value, together[row].residual_value);
        ASSERT_EQ(found[i].next_purchase, together[row].next_purchase);
        ASSERT_EQ(found[i].predicted_spend_high, together[row].predicted_spend_high);
      }
    }
  }
}

}  // namespace
}  // namespace strata
