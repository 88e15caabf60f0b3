#include "model/trees/feature_bins.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "tests/model/trees/drawn_problem.h"

namespace strata {
namespace {

std::vector<int64_t> CountsOf(const std::vector<std::pair<uint16_t, int64_t>>& occurring) {
  std::vector<int64_t> counts(kCodes);
  for (const auto& [code, count] : occurring) counts[code] = count;
  return counts;
}

TEST(FeatureBins, FewCodesHaveABinEach) {
  const FeatureBins bins = BinsOf(CountsOf({{5, 1}, {9, 1000}, {20, 3}, {kNoCode, 50}}), 3);
  EXPECT_EQ(bins.bins(), 4U);
  EXPECT_EQ(bins.BinOf(5), 1);
  EXPECT_EQ(bins.BinOf(9), 2);
  EXPECT_EQ(bins.BinOf(20), 3);
  EXPECT_EQ(bins.BinOf(kNoCode), 0);
  // What training never saw: the nearer neighbour's bin, and beyond the ends the outermost ones.
  EXPECT_EQ(bins.BinOf(0), 1);
  EXPECT_EQ(bins.BinOf(7), 1);
  EXPECT_EQ(bins.BinOf(8), 2);
  EXPECT_EQ(bins.BinOf(14), 2);
  EXPECT_EQ(bins.BinOf(15), 3);
  EXPECT_EQ(bins.BinOf(60000), 3);
}

TEST(FeatureBins, AFrequentCodeStandsAloneAndTheOthersShareWhatIsLeft) {
  std::vector<int64_t> counts(kCodes);
  for (size_t code = 0; code < 1000; ++code) counts[code] = 10;
  counts[500] = 100'000;
  const FeatureBins bins = BinsOf(counts, 11);
  ASSERT_EQ(bins.last_code.size(), 11U);
  std::vector<int64_t> rows(12);
  for (size_t code = 0; code < kNoCode; ++code) rows[bins.BinOf(static_cast<uint16_t>(code))] += counts[code];
  const uint8_t frequent = bins.BinOf(500);
  EXPECT_NE(bins.BinOf(499), frequent);
  EXPECT_NE(bins.BinOf(501), frequent);
  EXPECT_EQ(rows[frequent], 100'000);
}

TEST(FeatureBins, BinsShareTheRowsEvenly) {
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    Draws draws(seed);
    std::vector<int64_t> counts(kCodes);
    const int64_t codes = draws.Whole(300, 5000), count_max = draws.Whole(1, 50);
    for (int64_t i = 0; i < codes; ++i)
      counts[static_cast<size_t>(draws.Whole(0, kNoCode - 1))] += draws.Whole(1, count_max);
    const auto bins_max = static_cast<int>(draws.Whole(2, 255));
    const FeatureBins bins = BinsOf(counts, bins_max);
    ASSERT_LE(bins.last_code.size(), static_cast<size_t>(bins_max)) << "seed " << seed;
    ASSERT_TRUE(std::is_sorted(bins.last_code.begin(), bins.last_code.end()));
    const int64_t rows = std::accumulate(counts.begin(), counts.end(), int64_t{0});
    const int64_t heaviest = *std::max_element(counts.begin(), counts.end());
    std::vector<int64_t> in_bin(kMaxBins);
    uint8_t before = 1;
    for (size_t code = 0; code < kNoCode; ++code) {
      const uint8_t bin = bins.BinOf(static_cast<uint16_t>(code));
      ASSERT_GE(bin, before) << "seed " << seed << " code " << code;
      before = bin;
      in_bin[bin] += counts[code];
    }
    for (size_t bin = 1; bin < bins.bins(); ++bin) {
      EXPECT_NEAR(static_cast<double>(in_bin[bin]), static_cast<double>(rows) / bins_max, static_cast<double>(heaviest))
          << "seed " << seed << " bin " << bin << " of " << bins_max;
    }
  }
}

TEST(FeatureBins, NothingToBin) {
  const FeatureBins bins = BinsOf(CountsOf({{kNoCode, 9}}), 255);
  EXPECT_EQ(bins.bins(), 1U);
  EXPECT_EQ(bins.BinOf(77), 0);
}

TEST(FeatureBins, CategoriesHaveABinALevel) {
  const FeatureBins bins = CategoryOf(3);
  EXPECT_EQ(bins.BinOf(0), 1);
  EXPECT_EQ(bins.BinOf(2), 3);
  EXPECT_EQ(bins.BinOf(3), 0) << "a level that training never saw";
  EXPECT_EQ(bins.BinOf(kNoCode), 0);
}

TEST(FeatureBins, TheTableSaysWhatBinOfSays) {
  const FeatureBins bins = BinsOf(CountsOf({{1, 5}, {30000, 5}, {40000, 9}, {65534, 1}}), 4);
  const std::vector<uint8_t> table = BinTableOf(bins);
  ASSERT_EQ(table.size(), kCodes);
  for (size_t code = 0; code < kCodes; ++code) ASSERT_EQ(table[code], bins.BinOf(static_cast<uint16_t>(code)));
}

TEST(FloatBins, AValueIsInTheFirstBinThatEndsNotBelowIt) {
  for (uint64_t seed = 1; seed <= 100; ++seed) {
    Draws draws(seed);
    std::vector<float> values;
    for (int64_t i = draws.Whole(1, 2000); i > 0; --i) {
      values.push_back(draws.OneIn(3) ? static_cast<float>(draws.Whole(-3, 3)) : static_cast<float>(draws.Normal()));
    }
    if (draws.OneIn(2)) values.push_back(std::numeric_limits<float>::quiet_NaN());
    const FloatBins bins = FloatBinsOf(values, static_cast<int>(draws.Whole(1, 255)));
    values.push_back(1e30F);
    values.push_back(-1e30F);
    std::vector<uint8_t> found(values.size());
    bins.BinsOf(values.data(), values.size(), found.data());
    for (size_t i = 0; i < values.size(); ++i) {
      size_t slow = 0;
      if (!std::isnan(values[i])) {
        slow = 1;
        while (slow < bins.last.size() && values[i] > bins.last[slow - 1]) ++slow;
      }
      ASSERT_EQ(found[i], slow) << "seed " << seed << " value " << values[i];
      ASSERT_EQ(bins.BinOf(values[i]), slow);
    }
  }
}

TEST(FloatBins, RowsAreBinnedAsTheirValuesAre) {
  Draws draws(4);
  const std::vector<FloatBins> features = {{{0}}, {{-1, 0, 1}}, {{2, 3}}};
  std::vector<float> rows;
  for (size_t i = 0; i < 1000 * features.size(); ++i) rows.push_back(static_cast<float>(2 * draws.Normal()));
  std::vector<uint8_t> bins(3 * 1100);
  BinRows(features, rows.data(), 1000, 1100, bins.data());
  for (size_t i = 0; i < 1000; ++i) {
    for (size_t j = 0; j < 3; ++j) ASSERT_EQ(bins[j * 1100 + i], features[j].BinOf(rows[3 * i + j]));
  }
}

TEST(FloatBins, FewValuesHaveABinEachAndSplitsHalfway) {
  const FloatBins bins = FloatBinsOf(std::vector<float>{4, 1, 2, 1, 4, 4}, 255);
  EXPECT_EQ(bins.last, (std::vector<float>{1.5F, 3, 4}));
  EXPECT_EQ(bins.feature_bins().bins(), 4U);
}

}  // namespace
}  // namespace strata
