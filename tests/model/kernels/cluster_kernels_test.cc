// The kernels of clustering: every width gives the bits of the plain ones, and those are what cluster_kernels.h says,
// by the slowest way to compute it.
#include "model/kernels/cluster_kernels.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "tests/model/kernels/drawn_blocks.h"

namespace strata {
namespace {

constexpr uint64_t kSeeds = 2 * kKernelBlock;  // every length twice

// A block and centres of drawn size; a few seeds have no numeric feature, half of them categories.
struct Drawn {
  explicit Drawn(uint64_t seed) : draws(seed), n(draws.length()) {
    d = static_cast<size_t>(draws.Whole(seed % 16 == 0 ? 0 : 1, 24));
    k = static_cast<size_t>(draws.Whole(1, 64));
    categories = draws.OneIn(2) || d == 0 ? static_cast<size_t>(draws.Whole(1, 8)) : 0;
    constexpr int64_t kRanges[] = {1, 3, 1 << 15, 1 << 22};  // small ones make ties
    range = kRanges[draws.Whole(0, 3)];
    half_gamma = static_cast<float>(draws.Whole(0, 2 * range)) / 2;
    points.resize(d * kKernelBlock);
    for (size_t j = 0; j < d; ++j) {
      for (size_t i = 0; i < n; ++i) points[j * kKernelBlock + i] = Coordinate();
    }
    codes.resize(categories * kKernelBlock);
    for (uint8_t& code : codes) code = static_cast<uint8_t>(draws.Whole(0, 4));
    coordinates.resize(k * d);
    for (float& coordinate : coordinates) coordinate = Coordinate();
    modes.resize(k * categories);
    for (uint8_t& mode : modes) mode = static_cast<uint8_t>(draws.Whole(0, 4));
    half_norms.resize(k);
    for (size_t slot = 0; slot < k; ++slot) SetNorm(slot);
  }

  float Coordinate() { return static_cast<float>(draws.Whole(-range, range)); }
  void SetNorm(size_t slot) {
    int64_t norm = 0;
    for (size_t j = 0; j < d; ++j) norm += static_cast<int64_t>(std::pow(coordinates[slot * d + j], 2.0));
    half_norms[slot] = static_cast<float>(norm) / 2;
  }
  CentreView centres() const {
    return {coordinates.data(), half_norms.data(), modes.data(), half_gamma, k, d, categories};
  }
  BlockView block() const { return {points.data(), codes.data(), n, kKernelBlock}; }

  float Rank(size_t i, size_t slot) const {
    float rank = half_norms[slot];
    for (size_t j = 0; j < d; ++j) rank = std::fma(-coordinates[slot * d + j], points[j * kKernelBlock + i], rank);
    for (size_t f = 0; f < categories; ++f) rank += Differs(i, slot, f) ? half_gamma : 0;
    return rank;
  }
  bool Differs(size_t i, size_t slot, size_t f) const {
    return codes[f * kKernelBlock + i] != modes[slot * categories + f];
  }

  BlockDraws draws;
  size_t n, d, k, categories;
  int64_t range;
  float half_gamma;
  std::vector<float> points, coordinates, half_norms;
  std::vector<uint8_t> codes, modes;
};

struct Labels {
  std::vector<uint8_t> first = std::vector<uint8_t>(kKernelBlock, 7);
  std::vector<uint8_t> second = std::vector<uint8_t>(kKernelBlock, 7);
  std::vector<float> best = std::vector<float>(kKernelBlock, 7);

  void Cut(size_t n) {
    first.resize(n);
    second.resize(n);
    best.resize(n);
  }
};

Labels Nearest(const Drawn& drawn, const Kernels& kernels) {
  Labels made;
  kernels.cluster.nearest(drawn.centres(), drawn.block(), made.first.data(), made.best.data());
  std::vector<uint8_t> again(kKernelBlock);
  kernels.cluster.nearest(drawn.centres(), drawn.block(), again.data(), nullptr);
  EXPECT_TRUE(std::equal(again.begin(), again.begin() + static_cast<std::ptrdiff_t>(drawn.n), made.first.begin()));
  return made;
}

TEST(ClusterKernels, TheNearestIsTheLeastRankAndThenSlot) {
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    const Drawn drawn(seed);
    for (const Kernels* kernels : AvailableKernels()) {
      SCOPED_TRACE(testing::Message() << "seed " << seed << " " << kernels->name);
      const Labels made = Nearest(drawn, *kernels);
      Labels two;
      kernels->cluster.two_nearest(drawn.centres(), drawn.block(), two.first.data(), two.second.data());
      for (size_t i = 0; i < drawn.n; ++i) {
        std::vector<std::pair<float, size_t>> ranks;
        for (size_t slot = 0; slot < drawn.k; ++slot) ranks.emplace_back(drawn.Rank(i, slot), slot);
        std::sort(ranks.begin(), ranks.end());
        ASSERT_EQ(made.first[i], ranks[0].second);
        ASSERT_EQ(std::bit_cast<uint32_t>(made.best[i] + 0.0F), std::bit_cast<uint32_t>(ranks[0].first + 0.0F));
        ASSERT_EQ(two.first[i], ranks[0].second);
        ASSERT_EQ(two.second[i], drawn.k > 1 ? ranks[1].second : kNoSlot);
      }
    }
  }
}

TEST(ClusterKernels, LookingAtMovedCentresAloneEqualsAScan) {
  size_t pruned = 0;
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    Drawn drawn(seed);
    std::vector<Labels> made;
    for (const Kernels* kernels : AvailableKernels()) made.push_back(Nearest(drawn, *kernels));
    std::vector<uint8_t> moved;
    for (size_t slot = 0; slot < drawn.k; ++slot) {
      if (!drawn.draws.OneIn(6)) continue;
      moved.push_back(static_cast<uint8_t>(slot));
      for (size_t j = 0; j < drawn.d; ++j) drawn.coordinates[slot * drawn.d + j] = drawn.Coordinate();
      drawn.SetNorm(slot);
    }
    pruned += drawn.n < kClusterLanesMax && moved.size() < 3 ? 1 : 0;
    for (size_t w = 0; w < made.size(); ++w) {
      const Kernels& kernels = *AvailableKernels()[w];
      SCOPED_TRACE(testing::Message() << "seed " << seed << " " << kernels.name);
      kernels.cluster.nearest_of(drawn.centres(), moved.data(), moved.size(), drawn.block(), made[w].first.data(),
                                 made[w].best.data());
      Labels scanned = Nearest(drawn, kernels);
      scanned.Cut(drawn.n);
      made[w].Cut(drawn.n);
      ASSERT_EQ(made[w].first, scanned.first);
      ASSERT_EQ(made[w].best, scanned.best);
    }
  }
  EXPECT_GT(pruned, 10u);
}

TEST(ClusterKernels, SquaredDistancesAreExact) {
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    Drawn drawn(seed);
    std::vector<uint8_t> labels(kKernelBlock, kNoSlot);
    for (size_t i = 0; i < drawn.n; ++i) labels[i] = static_cast<uint8_t>(drawn.draws.Whole(0, int64_t(drawn.k) - 1));
    for (const Kernels* kernels : AvailableKernels()) {
      SCOPED_TRACE(testing::Message() << "seed " << seed << " " << kernels->name);
      std::vector<int64_t> distances(kKernelBlock);
      kernels->cluster.squared_distance(drawn.centres(), drawn.block(), labels.data(), distances.data());
      for (size_t i = 0; i < drawn.n; ++i) {
        int64_t expected = 0;
        for (size_t j = 0; j < drawn.d; ++j) {
          const int64_t difference = static_cast<int64_t>(drawn.points[j * kKernelBlock + i]) -
                                     static_cast<int64_t>(drawn.coordinates[labels[i] * drawn.d + j]);
          expected += difference * difference;
        }
        ASSERT_EQ(distances[i], expected);
      }
    }
  }
}

TEST(ClusterKernels, LeastDistancesAndTheirSumAreOfSinglePrecision) {
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    Drawn drawn(seed);
    drawn.k = 1;
    std::vector<float> before(kKernelBlock, std::numeric_limits<float>::infinity());
    for (float& distance : before) distance = drawn.draws.OneIn(2) ? distance : static_cast<float>(drawn.range);
    for (const Kernels* kernels : AvailableKernels()) {
      SCOPED_TRACE(testing::Message() << "seed " << seed << " " << kernels->name);
      std::vector<float> after(kKernelBlock);
      const int64_t sum = kernels->cluster.least_distance(drawn.centres(), drawn.block(), before.data(), after.data());
      int64_t expected = 0;
      for (size_t i = 0; i < drawn.n; ++i) {
        float distance = 0;
        for (size_t j = 0; j < drawn.d; ++j) {
          const float difference = drawn.points[j * kKernelBlock + i] - drawn.coordinates[j];
          distance = std::fma(difference, difference, distance);
        }
        for (size_t f = 0; f < drawn.categories; ++f) distance += drawn.Differs(i, 0, f) ? 2 * drawn.half_gamma : 0;
        ASSERT_EQ(after[i], std::min(before[i], distance));
        expected += static_cast<int64_t>(std::nearbyint(static_cast<double>(after[i])));
      }
      ASSERT_EQ(sum, expected);
    }
  }
}

TEST(ClusterKernels, NarrowNumbersAreWidened) {
  BlockDraws draws(1);
  std::vector<int16_t> narrow(5 * kClusterLanesMax);
  for (int16_t& value : narrow) value = static_cast<int16_t>(draws.Whole(-32'768, 32'767));
  narrow[0] = -32'768;
  narrow[1] = 32'767;
  for (const Kernels* kernels : AvailableKernels()) {
    std::vector<float> wide(narrow.size());
    kernels->cluster.widen(narrow.data(), narrow.size(), wide.data());
    for (size_t i = 0; i < wide.size(); ++i) ASSERT_EQ(wide[i], static_cast<float>(narrow[i])) << kernels->name;
  }
}

TEST(ClusterKernels, ChangedLabelsAreFound) {
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    BlockDraws draws(seed);
    std::vector<uint8_t> before(kKernelBlock), now(kKernelBlock);
    for (size_t i = 0; i < kKernelBlock; ++i) {
      before[i] = static_cast<uint8_t>(draws.Whole(0, 255));
      now[i] = draws.OneIn(seed % 5 == 0 ? 1 : 20) ? static_cast<uint8_t>(draws.Whole(0, 255)) : before[i];
    }
    std::vector<uint32_t> expected;
    for (uint32_t i = 0; i < draws.length(); ++i) {
      if (before[i] != now[i]) expected.push_back(i);
    }
    for (const Kernels* kernels : AvailableKernels()) {
      std::vector<uint32_t> which(kKernelBlock);
      which.resize(kernels->cluster.changed(before.data(), now.data(), draws.length(), which.data()));
      ASSERT_EQ(which, expected) << "seed " << seed << " " << kernels->name;
    }
  }
}

// The formula in long double; see the header.
long double SlowSilhouette(const Drawn& drawn, const SilhouetteView& view, size_t i, uint8_t label) {
  if (label == kNoSlot || view.own_factor[label] == 0 || drawn.k < 2) return 0;
  long double own = 0;
  long double other = std::numeric_limits<long double>::infinity();
  for (size_t c = 0; c < drawn.k; ++c) {
    long double mean = view.mean_squared_norm[c];
    for (size_t j = 0; j < drawn.d; ++j) {
      const long double x = drawn.points[j * kKernelBlock + i];
      mean += x * x - view.twice_mean[c * drawn.d + j] * x;
    }
    mean = std::max(mean, 0.0L);
    for (size_t f = 0; f < drawn.categories; ++f) {
      mean += view.level_costs[(c * drawn.categories + f) * kLevelStride + drawn.codes[f * kKernelBlock + i]];
    }
    if (c == label) {
      own = mean * view.own_factor[c];
    } else {
      other = std::min(other, mean);
    }
  }
  return std::max(own, other) > 0 ? (other - own) / std::max(own, other) : 0;
}

TEST(ClusterKernels, SilhouettesFollowTheFormula) {
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    Drawn drawn(seed);
    std::vector<double> twice_mean, squared_norm, factor, costs;
    for (size_t c = 0; c < drawn.k; ++c) {
      double norm = 0;
      for (size_t j = 0; j < drawn.d; ++j) {
        const double mean = drawn.draws.Uniform(-1, 1) * static_cast<double>(drawn.range);
        twice_mean.push_back(2 * mean);
        norm += mean * mean;
      }
      squared_norm.push_back(norm * drawn.draws.Uniform(1, 2));
      factor.push_back(drawn.draws.OneIn(5) ? 0 : drawn.draws.Uniform(1, 2));
    }
    for (size_t l = 0; l < drawn.k * drawn.categories * kLevelStride; ++l) {
      costs.push_back(drawn.draws.Uniform(0, static_cast<double>(drawn.range)));
    }
    const SilhouetteView view = {twice_mean.data(), squared_norm.data(), factor.data(), costs.data(), drawn.k,
                                 drawn.d,           drawn.categories};
    std::vector<uint8_t> labels(kKernelBlock, kNoSlot);
    for (size_t i = 0; i < drawn.n; ++i) {
      if (!drawn.draws.OneIn(9)) labels[i] = static_cast<uint8_t>(drawn.draws.Whole(0, int64_t(drawn.k) - 1));
    }
    std::vector<int64_t> plain(kKernelBlock), made(kKernelBlock);
    PlainKernels().cluster.silhouette(view, drawn.block(), labels.data(), plain.data());
    for (size_t i = 0; i < drawn.n; ++i) {
      const long double expected = SlowSilhouette(drawn, view, i, labels[i]);
      ASSERT_NEAR(std::ldexp(static_cast<double>(plain[i]), -kClusterSilhouetteBits), static_cast<double>(expected),
                  1e-9)
          << "seed " << seed << " point " << i;
    }
    plain.resize(drawn.n);
    for (const Kernels* kernels : AvailableKernels()) {
      made.assign(kKernelBlock, 0);
      kernels->cluster.silhouette(view, drawn.block(), labels.data(), made.data());
      made.resize(drawn.n);
      ASSERT_EQ(made, plain) << "seed " << seed << " " << kernels->name;
    }
  }
}

}  // namespace
}  // namespace strata
