// Survival by tenure: lifelines' curves, a slow computation customer by customer, and lives told in words.
#include "model/churn/survival.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>
#include <set>
#include <string>

#include "model/statistics/wilson.h"

namespace strata {
namespace {

constexpr double kNear = 1e-12;

SurvivalCounts CountsOf(const std::vector<TenureSpan>& spans) {
  SurvivalCounts counts;
  for (const TenureSpan& span : spans) counts.Add(span);
  return counts;
}

struct SlowPoint {
  int64_t at_risk = 0, events = 0;
  long double survival = 1, low = 0, high = 0;
};

// Looks at every customer for every day.
std::map<int32_t, SlowPoint> SlowCurve(const std::vector<TenureSpan>& spans) {
  std::set<int32_t> days;
  for (const TenureSpan& span : spans) {
    if (span.is_event) days.insert(span.exit);
  }
  std::map<int32_t, SlowPoint> curve;
  long double survival = 1, greenwood = 0;
  for (const int32_t day : days) {
    SlowPoint point;
    for (const TenureSpan& span : spans) {
      point.at_risk += (span.entry == 0 || span.entry < day) && span.exit >= day ? 1 : 0;
      point.events += span.is_event && span.exit == day ? 1 : 0;
    }
    const auto n = static_cast<long double>(point.at_risk), d = static_cast<long double>(point.events);
    survival *= 1 - d / n;
    point.survival = survival;
    if (point.events < point.at_risk) {
      greenwood += d / (n * (n - d));
      const long double log_log = std::log(-std::log(survival));
      const long double reach = kNormal975 * std::sqrt(greenwood) / -std::log(survival);
      point.low = std::exp(-std::exp(log_log + reach));
      point.high = std::exp(-std::exp(log_log - reach));
    }
    curve[day] = point;
    if (point.events == point.at_risk) break;
  }
  return curve;
}

void ExpectGolden(const nlohmann::json& golden, const std::vector<SurvivalPoint>& found, const std::string& name) {
  ASSERT_EQ(golden.size(), found.size()) << name;
  for (size_t i = 0; i < found.size(); ++i) {
    const nlohmann::json& row = golden[i];
    EXPECT_EQ(row[0].get<int32_t>(), found[i].day) << name;
    EXPECT_EQ(row[1].get<int64_t>(), found[i].at_risk) << name << " day " << found[i].day;
    EXPECT_EQ(row[2].get<int64_t>(), found[i].events) << name << " day " << found[i].day;
    EXPECT_NEAR(row[3].get<double>(), found[i].survival, kNear) << name << " day " << found[i].day;
    ASSERT_EQ(row[4].is_null(), !found[i].low.has_value()) << name << " day " << found[i].day;
    if (row[4].is_null()) continue;
    EXPECT_NEAR(row[4].get<double>(), *found[i].low, kNear) << name << " day " << found[i].day;
    EXPECT_NEAR(row[5].get<double>(), *found[i].high, kNear) << name << " day " << found[i].day;
  }
}

TEST(Survival, IsThatOfLifelines) {
  std::ifstream file("tests/data/kaplan_meier_golden.json");
  const nlohmann::json golden = nlohmann::json::parse(file);
  ASSERT_EQ(golden.at("bases").size(), 6U);
  for (const nlohmann::json& base : golden.at("bases")) {
    std::vector<TenureSpan> spans;
    for (const nlohmann::json& span : base.at("spans")) spans.push_back({span[0], span[1], span[2].get<int>() == 1});
    ExpectGolden(base.at("curve"), KaplanMeier(CountsOf(spans)), base.at("name"));
  }
}

TEST(Survival, IsThatOfCountingCustomerByCustomer) {
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    std::mt19937_64 random(seed);
    std::vector<TenureSpan> spans;
    for (uint64_t customers = 1 + random() % 400; spans.size() < customers;) {
      const auto exit = static_cast<int32_t>(random() % 200);
      const auto entry = random() % 2 == 0 ? 0 : static_cast<int32_t>(random() % 200);
      if (entry == 0 || entry < exit) spans.push_back({entry, exit, random() % 3 != 0});
    }
    const std::map<int32_t, SlowPoint> slow = SlowCurve(spans);
    const std::vector<SurvivalPoint> found = KaplanMeier(CountsOf(spans));
    ASSERT_EQ(slow.size(), found.size()) << "seed " << seed;
    for (const SurvivalPoint& point : found) {
      const SlowPoint& expected = slow.at(point.day);
      EXPECT_EQ(expected.at_risk, point.at_risk) << "seed " << seed << " day " << point.day;
      EXPECT_EQ(expected.events, point.events) << "seed " << seed << " day " << point.day;
      EXPECT_NEAR(static_cast<double>(expected.survival), point.survival, kNear) << "seed " << seed;
      if (!point.low.has_value()) continue;
      EXPECT_NEAR(static_cast<double>(expected.low), *point.low, kNear) << "seed " << seed << " day " << point.day;
      EXPECT_NEAR(static_cast<double>(expected.high), *point.high, kNear) << "seed " << seed << " day " << point.day;
    }
  }
}

TEST(Survival, CountsMergeAndTravel) {
  std::mt19937_64 random(5);
  SurvivalCounts all;
  std::array<SurvivalCounts, 3> shards;
  for (int i = 0; i < 500; ++i) {
    const TenureSpan span = {0, static_cast<int32_t>(random() % 90), random() % 2 == 0};
    all.Add(span);
    shards[random() % shards.size()].Add(span);
  }
  EXPECT_EQ(all.customers(), 500);
  for (const std::array<size_t, 3>& order : {std::array<size_t, 3>{0, 1, 2}, {2, 0, 1}}) {
    SurvivalCounts merged;
    for (const size_t shard : order) {
      ByteWriter writer;
      shards.at(shard).Encode(&writer);
      ByteReader reader(writer.bytes());
      merged.Merge(SurvivalCounts::Decode(&reader));
      EXPECT_TRUE(reader.Finish("counts").ok());
    }
    merged.Merge(SurvivalCounts());
    EXPECT_EQ(merged, all);
  }
}

TEST(Survival, CountsManyAsOneByOne) {
  SurvivalCounts one_by_one, many;
  for (int i = 0; i < 5; ++i) one_by_one.Add({.entry = 0, .exit = 7, .is_event = i < 3});
  one_by_one.Add({.entry = 0, .exit = 0, .is_event = true});
  many.AddMany(7, 3, 2);
  many.AddMany(0, 1, 0);
  many.AddMany(30, 0, 0);
  EXPECT_EQ(many, one_by_one);
}

TEST(Survival, OfNobodyIsEmpty) {
  EXPECT_TRUE(KaplanMeier({}).empty());
  SurvivalCounts kept;
  kept.Add({.entry = 0, .exit = 10, .is_event = false});
  EXPECT_TRUE(KaplanMeier(kept).empty());
  EXPECT_EQ(MedianTenure(KaplanMeier(kept)), std::nullopt);
}

TEST(Survival, MedianIsTheFirstDayThatLeavesHalf) {
  std::vector<TenureSpan> spans;
  for (int32_t day = 1; day <= 30; ++day) spans.push_back({0, day, true});
  EXPECT_EQ(MedianTenure(KaplanMeier(CountsOf(spans))), 15);
}

// Horizon 30 days, looked at on day 200: gaps that opened up to day 170 are resolved.
TEST(Survival, BuyersAreLostWhenTheFirstLongGapOpens) {
  struct Life {
    std::string told;
    std::vector<Day> purchase_days;
    std::optional<TenureSpan> span;
  };
  const std::vector<Life> lives = {
      {"never bought", {}, std::nullopt},
      {"bought once, long ago", {50}, TenureSpan{0, 0, true}},
      {"began a horizon ago, and no more", {170}, TenureSpan{0, 0, true}},
      {"began less than a horizon ago", {171}, std::nullopt},
      {"a gap of the horizon is none", {100, 130}, TenureSpan{0, 30, true}},
      {"a gap of a day more is one", {100, 131}, TenureSpan{0, 0, true}},
      {"came back after the gap: lost all the same", {10, 20, 90, 100, 120, 140, 160, 180}, TenureSpan{0, 10, true}},
      {"still buys", {100, 125, 150, 175, 199}, TenureSpan{0, 70, false}},
      {"the last gap is not resolved", {100, 125, 150, 175}, TenureSpan{0, 70, false}},
      {"a gap opened after the last resolved day", {145, 171}, TenureSpan{0, 25, false}},
      {"bought for the last time on the last resolved day", {145, 170}, TenureSpan{0, 25, true}},
  };
  for (const Life& life : lives) {
    EXPECT_EQ(TenureOfBuyer(life.purchase_days, 200, 30), life.span) << life.told;
  }
}

TEST(Survival, ContractsCountFromWhenTheyAreKnown) {
  struct Contract {
    std::string told;
    Day start;
    std::optional<Day> end;
    std::optional<TenureSpan> span;
  };
  const Day first_known = 100, as_of = 200;
  const std::vector<Contract> contracts = {
      {"runs since the table began", 100, std::nullopt, TenureSpan{0, 100, false}},
      {"is older than the table", 40, std::nullopt, TenureSpan{60, 160, false}},
      {"ended", 120, 150, TenureSpan{0, 30, true}},
      {"is older, and ended", 40, 150, TenureSpan{60, 110, true}},
      {"ended before anybody knew", 40, 90, std::nullopt},
      {"ended on the first known day", 40, 100, std::nullopt},
      {"will end", 120, 250, TenureSpan{0, 80, false}},
      {"ends tonight", 120, 200, TenureSpan{0, 80, true}},
      {"begins later", 201, std::nullopt, std::nullopt},
      {"ends before it begins", 150, 140, std::nullopt},
      {"was never meant", 150, 150, TenureSpan{0, 0, true}},
  };
  for (const Contract& contract : contracts) {
    EXPECT_EQ(TenureOfContract(contract.start, contract.end, first_known, as_of), contract.span) << contract.told;
  }
}

}  // namespace
}  // namespace strata
