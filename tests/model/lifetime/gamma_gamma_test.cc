// Gamma-Gamma: golden values, derivatives, and the exact sums that a fit adds up over customers.
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <optional>
#include <span>
#include <vector>

#include "base/hash.h"
#include "model/lifetime/fit_spend.h"
#include "model/lifetime/gamma_gamma.h"
#include "model/lifetime/spend_fitter.h"
#include "model/statistics/keyed_sample.h"
#include "tests/model/lifetime/golden.h"

namespace strata {
namespace {

TEST(GammaGamma, ExpectedSpendIsThatOfThePapers) {
  for (const char* name :
       {"vector.gamma_gamma.expected_spend_published_parameters", "vector.gamma_gamma.expected_spend_at_mle_B"}) {
    const GoldenEntry entry = Golden(name);
    const std::vector<double> params = entry.Inputs("params");
    const GammaGammaParameters model{.p = params[0], .q = params[1], .v = params[2]};
    std::vector<double> found;
    for (size_t i = 0; i < entry.value.size(); ++i) {
      found.push_back(ExpectedSpend(model, static_cast<int64_t>(entry.Inputs("x")[i]), entry.Inputs("m")[i]));
    }
    ExpectGolden(entry, found);
    EXPECT_DOUBLE_EQ(PopulationSpend(model), ExpectedSpend(model, 0, 0));
  }
}

Derivatives<3> At(const std::array<double, 3>& logs, int64_t x, double m) {
  return GammaGammaLogLikelihood({.p = std::exp(logs[0]), .q = std::exp(logs[1]), .v = std::exp(logs[2])}, x, m);
}

TEST(GammaGamma, LogLikelihoodIsTheFormulaOfNote025) {
  const double p = 6.25, q = 3.74, v = 15.44, x = 3, m = 20;
  const double formula = std::lgamma(p * x + q) - std::lgamma(p * x) - std::lgamma(q) + q * std::log(v) +
                         (p * x - 1) * std::log(m) + p * x * std::log(x) - (p * x + q) * std::log(v + x * m);
  EXPECT_NEAR(GammaGammaLogLikelihood({.p = p, .q = q, .v = v}, 3, m).value, formula, 1e-12);
}

TEST(GammaGamma, RisesOfLogGammaAreDifferencesAlsoWhereTheSeriesTakesOver) {
  for (const double d : {1e-3, 0.7, 3.74, 40.0}) {
    for (const double z : {0.01, 1.0, 19.9, 20.0, 21.0, 60.0, 500.0}) {
      const LogGammaJet rise = LogGammaRise(z, d);
      const LogGammaJet high = LogGamma(z + d);
      const LogGammaJet low = LogGamma(z);
      const double noise = 1e-14 * (1 + std::fabs(low.value) + std::fabs(high.value));
      EXPECT_NEAR(rise.value, high.value - low.value, noise) << z << " + " << d;
      EXPECT_NEAR(rise.first, high.first - low.first, 1e-14 * (1 + std::fabs(low.first))) << z << " + " << d;
      EXPECT_NEAR(rise.second, high.second - low.second, 1e-14 * (1 + low.second)) << z << " + " << d;
    }
  }
  // The gamma function's own recurrence: a rise by one is a logarithm, far beyond where differences have digits left.
  EXPECT_NEAR(LogGammaRise(1e8, 1).value, std::log(1e8), 1e-13);
  EXPECT_NEAR(LogGammaRise(1e8, 1).first, 1e-8, 1e-22);
}

TEST(GammaGamma, GradientAndHessianAreThoseOfCentralDifferences) {
  constexpr double kStep = 1e-5;
  for (const auto& [x, m] : {std::pair<int64_t, double>{1, 11.77}, {7, 73.74}, {200, 0.5}, {10000, 30}}) {
    for (const std::array<double, 3>& point : {std::array{1.8, 1.3, 2.7}, std::array{-1.0, -0.5, 6.0}}) {
      const Derivatives<3> found = At(point, x, m);
      for (size_t i = 0; i < 3; ++i) {
        std::array<double, 3> up = point;
        std::array<double, 3> down = point;
        up[i] += kStep;
        down[i] -= kStep;
        const Derivatives<3> above = At(up, x, m);
        const Derivatives<3> below = At(down, x, m);
        EXPECT_NEAR(found.gradient[i], (above.value - below.value) / (2 * kStep), 1e-5 * (1 + std::fabs(found.value)));
        for (size_t j = 0; j < 3; ++j) {
          const double curve = (above.gradient[j] - below.gradient[j]) / (2 * kStep);
          EXPECT_NEAR(found.hessian[i][j], curve, 1e-6 * (1 + std::fabs(curve))) << "x " << x << " of " << i << j;
        }
      }
    }
  }
}

// Customers of every kind: many with few purchases, some with thousands, spend over ten powers of ten.
std::vector<SpendRow> RowsOfAllKinds() {
  std::vector<SpendRow> rows;
  for (int i = 0; i < 3000; ++i) {
    const uint64_t draw = Mix(static_cast<uint64_t>(i));
    const int32_t x = i % 500 == 7 ? 20'000 : static_cast<int32_t>(1 + draw % 9);
    rows.push_back({.net_micros = static_cast<int64_t>(std::pow(10.0, 2 + 10 * UnitInterval(draw))), .x = x});
  }
  return rows;
}

TEST(SpendSums, GiveTheLikelihoodOfAllCustomersWithItsDerivatives) {
  const std::vector<SpendRow> rows = RowsOfAllKinds();
  const SpendCensus totals = CensusOf(rows, WidestKernels());
  for (const GammaGammaParameters& at : {GammaGammaParameters{.p = 6.25, .q = 3.74, .v = 15.44},
                                         {.p = 0.1, .q = 0.3, .v = 1e-3},
                                         {.p = 2, .q = 40, .v = 1e4}}) {
    const SpendLikelihood likelihood(totals,
                                     [&rows](double v) { return std::optional(SumsOf(rows, v, WidestKernels())); });
    Derivatives<3> expected;
    for (const SpendRow& row : rows) {
      const Derivatives<3> term = GammaGammaLogLikelihood(at, row.x, MeanSpend(row.net_micros, row.x));
      expected.value += term.value;
      for (size_t i = 0; i < 3; ++i) {
        expected.gradient[i] += term.gradient[i];
        for (size_t j = 0; j < 3; ++j) expected.hessian[i][j] += term.hessian[i][j];
      }
    }
    LifetimeParameters point;
    point.value = {at.p, at.q, at.v, 0};
    const Derivatives<4> found = likelihood.Evaluate(point);
    EXPECT_NEAR(found.value, expected.value, 1e-11 * std::fabs(expected.value));
    for (size_t i = 0; i < 3; ++i) {
      EXPECT_NEAR(found.gradient[i], expected.gradient[i], 1e-9 * std::fabs(expected.hessian[i][i])) << i;
      for (size_t j = 0; j < 3; ++j) {
        EXPECT_NEAR(found.hessian[i][j], expected.hessian[i][j], 1e-9 * std::fabs(expected.hessian[i][i])) << i << j;
      }
    }
  }
}

TEST(SpendSums, AreTheSameToTheBitInAnyBlocksAndAtAnyWidth) {
  const std::vector<SpendRow> rows = RowsOfAllKinds();
  for (const double v : {1e-6, 15.0, 1e9}) {
    const SpendSums together = SumsOf(rows, v, PlainKernels());
    for (const Kernels* kernels : AvailableKernels()) {
      SpendSums alone;  // a customer with 20,000 purchases takes another path, and nobody with them
      for (size_t i = 0; i < rows.size(); ++i) alone.Add(std::span(rows).subspan(i, 1), v, *kernels);
      EXPECT_EQ(alone.terms, together.terms) << kernels->name << " v " << v;
      EXPECT_EQ(SumsOf(rows, v, *kernels).terms, together.terms) << kernels->name << " v " << v;
    }
    EXPECT_EQ(together.misfits, 0);
    EXPECT_EQ(together.customers, static_cast<int64_t>(rows.size()));
  }
}

TEST(SpendSums, APointBeyondTheGridIsOfNoUse) {
  const std::vector<SpendRow> rows = RowsOfAllKinds();
  EXPECT_EQ(SumsOf(rows, 1e-300, WidestKernels()).misfits, 3000);
  EXPECT_EQ(SumsOf(rows, 1e300, WidestKernels()).misfits, 3000);
}

}  // namespace
}  // namespace strata
