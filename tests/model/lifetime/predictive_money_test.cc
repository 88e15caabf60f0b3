// What customers drawn from the models go on to spend, against the intervals that they were told: these cover as often
// as they say. Days are short: hardly two purchases fall on one.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <random>

#include "model/lifetime/gamma_gamma.h"
#include "model/lifetime/value.h"
#include "tests/model/lifetime/customer_base.h"
#include "tests/model/lifetime/simulate_histories.h"

namespace strata {
namespace {

constexpr double kDaysOfUnit = 100;
constexpr double kAhead = 26;  // time units
constexpr Day kAsOf = 2'000'000;
constexpr double kLevel = 0.9;
constexpr GammaGammaParameters kSpend{.p = 6.25, .q = 3.74, .v = 15.44};
// A tenth of all value in a year of 52 units, in units of 100 days.
const ScoringRules kRules{.horizon_days = static_cast<int>(kAhead * kDaysOfUnit),
                          .discount_rate_annual = std::expm1(0.1 / 52 * 365 / kDaysOfUnit)};

LifetimeModel ModelOf(const LifetimeParameters& truth) {
  LifetimeModel model;
  model.fit.fitted = true;
  model.fit.parameters = truth;
  model.time_unit_days = kDaysOfUnit;
  model.T_max_days = 105 * static_cast<int>(kDaysOfUnit);
  model.interval_level = kLevel;
  return model;
}

SpendModel Spend() {
  SpendModel model;
  model.fitted = true;
  model.customers = 1000;
  model.p = kSpend.p;
  model.q = kSpend.q;
  model.v = kSpend.v;
  model.population_mean = PopulationSpend(kSpend);
  return model;
}

struct Future {
  double spend = 0, value = 0;
};

// A customer up to the date, into the base, and what they do after it.
Future Draw(const LifetimeParameters& truth, const DrawNature& nature, uint64_t hash, Random* random,
            CustomerBase* base) {
  const double T = 5 + static_cast<double>(hash % 100);
  const double thrift = std::gamma_distribution<double>(kSpend.q, 1 / kSpend.v)(*random);
  const double rate = std::log1p(kRules.discount_rate_annual) / 365 * kDaysOfUnit;
  int32_t purchase_days = 1;
  double last = 0, net = 0;
  Future future;
  for (const double time : PurchaseTimes(truth, nature(random), T + kAhead, random)) {
    const double amount = std::gamma_distribution<double>(kSpend.p, 1 / thrift)(*random);
    if (time > T) {
      future.spend += amount;
      future.value += amount * std::exp(-rate * (time - T));
    } else {
      ++purchase_days;
      last = time;
      net += amount;
    }
  }
  const Day first = kAsOf - static_cast<Day>(T * kDaysOfUnit);
  base->Add(hash, purchase_days, first, first + static_cast<Day>(last * kDaysOfUnit), std::llround(net * 1e6));
  return future;
}

// Over customers: how many an interval covers, and the probability that it says it has.
struct Tally {
  double covered = 0, mass = 0;

  void Add(double realised, double low, double high, double none, double share) {
    if (low <= realised && realised <= high) covered += share;
    const double below_high = high > 0 ? (1 + kLevel) / 2 : none;
    const double below_low = low > 0 ? (1 - kLevel) / 2 : 0;
    mass += share * (below_high - below_low);
  }
};

class PredictedMoney : public testing::TestWithParam<LifetimeParameters> {};

TEST_P(PredictedMoney, CoversAsOftenAsItSays) {
  const bool is_long = std::getenv("STRATA_LONG") != nullptr;
  const uint64_t customers = is_long ? 100'000 : 4'000;
  const LifetimeParameters& truth = GetParam();
  const uint64_t seed = 170 + static_cast<uint64_t>(truth.kind);
  Random random(seed);
  const DrawNature nature = NatureOf(truth);
  CustomerBase base(kAsOf);
  std::vector<Future> futures;
  for (uint64_t i = 0; i < customers; ++i) futures.push_back(Draw(truth, nature, i, &random, &base));
  const SpendModel spend_model = Spend();
  const LifetimeScorer scorer(ModelOf(truth), &spend_model, kRules);
  LifetimeColumns scored;
  std::vector<CustomerOutlook> outlooks;
  ASSERT_TRUE(scorer.Score(base.Columns(), nullptr, &scored).ok());
  ASSERT_TRUE(scorer.Outlook(base.Columns(), nullptr, &outlooks).ok());
  Tally spend, value;
  double realised = 0, expected = 0;
  for (size_t i = 0; i < outlooks.size(); ++i) {
    const CustomerOutlook& told = outlooks[i];
    const double share = 1 / static_cast<double>(customers);
    spend.Add(futures[i].spend, told.predicted_spend_low, told.predicted_spend_high, scored.p_no_purchase[i], share);
    value.Add(futures[i].value, told.predicted_value_low, told.predicted_value_high, scored.p_no_purchase[i], share);
    realised += futures[i].value * share;
    expected += scored.lifetime_value[i] * share;
  }
  const double tolerance = is_long ? 0.005 : 0.02;
  EXPECT_GE(spend.mass, kLevel - 1e-9);
  EXPECT_NEAR(spend.covered, spend.mass, tolerance) << Name(truth.kind) << " seed " << seed;
  EXPECT_NEAR(value.covered, value.mass, tolerance) << Name(truth.kind) << " seed " << seed;
  EXPECT_NEAR(realised, expected, (is_long ? 0.03 : 0.12) * expected) << Name(truth.kind) << " seed " << seed;
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, PredictedMoney,
    testing::Values(LifetimeParameters{.kind = LifetimeKind::kNbd, .value = {0.6, 7, 0, 0}, .k = 1},
                    LifetimeParameters{.kind = LifetimeKind::kBgNbd, .value = {0.5, 4.4, 0.8, 2.4}, .k = 1},
                    LifetimeParameters{.kind = LifetimeKind::kMbgNbd, .value = {0.7, 5, 0.9, 1.8}, .k = 1},
                    LifetimeParameters{.kind = LifetimeKind::kParetoNbd, .value = {0.8, 6, 0.8, 12}, .k = 1},
                    LifetimeParameters{.kind = LifetimeKind::kMbgCnbd, .value = {0.8, 2.5, 0.9, 2.2}, .k = 2}),
    [](const auto& truth) { return Name(truth.param.kind); });

}  // namespace
}  // namespace strata
