// The exact silhouette for squared Euclidean distance, from sums per cluster (N points, Y = sum x, P = sum |x|^2):
// the mean distance of a point to a cluster is |x|^2 + P/N - 2 Y.x/N, times N/(N-1) for its own cluster. With a the own
// and b the least other mean, s = (b - a) / max(a, b), and 0 in a cluster of one. The formula is that of the Spark
// documentation's ClusteringEvaluator; the O(n^2) definition is Rousseeuw (1987), J. Comput. Appl. Math. 20, 53-65.
// A customer's s is rounded once to a 2^-30 grid, so sums are exact. Immutable; thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "model/clustering/assign.h"

namespace strata {

inline constexpr int kSilhouetteGridBits = 30;  // |s| <= 1, so 2^32 customers fit 63 bits

class SilhouetteScorer {
 public:
  // Precondition: every count of `sums` is > 0.
  explicit SilhouetteScorer(const ClusterSums& sums);

  // Sum of s over the block's points in units of 2^-30; 0 with fewer than two clusters.
  int64_t Sum(const PointBlock& block, const LabelBlock& labels) const;

 private:
  struct Cluster {
    std::array<double, kClusterFeatures> twice_mean{};
    double mean_squared_norm = 0;
    double own_factor = 0;  // N / (N - 1); 0 in a cluster of one
  };
  std::vector<Cluster> clusters_;
};

}  // namespace strata
