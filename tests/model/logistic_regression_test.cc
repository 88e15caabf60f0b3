// Newton over merged sums against a plain solver in long double, and against coefficients that are known.
#include "model/churn/logistic_regression.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <random>

#include "base/fixed_point.h"
#include "base/hash.h"
#include "model/kernels/kernels.h"

namespace strata {
namespace {

struct Data {
  std::vector<std::vector<int64_t>> features;  // units of 2^-20
  std::vector<bool> outcomes;
};

double Uniform(std::mt19937_64* random) { return UnitInterval((*random)()); }

Data Simulate(uint64_t seed, size_t rows, double intercept, const std::vector<double>& coefficients) {
  std::mt19937_64 random(seed);
  Data data;
  for (size_t i = 0; i < rows; ++i) {
    std::vector<int64_t> row;
    double predictor = intercept;
    for (const double coefficient : coefficients) {
      const double x = std::sqrt(12.0) * (Uniform(&random) - 0.5);  // mean 0, deviation 1
      row.push_back(std::llrint(std::ldexp(x, kFeatureGridBits)));
      predictor += coefficient * x;
    }
    data.features.push_back(row);
    data.outcomes.push_back(Uniform(&random) < 1 / (1 + std::exp(-predictor)));
  }
  return data;
}

LogisticSums SumsOf(const Data& data, const LogisticModel& model) {
  LogisticSums sums;
  std::vector<double> columns(model.coefficients.size() * kKernelBlock);
  std::array<double, kKernelBlock> outcomes{};
  for (size_t begin = 0; begin < data.features.size(); begin += kKernelBlock) {
    const size_t rows = std::min(kKernelBlock, data.features.size() - begin);
    for (size_t i = 0; i < rows; ++i) {
      for (size_t j = 0; j < model.coefficients.size(); ++j) {
        columns[j * kKernelBlock + i] = static_cast<double>(data.features[begin + i][j]);
      }
      outcomes[i] = data.outcomes[begin + i] ? 1 : 0;
    }
    sums.Add(model, columns.data(), outcomes.data(), rows, WidestKernels());
  }
  return sums;
}

LogisticFit Fit(const Data& data) {
  std::vector<ExactMoments> moments(data.features[0].size());
  int64_t positives = 0;
  for (size_t i = 0; i < data.features.size(); ++i) {
    for (size_t j = 0; j < moments.size(); ++j) moments[j].Add(data.features[i][j]);
    positives += data.outcomes[i] ? 1 : 0;
  }
  LogisticFit fit(moments, positives, static_cast<int64_t>(data.features.size()));
  while (!fit.done()) {
    const LogisticSums sums = SumsOf(data, fit.model());
    fit.Absorb(sums);
  }
  return fit;
}

// Solves A x = b by Gaussian elimination with pivoting.
std::vector<long double> Solve(std::vector<std::vector<long double>> a, std::vector<long double> b) {
  const size_t n = b.size();
  for (size_t i = 0; i < n; ++i) {
    size_t pivot = i;
    for (size_t r = i + 1; r < n; ++r) pivot = std::fabs(a[r][i]) > std::fabs(a[pivot][i]) ? r : pivot;
    std::swap(a[i], a[pivot]);
    std::swap(b[i], b[pivot]);
    for (size_t r = i + 1; r < n; ++r) {
      const long double factor = a[r][i] / a[i][i];
      for (size_t c = i; c < n; ++c) a[r][c] -= factor * a[i][c];
      b[r] -= factor * b[i];
    }
  }
  for (size_t i = n; i-- > 0;) {
    for (size_t c = i + 1; c < n; ++c) b[i] -= a[i][c] * b[c];
    b[i] /= a[i][i];
  }
  return b;
}

// Ridge of 1 on all but the intercept; standardisation is taken from the fit under test.
std::vector<long double> PlainNewton(const Data& data, const LogisticModel& scaling) {
  const size_t width = scaling.mean.size() + 1;
  std::vector<long double> beta(width, 0);
  for (int iteration = 0; iteration < 40; ++iteration) {
    std::vector<long double> gradient(width, 0);
    std::vector<std::vector<long double>> hessian(width, std::vector<long double>(width, 0));
    for (size_t i = 0; i < data.features.size(); ++i) {
      std::vector<long double> z(width, 1);
      for (size_t j = 1; j < width; ++j) {
        z[j] = (static_cast<long double>(data.features[i][j - 1]) / 1048576.0L - scaling.mean[j - 1]) /
               scaling.deviation[j - 1];
      }
      long double predictor = 0;
      for (size_t j = 0; j < width; ++j) predictor += beta[j] * z[j];
      const long double p = 1 / (1 + std::exp(-predictor));
      for (size_t a = 0; a < width; ++a) {
        gradient[a] += (p - (data.outcomes[i] ? 1 : 0)) * z[a];
        for (size_t b = 0; b < width; ++b) hessian[a][b] += p * (1 - p) * z[a] * z[b];
      }
    }
    for (size_t a = 1; a < width; ++a) {
      gradient[a] += beta[a];
      hessian[a][a] += 1;
    }
    const std::vector<long double> step = Solve(hessian, gradient);
    for (size_t a = 0; a < width; ++a) beta[a] -= step[a];
  }
  return beta;
}

TEST(LogisticFit, EqualsAPlainSolver) {
  for (uint64_t seed = 0; seed < 10; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    const Data data = Simulate(seed, 400, 0.7, {1.0, -0.5, 0, 2.0});
    const LogisticFit fit = Fit(data);
    ASSERT_TRUE(fit.converged());
    EXPECT_LT(fit.evaluations(), 15);
    const std::vector<long double> expected = PlainNewton(data, fit.model());
    EXPECT_NEAR(fit.model().intercept, static_cast<double>(expected[0]), 1e-9);
    for (size_t j = 1; j < expected.size(); ++j) {
      EXPECT_NEAR(fit.model().coefficients[j - 1], static_cast<double>(expected[j]), 1e-9);
    }
  }
}

TEST(LogisticFit, RecoversPlantedCoefficients) {
  const std::vector<double> planted = {0.8, -0.4, 0, 1.5};
  const LogisticFit fit = Fit(Simulate(42, 40000, -1, planted));
  // Standard errors are near 1 / sqrt(40000 x 0.15) = 0.013; four of them.
  EXPECT_NEAR(fit.model().intercept, -1, 0.06);
  for (size_t j = 0; j < planted.size(); ++j) EXPECT_NEAR(fit.model().coefficients[j], planted[j], 0.06);
}

TEST(LogisticFit, SeparableDataAndConstantFeaturesHaveAnAnswer) {
  Data data;
  for (int64_t i = 0; i < 200; ++i) {
    data.features.push_back({i << kFeatureGridBits, 5 << kFeatureGridBits});
    data.outcomes.push_back(i >= 100);
  }
  const LogisticFit fit = Fit(data);
  EXPECT_TRUE(fit.converged());
  EXPECT_GT(fit.model().coefficients[0], 3);
  EXPECT_EQ(fit.model().coefficients[1], 0);
  EXPECT_EQ(fit.model().deviation[1], 1);
  EXPECT_GT(fit.model().Probability(data.features[199]), 0.99);
  EXPECT_LT(fit.model().Probability(data.features[0]), 0.01);
}

TEST(LogisticFit, HalvesStepsThatOvershoot) {
  // A base rate of 1 in 200 and one telling feature: plain Newton from the base rate leaves the region of convergence.
  Data data;
  for (int64_t i = 0; i < 10000; ++i) {
    data.features.push_back({(i % 200 == 0 ? int64_t{1} : int64_t{0}) << kFeatureGridBits});
    data.outcomes.push_back(i % 200 == 0);
  }
  ExactMoments moments;
  for (const auto& row : data.features) moments.Add(row[0]);
  LogisticFit fit({moments}, 50, 10000);
  double least = std::numeric_limits<double>::infinity();
  int rises = 0;
  while (!fit.done()) {
    const LogisticSums sums = SumsOf(data, fit.model());
    const double coefficient = fit.model().coefficients[0];
    const double objective = FromGrid(sums.loss, kLikelihoodGridBits) + coefficient * coefficient / 2;
    rises += objective > least + 1 ? 1 : 0;
    least = std::min(least, objective);
    fit.Absorb(sums);
  }
  EXPECT_GT(rises, 0) << "the data were meant to make a full step overshoot";
  ASSERT_TRUE(fit.converged());
  const std::vector<int64_t> yes = {1 << kFeatureGridBits};
  const std::vector<int64_t> no = {0};
  EXPECT_GT(fit.model().Probability(yes), 0.5);
  EXPECT_LT(fit.model().Probability(no), 0.01);
}

}  // namespace
}  // namespace strata
