// Bases drawn from each model give its parameters back, and 95 % intervals hold them 95 times in a hundred.
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdlib>

#include "model/lifetime/fit_lifetime.h"
#include "tests/model/lifetime/simulate_histories.h"

namespace strata {
namespace {

struct Setting {
  LifetimeParameters truth;
  double T_min, T_max;
  int bases;  // of the short form
};

class Recovery : public testing::TestWithParam<Setting> {};

TEST_P(Recovery, IntervalsCoverAsOftenAsTheySay) {
  const auto& [truth, T_min, T_max, short_bases] = GetParam();
  const bool is_long = std::getenv("STRATA_LONG") != nullptr;
  const int bases = is_long ? 1000 : short_bases;
  const size_t customers = is_long ? 5000 : 2000;
  const size_t parameters = ParameterNames(truth.kind).size();
  std::array<int, 4> covered{};
  std::array<double, 4> deviation{};  // of ln estimate, in standard errors: its mean is the bias
  for (int base = 0; base < bases; ++base) {
    const uint64_t seed = 1'000'000 * static_cast<uint64_t>(truth.kind) + static_cast<uint64_t>(base);
    const HistoryTable table = SimulateTable(truth, NatureOf(truth), customers, T_min, T_max, seed);
    const LifetimeFit fit = FitLifetime(truth.kind, truth.k, table, {});
    ASSERT_TRUE(fit.fitted && fit.identified) << "seed " << seed << ": " << fit.reason << fit.boundary;
    for (size_t i = 0; i < parameters; ++i) {
      const ParameterEstimate& estimate = fit.estimates[i];
      ASSERT_TRUE(estimate.estimate && estimate.standard_error) << "seed " << seed << " " << estimate.name;
      const bool above = !estimate.low || *estimate.low <= truth.value[i];
      const bool below = !estimate.high || *estimate.high >= truth.value[i];
      covered[i] += above && below ? 1 : 0;
      deviation[i] += std::log(*estimate.estimate / truth.value[i]) / (*estimate.standard_error / *estimate.estimate);
    }
  }
  for (size_t i = 0; i < parameters; ++i) {
    const char* name = ParameterNames(truth.kind)[i];
    const double share = 100.0 * covered[i] / bases;
    const double mean = deviation[i] / bases;
    RecordProperty(std::string("covered_") + name, testing::PrintToString(share));
    if (is_long) {
      EXPECT_TRUE(share >= 92.6 && share <= 97.1) << name << " covered in " << share << " %";
    } else {
      // Three and a half standard errors of the share of misses.
      const double misses_max = 0.05 * bases + 3.5 * std::sqrt(0.05 * 0.95 * bases);
      EXPECT_LE(bases - covered[i], misses_max) << name;
    }
    EXPECT_LT(std::fabs(mean), 0.3 + 3.5 / std::sqrt(bases)) << name;
  }
}

constexpr LifetimeKind kBg = LifetimeKind::kBgNbd;

INSTANTIATE_TEST_SUITE_P(
    Kinds, Recovery,
    testing::Values(Setting{{.kind = LifetimeKind::kNbd, .value = {0.39, 12, 0, 0}, .k = 1}, 27, 78, 200},
                    Setting{{.kind = kBg, .value = {0.5, 4.4, 0.8, 2.4}, .k = 1}, 40, 104, 100},
                    Setting{{.kind = LifetimeKind::kMbgNbd, .value = {0.7, 5, 0.9, 1.8}, .k = 1}, 40, 104, 100},
                    Setting{{.kind = LifetimeKind::kParetoNbd, .value = {0.8, 6, 0.8, 12}, .k = 1}, 40, 104, 20},
                    Setting{{.kind = LifetimeKind::kBgCnbd, .value = {0.7, 2, 0.9, 3}, .k = 3}, 40, 104, 60},
                    Setting{{.kind = LifetimeKind::kMbgCnbd, .value = {0.8, 2.5, 0.9, 2.2}, .k = 2}, 40, 104, 60},
                    Setting{{.kind = LifetimeKind::kBgBb, .value = {1.2, 0.75, 0.66, 2.8}, .k = 1}, 6, 12, 100}),
    [](const auto& setting) { return Name(setting.param.truth.kind); });

}  // namespace
}  // namespace strata
