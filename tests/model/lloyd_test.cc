// Lloyd's algorithm on points in memory: against a slow one in wide integers, and where clusters run empty.
#include "model/clustering/lloyd.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <set>

#include "model/clustering/silhouette.h"
#include "model/clustering/start.h"

namespace strata {
namespace {

GridPoint OnAxis(int64_t x) { return {x, 0, 0, 0, 0}; }

std::vector<GridPoint> RandomPoints(uint64_t seed, size_t count, uint64_t range) {
  std::mt19937_64 random(seed);
  std::vector<GridPoint> points(count);
  for (GridPoint& point : points) {
    for (int64_t& coordinate : point) {
      coordinate = static_cast<int64_t>(random() % range) - static_cast<int64_t>(range / 2);
    }
  }
  return points;
}

CentroidRun RunLloyd(const std::vector<GridPoint>& points, int k, std::vector<GridPoint> start, int iterations_max = 200) {
  CentroidRun run(k, CentroidSet(std::move(start)), iterations_max);
  while (!run.done()) {
    CentroidSums sums(run.centroids().size());
    FarthestPoints farthest;
    farthest.wanted = run.farthest_wanted();
    for (size_t first = 0; first < points.size(); first += kBlockPoints) {
      PointBlock block;
      for (size_t i = first; i < std::min(points.size(), first + kBlockPoints); ++i) block.Add(points[i]);
      LabelBlock labels;
      run.centroids().Assign(block, WidestKernels(), &labels);
      sums.Add(block, labels);
      farthest.Add(run.centroids(), block, labels);
    }
    EXPECT_TRUE(run.Absorb(sums, farthest).ok());
  }
  return run;
}

// The obvious way: wide integers, one point after the other, means in long double. Nullopt when a cluster runs empty.
size_t SlowNearest(const std::vector<GridPoint>& centroids, const GridPoint& point) {
  size_t nearest = 0;
  Int128 least = -1;
  for (size_t c = 0; c < centroids.size(); ++c) {  // ascending, so the first of equals is the smallest
    Int128 distance = 0;
    for (size_t j = 0; j < point.size(); ++j) {
      distance += static_cast<Int128>(point[j] - centroids[c][j]) * (point[j] - centroids[c][j]);
    }
    if (least >= 0 && distance >= least) continue;
    least = distance;
    nearest = c;
  }
  return nearest;
}

std::optional<std::vector<GridPoint>> SlowLloyd(const std::vector<GridPoint>& points,
                                                std::vector<GridPoint> centroids) {
  while (true) {
    std::sort(centroids.begin(), centroids.end());
    std::vector<std::array<long double, kClusterFeatures>> sums(centroids.size());
    std::vector<long double> counts(centroids.size(), 0);
    for (const GridPoint& point : points) {
      const size_t c = SlowNearest(centroids, point);
      counts[c] += 1;
      for (size_t j = 0; j < point.size(); ++j) sums[c][j] += static_cast<long double>(point[j]);
    }
    std::vector<GridPoint> moved(centroids.size());
    for (size_t c = 0; c < centroids.size(); ++c) {
      if (counts[c] == 0) return std::nullopt;
      for (size_t j = 0; j < kClusterFeatures; ++j) {
        moved[c][j] = static_cast<int64_t>(std::nearbyint(sums[c][j] / counts[c]));
      }
    }
    std::sort(moved.begin(), moved.end());
    if (moved == centroids) return centroids;
    centroids = moved;
  }
}

TEST(Lloyd, EqualsASlowOneInWideIntegers) {
  int compared = 0;
  for (uint64_t seed = 0; seed < 60; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    // Small ranges make ties between centroids, large ones outliers of 2^13 deviations.
    const uint64_t range = seed % 3 == 0 ? 9 : seed % 3 == 1 ? 20000 : uint64_t{1} << 25;
    const std::vector<GridPoint> points = RandomPoints(seed, 700, range);
    const size_t k = 2 + seed % 7;
    const std::vector<GridPoint> start(points.begin(), points.begin() + static_cast<std::ptrdiff_t>(k));
    const auto slow = SlowLloyd(points, start);
    if (!slow.has_value()) continue;
    const CentroidRun run = RunLloyd(points, static_cast<int>(k), start);
    EXPECT_TRUE(run.converged());
    EXPECT_EQ(run.centroids().points(), *slow);
    Int128 inertia = 0;
    for (const GridPoint& point : points) inertia += SquaredDistance(point, (*slow)[SlowNearest(*slow, point)]);
    EXPECT_TRUE(run.Inertia() == inertia);
    ++compared;
  }
  EXPECT_GT(compared, 40);
}

TEST(Lloyd, AnEmptyClusterMovesToTheFarthestPoint) {
  const std::vector<GridPoint> points = {OnAxis(0), OnAxis(1), OnAxis(10)};
  const CentroidRun run = RunLloyd(points, 2, {OnAxis(3), OnAxis(1000)});
  EXPECT_TRUE(run.converged());
  EXPECT_FALSE(run.reduced());
  EXPECT_EQ(run.centroids().points(), (std::vector<GridPoint>{OnAxis(0), OnAxis(10)}));  // 0.5 rounds to even
  EXPECT_EQ(run.sums().count(0), 2);
}

TEST(Lloyd, AStartWithTooFewCentroidsIsFilledUp) {
  const std::vector<GridPoint> points = {OnAxis(0), OnAxis(100), OnAxis(200), OnAxis(300)};
  const CentroidRun run = RunLloyd(points, 4, {OnAxis(0)});
  EXPECT_TRUE(run.converged());
  EXPECT_EQ(run.centroids().points(), points);
}

TEST(Lloyd, FewerDistinctPointsThanClustersReduceTheNumber) {
  std::vector<GridPoint> points;
  for (int i = 0; i < 30; ++i) points.push_back(OnAxis(i % 3 * 50));
  const CentroidRun run = RunLloyd(points, 5, {OnAxis(10)});
  EXPECT_TRUE(run.converged());
  EXPECT_TRUE(run.too_few_points());
  EXPECT_EQ(run.centroids().points(), (std::vector<GridPoint>{OnAxis(0), OnAxis(50), OnAxis(100)}));
}

TEST(Lloyd, StopsAtTheLimitWithSumsOfTheCentroidsItReports) {
  const std::vector<GridPoint> points = RandomPoints(4, 500, 20000);
  const CentroidRun run = RunLloyd(points, 3, {points[0], points[1], points[2]}, 1);
  EXPECT_FALSE(run.converged());
  EXPECT_EQ(run.iterations(), 1);
  std::vector<int64_t> counts(3, 0);
  for (const GridPoint& point : points) ++counts[SlowNearest(run.centroids().points(), point)];
  for (size_t c = 0; c < 3; ++c) EXPECT_EQ(run.sums().count(c), counts[c]);
}

TEST(Lloyd, RefusesSumsOfOtherCentroids) {
  CentroidRun run(2, CentroidSet({OnAxis(0), OnAxis(5)}), 10);
  EXPECT_EQ(run.Absorb(CentroidSums(3), {}).code(), absl::StatusCode::kInternal);
  EXPECT_EQ(run.Absorb(CentroidSums(2), {}).code(), absl::StatusCode::kInternal) << "no points at all";
}

TEST(FarthestPoints, AreTheFarthestDistinctOnesInAnyGrouping) {
  const CentroidSet centroids({OnAxis(0)});
  const std::vector<std::vector<int64_t>> shards = {{5, -7, 0}, {7, 5, 2}, {-7, 1}};
  FarthestPoints merged;
  for (const auto& shard : shards) {
    FarthestPoints partial;
    partial.wanted = 3;
    PointBlock block;
    for (const int64_t x : shard) block.Add(OnAxis(x));
    LabelBlock labels;
    centroids.Assign(block, WidestKernels(), &labels);
    partial.Add(centroids, block, labels);
    merged.Merge(partial);
  }
  ASSERT_EQ(merged.candidates.size(), 3u);
  EXPECT_EQ(merged.candidates[0].point, OnAxis(-7));  // equally far: the smaller first
  EXPECT_EQ(merged.candidates[1].point, OnAxis(7));
  EXPECT_EQ(merged.candidates[2].point, OnAxis(5));
}

// Rousseeuw's definition, O(n^2).
double SlowSilhouette(const std::vector<GridPoint>& points, const std::vector<size_t>& labels, size_t k) {
  long double total = 0;
  for (size_t i = 0; i < points.size(); ++i) {
    std::vector<long double> distance(k, 0);
    std::vector<long double> count(k, 0);
    for (size_t other = 0; other < points.size(); ++other) {
      if (other == i) continue;
      distance[labels[other]] += static_cast<long double>(SquaredDistance(points[i], points[other]));
      count[labels[other]] += 1;
    }
    if (count[labels[i]] == 0) continue;  // alone: 0
    const long double a = distance[labels[i]] / count[labels[i]];
    long double b = INFINITY;
    for (size_t c = 0; c < k; ++c) {
      if (c != labels[i]) b = std::min(b, distance[c] / count[c]);
    }
    if (std::max(a, b) > 0) total += (b - a) / std::max(a, b);
  }
  return static_cast<double>(total / static_cast<long double>(points.size()));
}

TEST(Silhouette, EqualsItsDefinition) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::vector<GridPoint> points = RandomPoints(seed, 200, seed % 2 == 0 ? 7 : 20000);
    points.push_back({90000, 90000, 0, 0, 0});  // a cluster of one
    const size_t k = 2 + seed % 5;
    std::vector<GridPoint> start(points.end() - static_cast<std::ptrdiff_t>(k), points.end());
    const CentroidRun run = RunLloyd(points, static_cast<int>(k), start);
    std::vector<size_t> labels;
    PointBlock block;
    for (const GridPoint& point : points) {
      labels.push_back(run.centroids().Nearest(point));
      block.Add(point);
    }
    LabelBlock assigned;
    run.centroids().Assign(block, WidestKernels(), &assigned);
    for (size_t i = 0; i < points.size(); ++i) ASSERT_EQ(static_cast<size_t>(assigned.labels[i]), labels[i]);
    const double sum = static_cast<double>(SilhouetteScorer(run.sums()).Sum(block, assigned, WidestKernels()));
    EXPECT_NEAR(std::ldexp(sum, -kSilhouetteGridBits) / static_cast<double>(points.size()),
                SlowSilhouette(points, labels, run.centroids().size()), 1e-8);
  }
}

TEST(StartingCentroids, FindEveryOneOfManyBlobs) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 random(seed);
    std::vector<GridPoint> points;
    for (int i = 0; i < 800; ++i) {
      const auto noise = [&random] { return static_cast<int64_t>(random() % 200); };
      points.push_back({i % 8 * 10000 + noise(), i % 2 * 10000 + noise(), noise(), noise(), noise()});
    }
    const CentroidSet start = StartingCentroids(points, 8, seed, WidestKernels());
    std::set<size_t> found;
    for (size_t i = 0; i < 8; ++i) found.insert(start.Nearest(points[i]));
    EXPECT_EQ(found.size(), 8u);
    EXPECT_TRUE(StartingCentroids(points, 8, seed, WidestKernels()) == start);
  }
}

}  // namespace
}  // namespace strata
