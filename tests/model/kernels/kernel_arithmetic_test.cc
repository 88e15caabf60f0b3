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

TEST(Nearest, IsTheLeastIntegerDistanceAndTheLowestIndexOfEqualOnes) {
  int ties = 0;
  for (uint64_t seed = 0; seed < 500; ++seed) {
    BlockDraws draws(seed);
    const int64_t range = seed % 2 == 0 ? 2 : 1'000'000;
    const size_t k = static_cast<size_t>(draws.Whole(1, 12));
    const auto points = draws.Columns(kPointFeatures, [&] { return static_cast<double>(draws.Whole(-range, range)); });
    std::vector<double> centroids;
    for (size_t c = 0; c < k; ++c) {
      double squared_norm = 0;
      for (size_t j = 0; j < kPointFeatures; ++j) {
        centroids.push_back(static_cast<double>(draws.Whole(-range, range)));
        squared_norm += centroids.back() * centroids.back();
      }
      centroids.push_back(squared_norm / 2);
    }
    std::vector<int64_t> labels(kKernelBlock);
    PlainKernels().nearest(points.data(), draws.length(), centroids.data(), k, labels.data());
    for (size_t i = 0; i < draws.length(); ++i) {
      int64_t least = std::numeric_limits<int64_t>::max();
      int64_t nearest = -1;
      for (size_t c = 0; c < k; ++c) {
        int64_t distance = 0;
        for (size_t j = 0; j < kPointFeatures; ++j) {
          const auto d = static_cast<int64_t>(points[j * kKernelBlock + i] - centroids[c * (kPointFeatures + 1) + j]);
          distance += d * d;
        }
        ties += distance == least ? 1 : 0;
        if (distance < least) nearest = static_cast<int64_t>(c);
        least = std::min(least, distance);
      }
      ASSERT_EQ(labels[i], nearest) << "seed " << seed;
    }
  }
  EXPECT_GT(ties, 1000);
}

TEST(Silhouette, FollowsTheFormulaInLongDouble) {
  for (uint64_t seed = 0; seed < 500; ++seed) {
    BlockDraws draws(seed);
    const size_t k = static_cast<size_t>(draws.Whole(2, 9));
    const auto points =
        draws.Columns(kPointFeatures, [&] { return static_cast<double>(draws.Whole(-30'000, 30'000)); });
    std::vector<int64_t> labels(kKernelBlock, -1);
    for (size_t i = 0; i < draws.length(); ++i) labels[i] = draws.Whole(0, static_cast<int64_t>(k) - 1);
    std::vector<SilhouetteCluster> clusters(k);
    for (SilhouetteCluster& cluster : clusters) {
      for (double& mean : cluster.twice_mean) mean = draws.Uniform(-40'000, 40'000);
      cluster.mean_squared_norm = draws.Uniform(2e9, 6e9);
      cluster.own_factor = draws.OneIn(6) ? 0 : draws.Uniform(1, 2);
    }
    Real sum = 0;
    for (size_t i = 0; i < draws.length(); ++i) {
      const SilhouetteCluster& mine = clusters[static_cast<size_t>(labels[i])];
      if (mine.own_factor == 0) continue;
      Real own = 0;
      Real other = std::numeric_limits<Real>::infinity();
      for (const SilhouetteCluster& cluster : clusters) {
        Real mean = cluster.mean_squared_norm;
        for (size_t j = 0; j < kPointFeatures; ++j) {
          const Real x = points[j * kKernelBlock + i];
          mean += x * x - cluster.twice_mean[j] * x;
        }
        mean = std::max(mean, Real{0});
        if (&cluster == &mine) {
          own = mean * cluster.own_factor;
        } else {
          other = std::min(other, mean);
        }
      }
      sum += (other - own) / std::max(other, own);
    }
    const int64_t units =
        PlainKernels().silhouette(points.data(), draws.length(), labels.data(), clusters.data(), clusters.size());
    // Half a unit of rounding a point, and what cancels in the distances.
    EXPECT_NEAR(static_cast<double>(std::ldexp(static_cast<Real>(units), -kSilhouetteGridBits) - sum), 0,
                1e-8 * static_cast<double>(draws.length()))
        << "seed " << seed;
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
