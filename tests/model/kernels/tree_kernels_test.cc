// Derivatives and losses of margins beside long doubles, and every width beside the plain kernels.
#include "model/kernels/tree_kernels.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "model/kernels/kernels.h"
#include "tests/model/kernels/drawn_blocks.h"

namespace strata {
namespace {

constexpr uint64_t kSeeds = 2 * kKernelBlock;

struct DrawnMargins {
  explicit DrawnMargins(uint64_t seed) {
    BlockDraws draws(seed);
    const size_t n = draws.length() + (seed % 3) * kKernelBlock;
    for (size_t i = 0; i < n; ++i) {
      const bool extreme = draws.OneIn(10);
      margins.push_back(extreme ? draws.Whole(-(int64_t{1} << 59), int64_t{1} << 59)
                                : draws.Whole(-(int64_t{1} << 43), int64_t{1} << 43));
      outcome.push_back(static_cast<uint8_t>(draws.Whole(0, 1)));
    }
  }

  std::vector<int64_t> margins;
  std::vector<uint8_t> outcome;
};

int64_t GradientOf(const GradientRow& row) { return static_cast<int64_t>(row.packed >> 26) - (1 << 26); }
int64_t HessianOf(const GradientRow& row) { return static_cast<int64_t>(row.packed & ((1 << 26) - 1)); }

TEST(TreeKernels, GradientsAreThoseOfTheDefinition) {
  const DrawnMargins drawn(511);
  std::vector<GradientRow> rows(drawn.margins.size());
  PlainKernels().trees.gradients(drawn.margins.data(), drawn.outcome.data(), rows.size(), rows.data());
  for (size_t i = 0; i < rows.size(); ++i) {
    const long double margin = static_cast<long double>(drawn.margins[i]) * 0x1p-40L;
    const long double p = 1 / (1 + std::exp(-margin)), g = p - drawn.outcome[i], h = p * (1 - p);
    // Rounded once; an exponential that is an ulp away may round the other way.
    EXPECT_NEAR(static_cast<double>(g) * 0x1p30, rows[i].g, 0.51) << static_cast<double>(margin);
    EXPECT_NEAR(static_cast<double>(h) * 0x1p30, rows[i].h, 0.51);
    EXPECT_NEAR(static_cast<double>(std::clamp(g * 8192, -8191.0L, 8191.0L)), static_cast<double>(GradientOf(rows[i])),
                0.51);
    EXPECT_NEAR(static_cast<double>(std::max(h * 65536, 1.0L)), static_cast<double>(HessianOf(rows[i])), 0.51);
  }
}

TEST(TreeKernels, LossesAreThoseOfTheDefinitionAndBounded) {
  for (uint64_t seed = 0; seed < 60; seed += 3) {
    const DrawnMargins drawn(seed);
    long double loss = 0;
    for (size_t i = 0; i < drawn.margins.size(); ++i) {
      const long double margin = static_cast<long double>(drawn.margins[i]) * 0x1p-40L;
      const long double t = drawn.outcome[i] == 1 ? -margin : margin;
      loss += std::min(std::max(t, 0.0L) + std::log1p(std::exp(-std::abs(t))), 1024.0L);
    }
    const int64_t sum =
        WidestKernels().trees.log_loss(drawn.margins.data(), drawn.outcome.data(), drawn.margins.size());
    EXPECT_NEAR(static_cast<double>(static_cast<long double>(sum) * 0x1p-40L - loss), 0, 1e-8) << seed;
  }
}

TEST(TreeKernels, EveryWidthGivesThePlainBits) {
  for (const Kernels* kernels : AvailableKernels()) {
    for (uint64_t seed = 0; seed < kSeeds; ++seed) {
      const DrawnMargins drawn(seed);
      const size_t n = drawn.margins.size();
      std::vector<GradientRow> plain(n), wide(n);
      PlainKernels().trees.gradients(drawn.margins.data(), drawn.outcome.data(), n, plain.data());
      kernels->trees.gradients(drawn.margins.data(), drawn.outcome.data(), n, wide.data());
      for (size_t i = 0; i < n; ++i) {
        ASSERT_EQ(plain[i].packed, wide[i].packed) << kernels->name << " seed " << seed;
        ASSERT_EQ(plain[i].g, wide[i].g);
        ASSERT_EQ(plain[i].h, wide[i].h);
      }
      const size_t block = std::min(n, kKernelBlock);
      ASSERT_EQ(PlainKernels().trees.log_loss(drawn.margins.data(), drawn.outcome.data(), block),
                kernels->trees.log_loss(drawn.margins.data(), drawn.outcome.data(), block));
    }
  }
}

}  // namespace
}  // namespace strata
