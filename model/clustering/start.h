// Where the clusters start: k-means++ (Arthur, Vassilvitskii 2007, SODA) and Lloyd on a sample, several times over, the
// least inertia wins. Integer arithmetic and keyed draws, so a pure function of its arguments; thread-safe.
#pragma once

#include <cstdint>
#include <vector>

#include "model/clustering/assign.h"
#include "model/kernels/kernels.h"

namespace strata {

inline constexpr int kStartRestarts = 5;         // one start in two may miss a blob; five rarely do
inline constexpr int kSampleIterationsMax = 30;  // the rest is done on all customers

// Fewer than k centroids when the points have fewer distinct values. Preconditions: points not empty, k > 0.
CentroidSet StartingCentroids(const std::vector<GridPoint>& points, int k, uint64_t seed, const Kernels& kernels);

}  // namespace strata
