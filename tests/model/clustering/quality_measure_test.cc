// Quality of clusters of points on the grid against the definitions, customer by customer and pair by pair.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "base/hash.h"
#include "model/clustering/category_price.h"
#include "model/clustering/evaluate.h"
#include "model/clustering/quality.h"

namespace strata {
namespace {

struct Drawn {
  GridSample sample;
  CentreSet centres;
  std::vector<uint8_t> labels;
  size_t k = 0;
};

Drawn Draw(uint64_t seed, size_t n, size_t k, size_t categories, int64_t gamma) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal(0, 2500);
  Drawn drawn{.sample = {.d = 3, .categories = static_cast<uint32_t>(categories)}, .centres = {}, .labels = {}, .k = k};
  std::vector<Centre> centres;
  for (size_t c = 0; c < k; ++c) {
    Centre& centre = centres.emplace_back();
    for (int j = 0; j < 3; ++j) centre.q.push_back(static_cast<int32_t>(random() % 30'000) - 15'000);
    for (size_t f = 0; f < categories; ++f) centre.modes.push_back(static_cast<uint8_t>(random() % 3));
  }
  for (size_t i = 0; i < n; ++i) {
    const Centre& of = centres[random() % k];
    drawn.sample.hash.push_back(Mix(i));
    for (const int32_t q : of.q) drawn.sample.q.push_back(q + static_cast<int32_t>(normal(random)));
    for (const uint8_t mode : of.modes) drawn.sample.codes.push_back(random() % 4 == 0 ? (mode + 1) % 3 : mode);
  }
  drawn.centres = CentreSet(std::move(centres), gamma).Sorted();
  return drawn;
}

double Squared(const GridSample& sample, size_t a, size_t b, int64_t gamma) {
  double sum = 0;
  for (size_t j = 0; j < 3; ++j) {
    sum += std::pow(static_cast<double>(sample.q[a * 3 + j]) - static_cast<double>(sample.q[b * 3 + j]), 2);
  }
  for (size_t f = 0; f < sample.categories; ++f) {
    const bool differ = sample.codes[a * sample.categories + f] != sample.codes[b * sample.categories + f];
    sum += differ ? static_cast<double>(gamma) : 0;
  }
  return sum;
}

// Rousseeuw's (1987) definition over all pairs, of the customers with a cluster.
double SlowSilhouette(const Drawn& drawn, int64_t gamma) {
  double total = 0, customers = 0;
  for (size_t i = 0; i < drawn.sample.size(); ++i) {
    if (drawn.labels[i] == kNoSlot) continue;
    customers += 1;
    std::vector<double> sums(drawn.k), counts(drawn.k);
    for (size_t j = 0; j < drawn.sample.size(); ++j) {
      if (i == j || drawn.labels[j] == kNoSlot) continue;
      sums[drawn.labels[j]] += Squared(drawn.sample, i, j, gamma);
      counts[drawn.labels[j]] += 1;
    }
    const size_t own = drawn.labels[i];
    if (counts[own] == 0) continue;
    double other = std::numeric_limits<double>::infinity();
    for (size_t c = 0; c < drawn.k; ++c) {
      if (c != own && counts[c] > 0) other = std::min(other, sums[c] / counts[c]);
    }
    const double mine = sums[own] / counts[own];
    total += (other - mine) / std::max(other, mine);
  }
  return total / customers;
}

TEST(MeasureQuality, IsTheDefinitionOverAllPairs) {
  for (const size_t categories : {0u, 2u}) {
    for (uint64_t seed = 1; seed <= 4; ++seed) {
      SCOPED_TRACE(testing::Message() << categories << " categories, seed " << seed);
      const int64_t gamma = 9'000'000;
      Drawn drawn = Draw(seed, 400, 2 + seed, categories, gamma);
      const GridSample& sample = drawn.sample;
      const PointBlocks points = PointBlocks::OfGrid(3, categories, sample.q, sample.codes, sample.hash);
      drawn.labels = LabelsOf(points, drawn.centres, WidestKernels());
      for (size_t i = 0; i < 400; i += 9) drawn.labels[i] = kNoSlot;  // set aside
      const ClusterTotals totals(points, drawn.labels, drawn.k);
      const ClusterQuality quality = MeasureQuality(points, drawn.centres, drawn.labels, totals, WidestKernels());
      EXPECT_EQ(quality, MeasureQuality(points, drawn.centres, drawn.labels, totals, PlainKernels()));
      const QualityFigures figures = FiguresOf(quality, totals.SquaresAboutMean(gamma), drawn.centres);
      EXPECT_NEAR(figures.silhouette.value(), SlowSilhouette(drawn, gamma), 1e-9);
      EXPECT_EQ(quality.customers(), 400 - 45);
      EXPECT_EQ(quality.count, totals.count);

      std::vector<double> mean(3);
      std::vector<std::array<int64_t, 3>> words(categories);
      double customers = 0;
      for (size_t i = 0; i < 400; ++i) {
        if (drawn.labels[i] == kNoSlot) continue;
        customers += 1;
        for (size_t j = 0; j < 3; ++j) mean[j] += sample.q[i * 3 + j];
        for (size_t f = 0; f < categories; ++f) ++words[f][sample.codes[i * categories + f]];
      }
      double total = 0;
      for (size_t i = 0; i < 400; ++i) {
        if (drawn.labels[i] == kNoSlot) continue;
        for (size_t j = 0; j < 3; ++j) total += std::pow(sample.q[i * 3 + j] - mean[j] / customers, 2);
      }
      for (const auto& counts : words) {
        const auto most = static_cast<double>(*std::max_element(counts.begin(), counts.end()));
        total += static_cast<double>(gamma) * (customers - most);
      }
      EXPECT_NEAR(ToDouble(totals.SquaresAboutMean(gamma)), total, 4);
    }
  }
}

TEST(ClusterTotals, OfPartsAddUpAndWeightsCount) {
  const Drawn drawn = Draw(7, 300, 4, 1, 100);
  const GridSample& sample = drawn.sample;
  std::vector<int32_t> weights;
  for (size_t i = 0; i < 300; ++i) weights.push_back(static_cast<int32_t>(i % 5));
  const PointBlocks points = PointBlocks::OfGrid(3, 1, sample.q, sample.codes, sample.hash, weights);
  const std::vector<uint8_t> labels = LabelsOf(points, drawn.centres, WidestKernels());
  const ClusterTotals totals(points, labels, 4);
  const ClusterTotals weighted(points, labels, 4, ClusterTotals::Count::kWeights);
  std::vector<int64_t> count(4);
  std::vector<Int128> sums(12);
  for (size_t i = 0; i < 300; ++i) {
    count[labels[i]] += weights[i];
    for (size_t j = 0; j < 3; ++j) sums[labels[i] * 3 + j] += int64_t{weights[i]} * sample.q[i * 3 + j];
  }
  EXPECT_EQ(weighted.count, count);
  EXPECT_EQ(weighted.sums, sums);

  std::vector<uint8_t> first = labels, second = labels;
  for (size_t i = 0; i < 300; ++i) (i % 3 == 0 ? first : second)[i] = kNoSlot;
  ClusterTotals sum(points, first, 4);
  sum.Merge(ClusterTotals(points, second, 4));
  EXPECT_EQ(sum, totals);
  sum.Merge(ClusterTotals());
  EXPECT_EQ(sum, totals);
  ByteWriter writer;
  totals.Encode(&writer);
  ByteReader reader(writer.bytes());
  EXPECT_EQ(ClusterTotals::Decode(&reader), totals);
  EXPECT_TRUE(reader.Finish("totals").ok());
}

TEST(MismatchPrice, IsGivenOrEstimated) {
  ClusterSpace space;
  space.grid_bits = 4;
  space.numeric.resize(2);
  GridSample sample{.d = 2, .categories = 1};
  sample.hash = {1, 2, 3, 4};
  sample.q = {16, 5, -16, 5, 48, 5, -48, 5};  // variance (1 + 9) / 2 = 5 of the first, 0 of the second
  sample.codes = {0, 0, 0, 1};
  EXPECT_EQ(MismatchPrice(space, sample, 3.0, false), 0) << "no category";
  space.categories.push_back({.name = "g", .column = "g", .words = {"a", "b"}, .counts = {3, 1}});
  EXPECT_EQ(MismatchPrice(space, sample, 3.0, false), 3 * 256);
  const double variety = 1 - (9.0 + 1.0) / 16;
  EXPECT_EQ(MismatchPrice(space, sample, std::nullopt, false), std::llrint(5 / variety * 256));
  EXPECT_EQ(MismatchPrice(space, sample, std::nullopt, true), std::llrint(std::sqrt(5.0) / 2 * 256));
  space.categories[0].counts = {4, 0};
  EXPECT_EQ(MismatchPrice(space, sample, std::nullopt, false), 256) << "nothing to estimate from";
}

}  // namespace
}  // namespace strata
