// The plain kernels against slow and obvious arithmetic: long double, or exact integers.
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>

#include "base/int128.h"
#include "model/kernels/kernels.h"
#include "tests/model/kernels/drawn_blocks.h"

namespace strata {
namespace {

using Real = long double;

// How far `value` is from the truth, in units of the truth's last place as a double.
Real UlpsOff(double value, Real truth) {
  const int exponent = std::ilogb(static_cast<double>(truth));
  return std::fabs(static_cast<Real>(value) - truth) / std::ldexp(Real{1}, exponent - 52);
}

TEST(Logarithm, IsWithinAnUlpFromTheSmallestToTheLargest) {
  Real worst = 0;
  for (uint64_t seed = 0; seed < 2000; ++seed) {
    BlockDraws draws(seed);
    auto x =
        draws.Columns(1, [&] { return std::ldexp(draws.Uniform(0.5, 1), static_cast<int>(draws.Whole(-1000, 1020))); });
    for (size_t i = 0; i < draws.length(); i += 3) x[i] = draws.Uniform(0, 3);
    std::vector<double> out(kKernelBlock);
    PlainKernels().log1p(x.data(), draws.length(), out.data());
    for (size_t i = 0; i < draws.length(); ++i) {
      if (x[i] == 0) continue;
      const Real off = UlpsOff(out[i], std::log1p(static_cast<Real>(x[i])));
      ASSERT_LT(off, 1.0) << "seed " << seed << ": log1p(" << x[i] << ")";
      worst = std::max(worst, off);
    }
  }
  EXPECT_GT(worst, 0.4) << "an error below half an ulp at all times says that the oracle is no better";
}

TEST(Logarithm, IsExactWhereItMustBe) {
  std::array<double, kLanesMax> x{0.0, std::numeric_limits<double>::denorm_min(), 0x1p-60};
  std::array<double, kLanesMax> out;
  PlainKernels().log1p(x.data(), 3, out.data());
  for (size_t i = 0; i < 3; ++i) EXPECT_EQ(out[i], x[i]);
}

TEST(Exponential, IsWithinAnUlp) {
  for (uint64_t seed = 0; seed < 2000; ++seed) {
    BlockDraws draws(seed);
    const auto x = draws.Columns(1, [&] {
      return draws.OneIn(2) ? draws.Uniform(-708.39, 709.78)
                            : std::ldexp(draws.Uniform(-1, 1), static_cast<int>(draws.Whole(-40, 3)));
    });
    std::vector<double> out(kKernelBlock);
    PlainKernels().exp(x.data(), draws.length(), out.data());
    for (size_t i = 0; i < draws.length(); ++i) {
      ASSERT_LT(UlpsOff(out[i], std::exp(static_cast<Real>(x[i]))), 1.0) << "seed " << seed << ": exp(" << x[i] << ")";
    }
  }
}

TEST(Exponential, EndsInZero) {
  std::array<double, kLanesMax> x{0.0, -709, -1e300};
  std::array<double, kLanesMax> out;
  PlainKernels().exp(x.data(), 3, out.data());
  EXPECT_EQ(out[0], 1.0);
  EXPECT_EQ(out[1], 0.0);
  EXPECT_EQ(out[2], 0.0);
}

TEST(SignedLog, IsTheNearestPointOfTheGridAndOdd) {
  for (uint64_t seed = 0; seed < 500; ++seed) {
    BlockDraws draws(seed);
    auto x = draws.Columns(1, [&] { return std::ldexp(draws.Uniform(-1, 1), static_cast<int>(draws.Whole(-30, 45))); });
    std::vector<double> out(kKernelBlock), mirrored(kKernelBlock);
    PlainKernels().signed_log1p_on_grid(x.data(), draws.length(), out.data());
    for (size_t i = 0; i < draws.length(); ++i) {
      const Real truth = std::copysign(std::log1p(std::fabs(static_cast<Real>(x[i]))), static_cast<Real>(x[i]));
      ASSERT_EQ(out[i], std::rint(out[i]));
      ASSERT_LE(std::fabs(static_cast<Real>(out[i]) - std::ldexp(truth, kFeatureGridBits)), 0.5L + 1e-8L) << x[i];
      x[i] = -x[i];
    }
    PlainKernels().signed_log1p_on_grid(x.data(), draws.length(), mirrored.data());
    for (size_t i = 0; i < draws.length(); ++i) ASSERT_EQ(mirrored[i], -out[i]);
  }
}

struct Regression {
  explicit Regression(uint64_t seed, double reach = 4) : draws(seed) {
    features = static_cast<size_t>(draws.Whole(1, 15));
    for (size_t j = 0; j < features; ++j) {
      mean.push_back(draws.Uniform(-1, 1));
      deviation.push_back(draws.Uniform(0.5, 2));
      coefficients.push_back(draws.Uniform(-2, 2));
    }
    rows = draws.Columns(features, [&] { return std::rint(draws.Uniform(-reach, reach) * (1 << kFeatureGridBits)); });
    outcome = draws.Columns(1, [&] { return draws.OneIn(2) ? 1.0 : 0.0; });
    // What was there before must not matter, not even behind the last row.
    constexpr double kDebris = std::numeric_limits<double>::quiet_NaN();
    for (auto* column : {&residual, &weight, &loss}) column->assign(kKernelBlock, kDebris);
    z.assign((features + 1) * kKernelBlock, kDebris);
  }
  LogisticView model() const { return {mean.data(), deviation.data(), coefficients.data(), -0.3, features}; }
  LogisticTerms terms() { return {z.data(), residual.data(), weight.data(), loss.data()}; }
  Real Predictor(size_t i) const {
    Real predictor = -0.3;
    for (size_t j = 0; j < features; ++j) {
      predictor +=
          coefficients[j] * (std::ldexp(Real{rows[j * kKernelBlock + i]}, -kFeatureGridBits) - mean[j]) / deviation[j];
    }
    return predictor;
  }

  BlockDraws draws;
  size_t features;
  std::vector<double> mean, deviation, coefficients, rows, outcome, z, residual, weight, loss;
};

TEST(Logistic, ProbabilitiesAndLossesAreThoseOfTheFormula) {
  for (uint64_t seed = 0; seed < 500; ++seed) {
    Regression base(seed);
    std::vector<double> probability(kKernelBlock);
    PlainKernels().logistic_probability(base.model(), base.rows.data(), base.draws.length(), probability.data());
    PlainKernels().logistic_terms(base.model(), base.rows.data(), base.draws.length(), base.outcome.data(),
                                  base.terms());
    for (size_t i = 0; i < base.draws.length(); ++i) {
      const Real predictor = base.Predictor(i);
      const Real truth = 1 / (1 + std::exp(-predictor));
      ASSERT_NEAR(static_cast<double>(probability[i] - truth), 0, 1e-14) << "seed " << seed;
      ASSERT_EQ(base.residual[i], probability[i] - base.outcome[i]);
      ASSERT_NEAR(static_cast<double>(base.weight[i] - truth * (1 - truth)), 0, 1e-14);
      const Real likelihood = base.outcome[i] > 0 ? truth : 1 / (1 + std::exp(predictor));
      ASSERT_NEAR(std::ldexp(base.loss[i], -40), static_cast<double>(-std::log(likelihood)), 1e-12);
    }
  }
}

TEST(Logistic, SumsAreThoseOfEveryTermRoundedOnce) {
  for (uint64_t seed = 0; seed < 300; ++seed) {
    Regression base(seed);
    PlainKernels().logistic_terms(base.model(), base.rows.data(), base.draws.length(), base.outcome.data(),
                                  base.terms());
    const size_t width = base.features + 1;
    std::vector<int64_t> gradient(width), hessian(width * (width + 1) / 2);
    ASSERT_TRUE(
        PlainKernels().logistic_sums(base.terms(), width, base.draws.length(), gradient.data(), hessian.data()));
    size_t element = 0;
    for (size_t i = 0; i < width; ++i) {
      Int128 sum = 0;
      const double* const z = &base.z[i * kKernelBlock];
      for (size_t row = 0; row < base.draws.length(); ++row) sum += std::llrint(base.residual[row] * 0x1p40 * z[row]);
      ASSERT_EQ(gradient[i], static_cast<int64_t>(sum)) << "seed " << seed;
      for (size_t j = 0; j <= i; ++j, ++element) {
        sum = 0;
        for (size_t row = 0; row < base.draws.length(); ++row) {
          sum += std::llrint(base.weight[row] * z[row] * 0x1p30 * base.z[j * kKernelBlock + row]);
        }
        ASSERT_EQ(hessian[element], static_cast<int64_t>(sum)) << "seed " << seed;
      }
    }
  }
}

TEST(Logistic, SumsThatMayNotFitAreLeftToTheCaller) {
  Regression base(255, 1e5);
  base.coefficients.assign(base.features, 0);  // probabilities stay in the middle, so that weights do not vanish
  PlainKernels().logistic_terms(base.model(), base.rows.data(), base.draws.length(), base.outcome.data(), base.terms());
  std::vector<int64_t> gradient(base.features + 1, 7), hessian((base.features + 1) * (base.features + 2) / 2, 7);
  for (const Kernels* kernels : AvailableKernels()) {
    ASSERT_FALSE(
        kernels->logistic_sums(base.terms(), base.features + 1, base.draws.length(), gradient.data(), hessian.data()));
    for (const int64_t sum : gradient) ASSERT_EQ(sum, 7);
    for (const int64_t sum : hessian) ASSERT_EQ(sum, 7);
  }
}

}  // namespace
}  // namespace strata
