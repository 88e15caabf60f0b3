// The formulas of BG/NBD: against golden values, central differences and a slow, independent quadrature.
#include "model/lifetime/bg_nbd.h"
#include "model/lifetime/likelihood.h"

#include <gtest/gtest.h>

#include <boost/math/quadrature/tanh_sinh.hpp>
#include <boost/math/special_functions/beta.hpp>
#include <cmath>
#include <random>

#include "tests/model/lifetime/golden.h"

namespace strata {
namespace {

TEST(BgNbdGolden, ProbabilityAlive) {
  for (const char* who : {"cust1", "cust1516", "one_time_buyer"}) {
    const GoldenEntry entry = Golden(std::string("cdnow_sample_A.bg_nbd.") + who + ".p_alive");
    ExpectGolden(entry, {ProbabilityAlive(entry.BgNbd(), entry.History())});
  }
}

TEST(BgNbdGolden, ExpectedPurchases) {
  for (const char* name : {"cdnow_sample_A.bg_nbd.cust1.expected_39w", "cdnow_sample_A.bg_nbd.cust1.expected_52w",
                           "cdnow_sample_A.bg_nbd.cust1516.expected_39w", "cdnow_sample_A.bg_nbd.cust1516.expected_52w",
                           "cdnow_sample_A.bg_nbd.one_time_buyer.expected_39w",
                           "cdnow_sample_B.bg_nbd.cust1.expected_39w", "cdnow_sample_B.bg_nbd.cust1516.expected_1w"}) {
    const GoldenEntry entry = Golden(name);
    ExpectGolden(entry, {ExpectedPurchases(entry.BgNbd(), entry.History(), entry.Input("t"))});
  }
}

TEST(BgNbdGolden, ProbabilityNoPurchase) {
  for (const char* who : {"cust1", "cust1516", "one_time_buyer"}) {
    const GoldenEntry entry = Golden(std::string("cdnow_sample_A.bg_nbd.") + who + ".p_no_purchase_13w");
    ExpectGolden(entry, {ProbabilityNoPurchase(entry.BgNbd(), entry.History(), entry.Input("t"))});
  }
  const GoldenEntry unknown = Golden("vector.bg_nbd.pmf_t39_n0");
  ExpectGolden(unknown, {ProbabilityNoPurchase(unknown.BgNbd(), {}, unknown.Input("t"))});
}

TEST(BgNbdGolden, IncreasingFrequencyParadox) {
  const GoldenEntry entry = Golden("cdnow_sample_A.bg_nbd.increasing_frequency_paradox");
  std::vector<double> expected;
  for (const double x : entry.Inputs("x")) {
    expected.push_back(ExpectedPurchases(
        entry.BgNbd(), {.x = static_cast<int64_t>(x), .t_x = entry.Input("t_x"), .T = entry.Input("T")},
        entry.Input("t")));
  }
  ExpectGolden(entry, expected);
}

TEST(BgNbdGolden, NewCustomers) {
  for (const char* name : {"cdnow_sample_A.bg_nbd.new_customer_52w", "vector.bg_nbd.expected_new_customer",
                           "vector.bg_nbd.expectation_a_plus_b_below_1", "vector.bg_nbd.expectation_a_equal_1"}) {
    const GoldenEntry entry = Golden(name);
    std::vector<double> expected;
    for (const double t : entry.Inputs("t")) expected.push_back(ExpectedPurchasesOfNewCustomer(entry.BgNbd(), t));
    ExpectGolden(entry, expected);
  }
}

Derivatives<4> LogLikelihood(const BgNbdParameters& model, const PurchaseHistory& history) {
  return RowLogLikelihood({.kind = LifetimeKind::kBgNbd, .value = {model.r, model.alpha, model.a, model.b}, .k = 1},
                          history);
}

TEST(BgNbdGolden, LogLikelihood) {
  for (const char* name : {"vector.bg_nbd.loglik_x0", "vector.bg_nbd.loglik_x200"}) {
    const GoldenEntry entry = Golden(name);
    ExpectGolden(entry, {LogLikelihood(entry.BgNbd(), entry.History()).value});
  }
}

using Point = std::array<double, 4>;

Derivatives<4> At(const Point& logs, const PurchaseHistory& history) {
  return LogLikelihood(
      {.r = std::exp(logs[0]), .alpha = std::exp(logs[1]), .a = std::exp(logs[2]), .b = std::exp(logs[3])}, history);
}

TEST(BgNbd, GradientAndHessianAreThoseOfCentralDifferences) {
  const PurchaseHistory histories[] = {{0, 0, 39}, {1, 0.2, 39}, {3, 30, 30}, {7, 12, 30}, {150, 80, 100}, {0, 0, 0}};
  const Point points[] = {{-1.4, 1.5, -0.2, 0.9}, {0.5, 3.0, -2.0, -0.7}, {-3.0, -1.0, 1.5, 2.0}};
  constexpr double kStep = 1e-5;
  for (const PurchaseHistory& history : histories) {
    for (const Point& point : points) {
      const Derivatives<4> found = At(point, history);
      for (size_t i = 0; i < 4; ++i) {
        Point up = point;
        Point down = point;
        up[i] += kStep;
        down[i] -= kStep;
        const Derivatives<4> above = At(up, history);
        const Derivatives<4> below = At(down, history);
        const double slope = (above.value - below.value) / (2 * kStep);
        EXPECT_NEAR(found.gradient[i], slope, 1e-7 * (1 + std::fabs(found.value))) << "x " << history.x << " of " << i;
        for (size_t j = 0; j < 4; ++j) {
          const double curve = (above.gradient[j] - below.gradient[j]) / (2 * kStep);
          EXPECT_NEAR(found.hessian[i][j], curve, 1e-7 * (1 + std::fabs(found.gradient[j])))
              << "x " << history.x << " of " << i << ", " << j;
        }
      }
    }
  }
}

// E_p[(1 - (1 + p y)^-(r + x)) / p] by double-exponential quadrature over the drop-out probability.
double SlowExpectedWhileAlive(const BgNbdParameters& model, int64_t x, double T, double t) {
  const double shape = model.r + static_cast<double>(x);
  const double rest = model.b + static_cast<double>(x);
  const double y = t / (model.alpha + T);
  const double log_beta = std::lgamma(model.a) + std::lgamma(rest) - std::lgamma(model.a + rest);
  boost::math::quadrature::tanh_sinh<double> rule(15);
  // xc is the signed distance to the nearer end, exact where p or 1 - p is tiny.
  const auto integrand = [&](double p, double xc) {
    const double low = xc > 0 ? p : -xc;
    const double q = xc > 0 ? xc : 1 - p;
    if (low <= 0 || q <= 0) return 0.0;
    const double density = std::exp((model.a - 1) * std::log(low) + (rest - 1) * std::log(q) - log_beta);
    return density * -std::expm1(-shape * std::log1p(low * y)) / low;
  };
  return rule.integrate(integrand, 0.0, 1.0, 1e-12);
}

TEST(BgNbd, ExpectedPurchasesAgreeWithSlowQuadratureWhateverTheParameters) {
  struct Case {
    const char* what;
    BgNbdParameters model;
    int64_t x;
    double T, t;
  };
  const Case cases[] = {
      {"usual", {0.243, 4.414, 0.793, 2.426}, 3, 30, 52},
      {"just bought for the first time", {0.243, 4.414, 0.793, 2.426}, 0, 0, 52},
      {"tiny horizon", {0.243, 4.414, 0.793, 2.426}, 3, 30, 1e-6},
      {"10,000 purchases", {0.243, 4.414, 0.793, 2.426}, 10000, 1500, 52},
      {"10,000 purchases in no time", {0.243, 4.414, 0.793, 2.426}, 10000, 0, 52},
      {"a is one", {0.25, 4, 1, 2}, 0, 0, 39},
      {"a + b below one", {0.25, 4, 0.3, 0.5}, 0, 0, 39},
      {"drop-out nearly certain", {0.8, 4, 8, 0.3}, 2, 10, 52},
      {"even drop-out", {0.3, 5, 30, 170}, 4, 40, 52},
      {"strong and even drop-out", {0.3, 5, 300, 100}, 4, 40, 52},
      {"even rates", {40, 30, 0.8, 2.5}, 6, 20, 52},
      {"very even rates", {1000, 100, 0.8, 2.5}, 30, 3, 52},
      {"alpha tiny", {0.2, 0.01, 0.8, 2.5}, 0, 0, 52},
      {"alpha tiny, a few days old", {0.2, 0.01, 0.8, 2.5}, 1, 0.5, 520},
      {"many purchases in no time, alpha tiny", {6.48, 0.144, 5.63, 9.91}, 249, 0, 107.7},
      {"a and b small", {0.5, 3, 0.2, 0.15}, 0, 0, 300},
  };
  for (const Case& c : cases) {
    const double slow = SlowExpectedWhileAlive(c.model, c.x, c.T, c.t);
    double found = 0;
    ExpectedPurchasesWhileAlive(c.model, c.x, c.T, {&c.t, 1}, {&found, 1});
    EXPECT_NEAR(found, slow, 2e-10 * slow) << c.what;
  }
}

TEST(BgNbd, ManyHorizonsAtOnceAreTheSameAsOneByOne) {
  const BgNbdParameters models[] = {{0.243, 4.414, 0.793, 2.426}, {40, 30, 0.8, 2.5}, {0.25, 4, 0, 1}};
  for (const BgNbdParameters& model : models) {
    const std::vector<double> horizons = {0, 1, 4.3, 13, 52, 80};
    std::vector<double> together(horizons.size());
    const PurchaseHistory history{.x = 4, .t_x = 20, .T = 30};
    ExpectedPurchasesAt(model, history, horizons, together);
    EXPECT_EQ(together[0], 0);
    for (size_t i = 1; i < horizons.size(); ++i) {
      const double alone = ExpectedPurchases(model, history, horizons[i]);
      EXPECT_NEAR(together[i], alone, 1e-11 * alone) << "t " << horizons[i];
    }
  }
}

TEST(BgNbd, WithoutDropOutEverybodyIsAliveAndRatesPersist) {
  const BgNbdParameters model{.r = 0.4, .alpha = 12, .a = 0, .b = 1};
  const PurchaseHistory history{.x = 5, .t_x = 10, .T = 40};
  EXPECT_EQ(ProbabilityAlive(model, history), 1);
  EXPECT_DOUBLE_EQ(ExpectedPurchases(model, history, 13), 5.4 / 52 * 13);
  EXPECT_DOUBLE_EQ(ProbabilityNoPurchase(model, history, 13), std::pow(52.0 / 65, 5.4));
}

TEST(BgNbd, ForAnyCustomerExpectationsRiseAndProbabilitiesAreProbabilities) {
  constexpr uint64_t kSeed = 20;
  std::mt19937_64 random(kSeed);
  std::uniform_real_distribution<double> unit;
  const auto between = [&](double low, double high) { return low * std::pow(high / low, unit(random)); };
  for (int i = 0; i < 2000; ++i) {
    const BgNbdParameters model{
        .r = between(1e-3, 1e3), .alpha = between(1e-3, 1e3), .a = between(1e-3, 1e3), .b = between(1e-3, 1e3)};
    const auto x = static_cast<int64_t>(between(1, 10001)) - 1;
    const double T = unit(random) < 0.1 ? 0 : between(0.1, 1e3);
    const PurchaseHistory history{.x = x, .t_x = x == 0 ? 0 : unit(random) < 0.2 ? T : T * unit(random), .T = T};
    SCOPED_TRACE(testing::Message() << "seed " << kSeed << " draw " << i << ": r " << model.r << " alpha "
                                    << model.alpha << " a " << model.a << " b " << model.b << " x " << x << " T " << T);
    const double alive = ProbabilityAlive(model, history);
    EXPECT_TRUE(alive >= 0 && alive <= 1);
    const std::vector<double> horizons = {0, 0.01, 1, 4, 52, 520};
    std::vector<double> expected(horizons.size());
    ExpectedPurchasesAt(model, history, horizons, expected);
    double none_before = 1;
    for (size_t k = 0; k < horizons.size(); ++k) {
      EXPECT_TRUE(std::isfinite(expected[k]) && expected[k] >= (k == 0 ? 0 : expected[k - 1])) << expected[k];
      const double none = ProbabilityNoPurchase(model, history, horizons[k]);
      EXPECT_TRUE(none >= 0 && none <= none_before) << none;
      // Markov: at least one purchase is no likelier than the expected number.
      EXPECT_LE(1 - none, expected[k] + 1e-9);
      none_before = none;
    }
  }
}

TEST(BgNbd, RoughPurchasesAreThoseOfTheExpectation) {
  const BgNbdParameters models[] = {{0.243, 4.414, 0.793, 2.426}, {0.243, 4.414, 0, 1}, {7, 5.5, 1.1, 139}};
  for (const BgNbdParameters& model : models) {
    for (const int64_t x : {0, 3, 80}) {
      for (const double T : {0.0, 30.0, 200.0}) {
        SCOPED_TRACE(testing::Message() << "a " << model.a << " x " << x << " T " << T);
        const auto rough = RoughPurchasesWhileAlive(model, x, T, 52, 0.0018);
        ASSERT_TRUE(rough.has_value());
        // Discounting by parts: exp(-d h) E(h) + d times the integral of exp(-d u) E(u), by Simpson's rule.
        constexpr int kSteps = 2000;
        std::vector<double> times, expected(kSteps + 1);
        for (int i = 0; i <= kSteps; ++i) times.push_back(52.0 * i / kSteps);
        ExpectedPurchasesWhileAlive(model, x, T, times, expected);
        double discounted = std::exp(-0.0018 * 52) * expected.back();
        for (int i = 0; i <= kSteps; ++i) {
          const double weight = 52.0 / kSteps / 3 * (i == 0 || i == kSteps ? 1 : (i % 2 == 1 ? 4 : 2));
          discounted += 0.0018 * weight * std::exp(-0.0018 * times[i]) * expected[i];
        }
        EXPECT_NEAR(rough->expected, expected.back(), 1e-9 * expected.back());
        EXPECT_NEAR(rough->discounted, discounted, 1e-9 * discounted);
      }
    }
  }
  EXPECT_FALSE(RoughPurchasesWhileAlive({0.2, 0.01, 0.8, 2.5}, 0, 0, 52, 0).has_value()) << "y is 5,200";
}

}  // namespace
}  // namespace strata
