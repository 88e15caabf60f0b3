// Lives against what is known of them one by one: with rate l and drop-out p a customer makes (1 - e^(-l p t)) / p
// repeat purchases in time t on average and is alive after it with probability e^(-l p t).
#include "data/synthetic/life.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/math/distributions/gamma.hpp>
#include <cmath>
#include <map>

#include "data/synthetic/counts.h"
#include "data/synthetic/row_values.h"
#include "tests/base/status_matchers.h"

namespace strata {
namespace {

constexpr double kDeviations = 4.5;  // a sound draw exceeds them once in 150,000

WorldOptions Options(BaseShape shape, int64_t customers, int64_t transactions, uint64_t seed) {
  return {.customers = customers,
          .transactions = transactions,
          .seed = seed,
          .shape = shape,
          .first_day = ToDay({.year = 2020, .month = 1, .day = 1}),
          .days = shape == BaseShape::kSparse ? 3650 : 730};
}

struct Population {
  World world;
  std::vector<CustomerTruth> truths;
  std::vector<SyntheticRow> rows;
  std::vector<size_t> ends;  // of each customer's rows
  SyntheticCounts counts;

  std::span<const SyntheticRow> RowsOf(size_t customer) const {
    const size_t begin = customer == 0 ? 0 : ends[customer - 1];
    return std::span(rows).subspan(begin, ends[customer] - begin);
  }
};

Population Populate(const WorldOptions& options) {
  Population all{.world = MakeWorld(options).value(), .truths = {}, .rows = {}, .ends = {}, .counts = {}};
  for (uint32_t customer = 0; customer < options.customers; ++customer) {
    all.truths.push_back(LiveLife(all.world, customer, &all.rows).value());
    all.ends.push_back(all.rows.size());
    all.counts.Add(all.truths.back());
  }
  return all;
}

TEST(Life, IsAFunctionOfSeedAndCustomerAlone) {
  const World world = MakeWorld(Options(BaseShape::kRetail, 1000, 10'000, 5)).value();
  const World other = MakeWorld(Options(BaseShape::kRetail, 1000, 10'000, 6)).value();
  std::vector<SyntheticRow> all;
  std::vector<CustomerTruth> truths;
  for (uint32_t customer = 0; customer < 100; ++customer) truths.push_back(LiveLife(world, customer, &all).value());
  size_t begin = all.size();
  int same_in_other = 0;
  for (uint32_t customer = 100; customer-- > 0;) {  // backwards, and each into a list of its own
    std::vector<SyntheticRow> own;
    EXPECT_EQ(LiveLife(world, customer, &own).value(), truths[customer]);
    begin -= own.size();
    EXPECT_TRUE(std::equal(own.begin(), own.end(), all.begin() + static_cast<std::ptrdiff_t>(begin)));
    std::vector<SyntheticRow> elsewhere;
    same_in_other += LiveLife(other, customer, &elsewhere).value() == truths[customer] ? 1 : 0;
  }
  EXPECT_EQ(begin, 0u);
  EXPECT_EQ(same_in_other, 0);
}

TEST(Life, BuysAndLeavesAsBgNbdSays) {
  for (const uint64_t seed : {1u, 2u, 3u}) {
    const Population all = Populate(Options(BaseShape::kSparse, 40'000, 240'000, seed));
    double expected = 0, alive = 0, variance = 0, alive_variance = 0;
    for (const CustomerTruth& truth : all.truths) {
      // The hour of the first purchase is even over its day.
      const double weeks = (all.world.options.days - truth.first_day - 0.5) / 7;
      const double stays = std::exp(-truth.rate_per_week * truth.drop_probability * weeks);
      const double repeats = (1 - stays) / truth.drop_probability;
      expected += repeats;
      variance += repeats * (1 + repeats);  // a bound: less than a geometric count of the same mean
      alive += stays;
      alive_variance += stays * (1 - stays);
    }
    const double found = static_cast<double>(all.counts.purchases - all.counts.customers);
    EXPECT_NEAR(found, expected, kDeviations * std::sqrt(variance)) << "seed " << seed;
    EXPECT_NEAR(static_cast<double>(all.counts.alive), alive, kDeviations * std::sqrt(alive_variance)) << seed;
  }
}

TEST(Life, MakesAboutAsManyRowsAsAskedFor) {
  struct Size {
    BaseShape shape;
    int64_t customers, transactions;
    double within;  // the wind-down of retail is not in the expectation, see docs/generate.md
  };
  for (const Size& size :
       {Size{BaseShape::kRetail, 30'000, 30'000, 1e-9}, Size{BaseShape::kRetail, 30'000, 36'000, 0.01},
        Size{BaseShape::kRetail, 30'000, 300'000, 0.015}, Size{BaseShape::kRetail, 3'000, 300'000, 0.05},
        Size{BaseShape::kSparse, 30'000, 30'000, 1e-9}, Size{BaseShape::kSparse, 30'000, 60'000, 0.02},
        Size{BaseShape::kSparse, 30'000, 600'000, 0.03}}) {
    const Population all = Populate(Options(size.shape, size.customers, size.transactions, 11));
    const double wanted = static_cast<double>(size.transactions);
    EXPECT_NEAR(all.world.expected_rows, wanted, 1e-6 * wanted);
    EXPECT_NEAR(static_cast<double>(all.counts.rows()), wanted, size.within * wanted)
        << Name(size.shape) << " " << size.customers << " customers";
  }
}

TEST(Life, SpendsAsGammaGammaSays) {
  const Population all = Populate(Options(BaseShape::kSparse, 30'000, 150'000, 4));
  const double p = all.world.groups[0].spend.p;
  std::vector<double> scaled;
  for (const SyntheticRow& row : all.rows) {
    scaled.push_back(static_cast<double>(row.amount_cents) / 100 * p / all.truths[row.customer].mean_spend);
  }
  std::sort(scaled.begin(), scaled.end());
  const double n = static_cast<double>(scaled.size());
  double distance = 0;
  for (size_t i = 0; i < scaled.size(); ++i) {
    const double law = cdf(boost::math::gamma_distribution<>(p, 1), scaled[i]);
    distance = std::max({distance, law - static_cast<double>(i) / n, static_cast<double>(i + 1) / n - law});
  }
  EXPECT_LT(distance * std::sqrt(n), 2.47);  // exceeded once in 100,000
}

TEST(Life, RowsAddUpToTheTruth) {
  const Population all = Populate(Options(BaseShape::kRetail, 5'000, 60'000, 8));
  for (uint32_t customer = 0; customer < all.truths.size(); ++customer) {
    const CustomerTruth& truth = all.truths[customer];
    int64_t net = 0;
    std::map<int64_t, int32_t> orders;  // their day
    std::vector<int32_t> days;
    int64_t id = customer * kIdsPerCustomer;
    for (const SyntheticRow& row : all.RowsOf(customer)) {
      ASSERT_EQ(row.transaction_id, id++);
      ASSERT_EQ(row.customer, customer);
      ASSERT_EQ(row.amount_cents, row.quantity * row.unit_price_cents);
      ASSERT_EQ(row.is_return, row.quantity < 0);
      ASSERT_GT(row.unit_price_cents, 0);
      ASSERT_LT(DayOf(row), all.world.options.days);
      net += row.amount_cents;
      if (row.is_return) {
        ASSERT_GT(DayOf(row), orders.at(row.order_id));
        ASSERT_LE(DayOf(row), orders.at(row.order_id) + static_cast<int32_t>(kReturnDaysSpread));
        continue;
      }
      orders[row.order_id] = DayOf(row);
      if (days.empty() || days.back() != DayOf(row)) days.push_back(DayOf(row));
    }
    EXPECT_EQ(truth.net_cents, net);
    EXPECT_EQ(truth.purchases, static_cast<int32_t>(orders.size()));
    EXPECT_EQ(truth.purchase_days, static_cast<int32_t>(days.size()));
    EXPECT_EQ(truth.first_day, days.front());
    EXPECT_EQ(truth.last_purchase_day, days.back());
    EXPECT_EQ(truth.rows, static_cast<int32_t>(all.RowsOf(customer).size()));
  }
}

// What the last purchases of somebody who left look like, summed over everybody with the reason.
struct LastDays {
  double lines = 0, promoted = 0, returned = 0, spend = 0, mean_spend = 0, moved = 0, purchases = 0, last_gaps = 0,
         usual_gaps = 0;
};

std::map<LeavingReason, LastDays> WindDowns(const Population& all) {
  std::map<LeavingReason, LastDays> by_reason;
  for (size_t customer = 0; customer < all.truths.size(); ++customer) {
    const CustomerTruth& truth = all.truths[customer];
    if (truth.alive || truth.purchases < 8) continue;
    LastDays& last = by_reason[truth.reason];
    const int64_t first_order = static_cast<int64_t>(customer) * kIdsPerCustomer + truth.purchases - kWindDownPurchases;
    int64_t order = -1;
    uint32_t second = 0;
    for (const SyntheticRow& row : all.RowsOf(customer)) {
      const bool winding = row.order_id >= first_order;
      if (!row.is_return && row.order_id != order) {
        if (order >= 0) (winding ? last.last_gaps : last.usual_gaps) += row.second - second;
        order = row.order_id;
        second = row.second;
        last.purchases += winding ? 1 : 0;
        last.mean_spend += winding ? truth.mean_spend : 0;
        last.moved += winding && row.region != truth.region ? 1 : 0;
      }
      if (!winding) continue;
      last.lines += row.is_return ? 0 : 1;
      last.promoted += row.promotion > 0 ? 1 : 0;
      last.returned += row.is_return ? 1 : 0;
      last.spend += row.is_return ? 0 : static_cast<double>(row.amount_cents) / 100;
    }
  }
  return by_reason;
}

TEST(Life, ReasonsToLeaveShowInTheLastPurchases) {
  const Population all = Populate(Options(BaseShape::kRetail, 60'000, 900'000, 21));
  auto by_reason = WindDowns(all);
  for (auto& [reason, last] : by_reason) {
    const std::string name(kLeavingReasonNames[static_cast<size_t>(reason)]);
    ASSERT_GT(last.purchases, 500) << name;
    const double promoted = last.promoted / last.lines;
    const double returned = last.returned / last.lines;
    const double spend = last.spend / last.mean_spend;
    const double moved = last.moved / last.purchases;
    EXPECT_NEAR(promoted, reason == LeavingReason::kPrice ? kPricePromotionShare : kPromotionShare, 0.03) << name;
    // Steps of 20, 35, 50 and 65 %; the rest is the groups' own.
    EXPECT_GT(returned, reason == LeavingReason::kService ? 0.38 : 0.0) << name;
    EXPECT_LT(returned, reason == LeavingReason::kService ? 0.52 : 0.2) << name;
    EXPECT_NEAR(spend, reason == LeavingReason::kCompetitor ? 0.55 : 1.0, 0.05) << name;
    EXPECT_NEAR(moved, reason == LeavingReason::kMoved ? 0.5 : 0.0, 1e-9) << name;
    const double slower = last.last_gaps / last.usual_gaps;
    if (reason != LeavingReason::kEndOfNeed) continue;
    EXPECT_GT(slower, 1.5 * by_reason[LeavingReason::kSilent].last_gaps / by_reason[LeavingReason::kSilent].usual_gaps);
  }
  EXPECT_EQ(by_reason.size(), kLeavingReasons);
}

TEST(Life, SharesAreMet) {
  const Population all = Populate(Options(BaseShape::kRetail, 50'000, 250'000, 31));
  const double n = static_cast<double>(all.truths.size());
  std::vector<double> regions(kRegions), groups(all.world.groups.size());
  std::vector<double> products(kProductCount);
  for (const CustomerTruth& truth : all.truths) {
    ++regions[truth.region];
    ++groups[truth.group];
  }
  const auto near_share = [](double count, double share, double of) {
    EXPECT_NEAR(count, share * of, kDeviations * std::sqrt(of * share * (1 - share)));
  };
  for (size_t i = 0; i < kRegions; ++i) near_share(regions[i], kRegionShares[i], n);
  for (size_t i = 0; i < groups.size(); ++i) near_share(groups[i], all.world.groups[i].shape.share, n);
  double lines = 0;
  for (const SyntheticRow& row : all.rows) {
    if (row.is_return) continue;
    ++products[row.product];
    ++lines;
  }
  double harmonic = 0;
  for (uint32_t k = 1; k <= kProductCount; ++k) harmonic += std::pow(k, -kZipfExponent);
  for (const uint32_t rank : {1u, 2u, 10u, 100u, 1000u}) {
    near_share(products[rank - 1], std::pow(rank, -kZipfExponent) / harmonic, lines);
  }
}

TEST(Merging, LosesWhatASteadyRateLoses) {
  const Population all = Populate(Options(BaseShape::kSparse, 40'000, 12'000'000, 3));
  int classes = 0;
  for (size_t i = 1; i + 1 < all.counts.rate_classes.size(); ++i) {
    const RateClass& sums = all.counts.rate_classes[i];
    if (sums.purchases < 100'000) continue;
    const double lost = 1 - static_cast<double>(sums.purchase_days) / static_cast<double>(sums.purchases);
    EXPECT_GT(lost, 0.95 * PurchasesLostAt(kRateClassBounds[i - 1])) << i;
    EXPECT_LT(lost, 1.05 * PurchasesLostAt(kRateClassBounds[i])) << i;
    ++classes;
  }
  EXPECT_GE(classes, 4);
  EXPECT_NEAR(PurchasesLostAt(7), std::exp(-1.0), 1e-12);  // one a day: 1 - (1 - 1/e) / 1
  EXPECT_EQ(PurchasesLostAt(0), 0);
}

TEST(Dirt, IsAFixedShareOfCopiesAndLeavesTheCleanRowsAlone) {
  WorldOptions options = Options(BaseShape::kRetail, 20'000, 200'000, 77);
  options.dirty_ratio = 0.1;
  Population all = Populate(options);
  const std::vector<SyntheticRow> clean = all.rows;
  AddDirt(all.world, 0, &all.rows);
  ASSERT_TRUE(std::equal(clean.begin(), clean.end(), all.rows.begin()));
  std::vector<double> kinds(kDirtyKinds);
  for (size_t i = clean.size(); i < all.rows.size(); ++i) ++kinds[static_cast<size_t>(all.rows[i].dirt)];
  const double dirty = static_cast<double>(all.rows.size() - clean.size());
  EXPECT_NEAR(dirty / static_cast<double>(all.rows.size()), 0.1, 0.003);
  EXPECT_EQ(kinds[0], 0);
  for (size_t i = 1; i < kDirtyKinds; ++i) EXPECT_NEAR(kinds[i], dirty / 7, kDeviations * std::sqrt(dirty / 7)) << i;
}

TEST(SortByTime, IsStableAndComplete) {
  Population all = Populate(Options(BaseShape::kRetail, 3'000, 30'000, 2));
  std::vector<SyntheticRow> expected = all.rows;
  std::stable_sort(expected.begin(), expected.end(),
                   [](const SyntheticRow& a, const SyntheticRow& b) { return a.second < b.second; });
  SortByTime(&all.rows);
  EXPECT_EQ(all.rows, expected);
}

TEST(World, ImpossibleWishesAreToldWithTheirFlag) {
  const auto with = [](auto change) {
    WorldOptions options = Options(BaseShape::kRetail, 100, 1000, 1);
    change(&options);
    return MakeWorld(options);
  };
  struct Wish {
    absl::StatusOr<World> world;
    const char* says;
  };
  const Wish wishes[] = {
      {with([](WorldOptions* o) { o->customers = 0; }), "--customers 0: allowed is a whole number from 1 to 100000000"},
      {with([](WorldOptions* o) { o->customers = kSyntheticCustomersMax + 1; }), "--customers 100000001"},
      {with([](WorldOptions* o) { o->transactions = 99; }), "--transactions 99: every customer buys at least once"},
      {with([](WorldOptions* o) { o->transactions = kSyntheticTransactionsMax + 1; }), "--transactions 20000000001"},
      {with([](WorldOptions* o) { o->transactions = 1'000'000; }), "allowed is a purchase in two days on average"},
      {with([](WorldOptions* o) { o->days = 89; }), "--days 89: allowed is a whole number from 90 to 7305"},
      {with([](WorldOptions* o) { o->days = 7306; }), "--days 7306"},
      {with([](WorldOptions* o) { o->first_day = ToDay({.year = 2199, .month = 1, .day = 1}); }), "--start 2199-01-01"},
      {with([](WorldOptions* o) { o->dirty_ratio = 0.51; }), "--dirty-ratio 0.51: allowed is a share of the rows"},
      {with([](WorldOptions* o) { o->dirty_ratio = std::nan(""); }), "--dirty-ratio nan"},
      {with([](WorldOptions* o) { o->currency = "Eur"; }), "--currency 'Eur': allowed are three capital letters"},
      {with([](WorldOptions* o) { o->currency = "XTS"; }), "other than XTS"},
  };
  for (const Wish& wish : wishes) {
    EXPECT_THAT(wish.world, FailsWith(absl::StatusCode::kInvalidArgument, "FLAG_INVALID"));
    EXPECT_THAT(wish.world, SaysThat(wish.says));
  }
}

}  // namespace
}  // namespace strata
