// The life-cycle: gaps counted by hand, cuts against sorting, and classes enumerated over silence, age and last gap.
#include "model/classes/life_cycle.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "base/column_type.h"

namespace strata {
namespace {

constexpr Day kAsOf = 10'000;

TEST(GapStatistics, CountOnlyGapsThatHadTheirChance) {
  GapStatistics gaps;
  // 30 days closed; 200 days not within 100; opened 150 ago and still open; the gaps opened in the last 100 days left
  // out.
  gaps.Add(std::vector<Day>{kAsOf - 500, kAsOf - 470, kAsOf - 270}, kAsOf, 100);
  gaps.Add(std::vector<Day>{kAsOf - 150}, kAsOf, 100);
  gaps.Add(std::vector<Day>{kAsOf - 100, kAsOf - 60, kAsOf}, kAsOf, 100);
  gaps.Add(std::vector<Day>{kAsOf - 99, kAsOf - 90}, kAsOf, 100);
  gaps.Add({}, kAsOf, 100);
  EXPECT_EQ(gaps.opened, 3 + 1 + 1);
  GapStatistics expected;
  expected.opened = 5;
  expected.closed.assign(40, 0);
  expected.closed[29] = 1;
  expected.closed[39] = 1;
  EXPECT_EQ(gaps, expected);
}

TEST(GapStatistics, AddUpOverShardsAndTravelAsBytes) {
  std::mt19937_64 random(3);
  GapStatistics all;
  std::vector<GapStatistics> shards(4);
  for (int customer = 0; customer < 300; ++customer) {
    std::vector<Day> days;
    Day day = kAsOf - 900;
    while ((day += 1 + static_cast<Day>(random() % 200)) <= kAsOf) days.push_back(day);
    all.Add(days, kAsOf, 365);
    shards[random() % shards.size()].Add(days, kAsOf, 365);
  }
  GapStatistics sum;
  for (const GapStatistics& shard : shards) {
    ByteWriter writer;
    shard.Encode(&writer);
    ByteReader reader(writer.bytes());
    sum.Merge(GapStatistics::Decode(&reader));
    EXPECT_TRUE(reader.Finish("gaps").ok());
  }
  EXPECT_EQ(sum, all);
}

TEST(FitLifeCycle, CutsAreQuantilesOfClosedGaps) {
  for (uint64_t seed = 0; seed < 40; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 random(seed);
    GapStatistics gaps;
    std::vector<int64_t> lengths;
    const size_t count = 100 + random() % 400;
    for (size_t i = 0; i < count; ++i) {
      lengths.push_back(1 + static_cast<int64_t>(random() % (seed % 2 == 0 ? 365 : 4)));
      const Day last = kAsOf - 400 + static_cast<Day>(lengths.back());
      gaps.Add(std::vector<Day>{kAsOf - 400, last}, kAsOf, 365);
    }
    const LifeCycleModel model = FitLifeCycle(gaps, {}, kAsOf);
    std::sort(lengths.begin(), lengths.end());
    EXPECT_EQ(model.closed, static_cast<int64_t>(count));
    EXPECT_EQ(model.rule, "quantiles");
    EXPECT_EQ(model.days[0], lengths[(count * 80 + 99) / 100 - 1]);
    EXPECT_EQ(model.days[1], lengths[(count * 90 + 99) / 100 - 1]);
    EXPECT_EQ(model.days[2], lengths[(count * 95 + 99) / 100 - 1]);
  }
}

TEST(FitLifeCycle, FewGapsOrFixedDaysSaySo) {
  GapStatistics gaps;
  for (int i = 0; i < 99; ++i) gaps.Add(std::vector<Day>{kAsOf - 400, kAsOf - 390}, kAsOf, 365);
  const LifeCycleModel few = FitLifeCycle(gaps, {}, kAsOf);
  EXPECT_EQ(few.days, (std::array<int64_t, 3>{90, 180, 365}));
  EXPECT_NE(few.rule.find("only 99 gaps"), std::string::npos) << few.rule;
  const LifeCycleModel fixed = FitLifeCycle(gaps, {.fixed_days = {60, 120, 365}}, kAsOf);
  EXPECT_EQ(fixed.days, (std::array<int64_t, 3>{60, 120, 365}));
  EXPECT_EQ(fixed.rule, "fixed");
  EXPECT_EQ(fixed.closed, 99);
}

TEST(LifeCycleOf, IsTotalAndDisjointOverSilenceAgeAndLastGap) {
  for (const std::array<int64_t, 3>& cuts : std::vector<std::array<int64_t, 3>>{{10, 20, 30}, {5, 5, 5}, {1, 1, 40}}) {
    LifeCycleModel model;
    model.days = cuts;
    std::set<int> reached;
    for (int64_t silent = 0; silent <= 45; ++silent) {
      for (int64_t age = silent; age <= 60; ++age) {
        for (const int64_t gap : {kNoWhole, int64_t{1}, cuts[1], cuts[1] + 1, int64_t{50}}) {
          const uint8_t code =
              LifeCycleOf(model, kAsOf, 3, kAsOf - static_cast<Day>(age), kAsOf - static_cast<Day>(silent), gap);
          // Each class by a condition of its own: exactly one must hold.
          const bool here = silent <= cuts[0];
          const bool is_new = here && age <= cuts[0];
          const bool back = here && !is_new && gap != kNoWhole && gap > cuts[1];
          const std::vector<std::pair<uint8_t, bool>> conditions = {
              {kCycleNew, is_new},
              {kCycleReturning, back},
              {kCycleActive, here && !is_new && !back},
              {kCycleAtRisk, silent > cuts[0] && silent <= cuts[1]},
              {kCycleDormant, silent > cuts[1] && silent <= cuts[2]},
              {kCycleLost, silent > cuts[2]}};
          int holding = 0;
          for (const auto& [expected, holds] : conditions) {
            if (!holds) continue;
            ++holding;
            ASSERT_EQ(code, expected) << silent << " " << age << " " << gap;
          }
          ASSERT_EQ(holding, 1) << silent << " " << age << " " << gap;
          reached.insert(code);
        }
      }
    }
    if (cuts[0] < cuts[1] && cuts[1] < cuts[2]) {
      EXPECT_EQ(reached.size(), 6U);
    }
    EXPECT_EQ(LifeCycleOf(model, kAsOf, 0, 0, 0, kNoWhole), kCyclePotential);
  }
}

}  // namespace
}  // namespace strata
