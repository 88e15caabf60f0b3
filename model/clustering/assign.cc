#include "model/clustering/assign.h"

#include <algorithm>
#include <cmath>

#include "model/statistics/integer_sums.h"

namespace strata {
namespace {

static_assert(kSumLanes >= kClusterFeatures + 2);

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

void PointBlock::Fill(const TransformedBlock& customers, const ClusterScaling& scaling, const Kernels& kernels) {
  size = customers.size;
  scaling.Scale(customers, kernels, &lanes);
  for (size_t i = 0; i < size; ++i) {
    int64_t squared_norm = 0;
    for (size_t j = 0; j < kClusterFeatures; ++j) {
      rows[i][j] = static_cast<int64_t>(lanes[j][i]);
      squared_norm += rows[i][j] * rows[i][j];
    }
    rows[i][kClusterFeatures] = squared_norm;
    rows[i][kClusterFeatures + 1] = 1;
  }
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

void CentroidSet::Assign(const PointBlock& block, const Kernels& kernels, LabelBlock* labels) const {
  kernels.nearest(block.lanes[0].data(), block.size, kernel_[0].data(), kernel_.size(), labels->labels.data());
  std::fill(labels->labels.begin() + static_cast<std::ptrdiff_t>(block.size), labels->labels.end(), -1);
}

size_t CentroidSet::Nearest(const GridPoint& point) const {
  alignas(64) std::array<double, kClusterFeatures * kBlockPoints> columns;
  for (size_t j = 0; j < kClusterFeatures; ++j) {
    std::fill_n(columns.begin() + static_cast<std::ptrdiff_t>(j * kBlockPoints), kLanesMax,
                static_cast<double>(point[j]));
  }
  std::array<int64_t, kLanesMax> labels;
  PlainKernels().nearest(columns.data(), 1, kernel_[0].data(), kernel_.size(), labels.data());
  return static_cast<size_t>(labels[0]);
}

int64_t SquaredDistance(const GridPoint& a, const GridPoint& b) {
  int64_t sum = 0;
  for (size_t j = 0; j < kClusterFeatures; ++j) sum += (a[j] - b[j]) * (a[j] - b[j]);
  return sum;
}

void CentroidSums::Add(const PointBlock& block, const LabelBlock& labels) {
  for (size_t i = 0; i < block.size; ++i) {
    auto& sums = rows[static_cast<size_t>(labels.labels[i])];
    for (size_t lane = 0; lane < kSumLanes; ++lane) sums[lane] += block.rows[i][lane];
  }
}

void CentroidSums::Merge(const CentroidSums& other) {
  if (rows.size() < other.rows.size()) rows.resize(other.rows.size());
  for (size_t c = 0; c < other.rows.size(); ++c) {
    for (size_t lane = 0; lane < kSumLanes; ++lane) rows[c][lane] += other.rows[c][lane];
  }
}

GridPoint CentroidSums::Mean(size_t cluster) const {
  GridPoint mean;
  for (size_t j = 0; j < kClusterFeatures; ++j) mean[j] = RoundedQuotient(rows[cluster][j], count(cluster));
  return mean;
}

}  // namespace strata
