// Ten nights of planted moves: everybody lives as they were planned to.
#include "data/synthetic/nights.h"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <set>
#include <vector>

#include "data/synthetic/life.h"
#include "tests/base/status_matchers.h"

namespace strata {
namespace {

constexpr int kDays = 365;

World MakeNights(uint64_t seed) {
  return MakeWorld({.customers = 2000,
                    .transactions = 100'000,
                    .seed = seed,
                    .shape = BaseShape::kNights,
                    .first_day = 20'000,
                    .days = kDays})
      .value();
}

struct Lived {
  CustomerTruth truth;
  std::vector<int> purchase_days;  // without returns, ascending
};

Lived Live(const World& world, uint32_t customer) {
  std::vector<SyntheticRow> rows;
  Lived lived{.truth = LiveLife(world, customer, &rows).value(), .purchase_days = {}};
  std::set<int> days;
  for (const SyntheticRow& row : rows) {
    if (!row.is_return) days.insert(static_cast<int>(row.second / kSecondsPerDay));
  }
  lived.purchase_days.assign(days.begin(), days.end());
  return lived;
}

TEST(Nights, AreAWeekApartAndTheLastIsTheLastDay) {
  EXPECT_EQ(NightDay(kDays, kNights), kDays - 1);
  EXPECT_EQ(NightDay(kDays, 1), kDays - 1 - 9 * 7);
}

TEST(Nights, HaveTheSharesThatTheyAreSaidToHave) {
  std::array<int, kNightLives> counts{};
  for (uint32_t customer = 0; customer < 20'000; ++customer) {
    const PlannedNights plan = PlanNights({.customers = 20'000, .seed = 3, .days = kDays}, customer);
    ++counts.at(static_cast<size_t>(plan.life));
    EXPECT_EQ(plan.life == NightLife::kAwakened, plan.night >= 2 && plan.night <= kNights);
  }
  for (size_t life = 0; life < kNightLives; ++life)
    EXPECT_NEAR(counts.at(life) / 20'000.0, kNightLifeShares.at(life), 0.01);
}

TEST(Nights, AreLivedAsPlanned) {
  const World world = MakeNights(7);
  std::map<NightLife, int> seen;
  for (uint32_t customer = 0; customer < 2000; ++customer) {
    SCOPED_TRACE(customer);
    const PlannedNights plan = PlanNights(world.options, customer);
    const Lived lived = Live(world, customer);
    ++seen[plan.life];
    EXPECT_EQ(lived.truth.night_life, plan.life);
    EXPECT_EQ(lived.truth.purchase_days, static_cast<int>(lived.purchase_days.size()));
    EXPECT_EQ(lived.truth.last_purchase_day, lived.purchase_days.back());
    EXPECT_EQ(lived.truth.alive, plan.life == NightLife::kSteady || plan.life == NightLife::kAwakened);
    for (const int day : lived.purchase_days) EXPECT_FALSE(plan.silent_from <= day && day + 1 <= plan.silent_to) << day;
    if (plan.life != NightLife::kAwakened) continue;
    EXPECT_EQ(lived.truth.night, plan.night);
    const std::set<int> days(lived.purchase_days.begin(), lived.purchase_days.end());
    for (int i = 0; i < kWakingPurchases; ++i) {
      EXPECT_TRUE(days.contains(NightDay(kDays, plan.night) - i)) << "day " << -i << " of night " << plan.night;
    }
  }
  EXPECT_EQ(seen.size(), kNightLives);
}

TEST(Nights, RaisePricesByAHundredthEach) {
  EXPECT_EQ(NightPrices(kDays, 100), 1);
  EXPECT_EQ(NightPrices(kDays, NightDay(kDays, 1)), 1);
  EXPECT_NEAR(NightPrices(kDays, NightDay(kDays, 10)), 1.09, 1e-12);
}

}  // namespace
}  // namespace strata
