// RFM in full against sorting: tie rules, nested and fixed cuts, windows, frozen cuts; scores never split equal
// customers.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>

#include "model/rfm/rfm_fitter.h"
#include "model/rfm/rfm_score.h"
#include "tests/model/customer_table.h"

namespace strata {
namespace {

constexpr Day kAsOf = 10'400;
using Values = std::array<int64_t, 3>;  // recency, frequency, monetary of a customer

RfmModel Fit(const RfmFitSettings& settings, const std::vector<TestRow>& rows, uint32_t shards = 3) {
  RfmFitter fitter(settings);
  RunFit(&fitter, TestBase(rows, kAsOf, 0, shards).shards(), shards);
  return fitter.result();
}

std::vector<Values> PurchasersOf(const std::vector<TestRow>& rows, bool windowed) {
  const CustomerTable table(rows, kAsOf);
  const CustomerProfile profile(table.columns());
  std::vector<Values> customers;
  for (size_t i = 0; i < table.size(); ++i) {
    if (windowed && profile.rfm_recency[i] != kNoWhole) {
      customers.push_back({profile.rfm_recency[i], profile.rfm_frequency[i], profile.rfm_monetary[i]});
    } else if (!windowed && table.purchase_days[i] > 0) {
      customers.push_back({kAsOf - table.last_day[i], table.purchase_days[i], table.net_micros[i]});
    }
  }
  return customers;
}

// The score of a value among others, counted from the least, by the definitions of the tie rules.
int ScoreByDefinition(const std::vector<int64_t>& values, int64_t own, int scores, bool mid_rank) {
  int64_t less = 0;
  int64_t equal = 0;
  for (const int64_t value : values) {
    less += value < own ? 1 : 0;
    equal += value == own ? 1 : 0;
  }
  const auto n = static_cast<int64_t>(values.size());
  int score = 1;
  for (int i = 1; i < scores; ++i) {
    // Above cut i: by mid-rank its own rank is beyond i n / s; by value fewer than i n / s values are up to it no more.
    const bool above = mid_rank ? scores * (2 * less + equal + 1) > 2 * i * n : less >= (i * n + scores - 1) / scores;
    score += above ? 1 : 0;
  }
  return score;
}

// Checks the score of every customer; nested where the settings say so.
void ExpectScores(const RfmFitSettings& settings, const RfmModel& model, const std::vector<Values>& customers) {
  const bool nested = settings.cuts == RfmFitSettings::Cuts::kNested;
  const auto score = [&](size_t axis, const Values& own, const auto& in_group) {
    std::vector<int64_t> values;
    for (const Values& other : customers) {
      if (in_group(other)) values.push_back(other[axis]);
    }
    return ScoreByDefinition(values, own[axis], settings.scores[axis], settings.mid_rank);
  };
  std::map<Values, std::array<int, 3>> expected;
  const auto all = [](const Values&) { return true; };
  for (const Values& own : customers) expected[own][0] = settings.scores[0] + 1 - score(0, own, all);
  for (const Values& own : customers) {
    expected[own][1] =
        score(1, own, [&](const Values& other) { return !nested || expected[other][0] == expected[own][0]; });
  }
  for (const Values& own : customers) {
    expected[own][2] = score(2, own, [&](const Values& other) {
      return !nested || (expected[other][0] == expected[own][0] && expected[other][1] == expected[own][1]);
    });
  }
  for (const Values& own : customers) {
    const RfmScores scores = Score(model, own[0], own[1], own[2]);
    ASSERT_EQ((std::array<int, 3>{scores.recency, scores.frequency, scores.monetary}), expected[own])
        << own[0] << " days, " << own[1] << " purchase days, " << own[2] << " micros";
  }
}

TEST(RfmRules, ScoresFollowTheDefinitionsOfEveryRule) {
  for (uint64_t seed = 0; seed < 24; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    const std::vector<TestRow> rows = RandomRows(seed, 160, 10'000, kAsOf);
    RfmFitSettings settings;
    std::mt19937_64 random(seed);
    for (int& scores : settings.scores) scores = 2 + static_cast<int>(random() % 9);
    settings.mid_rank = seed % 2 == 1;
    settings.cuts = seed % 4 >= 2 ? RfmFitSettings::Cuts::kNested : RfmFitSettings::Cuts::kQuantile;
    settings.windowed = seed % 8 >= 4;
    const std::vector<Values> customers = PurchasersOf(rows, settings.windowed);
    ASSERT_GT(customers.size(), 40U);
    const RfmModel model = Fit(settings, rows, 1 + static_cast<uint32_t>(seed % 4));
    EXPECT_EQ(model.customers, static_cast<int64_t>(customers.size()));
    EXPECT_EQ(model.as_of, kAsOf);
    EXPECT_EQ(AxisScores(model), settings.scores);
    ExpectScores(settings, model, customers);
    Values sums = {0, 0, 0};
    for (const Values& customer : customers) {
      for (size_t axis = 0; axis < 3; ++axis) sums[axis] += customer[axis];
    }
    for (size_t axis = 0; axis < 3; ++axis) EXPECT_EQ(ToString(model.sums[axis]), std::to_string(sums[axis]));
  }
}

TEST(RfmRules, NestedCutsCoverEveryCell) {
  // Two customers only: most groups are empty and take the plain cuts.
  RfmFitSettings settings;
  settings.cuts = RfmFitSettings::Cuts::kNested;
  const RfmModel model = Fit(settings, {{1, kAsOf - 3, 5'000'000}, {2, kAsOf - 40, 7'000'000}, {2, kAsOf - 50, 1}});
  ASSERT_EQ(model.frequency_by_recency.size(), 5U);
  ASSERT_EQ(model.monetary_by_cell.size(), 25U);
  for (const auto& cuts : model.frequency_by_recency) EXPECT_EQ(cuts.size(), 4U);
  for (const auto& cuts : model.monetary_by_cell) EXPECT_EQ(cuts.size(), 4U);
  EXPECT_EQ(model.frequency_by_recency[1], model.frequency_cuts) << "nobody has recency score 2";
}

TEST(RfmRules, FixedCutsAreThoseOfTheJob) {
  RfmFitSettings settings;
  settings.scores = {3, 3, 2};
  settings.cuts = RfmFitSettings::Cuts::kFixed;
  settings.fixed = {std::vector<int64_t>{30, 90}, {1, 4}, {10'000'000}};
  RfmFitter fitter(settings);
  const std::vector<TestRow> rows = {{1, kAsOf - 3, 5'000'000}, {2, kAsOf - 40, 7'000'000}};
  EXPECT_EQ(RunFit(&fitter, TestBase(rows, kAsOf, 0, 2).shards()), 1);
  const RfmModel& model = fitter.result();
  EXPECT_EQ(model.cuts, "fixed");
  EXPECT_EQ(model.customers, 2);
  EXPECT_EQ(ToString(model.sums[0]), "43");
  EXPECT_EQ(Score(model, 30, 1, 10'000'000), (RfmScores{3, 1, 1})) << "a value on a cut belongs below it";
  EXPECT_EQ(Score(model, 31, 2, 10'000'001), (RfmScores{2, 2, 2}));
  EXPECT_EQ(Score(model, 91, 5, -1), (RfmScores{1, 3, 1}));
}

TEST(RfmRules, FrozenCutsNeedNoRoundAndTakeTheGridOfTheJob) {
  RfmModel old;
  old.scores = 2;
  old.customers = 9;
  old.as_of = kAsOf - 30;
  old.recency_cuts_days = {7};
  old.frequency_cuts = {3};
  old.monetary_cuts_micros = {500};
  RfmFitSettings settings;
  settings.scores = {2, 2, 2};
  settings.grid = "ten";
  settings.frozen = old;
  const RfmFitter fitter(settings);
  EXPECT_FALSE(fitter.Next().has_value());
  EXPECT_EQ(fitter.result().grid, "ten");
  EXPECT_EQ(fitter.result().as_of, kAsOf - 30) << "the date that the cuts were fitted for";
  EXPECT_EQ(Score(fitter.result(), 7, 4, 500), (RfmScores{2, 2, 1}));
}

TEST(RfmRules, ManyTiesMakeNoDifferenceToTheOrderOfRows) {
  // Half of the customers bought once: mid-rank puts all of them on one score, whatever their order.
  std::vector<TestRow> rows;
  for (uint64_t customer = 0; customer < 200; ++customer) {
    for (uint64_t i = 0; i <= (customer % 2 == 0 ? 0 : customer % 7); ++i) {
      rows.push_back({customer, kAsOf - static_cast<Day>(10 * i + customer % 5), 1'000'000});
    }
  }
  RfmFitSettings settings;
  settings.mid_rank = true;
  const RfmModel model = Fit(settings, rows);
  std::shuffle(rows.begin(), rows.end(), std::mt19937_64(4));
  const RfmModel shuffled = Fit(settings, rows, 7);
  EXPECT_EQ(model.recency_cuts_days, shuffled.recency_cuts_days);
  EXPECT_EQ(model.frequency_cuts, shuffled.frequency_cuts);
  EXPECT_EQ(model.monetary_cuts_micros, shuffled.monetary_cuts_micros);
}

}  // namespace
}  // namespace strata
