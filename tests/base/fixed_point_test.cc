#include "base/fixed_point.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace strata {
namespace {

TEST(FixedPoint, RoundsOnceHalfToEven) {
  const struct {
    double value;
    int64_t units;  // of 2^-1
  } rows[] = {{0, 0},     {0.5, 1},    {0.25, 0},   {0.75, 2}, {1.25, 2}, {1.75, 4},
              {-0.25, 0}, {-0.75, -2}, {-1.25, -2}, {0.26, 1}, {0.24, 0}, {-0.26, -1}};
  for (const auto& row : rows) EXPECT_EQ(ToGrid(row.value, 1), row.units) << row.value;
}

TEST(FixedPoint, GridPointsComeBackExactly) {
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    std::mt19937_64 random(seed);
    for (int i = 0; i < 10'000; ++i) {
      const int64_t units = static_cast<int64_t>(random()) >> 11;  // 53 bits fit a double
      ASSERT_EQ(ToGrid(FromGrid(units, kLikelihoodGridBits), kLikelihoodGridBits), units) << "seed " << seed;
    }
  }
}

TEST(FixedPoint, NoValueMovesByMoreThanHalfAStep) {
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    std::mt19937_64 random(seed);
    std::uniform_real_distribution<double> values(-4e6, 4e6);
    for (int i = 0; i < 10'000; ++i) {
      const double value = values(random);
      const double back = FromGrid(ToGrid(value, kLikelihoodGridBits), kLikelihoodGridBits);
      ASSERT_LE(std::fabs(back - value), 0x1.0p-41) << "seed " << seed << " value " << value;
    }
  }
}

TEST(FixedPoint, SumsDoNotDependOnTheOrder) {
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    std::mt19937_64 random(seed);
    std::uniform_real_distribution<double> logs(-15, 15);
    std::vector<double> terms(2'000);
    for (double& term : terms) term = std::copysign(std::exp(logs(random)), random() % 2 == 0 ? 1 : -1);
    const auto sum = [&terms] {
      Int128 units = 0;
      for (const double term : terms) units += ToGrid(term, kLikelihoodGridBits);
      return units;
    };
    const Int128 forward = sum();
    double plain = 0;
    for (const double term : terms) plain += term;
    bool plain_differs = false;
    for (int shuffle = 0; shuffle < 20; ++shuffle) {
      std::shuffle(terms.begin(), terms.end(), random);
      ASSERT_TRUE(sum() == forward) << "seed " << seed;
      double other = 0;
      for (const double term : terms) other += term;
      plain_differs = plain_differs || other != plain;
    }
    EXPECT_TRUE(plain_differs) << "seed " << seed << ": sums of doubles agreed too, so this test shows nothing";
    long double precise = 0;
    for (const double term : terms) precise += term;
    EXPECT_NEAR(FromGrid(forward, kLikelihoodGridBits), static_cast<double>(precise), 2'000 * 0x1.0p-41);
  }
}

TEST(FixedPoint, SumsAreWiderThanTheirTerms) {
  Int128 units = 0;
  const int64_t large = int64_t{1} << 61;
  for (int i = 0; i < 1'000; ++i) units += large;
  EXPECT_EQ(FromGrid(units, 61), 1000.0);
  EXPECT_EQ(FromGrid(-units, 61), -1000.0);
}

TEST(FixedPoint, TheGridSaysWhatFits) {
  EXPECT_TRUE(FitsGrid(0, 40));
  EXPECT_TRUE(FitsGrid(0x1.0p21, 40));
  EXPECT_FALSE(FitsGrid(0x1.0p22, 40));
  EXPECT_FALSE(FitsGrid(-0x1.0p22, 40));
  EXPECT_TRUE(FitsGrid(std::nextafter(0x1.0p22, 0), 40));
  EXPECT_FALSE(FitsGrid(std::numeric_limits<double>::infinity(), 40));
  EXPECT_FALSE(FitsGrid(std::numeric_limits<double>::quiet_NaN(), 40));
  EXPECT_FALSE(FitsGrid(std::numeric_limits<double>::max(), 40));
}

}  // namespace
}  // namespace strata
