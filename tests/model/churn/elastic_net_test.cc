// Coefficients under ridge, lasso and what lies between, beside scikit-learn's on the same rows
// (tests/data/make_logistic_golden.py), and the conditions of an optimum on bases where no number is known.
#include "model/churn/elastic_net.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>

#include "base/fixed_point.h"
#include "base/hash.h"
#include "model/churn/logistic_regression.h"
#include "model/statistics/linear_algebra.h"
#include "model/statistics/ranking_metrics.h"

namespace strata {
namespace {

using Rows = std::vector<std::vector<int64_t>>;  // units of 2^-20

LogisticSums SumsOf(const Rows& rows, const std::vector<int>& outcomes, const LogisticModel& model, size_t begin,
                    size_t end) {
  LogisticSums sums;
  for (; begin < end; begin += kKernelBlock) {
    const size_t count = std::min(kKernelBlock, end - begin);
    std::vector<double> columns(model.coefficients.size() * kKernelBlock);
    std::array<double, kKernelBlock> churned{};
    for (size_t i = 0; i < count; ++i) {
      for (size_t j = 0; j < model.coefficients.size(); ++j) {
        columns[j * kKernelBlock + i] = static_cast<double>(rows[begin + i][j]);
      }
      churned[i] = outcomes[begin + i];
    }
    sums.Add(model, columns.data(), churned.data(), count, WidestKernels());
  }
  return sums;
}

LogisticFit Fit(const Rows& rows, const std::vector<int>& outcomes, const ElasticNet& penalty, size_t parts = 1) {
  std::vector<ExactMoments> moments(rows[0].size());
  int64_t positives = 0;
  for (size_t i = 0; i < rows.size(); ++i) {
    for (size_t j = 0; j < moments.size(); ++j) moments[j].Add(rows[i][j]);
    positives += outcomes[i];
  }
  LogisticFit fit(moments, positives, static_cast<int64_t>(rows.size()), penalty);
  while (!fit.done()) {
    LogisticSums sums;
    for (size_t part = 0; part < parts; ++part) {
      sums.Merge(SumsOf(rows, outcomes, fit.model(), part * rows.size() / parts, (part + 1) * rows.size() / parts));
    }
    fit.Absorb(sums);
  }
  return fit;
}

nlohmann::json Golden() {
  std::ifstream file("tests/data/logistic_golden.json");
  return nlohmann::json::parse(file);
}

TEST(ElasticNet, EqualsScikitLearn) {
  int compared = 0;
  const nlohmann::json golden = Golden();
  for (const nlohmann::json& base : golden.at("bases")) {
    const Rows rows = base.at("features").get<Rows>();
    const auto outcomes = base.at("outcomes").get<std::vector<int>>();
    for (const nlohmann::json& expected : base.at("fits")) {
      const ElasticNet penalty = {expected.at("lambda").get<double>(), expected.at("l1_ratio").get<double>()};
      SCOPED_TRACE(testing::Message() << "lambda " << penalty.lambda << ", l1_ratio " << penalty.l1_ratio);
      const LogisticFit fit = Fit(rows, outcomes, penalty);
      ASSERT_TRUE(fit.converged());
      EXPECT_NEAR(fit.model().intercept, expected.at("intercept").get<double>(), 1e-6);
      for (size_t j = 0; j < rows[0].size(); ++j) {
        const double coefficient = expected.at("coefficients")[j].get<double>();
        EXPECT_NEAR(fit.model().coefficients[j], coefficient, 1e-6) << "column " << j;
        if (coefficient == 0) {
          EXPECT_EQ(fit.model().coefficients[j], 0) << "column " << j;
        }
      }
      ++compared;
    }
  }
  EXPECT_EQ(compared, 14);
}

TEST(ElasticNet, AveragePrecisionEqualsScikitLearns) {
  const nlohmann::json golden = Golden().at("precision");
  const auto scores = golden.at("scores").get<std::vector<double>>();
  const auto labels = golden.at("labels").get<std::vector<uint8_t>>();
  EXPECT_NEAR(AveragePrecision(scores, labels), golden.at("average_precision").get<double>(), 1e-14);
  EXPECT_TRUE(std::isnan(AveragePrecision(scores, std::vector<uint8_t>(scores.size(), 0))));
  EXPECT_EQ(AveragePrecision(scores, std::vector<uint8_t>(scores.size(), 1)), 1);
}

struct Drawn {
  Rows rows;
  std::vector<int> outcomes;
};
Drawn DrawBase(uint64_t seed, size_t rows, size_t width) {
  std::mt19937_64 random(seed);
  const auto uniform = [&random] { return UnitInterval(random()); };
  Drawn drawn;
  for (size_t i = 0; i < rows; ++i) {
    std::vector<double> x(width);
    double margin = -0.5;
    for (size_t j = 0; j < width; ++j) {
      x[j] = j % 3 == 2 ? x[j - 1] + 0.1 * uniform() : uniform() - 0.5;  // every third nearly repeats its neighbour
      margin += (j % 4 == 0 ? 2 : 0) * x[j];
    }
    std::vector<int64_t> row;
    for (const double value : x) row.push_back(ToGrid(value, kFeatureGridBits));
    drawn.rows.push_back(row);
    drawn.outcomes.push_back(uniform() < 1 / (1 + std::exp(-margin)) ? 1 : 0);
  }
  return drawn;
}

// The conditions of an optimum, from sums that are taken in long double.
TEST(ElasticNet, EndsWhereTheConditionsOfAnOptimumHold) {
  for (uint64_t seed = 0; seed < 12; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    const Drawn drawn = DrawBase(seed, 300, 9);
    const ElasticNet penalty = {0.5 + static_cast<double>(seed) * 2, (seed % 4) / 3.0};
    const LogisticFit fit = Fit(drawn.rows, drawn.outcomes, penalty);
    ASSERT_TRUE(fit.converged());
    const LogisticModel& model = fit.model();
    std::vector<long double> gradient(10, 0);
    for (size_t i = 0; i < drawn.rows.size(); ++i) {
      std::vector<long double> z(10, 1);
      long double margin = model.intercept;
      for (size_t j = 0; j < 9; ++j) {
        z[j + 1] = (drawn.rows[i][j] / 1048576.0L - model.mean[j]) / model.deviation[j];
        margin += model.coefficients[j] * z[j + 1];
      }
      const long double residual = 1 / (1 + std::exp(-margin)) - drawn.outcomes[i];
      for (size_t j = 0; j < 10; ++j) gradient[j] += residual * z[j];
    }
    EXPECT_NEAR(static_cast<double>(gradient[0]), 0, 1e-7);
    for (size_t j = 0; j < 9; ++j) {
      const double w = model.coefficients[j];
      const double g = static_cast<double>(gradient[j + 1]) + penalty.l2() * w;
      if (w == 0) {
        EXPECT_LE(std::fabs(g), penalty.l1() + 1e-7) << j;
      } else {
        EXPECT_NEAR(g, -std::copysign(penalty.l1(), w), 1e-7) << j;
      }
    }
  }
}

TEST(ElasticNet, IsTheSameHoweverRowsAreGrouped) {
  const Drawn drawn = DrawBase(77, 700, 6);
  const ElasticNet penalty = {3, 0.6};
  const LogisticFit whole = Fit(drawn.rows, drawn.outcomes, penalty);
  const LogisticFit parts = Fit(drawn.rows, drawn.outcomes, penalty, 7);
  EXPECT_EQ(whole.model().coefficients, parts.model().coefficients);
  EXPECT_EQ(whole.model().intercept, parts.model().intercept);
  EXPECT_EQ(whole.evaluations(), parts.evaluations());
}

TEST(ElasticNet, AStrongLassoLeavesTheBaseRate) {
  const Drawn drawn = DrawBase(5, 200, 5);
  const LogisticFit fit = Fit(drawn.rows, drawn.outcomes, {1000, 1});
  ASSERT_TRUE(fit.converged());
  for (const double coefficient : fit.model().coefficients) EXPECT_EQ(coefficient, 0);
  double churned = 0;
  for (const int outcome : drawn.outcomes) churned += outcome;
  EXPECT_NEAR(fit.model().intercept, std::log(churned / (200 - churned)), 1e-9);
}

// Two columns that say the same: ridge halves what lasso may give to either.
TEST(ElasticNet, ColumnsThatSayTheSameHaveADefinedAnswer) {
  Drawn drawn = DrawBase(6, 300, 2);
  for (std::vector<int64_t>& row : drawn.rows) row.push_back(row[0]);
  for (const double l1_ratio : {0.0, 0.5}) {
    const LogisticFit fit = Fit(drawn.rows, drawn.outcomes, {1, l1_ratio});
    ASSERT_TRUE(fit.converged()) << l1_ratio;
    EXPECT_NEAR(fit.model().coefficients[0], fit.model().coefficients[2], 1e-7) << l1_ratio;
  }
}

TEST(ElasticNet, AConstantColumnHasNoCoefficient) {
  Drawn drawn = DrawBase(7, 300, 2);
  for (std::vector<int64_t>& row : drawn.rows) row.push_back(int64_t{3} << 20);
  for (const double l1_ratio : {0.0, 0.5, 1.0}) {
    const LogisticFit fit = Fit(drawn.rows, drawn.outcomes, {1, l1_ratio});
    EXPECT_EQ(fit.model().coefficients[2], 0) << l1_ratio;
    EXPECT_TRUE(fit.converged()) << l1_ratio;
  }
}

}  // namespace
}  // namespace strata
