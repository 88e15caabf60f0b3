#include "model/clustering/normal_draws.h"

#include <gtest/gtest.h>

#include <boost/math/distributions/normal.hpp>
#include <cmath>

#include "base/hash.h"

namespace strata {
namespace {

TEST(NormalQuantile, IsTheInverseOfTheDistributionFunction) {
  const boost::math::normal normal;
  for (int i = -52; i <= 52; ++i) {
    for (const double of : {1.0, 1.37, 1.9}) {
      const double tail = std::ldexp(of, -std::abs(i) - 1);
      if (tail >= 1) continue;
      const double p = i < 0 ? tail : 1 - tail;
      const double expected =
          i < 0 ? boost::math::quantile(normal, p) : boost::math::quantile(boost::math::complement(normal, 1 - p));
      EXPECT_NEAR(NormalQuantile(p), expected, 4e-15 * std::max(1.0, std::fabs(expected))) << p;
    }
  }
  EXPECT_EQ(NormalQuantile(0.5), 0);
}

// Wichura's own check values, computed to 16 figures with multiple precision.
TEST(NormalQuantile, HasThePublishedValues) {
  EXPECT_NEAR(NormalQuantile(0.25), -0.6744897501960817, 1e-16 * 2);
  EXPECT_NEAR(NormalQuantile(0.001), -3.090232306167814, 1e-15);
  EXPECT_NEAR(NormalQuantile(1e-20), -9.262340089798408, 4e-15);
}

TEST(NormalOfDraw, IsSymmetricAndFiniteAtTheEnds) {
  EXPECT_NEAR(NormalOfDraw(0), -8.2, 0.2);
  EXPECT_EQ(NormalOfDraw(0), -NormalOfDraw(~uint64_t{0}));
  for (uint64_t i = 1; i < 1000; ++i) EXPECT_EQ(NormalOfDraw(Mix(i)), -NormalOfDraw(~Mix(i)));
}

TEST(NormalOfDraw, HasTheMomentsOfANormal) {
  double sum = 0, squares = 0, fourth = 0;
  constexpr int kDraws = 200'000;
  for (uint64_t i = 0; i < kDraws; ++i) {
    const double z = NormalOfDraw(KeyedDraw(3, 7, i));
    sum += z;
    squares += z * z;
    fourth += z * z * z * z;
  }
  EXPECT_NEAR(sum / kDraws, 0, 0.01);
  EXPECT_NEAR(squares / kDraws, 1, 0.02);
  EXPECT_NEAR(fourth / kDraws, 3, 0.1);
}

}  // namespace
}  // namespace strata
