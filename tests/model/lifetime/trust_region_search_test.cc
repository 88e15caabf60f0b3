// The maximiser on functions whose maximum is known.
#include "model/lifetime/trust_region_search.h"

#include <gtest/gtest.h>

#include <cmath>
#include <optional>
#include <vector>

namespace strata {
namespace {

TEST(TrustRegionSearch, ClimbsTheCurvedRidgeOfRosenbrock) {
  TrustRegionSearch search({-1.2, 1}, 1e-10, 200);
  while (search.state() == MaximiserState::kRunning) {
    const double x = search.trial()[0], y = search.trial()[1];
    const double bend = y - x * x;
    search.Report(DynamicDerivatives{.value = -(1 - x) * (1 - x) - 100 * bend * bend,
                                     .gradient = {2 * (1 - x) + 400 * x * bend, -200 * bend},
                                     .hessian = {-2 + 400 * bend - 800 * x * x, 400 * x, 400 * x, -200}});
  }
  EXPECT_EQ(search.state(), MaximiserState::kConverged);
  EXPECT_NEAR(search.best()[0], 1, 1e-9);
  EXPECT_NEAR(search.best()[1], 1, 1e-9);
  EXPECT_LT(search.iterations(), 60);
}

TEST(TrustRegionSearch, SaysRidgeWhereTheSupremumIsAtInfinity) {
  TrustRegionSearch search({0, 0}, 1e-8, 200);
  while (search.state() == MaximiserState::kRunning) {
    const double x = search.trial()[0], y = search.trial()[1];
    search.Report(DynamicDerivatives{
        .value = -std::exp(-x) - y * y, .gradient = {std::exp(-x), -2 * y}, .hessian = {-std::exp(-x), 0, 0, -2}});
  }
  EXPECT_EQ(search.state(), MaximiserState::kRidge);
}

TEST(TrustRegionSearch, StepsBackFromPointsThatCannotBeEvaluated) {
  TrustRegionSearch search({0.5, 0}, 1e-10, 200);
  int unusable = 0;
  while (search.state() == MaximiserState::kRunning) {
    const double x = search.trial()[0], y = search.trial()[1];
    if (x >= 1.2) {  // ln(1.2 - x) does not exist
      ++unusable;
      search.Report(std::nullopt);
      continue;
    }
    const double rest = 1.2 - x;
    search.Report(DynamicDerivatives{.value = 10 * x + std::log(rest) - y * y,
                                     .gradient = {10 - 1 / rest, -2 * y},
                                     .hessian = {-1 / (rest * rest), 0, 0, -2}});
  }
  EXPECT_EQ(search.state(), MaximiserState::kConverged);
  EXPECT_NEAR(search.best()[0], 1.1, 1e-9);
  EXPECT_GT(unusable, 0);
}

TEST(TrustRegionSearch, AStartWithoutAValueEndsTheSearch) {
  TrustRegionSearch search({0, 0, 0}, 1e-8, 200);
  search.Report(DynamicDerivatives{.value = std::nan(""), .gradient = {0, 0, 0}, .hessian = std::vector<double>(9)});
  EXPECT_EQ(search.state(), MaximiserState::kStalled);
  EXPECT_FALSE(search.has_best());
}

TEST(CovarianceAt, IsTheInverseInformation) {
  const auto covariance = CovarianceAt({.value = 0, .gradient = {0, 0}, .hessian = {-4, -2, -2, -2}});
  ASSERT_TRUE(covariance.has_value());
  const std::vector<double> expected = {0.5, -0.5, -0.5, 1};
  for (size_t i = 0; i < 4; ++i) EXPECT_NEAR((*covariance)[i], expected[i], 1e-14);
  EXPECT_FALSE(CovarianceAt({.value = 0, .gradient = {0, 0}, .hessian = {-1, 0, 0, 1}}).has_value());
}

}  // namespace
}  // namespace strata
