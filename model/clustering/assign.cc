#include "model/clustering/assign.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "model/statistics/integer_sums.h"

namespace strata {
namespace {

static_assert(kSumLanes >= kClusterFeatures + 2);
static_assert(kClusterFeatures == 5, "the kernel below names its features");

// g = |c|^2 / 2 - x.c has the order of |x - c|^2 and needs one multiplication less per feature.
inline double Rank(const double* c, double half_norm, double x0, double x1, double x2, double x3, double x4) {
  return std::fma(-c[4], x4,
                  std::fma(-c[3], x3, std::fma(-c[2], x2, std::fma(-c[1], x1, std::fma(-c[0], x0, half_norm)))));
}

}  // namespace

void PointBlock::Add(const GridPoint& point) {
  int64_t squared_norm = 0;
  for (size_t j = 0; j < kClusterFeatures; ++j) {
    lanes[j][size] = static_cast<double>(point[j]);
    rows[size][j] = point[j];
    squared_norm += point[j] * point[j];
  }
  rows[size][kClusterFeatures] = squared_norm;
  rows[size][kClusterFeatures + 1] = 1;
  ++size;
}

void PointBlock::Clear() {
  for (auto& lane : lanes) std::fill_n(lane.begin(), size, 0.0);
  std::fill_n(rows.begin(), size, std::array<int64_t, kSumLanes>{});
  size = 0;
}

GridPoint PointBlock::point(size_t i) const {
  GridPoint point;
  std::copy_n(rows[i].begin(), kClusterFeatures, point.begin());
  return point;
}

CentroidSet::CentroidSet(std::vector<GridPoint> centroids) : points_(std::move(centroids)) {
  std::sort(points_.begin(), points_.end());
  for (const GridPoint& point : points_) {
    auto& row = kernel_.emplace_back();
    double squared_norm = 0;
    for (size_t j = 0; j < kClusterFeatures; ++j) {
      row[j] = static_cast<double>(point[j]);
      squared_norm = std::fma(row[j], row[j], squared_norm);
    }
    row[kClusterFeatures] = squared_norm / 2;
  }
}

void CentroidSet::Assign(const PointBlock& block, LabelBlock* labels) const {
  alignas(64) std::array<double, kBlockPoints> best;
  alignas(64) std::array<int64_t, kBlockPoints> nearest{};
  best.fill(std::numeric_limits<double>::infinity());
  const auto& x = block.lanes;
  for (size_t c = 0; c < kernel_.size(); ++c) {
    const auto centroid = kernel_[c];
    const auto label = static_cast<int64_t>(c);
    for (size_t i = 0; i < kBlockPoints; ++i) {
      const double g = Rank(centroid.data(), centroid[kClusterFeatures], x[0][i], x[1][i], x[2][i], x[3][i], x[4][i]);
      const bool closer = g < best[i];
      best[i] = closer ? g : best[i];
      nearest[i] = closer ? label : nearest[i];
    }
  }
  labels->labels = nearest;
}

size_t CentroidSet::Nearest(const GridPoint& point) const {
  double best = std::numeric_limits<double>::infinity();
  size_t nearest = 0;
  std::array<double, kClusterFeatures> x;
  for (size_t j = 0; j < kClusterFeatures; ++j) x[j] = static_cast<double>(point[j]);
  for (size_t c = 0; c < kernel_.size(); ++c) {
    const double g = Rank(kernel_[c].data(), kernel_[c][kClusterFeatures], x[0], x[1], x[2], x[3], x[4]);
    if (g < best) {
      best = g;
      nearest = c;
    }
  }
  return nearest;
}

int64_t SquaredDistance(const GridPoint& a, const GridPoint& b) {
  int64_t sum = 0;
  for (size_t j = 0; j < kClusterFeatures; ++j) sum += (a[j] - b[j]) * (a[j] - b[j]);
  return sum;
}

void ClusterSums::Add(const PointBlock& block, const LabelBlock& labels) {
  for (size_t i = 0; i < block.size; ++i) {
    auto& sums = rows[static_cast<size_t>(labels.labels[i])];
    for (size_t lane = 0; lane < kSumLanes; ++lane) sums[lane] += block.rows[i][lane];
  }
}

void ClusterSums::Merge(const ClusterSums& other) {
  if (rows.size() < other.rows.size()) rows.resize(other.rows.size());
  for (size_t c = 0; c < other.rows.size(); ++c) {
    for (size_t lane = 0; lane < kSumLanes; ++lane) rows[c][lane] += other.rows[c][lane];
  }
}

GridPoint ClusterSums::Mean(size_t cluster) const {
  GridPoint mean;
  for (size_t j = 0; j < kClusterFeatures; ++j) mean[j] = RoundedQuotient(rows[cluster][j], count(cluster));
  return mean;
}

}  // namespace strata
