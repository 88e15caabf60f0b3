// The nearest centroid of every point of a block, and integer sums per centroid. Points are integers on the scaled grid
// held as doubles, features apart (one lane a point). Everything below 2^53 is exact, so distances are compared as
// integers: no rounding. The loops are kernels (model/kernels/kernels.h). Pure functions; thread-safe.
//
// Ties go to the lexicographically smallest centroid. Centroids are kept in that order, so labels do not depend on how
// clusters are numbered.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "model/clustering/cluster_features.h"

namespace strata {

inline constexpr size_t kBlockPoints = kKernelBlock;
inline constexpr size_t kSumLanes = 8;  // a row of sums is one cache line

struct PointBlock {
  size_t size = 0;  // points in use; the rest are zeros after Add alone, finite leftovers after Fill
  alignas(64) std::array<std::array<double, kBlockPoints>, kClusterFeatures> lanes{};
  // The same points as rows to be added: features, squared norm, 1, 0.
  alignas(64) std::array<std::array<int64_t, kSumLanes>, kBlockPoints> rows{};

  // Precondition: size < kBlockPoints.
  void Add(const GridPoint& point);
  // The scaled points of a block of customers, instead of what was there.
  void Fill(const TransformedBlock& customers, const ClusterScaling& scaling, const Kernels& kernels);
  GridPoint point(size_t i) const;
};

struct LabelBlock {
  alignas(64) std::array<int64_t, kBlockPoints> labels;  // -1 where the block has no point
};

// Centroids on the grid, ascending. Equal ones are allowed; the later of them never gets a point.
class CentroidSet {
 public:
  CentroidSet() = default;
  explicit CentroidSet(std::vector<GridPoint> centroids);  // any order

  size_t size() const { return points_.size(); }
  const std::vector<GridPoint>& points() const { return points_; }
  // Precondition: size() > 0.
  void Assign(const PointBlock& block, const Kernels& kernels, LabelBlock* labels) const;
  size_t Nearest(const GridPoint& point) const;

  bool operator==(const CentroidSet& other) const { return points_ == other.points_; }

 private:
  std::vector<GridPoint> points_;
  std::vector<std::array<double, kClusterFeatures + 1>> kernel_;  // coordinates, then half the squared norm
};

int64_t SquaredDistance(const GridPoint& a, const GridPoint& b);

// Per cluster: sums of the features, sum of squared norms, number of points. 64 bits hold them for up to 2^31
// customers, see cluster_features.h.
struct CentroidSums {
  std::vector<std::array<int64_t, kSumLanes>> rows;

  explicit CentroidSums(size_t clusters = 0) : rows(clusters) {}
  void Add(const PointBlock& block, const LabelBlock& labels);
  void Merge(const CentroidSums& other);  // a missing tail counts as zeros

  int64_t count(size_t cluster) const { return rows[cluster][kClusterFeatures + 1]; }
  int64_t squared_norms(size_t cluster) const { return rows[cluster][kClusterFeatures]; }
  GridPoint Mean(size_t cluster) const;  // correctly rounded to the grid. Precondition: count(cluster) > 0
  bool operator==(const CentroidSums&) const = default;
};

}  // namespace strata
