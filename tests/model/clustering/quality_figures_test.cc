#include "model/clustering/quality.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <random>

namespace strata {
namespace {

using Point = std::array<double, 2>;

double Squared(const Point& a, const Point& b) { return std::pow(a[0] - b[0], 2) + std::pow(a[1] - b[1], 2); }

struct Blobs {
  std::vector<Point> points;
  std::vector<size_t> labels;
  std::vector<Point> centres;  // whole numbers; the points' means to within one half
};

Blobs DrawBlobs(uint64_t seed, size_t k) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal(0, 300);
  Blobs blobs;
  std::vector<Point> sums(k);
  std::vector<double> counts(k);
  for (size_t i = 0; i < 200; ++i) {
    const size_t c = i % k;
    const Point point = {std::rint(normal(random)) + 3000.0 * static_cast<double>(c % 2),
                         std::rint(normal(random)) + 2500.0 * static_cast<double>(c)};
    blobs.points.push_back(point);
    blobs.labels.push_back(c);
    for (size_t j = 0; j < 2; ++j) sums[c][j] += point[j];
    counts[c] += 1;
  }
  for (size_t c = 0; c < k; ++c) {
    blobs.centres.push_back({std::rint(sums[c][0] / counts[c]), std::rint(sums[c][1] / counts[c])});
  }
  return blobs;
}

ClusterQuality SumsOf(const Blobs& blobs) {
  const size_t k = blobs.centres.size();
  ClusterQuality quality{.count = std::vector<int64_t>(k),
                         .squares = std::vector<Int128>(k),
                         .distances = std::vector<Int128>(k),
                         .silhouettes = std::vector<Int128>(k),
                         .farthest = std::vector<int64_t>(k)};
  for (size_t i = 0; i < blobs.points.size(); ++i) {
    const size_t c = blobs.labels[i];
    const double squared = Squared(blobs.points[i], blobs.centres[c]);
    ++quality.count[c];
    quality.squares[c] += static_cast<int64_t>(squared);
    quality.distances[c] += std::llrint(std::sqrt(squared) * 0x1p20);
    quality.silhouettes[c] += int64_t{1} << 39;  // one half each
    quality.farthest[c] = std::max(quality.farthest[c], static_cast<int64_t>(squared));
  }
  return quality;
}

CentreSet SetOf(const std::vector<Point>& centres) {
  std::vector<Centre> on_grid;
  for (const Point& centre : centres) {
    on_grid.push_back({.q = {static_cast<int32_t>(centre[0]), static_cast<int32_t>(centre[1])}, .modes = {}});
  }
  return CentreSet(std::move(on_grid));
}

TEST(QualityFigures, AreThoseOfTheDefinitions) {
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    for (const size_t k : {2u, 3u, 7u}) {
      SCOPED_TRACE(testing::Message() << "seed " << seed << ", k " << k);
      const Blobs blobs = DrawBlobs(seed, k);
      Point mean{};
      for (const Point& point : blobs.points) {
        for (size_t j = 0; j < 2; ++j) mean[j] += point[j] / static_cast<double>(blobs.points.size());
      }
      double total = 0, within = 0;
      for (size_t i = 0; i < blobs.points.size(); ++i) {
        total += Squared(blobs.points[i], mean);
        within += Squared(blobs.points[i], blobs.centres[blobs.labels[i]]);
      }
      const auto n = static_cast<double>(blobs.points.size());
      const auto clusters = static_cast<double>(k);
      std::vector<double> spread(k), count(k);
      for (size_t i = 0; i < blobs.points.size(); ++i) {
        spread[blobs.labels[i]] += std::sqrt(Squared(blobs.points[i], blobs.centres[blobs.labels[i]]));
        count[blobs.labels[i]] += 1;
      }
      double davies_bouldin = 0;
      for (size_t i = 0; i < k; ++i) {
        double worst = 0;
        for (size_t j = 0; j < k; ++j) {
          if (i == j) continue;
          const double apart = std::sqrt(Squared(blobs.centres[i], blobs.centres[j]));
          worst = std::max(worst, (spread[i] / count[i] + spread[j] / count[j]) / apart);
        }
        davies_bouldin += worst / clusters;
      }
      const QualityFigures figures =
          FiguresOf(SumsOf(blobs), static_cast<Int128>(std::llrint(total)), SetOf(blobs.centres));
      EXPECT_DOUBLE_EQ(figures.silhouette.value(), 0.5);
      EXPECT_NEAR(figures.calinski_harabasz.value() / ((total - within) / (clusters - 1) / (within / (n - clusters))),
                  1, 1e-8);
      EXPECT_NEAR(figures.davies_bouldin.value(), davies_bouldin, 1e-9);
    }
  }
}

TEST(QualityFigures, AreAbsentWhereTheyAreUndefined) {
  const Blobs blobs = DrawBlobs(1, 2);
  const ClusterQuality quality = SumsOf(blobs);
  const QualityFigures same_spot = FiguresOf(quality, quality.within() + 5, SetOf({{3, 4}, {3, 4}}));
  EXPECT_TRUE(same_spot.silhouette.has_value());
  EXPECT_FALSE(same_spot.davies_bouldin.has_value());
  const ClusterQuality one = SumsOf(DrawBlobs(1, 1));
  EXPECT_FALSE(FiguresOf(one, one.within(), SetOf({{0, 0}})).silhouette.has_value());
  EXPECT_FALSE(FiguresOf(one, one.within(), SetOf({{0, 0}})).calinski_harabasz.has_value());
  EXPECT_FALSE(FiguresOf(ClusterQuality(), 0, CentreSet()).silhouette.has_value());
  ClusterQuality tight = quality;
  tight.squares = {0, 0};
  EXPECT_FALSE(FiguresOf(tight, 100, SetOf(blobs.centres)).calinski_harabasz.has_value());
}

TEST(ClusterQuality, MergesExactly) {
  const ClusterQuality whole = SumsOf(DrawBlobs(9, 3));
  ClusterQuality sum;
  sum.Merge(whole);
  EXPECT_EQ(sum, whole);
  sum.Merge(ClusterQuality());
  EXPECT_EQ(sum, whole);
  sum.Merge(whole);
  EXPECT_EQ(sum.customers(), 2 * whole.customers());
  EXPECT_EQ(sum.within(), 2 * whole.within());
  EXPECT_EQ(sum.farthest, whole.farthest);
  ByteWriter writer;
  whole.Encode(&writer);
  ByteReader reader(writer.bytes());
  EXPECT_EQ(ClusterQuality::Decode(&reader), whole);
  EXPECT_TRUE(reader.Finish("quality").ok());
}

}  // namespace
}  // namespace strata
