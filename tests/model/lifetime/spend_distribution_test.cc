// Distributions of spend against sums over the unknown thrift of a customer.
#include "model/lifetime/spend_distribution.h"

#include <gtest/gtest.h>

#include <boost/math/special_functions/gamma.hpp>
#include <cmath>

#include "tests/model/lifetime/oracle_grids.h"

namespace strata {
namespace {

constexpr GammaGammaParameters kModel{.p = 6.25, .q = 3.74, .v = 15.44};

TEST(SpendDistribution, OfASumIsThatOfEveryThriftMixed) {
  struct Case {
    int64_t x;
    double m;
    int64_t n;
    double total;
  };
  for (const Case& c : {Case{0, 0, 1, 20}, {2, 22.35, 1, 10}, {2, 22.35, 5, 180}, {40, 9, 12, 100}}) {
    const auto x = static_cast<double>(c.x);
    long double slow = 0;
    for (const auto& thrift : oracle::RateGrid<long double>(kModel.p * x + kModel.q, kModel.v + x * c.m).nodes) {
      slow += thrift.weight * boost::math::gamma_p(static_cast<long double>(kModel.p * static_cast<double>(c.n)),
                                                   thrift.value * static_cast<long double>(c.total));
    }
    const double found = ProbabilityOfSpend(kModel, c.x, c.m, c.n, c.total);
    EXPECT_NEAR(found, static_cast<double>(slow), 1e-12) << c.x << ", " << c.n;
    EXPECT_NEAR(SpendQuantile(kModel, c.x, c.m, c.n, found), c.total, 1e-9 * c.total);
  }
}

TEST(SpendDistribution, TheMeanOfASumIsThatOfItsPurchases) {
  // E = integral of 1 - F, by quantiles at the middles of equal shares.
  constexpr int kShares = 20'000;
  double mean = 0;
  for (int i = 0; i < kShares; ++i) mean += SpendQuantile(kModel, 3, 35, 4, (i + 0.5) / kShares) / kShares;
  EXPECT_NEAR(mean, 4 * ExpectedSpend(kModel, 3, 35), 1e-3 * mean);
}

TEST(SpendDistribution, TheMedianExistsWhereTheMeanDoesNot) {
  for (const double q : {0.3, 1.0, 3.74}) {
    const GammaGammaParameters model{.p = 2, .q = q, .v = 10};
    const double median = PopulationMedianSpend(model);
    long double below = 0;  // of customers with p / nu under it
    for (const auto& thrift : oracle::RateGrid<long double>(q, model.v).nodes) {
      if (model.p / static_cast<double>(thrift.value) < median) below += thrift.weight;
    }
    EXPECT_NEAR(static_cast<double>(below), 0.5, 0.02) << q;
  }
}

}  // namespace
}  // namespace strata
