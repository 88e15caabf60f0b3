// Spend drawn from Gamma-Gamma gives its parameters back, and 95 % intervals hold them 95 times in a hundred.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <random>

#include "model/lifetime/fit_spend.h"

namespace strata {
namespace {

// Customers with 1 to 8 repeat purchases; sums are rounded to cents.
std::vector<SpendRow> DrawBase(const GammaGammaParameters& truth, size_t customers, uint64_t seed) {
  std::mt19937_64 random(seed);
  std::geometric_distribution<int32_t> further(0.35);
  std::gamma_distribution<double> nu(truth.q, 1 / truth.v);
  std::vector<SpendRow> rows;
  for (size_t i = 0; i < customers; ++i) {
    const int32_t x = 1 + std::min(further(random), 7);
    std::gamma_distribution<double> sum(truth.p * x, 1 / nu(random));
    const auto cents = std::max<int64_t>(1, std::llround(100 * sum(random)));
    rows.push_back({.net_micros = 10'000 * cents, .x = x});
  }
  return rows;
}

TEST(SpendRecovery, IntervalsCoverAsOftenAsTheySay) {
  const bool is_long = std::getenv("STRATA_LONG") != nullptr;
  const int bases = is_long ? 1000 : 100;
  const size_t customers = is_long ? 5000 : 2000;
  for (const GammaGammaParameters& truth :
       {GammaGammaParameters{.p = 6, .q = 4, .v = 15}, {.p = 1.2, .q = 2.2, .v = 30}}) {
    const std::array<double, 3> values = {truth.p, truth.q, truth.v};
    std::array<int, 3> covered{};
    for (int base = 0; base < bases; ++base) {
      const uint64_t seed = 77'000 + static_cast<uint64_t>(base);
      const SpendModel model = FitSpend(DrawBase(truth, customers, seed), WidestKernels());
      ASSERT_TRUE(model.fitted && model.boundary.empty()) << "seed " << seed << ": " << model.reason << model.boundary;
      for (size_t i = 0; i < 3; ++i) {
        const ParameterEstimate& estimate = model.estimates[i];
        const bool above = !estimate.low || *estimate.low <= values[i];
        covered[i] += above && (!estimate.high || *estimate.high >= values[i]) ? 1 : 0;
      }
    }
    for (size_t i = 0; i < 3; ++i) {
      const double share = 100.0 * covered[i] / bases;
      if (is_long) {
        EXPECT_TRUE(share >= 92.6 && share <= 97.1)
            << "p = " << truth.p << ", " << i << " covered in " << share << " %";
      } else {
        // Three and a half standard errors of the share of misses.
        EXPECT_LE(bases - covered[i], 0.05 * bases + 3.5 * std::sqrt(0.05 * 0.95 * bases)) << "p = " << truth.p;
      }
    }
  }
}

}  // namespace
}  // namespace strata
