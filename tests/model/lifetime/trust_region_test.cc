// The maximiser on functions whose maximum is known.
#include "model/lifetime/trust_region.h"

#include <gtest/gtest.h>

#include <cmath>

namespace strata {
namespace {

TEST(TrustRegionNewton, ClimbsTheCurvedRidgeOfRosenbrock) {
  TrustRegionNewton<2> search({-1.2, 1}, 1e-10, 200);
  while (search.state() == MaximiserState::kRunning) {
    const auto [x, y] = search.trial();
    const double bend = y - x * x;
    search.Report(Derivatives<2>{.value = -(1 - x) * (1 - x) - 100 * bend * bend,
                                 .gradient = {2 * (1 - x) + 400 * x * bend, -200 * bend},
                                 .hessian = {{{-2 + 400 * bend - 800 * x * x, 400 * x}, {400 * x, -200}}}});
  }
  EXPECT_EQ(search.state(), MaximiserState::kConverged);
  EXPECT_NEAR(search.best()[0], 1, 1e-9);
  EXPECT_NEAR(search.best()[1], 1, 1e-9);
  EXPECT_LT(search.iterations(), 60);
}

TEST(TrustRegionNewton, SaysRidgeWhereTheSupremumIsAtInfinity) {
  TrustRegionNewton<2> search({0, 0}, 1e-8, 200);
  while (search.state() == MaximiserState::kRunning) {
    const auto [x, y] = search.trial();
    search.Report(Derivatives<2>{.value = -std::exp(-x) - y * y,
                                 .gradient = {std::exp(-x), -2 * y},
                                 .hessian = {{{-std::exp(-x), 0}, {0, -2}}}});
  }
  EXPECT_EQ(search.state(), MaximiserState::kRidge);
}

TEST(TrustRegionNewton, StepsBackFromPointsThatCannotBeEvaluated) {
  TrustRegionNewton<2> search({0.5, 0}, 1e-10, 200);
  int unusable = 0;
  while (search.state() == MaximiserState::kRunning) {
    const auto [x, y] = search.trial();
    if (x >= 1.2) {  // ln(1.2 - x) does not exist
      ++unusable;
      search.Report(std::nullopt);
      continue;
    }
    const double rest = 1.2 - x;
    search.Report(Derivatives<2>{.value = 10 * x + std::log(rest) - y * y,
                                 .gradient = {10 - 1 / rest, -2 * y},
                                 .hessian = {{{-1 / (rest * rest), 0}, {0, -2}}}});
  }
  EXPECT_EQ(search.state(), MaximiserState::kConverged);
  EXPECT_NEAR(search.best()[0], 1.1, 1e-9);
  EXPECT_GT(unusable, 0);
}

TEST(TrustRegionNewton, AStartWithoutAValueEndsTheSearch) {
  TrustRegionNewton<3> search({0, 0, 0}, 1e-8, 200);
  search.Report(Derivatives<3>{.value = std::nan("")});
  EXPECT_EQ(search.state(), MaximiserState::kStalled);
  EXPECT_FALSE(search.has_best());
}

TEST(StandardErrors, AreTheRootsOfTheInverseInformation) {
  // Negative Hessian {{4, 2}, {2, 2}} has the inverse {{0.5, -0.5}, {-0.5, 1}}.
  const auto errors = StandardErrors(Derivatives<2>{.hessian = {{{-4, -2}, {-2, -2}}}});
  ASSERT_TRUE(errors.has_value());
  EXPECT_NEAR((*errors)[0], std::sqrt(0.5), 1e-14);
  EXPECT_NEAR((*errors)[1], 1, 1e-14);
  EXPECT_FALSE(StandardErrors(Derivatives<2>{.hessian = {{{-1, 0}, {0, 1}}}}).has_value());
}

}  // namespace
}  // namespace strata
