// The exact silhouette for squared Euclidean distance, from sums per cluster (N points, Y = sum x, P = sum |x|^2):
// the mean distance of a point to a cluster is |x|^2 + P/N - 2 Y.x/N, times N/(N-1) for its own cluster. With a the own
// and b the least other mean, s = (b - a) / max(a, b), and 0 in a cluster of one. The formula is that of the Spark
// documentation's ClusteringEvaluator; the O(n^2) definition is Rousseeuw (1987), J. Comput. Appl. Math. 20, 53-65.
// A customer's s is rounded once to a 2^-30 grid, so sums are exact. Immutable; thread-safe.
#pragma once

#include <cstdint>
#include <vector>

#include "model/clustering/assign.h"

namespace strata {

class SilhouetteScorer {
 public:
  // Precondition: every count of `sums` is > 0.
  explicit SilhouetteScorer(const CentroidSums& sums);

  // Sum of s over the block's points in units of 2^-30; 0 with fewer than two clusters.
  int64_t Sum(const PointBlock& block, const LabelBlock& labels, const Kernels& kernels) const;

 private:
  std::vector<SilhouetteCluster> clusters_;
};

}  // namespace strata
