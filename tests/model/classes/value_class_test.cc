// Value classes against the definition, on every small multiset of margins; the curve and Gini against plain sums;
// grades over every combination of their inputs.
#include "model/classes/value_class.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "base/column_type.h"

namespace strata {
namespace {

ValueModel Fit(std::vector<int64_t> margins, const ValueShares& shares) {
  std::sort(margins.begin(), margins.end(), std::greater<>());
  const RankedTotals totals = CollectRanked(RankedRequest(), margins).totals;
  ValueCurve curve(totals, shares);
  for (size_t i = 0; i < margins.size();) {
    const auto count = std::count(margins.begin(), margins.end(), margins[i]);
    curve.Show(margins[i], count);
    i += static_cast<size_t>(count);
  }
  ValueModel model;
  curve.Finish(&model);
  return model;
}

// The definition, a customer at a time.
uint8_t ByDefinition(const std::vector<int64_t>& margins, int64_t own, const ValueShares& shares) {
  if (own <= 0) return kTierD;
  int64_t total = 0;
  int64_t greater = 0;
  for (const int64_t margin : margins) {
    total += std::max<int64_t>(margin, 0);
    if (margin > own) greater += margin;
  }
  if (greater * 1'000'000 < shares.a * total) return kTierA;
  if (greater * 1'000'000 < shares.b * total) return kTierB;
  if (shares.d_beyond.has_value() && greater * 1'000'000 >= *shares.d_beyond * total) return kTierD;
  return kTierC;
}

TEST(ValueClasses, EqualTheDefinitionOnEverySmallMultiset) {
  constexpr int64_t kValues[] = {-3, 0, 1, 2, 5, 20, 95};
  const std::vector<ValueShares> all_shares = {
      {}, {.a = 800'000, .b = 950'000, .d_beyond = 990'000}, {.a = 500'000, .b = 600'000, .d_beyond = 700'000}};
  int checked = 0;
  std::vector<int> reached(5, 0);
  // Multisets as counts 0..2 of each value.
  for (int code = 1; code < 2187; ++code) {
    std::vector<int64_t> margins;
    int rest = code;
    for (const int64_t value : kValues) {
      margins.insert(margins.end(), static_cast<size_t>(rest % 3), value);
      rest /= 3;
    }
    for (const ValueShares& shares : all_shares) {
      const ValueModel model = Fit(margins, shares);
      for (const int64_t margin : margins) {
        const uint8_t tier = ValueClassOf(model, margin);
        ASSERT_EQ(tier, ByDefinition(margins, margin, shares)) << "multiset " << code << ", margin " << margin;
        ++reached[tier];
        ++checked;
      }
    }
  }
  EXPECT_GT(checked, 10'000);
  EXPECT_EQ(reached[0], 0);
  for (size_t tier = 1; tier <= 4; ++tier) EXPECT_GT(reached[tier], 100) << tier;
}

TEST(ValueClasses, CoverEveryMarginOnceAndRiseWithIt) {
  const ValueModel model = Fit({100, 40, 30, 20, 5, 3, 1, 1, -7}, {});
  uint8_t last = kTierD;
  for (int64_t margin = -10; margin <= 150; ++margin) {
    const uint8_t tier = ValueClassOf(model, margin);
    EXPECT_GE(tier, kTierA);
    EXPECT_LE(tier, last) << "a greater margin never has a lower class";
    EXPECT_EQ(tier == kTierD, margin <= 0);
    last = tier;
  }
  EXPECT_EQ(last, kTierA);
}

TEST(ValueClasses, WithoutGainsEverybodyIsInD) {
  const ValueModel model = Fit({-1, 0, 0}, {});
  EXPECT_FALSE(model.a_from.has_value());
  EXPECT_EQ(ValueClassOf(model, 0), kTierD);
  EXPECT_EQ(ValueClassOf(model, -1), kTierD);
  EXPECT_EQ(model.gini, 0);
  EXPECT_EQ(model.zero, 2);
  EXPECT_EQ(model.losing, 1);
}

TEST(ValueCurve, EqualsPlainSums) {
  for (uint64_t seed = 0; seed < 60; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 random(seed);
    std::vector<int64_t> margins;
    const size_t count = 1 + random() % 300;
    for (size_t i = 0; i < count; ++i) margins.push_back(static_cast<int64_t>(random() % (seed % 2 ? 6 : 9000)) - 2);
    const ValueModel model = Fit(margins, {});
    std::sort(margins.begin(), margins.end(), std::greater<>());
    ASSERT_EQ(model.curve.size(), 100U);
    for (size_t percent = 1; percent <= 100; ++percent) {
      const size_t top = (count * percent + 99) / 100;
      Int128 sum = 0;
      for (size_t i = 0; i < top; ++i) sum += margins[i];
      EXPECT_EQ(ToString(model.curve[percent - 1]), ToString(sum)) << percent;
    }
    // Gini as half of the relative mean absolute difference, over all pairs.
    double differences = 0;
    double total = 0;
    for (const int64_t a : margins) {
      total += static_cast<double>(std::max<int64_t>(a, 0));
      for (const int64_t b : margins) {
        differences += std::fabs(static_cast<double>(std::max<int64_t>(a, 0) - std::max<int64_t>(b, 0)));
      }
    }
    const double expected = total > 0 ? differences / (2 * static_cast<double>(count) * total) : 0;
    EXPECT_NEAR(model.gini, expected, 1e-9);
  }
}

TEST(Grades, MoveAtMostOneClassAndNeverFromOrToD) {
  for (const int move : {-1, 0, 1}) {
    EXPECT_EQ(GradeOf(kTierD, move), kTierD);
    for (const uint8_t tier : {kTierA, kTierB, kTierC}) {
      const int moved = int{GradeOf(tier, move)};
      EXPECT_LE(std::abs(moved - tier), 1);
      EXPECT_GE(moved, kTierA);
      EXPECT_LE(moved, kTierC);
    }
  }
  EXPECT_EQ(GradeOf(kTierB, 1), kTierA);
  EXPECT_EQ(GradeOf(kTierB, -1), kTierC);
  EXPECT_EQ(GradeOf(0, 1), 0) << "no margin, no grade";
}

// The squared coefficient of variation of gaps, from the gaps themselves.
double SpreadOf(const std::vector<int64_t>& gaps) {
  double mean = 0;
  for (const int64_t gap : gaps) mean += static_cast<double>(gap) / static_cast<double>(gaps.size());
  double variance = 0;
  for (const int64_t gap : gaps) {
    variance +=
        (static_cast<double>(gap) - mean) * (static_cast<double>(gap) - mean) / static_cast<double>(gaps.size());
  }
  return variance / (mean * mean);
}

TEST(Grades, MovesFollowLoyaltyAndStability) {
  const ValueModel model;  // up: 4 quarters and at most 0.25; down: 1 quarter or at least 4
  int ups = 0;
  int downs = 0;
  for (uint64_t seed = 0; seed < 3000; ++seed) {
    std::mt19937_64 random(seed);
    std::vector<int64_t> gaps(random() % 9);
    Rhythm rhythm{.active_quarters = static_cast<int64_t>(random() % 5),
                  .purchase_days = static_cast<int64_t>(gaps.size()) + 1};
    for (int64_t& gap : gaps) {
      gap = 20 + static_cast<int64_t>(random() % 30);
      if (seed % 3 == 0 && random() % 8 == 0) gap = 5000;
      rhythm.span_days += gap;
      rhythm.squared_gap_days += gap * gap;
    }
    const double spread = gaps.size() >= 3 ? SpreadOf(gaps) : 1;  // 1: moves nobody
    if (std::fabs(spread - 0.25) < 1e-6 || std::fabs(spread - 4) < 1e-6) continue;
    const int expected = rhythm.active_quarters == 4 && spread < 0.25 ? 1
                         : rhythm.active_quarters <= 1 || spread > 4  ? -1
                                                                      : 0;
    EXPECT_EQ(MoveOf(model, rhythm), expected) << "seed " << seed;
    ups += expected > 0 ? 1 : 0;
    downs += spread > 4 ? 1 : 0;
    rhythm.active_quarters = kNoWhole;
    EXPECT_EQ(MoveOf(model, rhythm), 0) << "nothing is known of the quarters";
  }
  EXPECT_GT(ups, 50);
  EXPECT_GT(downs, 50) << "by their gaps";
}

}  // namespace
}  // namespace strata
