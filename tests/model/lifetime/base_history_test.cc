// What a base did by day, month and gap, against counts made the slow way; and that shards add up to it.
#include "model/lifetime/base_history.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <set>

#include "model/lifetime/history_gatherer.h"

namespace strata {
namespace {

constexpr Day kFirst = 18'000;  // 2019-04-14
constexpr Day kLast = 18'900;
constexpr Day kHoldout = 18'450;

using Customer = std::vector<CustomerDay>;

std::vector<Customer> RandomBase(uint64_t seed, size_t customers) {
  std::mt19937_64 random(seed);
  std::vector<Customer> base(customers);
  for (Customer& customer : base) {
    Day day = kFirst + static_cast<Day>(random() % 300);
    for (size_t i = random() % 9; i > 0 && day <= kLast; --i) {
      const bool is_purchase = random() % 4 != 0;
      const auto net = static_cast<int64_t>(random() % 100'000'000);
      customer.push_back({.day = day, .net_micros = is_purchase ? net : -net, .is_purchase = is_purchase});
      day += 1 + static_cast<Day>(random() % 120);
    }
  }
  return base;
}

BaseHistory Gather(std::span<const Customer> base) {
  HistoryGatherer gatherer(kHoldout);
  for (const Customer& customer : base) gatherer.Add(customer);
  return gatherer.Take();
}

std::string BytesOf(const BaseHistory& history) {
  ByteWriter writer;
  history.Encode(&writer);
  return writer.Take();
}

TEST(BaseHistory, HasWhatAPersonWouldCount) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    const std::vector<Customer> base = RandomBase(seed, 200);
    std::map<Day, int64_t> births, repeats;
    std::map<BaseHistory::Months, BaseHistory::Cell> cohorts;
    double log_gaps = 0, log_gaps_before = 0;
    for (const Customer& customer : base) {
      std::vector<Day> purchases;
      for (const CustomerDay& day : customer) {
        if (day.is_purchase) purchases.push_back(day.day);
      }
      if (purchases.empty()) continue;
      ++births[purchases.front()];
      std::set<int32_t> months;
      for (const Day day : purchases) {
        if (months.insert(MonthOf(day)).second) ++cohorts[{MonthOf(purchases.front()), MonthOf(day)}].buyers;
      }
      for (const CustomerDay& day : customer) {
        if (day.day < purchases.front()) continue;
        BaseHistory::Cell& cell = cohorts[{MonthOf(purchases.front()), MonthOf(day.day)}];
        cell.net_micros += day.net_micros;
        if (!day.is_purchase || day.day == purchases.front()) continue;
        ++cell.repeat_purchases;
        cell.repeat_net_micros += day.net_micros;
      }
      for (size_t i = 1; i < purchases.size(); ++i) {
        ++repeats[purchases[i]];
        const double log_gap = std::log((purchases[i] - purchases[i - 1]) / 7.0);
        log_gaps += log_gap;
        if (purchases[i] <= kHoldout) log_gaps_before += log_gap;
      }
    }
    const BaseHistory history = Gather(base);
    EXPECT_EQ(history.births, births);
    EXPECT_EQ(history.repeats, repeats);
    EXPECT_EQ(history.cohorts, cohorts);
    EXPECT_NEAR(history.LogGaps(7), log_gaps, 1e-9 * std::abs(log_gaps));
    EXPECT_NEAR(history.LogGapsBefore(7), log_gaps_before, 1e-9 * std::abs(log_gaps_before));
    EXPECT_GT(history.LogGaps(1), history.LogGapsBefore(1));
  }
}

TEST(BaseHistory, ShardsAddUpToTheBaseHoweverTheyAreGrouped) {
  const std::vector<Customer> base = RandomBase(7, 300);
  const std::string whole = BytesOf(Gather(base));
  for (const size_t shards : {2, 3, 7, 64}) {
    SCOPED_TRACE(testing::Message() << shards << " shards");
    std::vector<BaseHistory> parts;
    for (size_t s = 0; s < shards; ++s) {
      std::vector<Customer> mine;
      for (size_t i = s; i < base.size(); i += shards) mine.push_back(base[i]);
      parts.push_back(Gather(mine));
    }
    BaseHistory forward, pairs;
    for (const BaseHistory& part : parts) forward.Merge(part);
    for (size_t i = 0; i < shards; i += 2) {
      BaseHistory pair = parts[shards - 1 - i];
      if (i + 1 < shards) pair.Merge(parts[shards - 2 - i]);
      pairs.Merge(pair);
    }
    EXPECT_EQ(BytesOf(forward), whole);
    EXPECT_EQ(BytesOf(pairs), whole);
  }
}

TEST(BaseHistory, TwoThatCancelLeaveNoTrace) {
  const Customer gives_back = {{.day = kFirst, .net_micros = 5, .is_purchase = true},
                               {.day = kFirst + 100, .net_micros = -5, .is_purchase = false}};
  Customer gets_more = gives_back;
  gets_more[1].net_micros = 5;
  const std::vector<Customer> both = {gives_back, gets_more};
  BaseHistory merged = Gather(std::span(both).first(1));
  EXPECT_EQ(merged.cohorts.size(), 2u);
  merged.Merge(Gather(std::span(both).last(1)));
  EXPECT_EQ(merged, Gather(both));
  EXPECT_EQ(merged.cohorts.size(), 1u);
}

TEST(BaseHistory, TravelsAsBytes) {
  BaseHistory history = Gather(RandomBase(3, 100));
  history.purchases = 1'234;
  history.purchase_days = 1'200;
  history.purchases_are_orders = true;
  history.cohorts[{-5, 2}] = {
      .buyers = 1, .repeat_purchases = 2, .net_micros = Int128{1} << 100, .repeat_net_micros = -(Int128{1} << 90)};
  const std::string bytes = BytesOf(history);
  ByteReader reader(bytes);
  EXPECT_EQ(BaseHistory::Decode(&reader), history);
  EXPECT_TRUE(reader.Finish("history").ok());
  for (size_t size = 0; size < bytes.size(); size += 13) {
    ByteReader cut(std::string_view(bytes).substr(0, size));
    BaseHistory::Decode(&cut);
    EXPECT_FALSE(cut.ok()) << size;
  }
  BaseHistory twice = history;
  twice.Merge(twice);
  EXPECT_EQ(twice.customers(), 2 * history.customers());
  EXPECT_EQ(twice.purchases, 2'468);
}

TEST(BaseHistory, SaysHowManyPurchasesSharedTheirDay) {
  BaseHistory history;
  EXPECT_EQ(history.MergedShare(), std::nullopt);
  history.purchases = 200;
  history.purchase_days = 190;
  EXPECT_DOUBLE_EQ(*history.MergedShare(), 0.05);
  history.purchase_days = 201;  // an order over two days
  EXPECT_EQ(*history.MergedShare(), 0);
}

TEST(Months, AreThoseOfTheCalendar) {
  EXPECT_EQ(MonthOf(0), 0);
  EXPECT_EQ(MonthOf(-1), -1);
  EXPECT_EQ(MonthOf(ToDay({.year = 2024, .month = 2, .day = 29})), 54 * 12 + 1);
  for (int32_t month = -840; month < 2'760; ++month) {
    EXPECT_EQ(MonthOf(FirstDayOfMonth(month)), month);
    EXPECT_EQ(MonthOf(FirstDayOfMonth(month) - 1), month - 1);
  }
}

}  // namespace
}  // namespace strata
