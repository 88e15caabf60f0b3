// Counting must order as comparing does.
#include "model/statistics/radix_order.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>

namespace strata {
namespace {

constexpr size_t kSizes[] = {0, 1, 2, 255, 256, 257, 5'000};

std::vector<uint32_t> ByComparing(const std::vector<double>& values) {
  std::vector<uint32_t> rows(values.size());
  std::iota(rows.begin(), rows.end(), 0u);
  std::stable_sort(rows.begin(), rows.end(), [&](uint32_t a, uint32_t b) { return values[a] < values[b]; });
  return rows;
}

TEST(RadixOrder, OrdersDoublesAsComparingThemDoes) {
  for (uint64_t seed = 1; seed <= 30; ++seed) {
    for (const size_t size : kSizes) {
      SCOPED_TRACE(testing::Message() << "seed " << seed << ", " << size << " values");
      std::mt19937_64 random(seed);
      std::vector<double> values(size);
      for (double& value : values) {
        // Few distinct ones every other time, so that ties occur; of all magnitudes and both signs.
        const double base = seed % 2 == 0 ? static_cast<double>(random() % 7) : static_cast<double>(random());
        value = std::ldexp(base, static_cast<int>(random() % 40) - 20) * (random() % 2 == 0 ? 1 : -1);
      }
      const double special[] = {0.0, -0.0, HUGE_VAL, -HUGE_VAL, 5e-324, -5e-324, std::numeric_limits<double>::max()};
      for (size_t i = 0; i < std::size(special) && 3 * i < size; ++i) values[3 * i] = special[i];
      EXPECT_EQ(RowsByValue(values), ByComparing(values));
    }
  }
}

TEST(RadixOrder, OrdersKeysAsComparingThemDoes) {
  for (uint64_t seed = 1; seed <= 30; ++seed) {
    for (const size_t size : kSizes) {
      SCOPED_TRACE(testing::Message() << "seed " << seed << ", " << size << " keys");
      std::mt19937_64 random(seed);
      std::vector<uint64_t> keys(size);
      const uint64_t mask = seed % 3 == 0 ? 0xFF00FF : ~uint64_t{0};  // digits that all keys share too
      for (uint64_t& key : keys) key = random() & mask;
      std::vector<uint64_t> expected = keys;
      std::sort(expected.begin(), expected.end());
      std::vector<uint64_t> in_order;
      const std::vector<uint32_t> rows = RowsByKey(keys);
      for (const uint32_t row : rows) in_order.push_back(keys[row]);
      EXPECT_EQ(in_order, expected);
      for (size_t i = 1; i < rows.size(); ++i) {
        EXPECT_TRUE(in_order[i - 1] != in_order[i] || rows[i - 1] < rows[i]) << "equal keys by position";
      }
      SortKeys(&keys);
      EXPECT_EQ(keys, expected);
    }
  }
}

}  // namespace
}  // namespace strata
