// Rows of float32 on the grid: against the rounding of one number after the other, and what is no number.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "model/clustering/point_blocks.h"

namespace strata {
namespace {

std::vector<float> Rows(uint64_t seed, size_t rows, size_t columns, double scale, double shift) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  std::vector<float> values(rows * columns);
  for (float& value : values) value = static_cast<float>(normal(random) * scale + shift);
  return values;
}

TEST(FloatPoints, EveryNumberIsRoundedToTheGrid) {
  for (uint64_t seed = 0; seed < 30; ++seed) {
    const size_t columns = 1 + seed % 24;
    const size_t rows = 1 + seed * 131 % 1500 + (seed % 10 == 3 ? 70'000 : 0);  // many are kept in 16 bits
    // Of any scale, and far from the origin.
    const double scale = std::ldexp(1.0, static_cast<int>(seed % 5) * 30 - 60);
    SCOPED_TRACE(testing::Message() << "seed " << seed << " columns " << columns << " rows " << rows);
    const std::vector<float> values = Rows(seed, rows, columns, scale, seed % 3 == 0 ? 1e5 * scale : 0);
    FloatGrid grid;
    const auto points = PointBlocks::OfFloats(values, columns, &grid);
    ASSERT_TRUE(points.ok()) << points.status();
    ASSERT_EQ(points->size(), rows);
    int32_t reach = 0;
    Int128 squares = 0;
    for (size_t i = 0; i < rows; ++i) {
      const Centre row = grid.Of(std::span(values).subspan(i * columns, columns));
      ASSERT_EQ(points->point(i), row);
      for (size_t j = 0; j < columns; ++j) {
        const double exact = std::ldexp(static_cast<double>(values[i * columns + j]) - grid.middle[j], grid.bits);
        ASSERT_NEAR(row.q[j], exact, 0.51);
        reach = std::max(reach, std::abs(row.q[j]));
        squares += Int128{row.q[j]} * row.q[j];
      }
    }
    EXPECT_LE(reach, 32'767);
    EXPECT_TRUE(reach >= 1 << 14 || rows == 1);
    EXPECT_TRUE(points->total_squares() == squares);
    EXPECT_TRUE(points->total_weight() == static_cast<Int128>(rows));
  }
}

TEST(FloatPoints, NaNAndInfinityAreErrorsThatNameTheColumn) {
  for (const float wrong : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
                            -std::numeric_limits<float>::infinity()}) {
    for (const size_t row : {0, 77, 999}) {
      std::vector<float> values = Rows(1, 1000, 7, 1, 0);
      values[row * 7 + 3] = wrong;
      FloatGrid grid;
      const auto points = PointBlocks::OfFloats(values, 7, &grid);
      ASSERT_FALSE(points.ok());
      EXPECT_EQ(DetailOf(points.status())->reason, "CLUSTERING_NOT_FINITE");
      EXPECT_NE(points.status().message().find("column 3"), absl::string_view::npos) << points.status();
    }
  }
  FloatGrid grid;
  EXPECT_EQ(DetailOf(PointBlocks::OfFloats(Rows(1, 5, 2, 1, 0), 3, &grid).status())->reason, "CLUSTERING_COLUMNS");
}

TEST(FloatPoints, NothingAndEqualRowsAreFine) {
  FloatGrid grid;
  const auto none = PointBlocks::OfFloats({}, 4, &grid);
  ASSERT_TRUE(none.ok());
  EXPECT_EQ(none->size(), 0u);
  EXPECT_EQ(none->blocks(), 0u);
  const auto equal = PointBlocks::OfFloats(std::vector<float>(300, 2.5F), 3, &grid);
  ASSERT_TRUE(equal.ok());
  EXPECT_EQ(equal->point(99), (Centre{{0, 0, 0}, {}}));
}

}  // namespace
}  // namespace strata
