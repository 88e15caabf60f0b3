// Scores by the models of opportunities and of contracts, whose histories are columns of the profile.
#include <gtest/gtest.h>

#include <cmath>

#include "model/lifetime/discrete_table.h"
#include "model/lifetime/forecast.h"
#include "model/lifetime/sbg.h"
#include "model/lifetime/value.h"
#include "tests/model/lifetime/customer_base.h"

namespace strata {
namespace {

constexpr Day kAsOf = 15'000;
constexpr LifetimeParameters kDonors{.kind = LifetimeKind::kBgBb, .value = {1.2035, 0.7497, 0.6567, 2.7834}, .k = 1};

LifetimeModel ModelOf(const LifetimeParameters& parameters) {
  LifetimeModel model;
  model.fit.fitted = true;
  model.fit.parameters = parameters;
  for (size_t i = 0; i < 4; ++i) model.fit.covariance[i][i] = parameters.value[i] > 0 ? 0.002 : 0;
  model.time_unit_days = 365;
  return model;
}

SpendModel Spend() {
  SpendModel model;
  model.customers = 3;
  model.population_mean = 20;
  return model;
}

// Four customers: a donor of (3, 4, 6), one of (0, 0, 6), one whose first gift was this year, and one without a gift.
struct Profile {
  Profile() : base(kAsOf) {
    base.Add(1, 5, kAsOf - 2200, kAsOf - 600, 100'000'000);
    base.Add(2, 1, kAsOf - 2200, kAsOf - 2200, 0);
    base.Add(3, 1, kAsOf - 20, kAsOf - 20, 0);
    base.Add(4, 0, 0, 0, 0);
  }

  ColumnSet Set(std::initializer_list<const char*> names) const {
    ColumnSet set;
    for (const char* name : names) {
      Column column{.name = name};
      column.whole = Whole(name);
      set.Add(column);
    }
    return set;
  }

  const std::vector<int64_t>& Whole(std::string_view name) const {
    return name == kOpportunitiesX ? x : name == kOpportunitiesLast || name == kContractLost ? last : n;
  }

  CustomerBase base;
  std::vector<int64_t> x = {3, 0, 0, kNoWhole}, last = {4, 0, 0, kNoWhole}, n = {6, 6, 0, kNoWhole};
};

TEST(DiscreteScores, OfOpportunitiesAreTheForecasts) {
  const Profile profile;
  const ColumnSet columns = profile.Set({kOpportunitiesX, kOpportunitiesLast, kOpportunitiesN});
  const SpendModel spend = Spend();
  const LifetimeScorer scorer(ModelOf(kDonors), &spend, {.horizon_days = 800, .discount_rate_annual = 0.1});
  LifetimeColumns scored;
  std::vector<CustomerOutlook> outlooks;
  ASSERT_TRUE(scorer.Score(profile.base.Columns(), &columns, &scored).ok());
  ASSERT_TRUE(scorer.Outlook(profile.base.Columns(), &columns, &outlooks).ok());
  const PurchaseHistory histories[] = {{3, 4, 6}, {0, 0, 6}, {0, 0, 0}};
  for (size_t i = 0; i < 3; ++i) {
    SCOPED_TRACE(i);
    // 800 days are two whole years.
    EXPECT_EQ(scored.p_alive[i], ProbabilityAliveNext(kDonors, histories[i]));
    EXPECT_EQ(scored.expected_purchases[i], ExpectedPurchases(kDonors, histories[i], 2));
    EXPECT_EQ(scored.p_no_purchase[i], ProbabilityNoPurchase(kDonors, histories[i], 2));
    EXPECT_NEAR(scored.lifetime_value[i], 20 * DiscountedPurchases(kDonors, histories[i], 2, 0.1), 1e-12);
    EXPECT_NEAR(outlooks[i].residual_value, 20 * ResidualTransactions(kDonors, histories[i], 0.1), 1e-9);
    EXPECT_LT(outlooks[i].p_alive_low, scored.p_alive[i]);
    EXPECT_GT(outlooks[i].p_alive_high, scored.p_alive[i]);
    EXPECT_LE(outlooks[i].expected_purchases_low, scored.expected_purchases[i]);
    EXPECT_EQ(outlooks[i].p_silence, ProbabilityOfSilence(kDonors, histories[i]));
    EXPECT_LE(outlooks[i].predicted_purchases_high, 2);
  }
  EXPECT_EQ(outlooks[0].next_purchase[0], kAsOf + 365 * static_cast<Day>(*TimeToPurchase(kDonors, histories[0], 0.1)));
  EXPECT_EQ(outlooks[1].next_purchase[2], kNeverDay);
  EXPECT_TRUE(std::isnan(scored.p_alive[3]));
  EXPECT_EQ(outlooks[3].next_purchase[0], kUnknownDay);
}

// A year of calendar quarters is four of them although their average length fits into it but three times.
TEST(DiscreteScores, TakeThePeriodsOfTheHorizonFromTheModel) {
  const Profile profile;
  const ColumnSet columns = profile.Set({kOpportunitiesX, kOpportunitiesLast, kOpportunitiesN});
  LifetimeModel model = ModelOf(kDonors);
  model.time_unit_days = 365.25 / 4;
  LifetimeColumns scored;
  model.horizon_periods = 4;
  const LifetimeScorer quarters(model, nullptr, {.horizon_days = 365});
  ASSERT_TRUE(quarters.Score(profile.base.Columns(), &columns, &scored).ok());
  EXPECT_EQ(scored.expected_purchases[0], ExpectedPurchases(kDonors, {3, 4, 6}, 4));
  model.horizon_periods = 0;
  const LifetimeScorer none(model, nullptr, {.horizon_days = 365});
  ASSERT_TRUE(none.Score(profile.base.Columns(), &columns, &scored).ok());
  EXPECT_EQ(scored.expected_purchases[0], 0);
}

// Outlooks are kept by history and date: another shard, or another date, gets what it would get alone.
TEST(DiscreteScores, NeitherTheCompanyNorAnEarlierShardChangesABit) {
  const Profile profile;
  Profile later;
  std::swap(later.n[0], later.n[1]);
  later.n[1] = 9;
  CustomerBase tomorrow(kAsOf + 1);
  tomorrow.Add(1, 5, kAsOf - 2200, kAsOf - 600, 100'000'000);
  const ColumnSet columns = profile.Set({kOpportunitiesX, kOpportunitiesLast, kOpportunitiesN});
  const ColumnSet others = later.Set({kOpportunitiesX, kOpportunitiesLast, kOpportunitiesN});
  const SpendModel spend = Spend();
  const auto outlooks = [](const LifetimeScorer& scorer, const CustomerColumns& at, const ColumnSet& set) {
    std::vector<CustomerOutlook> out;
    EXPECT_TRUE(scorer.Outlook(at, &set, &out).ok());
    return out;
  };
  const LifetimeScorer shared(ModelOf(kDonors), &spend, {.horizon_days = 800});
  for (int round = 0; round < 2; ++round) {
    for (const auto& [base, set] : {std::pair(&profile.base, &columns), std::pair(&profile.base, &others),
                                    std::pair(static_cast<const CustomerBase*>(&tomorrow), &columns)}) {
      const LifetimeScorer alone(ModelOf(kDonors), &spend, {.horizon_days = 800});
      const std::vector<CustomerOutlook> found = outlooks(shared, base->Columns(), *set);
      const std::vector<CustomerOutlook> expected = outlooks(alone, base->Columns(), *set);
      for (size_t i = 0; i < found.size() && i < 3; ++i) {
        EXPECT_EQ(found[i].next_purchase, expected[i].next_purchase);
        EXPECT_EQ(found[i].p_alive_low, expected[i].p_alive_low);
        EXPECT_EQ(found[i].expected_purchases_high, expected[i].expected_purchases_high);
        EXPECT_EQ(found[i].residual_value, expected[i].residual_value);
      }
    }
  }
}

TEST(DiscreteScores, OfContractsAreOfTheirRenewal) {
  Profile profile;
  profile.n = {3, 2, 0, kNoWhole};     // renewed three times; ended in its second period; begun this year
  profile.last = {0, 1, 0, kNoWhole};  // contract_lost
  const ColumnSet columns = profile.Set({kContractPeriods, kContractLost});
  const LifetimeParameters contracts{.kind = LifetimeKind::kSbg, .value = {0.704, 1.182, 0, 0}, .k = 1};
  const Sbg model{.alpha = 0.704, .beta = 1.182};
  const SpendModel spend = Spend();
  const LifetimeScorer scorer(ModelOf(contracts), &spend, {.horizon_days = 800, .discount_rate_annual = 0.1});
  LifetimeColumns scored;
  std::vector<CustomerOutlook> outlooks;
  ASSERT_TRUE(scorer.Score(profile.base.Columns(), &columns, &scored).ok());
  ASSERT_TRUE(scorer.Outlook(profile.base.Columns(), &columns, &outlooks).ok());
  EXPECT_EQ(scored.p_alive[0], 1);
  EXPECT_EQ(scored.p_alive[1], 0);
  EXPECT_EQ(scored.p_no_purchase[1], 1);
  EXPECT_NEAR(scored.p_no_purchase[0], 1 - SbgRetention(model, 4) * SbgRetention(model, 5), 1e-12);
  EXPECT_NEAR(scored.p_no_purchase[2], 1 - SbgSurvivor(model, 2), 1e-12);
  EXPECT_TRUE(std::isnan(scored.expected_purchases[0]) && std::isnan(scored.expected_spend[0]));
  EXPECT_TRUE(outlooks[0].p_no_purchase_low < scored.p_no_purchase[0] &&
              scored.p_no_purchase[0] < outlooks[0].p_no_purchase_high);
  EXPECT_TRUE(std::isnan(outlooks[0].lifetime_value_by_period));
}

TEST(DiscreteScores, WantTheirColumns) {
  const Profile profile;
  const ColumnSet columns = profile.Set({kOpportunitiesX, kOpportunitiesN});
  const LifetimeScorer scorer(ModelOf(kDonors), nullptr, {});
  LifetimeColumns scored;
  for (const ColumnSet* found : {&columns, static_cast<const ColumnSet*>(nullptr)}) {
    const absl::Status status = scorer.Score(profile.base.Columns(), found, &scored);
    ASSERT_TRUE(DetailOf(status).has_value()) << status;
    EXPECT_EQ(DetailOf(status)->reason, "PROFILE_COLUMN");
  }
}

}  // namespace
}  // namespace strata
