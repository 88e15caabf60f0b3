// RFM: cuts against sorting, scores that never split equal customers, and segments that cover every cell once.
#include "model/rfm/rfm_fitter.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "model/rfm/rfm_score.h"
#include "tests/model/customer_table.h"

namespace strata {
namespace {

constexpr Day kAsOf = 10400;

RfmModel Fit(const std::vector<TestRow>& rows, int scores = 5, uint32_t shards = 3) {
  RfmFitter fitter(scores);
  RunFit(&fitter, TestBase(rows, kAsOf, 0, shards).shards());
  return fitter.result();
}

std::vector<int64_t> CutsBySorting(std::vector<int64_t> values, int scores) {
  std::sort(values.begin(), values.end());
  std::vector<int64_t> cuts;
  for (size_t i = 1; i < static_cast<size_t>(scores); ++i) {
    const size_t rank = (i * values.size() + static_cast<size_t>(scores) - 1) / static_cast<size_t>(scores);
    cuts.push_back(values[rank - 1]);
  }
  return cuts;
}

TEST(RfmFitter, CutsAreQuantilesOfThePurchasers) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    const std::vector<TestRow> rows = RandomRows(seed, 150, 10000, kAsOf + 50);
    const int scores = 2 + static_cast<int>(seed % 9);
    const RfmModel model = Fit(rows, scores, 1 + static_cast<uint32_t>(seed % 4));
    const CustomerTable table(rows, kAsOf);
    std::vector<int64_t> recency, frequency, monetary;
    for (size_t i = 0; i < table.size(); ++i) {
      if (table.purchase_days[i] == 0) continue;
      recency.push_back(kAsOf - table.last_day[i]);
      frequency.push_back(table.purchase_days[i]);
      monetary.push_back(table.net_micros[i]);
    }
    ASSERT_LT(recency.size(), table.size()) << "the base should hold customers without a purchase";
    EXPECT_EQ(model.as_of, kAsOf);
    EXPECT_EQ(model.customers, static_cast<int64_t>(recency.size()));
    EXPECT_EQ(model.recency_cuts_days, CutsBySorting(recency, scores));
    EXPECT_EQ(model.frequency_cuts, CutsBySorting(frequency, scores));
    EXPECT_EQ(model.monetary_cuts_micros, CutsBySorting(monetary, scores));
  }
}

TEST(RfmFitter, OrderOfRowsDoesNotMatter) {
  std::vector<TestRow> rows = RandomRows(5, 200, 10000, kAsOf);
  const RfmModel model = Fit(rows);
  std::shuffle(rows.begin(), rows.end(), std::mt19937_64(9));
  const RfmModel shuffled = Fit(rows, 5, 7);
  EXPECT_EQ(model.recency_cuts_days, shuffled.recency_cuts_days);
  EXPECT_EQ(model.frequency_cuts, shuffled.frequency_cuts);
  EXPECT_EQ(model.monetary_cuts_micros, shuffled.monetary_cuts_micros);
}

TEST(RfmFitter, EqualCustomersGetEqualScores) {
  // Half of the base bought once, on the same day and for the same price: more than two fifths, so cuts run through
  // them.
  std::vector<TestRow> rows;
  for (uint64_t customer = 0; customer < 100; ++customer) {
    rows.push_back({customer, kAsOf - 60, 10'000'000});
    for (uint64_t i = 0; customer % 2 == 1 && i < 1 + customer / 10; ++i) {
      rows.push_back({customer, kAsOf - 50 + static_cast<Day>(i * 5), 10'000'000});
    }
  }
  const RfmModel model = Fit(rows);
  EXPECT_EQ(model.frequency_cuts, (std::vector<int64_t>{1, 1, 3, 7}));
  const CustomerTable table(rows, kAsOf);
  int one_time = 0;
  for (size_t i = 0; i < table.size(); ++i) {
    if (table.purchase_days[i] > 1) continue;
    ++one_time;
    const RfmScores scores = Score(model, kAsOf - table.last_day[i], table.purchase_days[i], table.net_micros[i]);
    EXPECT_EQ(scores, (RfmScores{3, 1, 1}));
    EXPECT_EQ(SegmentOf(scores.recency, scores.frequency, 5), RfmSegment::kAboutToSleep);
  }
  EXPECT_EQ(one_time, 50);
  EXPECT_EQ(Score(model, 0, 40, 500'000'000), (RfmScores{5, 5, 5}));
}

TEST(RfmFitter, RecencyIsReversed) {
  std::vector<TestRow> rows;
  for (uint64_t customer = 0; customer < 10; ++customer) {
    rows.push_back({customer, kAsOf - static_cast<Day>(customer), 1'000'000});
  }
  const RfmModel model = Fit(rows);
  for (int64_t days = 0; days < 10; ++days) EXPECT_EQ(Score(model, days, 1, 0).recency, 5 - days / 2) << days;
}

TEST(RfmFitter, ABaseWithoutPurchasersHasNoCuts) {
  const RfmModel model = Fit({{1, kAsOf - 3, -5'000'000, true}});
  EXPECT_EQ(model.customers, 0);
  EXPECT_TRUE(model.recency_cuts_days.empty());
  EXPECT_EQ(Score(model, 1, 1, 1), RfmScores{});
  EXPECT_EQ(SegmentOf(0, 0, 5), RfmSegment::kNone);
}

TEST(RfmSegments, EveryCellHasExactlyOneAndEveryClassIsReached) {
  using enum RfmSegment;
  // The map as ranges (recency, frequency): each cell must match one line only.
  struct Range {
    int r_low, r_high, f_low, f_high;
    RfmSegment segment;
  };
  const std::vector<Range> ranges = {
      {1, 1, 1, 1, kLost},      {1, 1, 2, 2, kHibernating},  {2, 2, 1, 2, kHibernating},       {1, 2, 3, 4, kAtRisk},
      {1, 2, 5, 5, kCantLose},  {3, 3, 1, 2, kAboutToSleep}, {3, 3, 3, 3, kNeedAttention},     {3, 4, 4, 5, kLoyal},
      {4, 4, 1, 1, kPromising}, {5, 5, 1, 1, kNew},          {4, 5, 2, 3, kPotentialLoyalist}, {5, 5, 4, 5, kChampions},
  };
  std::set<RfmSegment> reached;
  for (int r = 1; r <= 5; ++r) {
    for (int f = 1; f <= 5; ++f) {
      int matches = 0;
      for (const Range& range : ranges) {
        if (r < range.r_low || r > range.r_high || f < range.f_low || f > range.f_high) continue;
        ++matches;
        EXPECT_EQ(SegmentOf(r, f, 5), range.segment) << r << f;
      }
      EXPECT_EQ(matches, 1) << r << f;
      reached.insert(SegmentOf(r, f, 5));
    }
  }
  EXPECT_EQ(reached.size(), static_cast<size_t>(kRfmSegments));
}

TEST(RfmSegments, OtherScoreCountsUseTheSameMap) {
  for (int scores = 2; scores <= 10; ++scores) {
    for (int r = 1; r <= scores; ++r) {
      for (int f = 1; f <= scores; ++f) {
        const auto on_five = [scores](int s) { return (5 * s + scores - 1) / scores; };
        EXPECT_EQ(SegmentOf(r, f, scores), SegmentOf(on_five(r), on_five(f), 5));
        EXPECT_NE(SegmentOf(r, f, scores), RfmSegment::kNone);
      }
    }
    EXPECT_EQ(SegmentOf(scores, scores, scores), RfmSegment::kChampions);
  }
}

}  // namespace
}  // namespace strata
