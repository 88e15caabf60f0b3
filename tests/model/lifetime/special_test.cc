// Special functions and quadrature nodes against Boost in 50 digits.
#include <gtest/gtest.h>

#include <boost/math/distributions/negative_binomial.hpp>
#include <boost/math/special_functions/digamma.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <boost/multiprecision/cpp_bin_float.hpp>
#include <cmath>
#include <random>

#include "model/lifetime/special/hypergeometric_laplace.h"
#include "model/lifetime/special/mixtures.h"
#include "model/lifetime/special/negative_binomial.h"
#include "model/lifetime/special/rising.h"

namespace strata {
namespace {

using Digits = boost::multiprecision::cpp_bin_float_50;

TEST(Rising, IsTheDifferenceOfLogarithmsOfGammaFunctions) {
  for (const double z : {1e-6, 0.03, 1.0, 7.5, 19.9, 20.0, 333.3, 1e6, 1e9}) {
    for (const int64_t n : {0, 1, 5, 32, 33, 100, 10'000}) {
      const Digits exact = lgamma(Digits(z) + n) - lgamma(Digits(z));
      const Digits slope = boost::math::digamma(Digits(z) + n) - boost::math::digamma(Digits(z));
      const LogRise found = RiseOf(z, n);
      const double size = std::fabs(static_cast<double>(exact));
      EXPECT_NEAR(found.value, static_cast<double>(exact), 1e-14 * (1 + size)) << z << ", " << n;
      EXPECT_NEAR(found.first, static_cast<double>(slope), 2e-14 * static_cast<double>(slope)) << z << ", " << n;
    }
  }
}

TEST(Rising, SecondDerivativeIsThatOfTheFirst) {
  for (const double z : {0.3, 25.0, 4000.0}) {
    for (const int64_t n : {3, 500}) {
      const double step = 1e-4 * z;
      const double slope = (RiseOf(z + step, n).first - RiseOf(z - step, n).first) / (2 * step);
      EXPECT_NEAR(RiseOf(z, n).second, slope, 1e-7 * std::fabs(slope)) << z << ", " << n;
    }
  }
}

TEST(NegativeBinomial, RunsAgreeWithTheFormula) {
  for (const double shape : {0.05, 0.8, 3.0, 500.5, 1e4}) {
    for (const double ratio : {1e-6, 0.03, 1.0, 7.0, 300.0}) {
      const NegativeBinomialRun run = NegativeBinomial(shape, ratio, 1 << 22);
      double sum = run.beyond;
      for (size_t i = 0; i < run.pmf.size(); ++i) {
        sum += run.pmf[i];
        if (i % (run.pmf.size() / 7 + 1) != 0) continue;
        const auto m = run.first + static_cast<int64_t>(i);
        const Digits log_pmf = lgamma(Digits(shape) + m) - lgamma(Digits(shape)) - lgamma(Digits(m + 1)) -
                               Digits(shape) * log1p(Digits(ratio)) - m * log1p(1 / Digits(ratio));
        const auto exact = static_cast<double>(Digits(exp(log_pmf)));
        EXPECT_NEAR(run.pmf[i], exact, 1e-11 * exact) << shape << ", " << ratio << " at " << m;
        EXPECT_NEAR(LogNegativeBinomial(shape, ratio, m), static_cast<double>(log_pmf),
                    1e-13 * (1 + static_cast<double>(m) + shape))
            << shape << ", " << ratio << " at " << m;
      }
      EXPECT_NEAR(sum, 1, 1e-12) << shape << ", " << ratio;
    }
  }
}

TEST(NegativeBinomial, WhatIsCutOffIsCountedBeyond) {
  const NegativeBinomialRun cut = NegativeBinomial(0.4, 50, 20);
  const NegativeBinomialRun whole = NegativeBinomial(0.4, 50, 1 << 20);
  ASSERT_EQ(cut.pmf.size(), 20u);
  for (size_t i = 0; i < 20; ++i) EXPECT_NEAR(cut.pmf[i], whole.pmf[i], 1e-12 * whole.pmf[i]);
  double beyond = 0;
  for (size_t i = whole.pmf.size(); i-- > 20;) beyond += whole.pmf[i];
  EXPECT_NEAR(cut.beyond, beyond, 1e-12);
  EXPECT_NEAR(NegativeBinomialTail(0.4, 50, 20), beyond, 1e-12);
}

TEST(Mixtures, MomentsAreThoseOfTheDistributions) {
  for (const double shape : {0.5, 1.0, 3.3, 80.0, 1e4}) {
    double mean = 0, inverse = 0;
    for (const RateNode& node : GammaNodes(shape + 1, 2)) {
      mean += node.weight * node.rate;
      inverse += node.weight / node.rate;
    }
    EXPECT_NEAR(mean, (shape + 1) / 2, 1e-13 * mean) << shape;
    EXPECT_NEAR(inverse, 2 / shape, 1e-12 * inverse) << shape;
  }
  for (const double a : {1e-3, 0.2, 1.0, 40.0, 1e5}) {
    for (const double b : {1e-3, 0.7, 5.0, 3000.0}) {
      double mean = 0, square = 0, other = 0;
      for (const ShareNode& node : BetaNodes(a, b)) {
        mean += node.weight * node.p;
        square += node.weight * node.p * node.p;
        other += node.weight * node.q;
      }
      EXPECT_NEAR(mean, a / (a + b), 1e-12 * mean) << a << ", " << b;
      EXPECT_NEAR(other, b / (a + b), 1e-12 * other) << a << ", " << b;
      EXPECT_NEAR(square, a * (a + 1) / ((a + b) * (a + b + 1)), 1e-12 * square) << a << ", " << b;
    }
  }
}

// 2F1(A, a; C; -y) is the mean of (1 + p y)^-A over p of Beta(a, C - a), and (1 + p y)^-A that of exp(-p y l) over l of
// Gamma(A, 1): the transform is the mean of 1 / (z + p l).
TEST(HypergeometricLaplace, IsTheMeanOverRatesAndShares) {
  constexpr uint64_t kSeed = 1;
  std::mt19937_64 random(kSeed);
  const auto uniform = [&](double low, double high) {
    return std::uniform_real_distribution<double>(low, high)(random);
  };
  int absent = 0;
  for (int i = 0; i < 500; ++i) {
    const double r = std::exp(uniform(-3, 2.5)), a = std::exp(uniform(-4, 3)), b = std::exp(uniform(-3, 4));
    const double x = std::floor(std::exp(uniform(0, 5.5))) - 1, z = std::exp(uniform(-7, 3));
    SCOPED_TRACE(testing::Message() << "seed " << kSeed << " r " << r << " a " << a << " b " << b << " x " << x << " z "
                                    << z);
    const auto found = LaplaceOfHypergeometric(r + x + 1, a, a + b + x, z);
    double mean = 0;
    const std::vector<ShareNode> shares = BetaNodes(a, b + x);
    for (const RateNode& rate : GammaNodes(r + x + 1, 1)) {
      double inner = 0;
      for (const ShareNode& share : shares) inner += share.weight / (z + share.p * rate.rate);
      mean += rate.weight * inner;
    }
    if (!found.has_value()) ++absent;
    EXPECT_NEAR(found.value_or(mean), mean, 1e-12 * mean);
  }
  EXPECT_LT(absent, 5) << "hardly anybody needs another way";
  EXPECT_FALSE(LaplaceOfHypergeometric(1e4, 0.8, 1e4, 0.1).has_value()) << "steps are too many";
}

}  // namespace
}  // namespace strata
