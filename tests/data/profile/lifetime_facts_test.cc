// What the lifetime models have from the days of customers: opportunities, contracts, and the history of a base.
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "data/profile/history_facts.h"
#include "data/profile/lifetime_periods.h"
#include "model/lifetime/discrete_table.h"
#include "tests/data/profile/raw_profile.h"

namespace strata {
namespace {

const LifetimePeriod kMonth{.unit = "month"}, kQuarter{.unit = "quarter"}, kYear{.unit = "year"},
    kTenDays{.unit = "", .days = 10};

Day On(int year, int month, int day) { return ToDay({.year = year, .month = month, .day = day}); }

TEST(Opportunities, AreThoseThatAreOverAfterTheFirstPurchase) {
  const std::vector<Day> days = {On(2024, 1, 20), On(2024, 1, 25), On(2024, 3, 1), On(2024, 3, 31), On(2024, 5, 2)};
  const Opportunities in_may = OpportunitiesOf(days, On(2024, 5, 30), kMonth);  // May is not over
  EXPECT_EQ(in_may.x, 1);
  EXPECT_EQ(in_may.last, 2);
  EXPECT_EQ(in_may.n, 3);
  const Opportunities after_may = OpportunitiesOf(days, On(2024, 5, 31), kMonth);
  EXPECT_EQ(after_may.x, 2);
  EXPECT_EQ(after_may.last, 4);
  EXPECT_EQ(after_may.n, 4);
  const Opportunities quarters = OpportunitiesOf(days, On(2024, 6, 30), kQuarter);
  EXPECT_EQ(quarters.x, 1);
  EXPECT_EQ(quarters.n, 1);
  EXPECT_EQ(OpportunitiesOf(days, On(2026, 12, 30), kYear).n, 1);
  EXPECT_EQ(OpportunitiesOf(std::span(days).first(1), On(2024, 1, 25), kMonth).n, 0);
}

TEST(Opportunities, OfAHorizonAreThoseThatEndInIt) {
  EXPECT_EQ(OpportunitiesAhead(On(2024, 6, 30), 365, kMonth), 12);
  EXPECT_EQ(OpportunitiesAhead(On(2024, 6, 30), 365, kQuarter), 4);
  EXPECT_EQ(OpportunitiesAhead(On(2024, 6, 30), 365, kYear), 1);
  EXPECT_EQ(OpportunitiesAhead(On(2024, 6, 15), 15, kMonth), 1);  // June ends on the last day
  EXPECT_EQ(OpportunitiesAhead(On(2024, 6, 15), 14, kMonth), 0);
  EXPECT_EQ(OpportunitiesAhead(On(2023, 12, 31), 365, kYear), 0);  // 2024 has 366 days
  EXPECT_EQ(OpportunitiesAhead(On(2024, 6, 15), 30, kTenDays), 3);
  // What is ahead is what has become of it later.
  const std::vector<Day> days = {On(2020, 1, 1)};
  for (Day as_of = On(2023, 12, 1); as_of < On(2024, 2, 1); ++as_of) {
    for (const LifetimePeriod& period : {kMonth, kQuarter, kYear, kTenDays}) {
      for (const int ahead : {0, 1, 30, 90, 365, 500}) {
        EXPECT_EQ(OpportunitiesAhead(as_of, ahead, period),
                  OpportunitiesOf(days, as_of + ahead, period).n - OpportunitiesOf(days, as_of, period).n);
      }
    }
  }
}

TEST(Contracts, OfAHorizonAreRenewedAsOftenAsPeriodsAreOver) {
  EXPECT_EQ(ContractPeriodsAhead(On(2024, 6, 30), 365, kMonth), 12);
  EXPECT_EQ(ContractPeriodsAhead(On(2024, 6, 30), 365, kQuarter), 4);
  EXPECT_EQ(ContractPeriodsAhead(On(2024, 6, 30), 365, kYear), 1);
  EXPECT_EQ(ContractPeriodsAhead(On(2024, 2, 1), 365, kYear), 1);  // with a 29 February
  EXPECT_EQ(ContractPeriodsAhead(On(2024, 2, 1), 364, kYear), 0);
  EXPECT_EQ(ContractPeriodsAhead(On(2024, 6, 15), 30, kMonth), 1);
  EXPECT_EQ(ContractPeriodsAhead(On(2024, 6, 15), 29, kMonth), 0);
  EXPECT_EQ(ContractPeriodsAhead(On(2024, 6, 15), 39, kTenDays), 3);
}

TEST(Opportunities, OfRandomDaysAreAsCountedOneByOne) {
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 random(seed);
    std::set<Day> days;
    const Day from = static_cast<Day>(random() % 400) - 200;  // around the epoch
    for (uint64_t i = 1 + random() % 12; i > 0; --i) days.insert(from + static_cast<Day>(random() % 150));
    const Day as_of = *days.rbegin() + static_cast<Day>(random() % 50);
    const auto number = [](Day day) { return (day + 10'000) / 10; };  // 10,000 days are a thousand tens
    std::set<int> bought;
    for (const Day day : days) bought.insert(number(day));
    int64_t x = 0, last = 0, n = 0;
    for (int i = number(*days.begin()) + 1; (i + 1) * 10 - 10'000 <= as_of + 1; ++i) {
      ++n;
      if (!bought.contains(i)) continue;
      ++x;
      last = n;
    }
    const std::vector<Day> ascending(days.begin(), days.end());
    const Opportunities found = OpportunitiesOf(ascending, as_of, kTenDays);
    EXPECT_EQ(found.x, x);
    EXPECT_EQ(found.last, last);
    EXPECT_EQ(found.n, n);
  }
}

TEST(Contracts, CountTheirOwnPeriods) {
  struct Case {
    Day start;
    std::optional<Day> end;
    Day as_of;
    LifetimePeriod period;
    int64_t periods;
    bool lost;
  };
  const Case cases[] = {
      {On(2020, 3, 15), std::nullopt, On(2021, 3, 14), kYear, 0, false},
      {On(2020, 3, 15), std::nullopt, On(2021, 3, 15), kYear, 1, false},
      {On(2020, 3, 15), On(2021, 3, 14), On(2024, 1, 1), kYear, 1, true},  // the last day of the first year
      {On(2020, 3, 15), On(2021, 3, 15), On(2024, 1, 1), kYear, 1, true},  // the day after
      {On(2020, 3, 15), On(2021, 3, 16), On(2024, 1, 1), kYear, 2, true},
      {On(2020, 3, 15), On(2020, 3, 15), On(2024, 1, 1), kYear, 1, true},
      {On(2020, 3, 15), On(2024, 6, 1), On(2024, 1, 1), kYear, 3, false},  // it will end later
      {On(2024, 1, 31), std::nullopt, On(2024, 2, 28), kMonth, 0, false},
      {On(2024, 1, 31), std::nullopt, On(2024, 2, 29), kMonth, 1, false},
      {On(2024, 1, 31), std::nullopt, On(2024, 3, 30), kMonth, 1, false},
      {On(2024, 1, 31), std::nullopt, On(2024, 3, 31), kMonth, 2, false},
      {On(2023, 11, 5), std::nullopt, On(2024, 5, 4), kQuarter, 1, false},
      {On(2024, 1, 1), std::nullopt, On(2024, 1, 31), kTenDays, 3, false},
      {On(2024, 1, 1), On(2024, 1, 12), On(2024, 1, 31), kTenDays, 2, true},
  };
  for (const Case& one : cases) {
    SCOPED_TRACE(testing::Message() << FormatDay(one.start) << " as of " << FormatDay(one.as_of));
    const auto time = ContractTimeOf(one.start, one.end, one.as_of, one.period);
    ASSERT_TRUE(time.has_value());
    EXPECT_EQ(time->periods, one.periods);
    EXPECT_EQ(time->lost, one.lost);
  }
  EXPECT_EQ(ContractTimeOf(101, std::nullopt, 100, kMonth), std::nullopt);  // not begun
  EXPECT_EQ(ContractTimeOf(50, 49, 100, kMonth), std::nullopt);             // ended before it began
}

TEST(LifetimeColumns, AreInTheProfileWhereTheRulesWantThem) {
  RawBase base;
  const Day as_of = On(2024, 6, 30);
  base.lines = {{.id = "a", .day = On(2024, 1, 5), .net = 10},
                {.id = "a", .day = On(2024, 4, 5), .net = 10},
                {.id = "b", .day = On(2024, 1, 5), .net = -10, .is_return = true}};
  base.customers = {{.id = "a", .registered_at = On(2023, 1, 1), .left_at = On(2024, 3, 1)},
                    {.id = "b", .registered_at = On(2023, 12, 31)},
                    {.id = "c"}};
  MadeProfile::Options options;
  options.details = false;
  options.rules.opportunity = kMonth;
  options.rules.contract =
      LifetimeContract{.start = "customers.registered_at", .end = "customers.left_at", .period = kQuarter};
  const MadeProfile made(base, as_of, options);
  EXPECT_EQ(made.Whole("a", kOpportunitiesX), 1);
  EXPECT_EQ(made.Whole("a", kOpportunitiesLast), 3);
  EXPECT_EQ(made.Whole("a", kOpportunitiesN), 5);
  EXPECT_EQ(made.Whole("b", kOpportunitiesN), kNoWhole);  // never bought
  EXPECT_EQ(made.Whole("a", kContractPeriods), 5);        // after four whole quarters
  EXPECT_EQ(made.Whole("a", kContractLost), 1);
  EXPECT_EQ(made.Whole("b", kContractPeriods), 2);
  EXPECT_EQ(made.Whole("b", kContractLost), 0);
  EXPECT_EQ(made.Whole("c", kContractPeriods), kNoWhole);
  const MadeProfile plain(base, as_of, {.details = false, .orders = true, .rules = {}});
  EXPECT_EQ(plain.columns().Find(kOpportunitiesX), nullptr);
  EXPECT_EQ(plain.columns().Find(kContractLost), nullptr);
}

TEST(HistoryFacts, SeeADayOfSeveralFilesOnce) {
  const std::vector<RawRow> rows = {{.id = "a", .day = 100, .net_micros = 5, .file = 0},
                                    {.id = "a", .day = 100, .net_micros = 7, .file = 1},
                                    {.id = "a", .day = 130, .net_micros = 1, .file = 1},
                                    {.id = "a", .day = 131, .net_micros = -1, .is_return = true, .file = 1},
                                    {.id = "a", .day = 900, .net_micros = 1, .file = 1},  // after the date
                                    {.id = "b", .day = 90, .net_micros = -3, .is_return = true, .file = 0}};
  LivingShard shard(false);
  shard.Add({rows});
  HistoryFacts alone(120), beside(120);
  ASSERT_OK(BuildFeatures(shard.shard(), {.as_of = 200}, {}, &alone));
  const ProfileRules rules;
  DayFacts days(200, rules, &beside);
  ASSERT_OK(BuildFeatures(shard.shard(), {.as_of = 200}, {}, &days));
  const BaseHistory history = alone.Take();
  EXPECT_EQ(history, beside.Take());
  EXPECT_EQ(history.births, (std::map<Day, int64_t>{{100, 1}}));
  EXPECT_EQ(history.repeats, (std::map<Day, int64_t>{{130, 1}}));
  EXPECT_EQ(history.gaps, [] {
    std::vector<int64_t> gaps(30);
    gaps[29] = 1;
    return gaps;
  }());
  EXPECT_TRUE(history.gaps_before.empty());  // it closed after the hold-out had begun
  EXPECT_EQ(history.purchases, 3);
  EXPECT_EQ(history.purchase_days, 2);
  EXPECT_FALSE(history.purchases_are_orders);
  EXPECT_EQ(history.cohorts.at({3, 3}).net_micros, 12);
  EXPECT_EQ(history.cohorts.at({3, 4}).net_micros, 0);
  EXPECT_EQ(history.cohorts.at({3, 4}).repeat_net_micros, 1);
}

}  // namespace
}  // namespace strata
