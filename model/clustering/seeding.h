// Where clusters start, and whole fits of points in memory: greedy k-means++ (Arthur, Vassilvitskii 2007, SODA, with
// 2 + floor(ln k) candidates a step as in scikit-learn), Lloyd to its end, and local search by exchanges (Lattanzi,
// Sohler 2019, ICML) on the best. Potentials are sums of whole numbers and draws are keyed, so the result is a function
// of the arguments and of the order of the points alone; any kernels give the same. Pure functions; thread-safe; they
// use the threads of the calling TBB arena.
#pragma once

#include <cstdint>
#include <vector>

#include "base/int128.h"
#include "model/clustering/lloyd_run.h"
#include "model/clustering/point_blocks.h"
#include "model/kernels/kernels.h"
#include "model/statistics/keyed_sample.h"

namespace strata {

inline constexpr size_t kSolutionsMax = 3;

struct SolveOptions {
  LloydOptions lloyd;  // trim and k of the points at hand; `customers` is filled in
  int64_t gamma = 0;
  int starts = 16;       // > 0
  bool exchange = true;  // the local search; without trimming only
  uint64_t seed = 1;
  DrawPurpose purpose = DrawPurpose::kClusteringSeeding;
  uint32_t stream = 0;  // tells uses of a seed and purpose apart
};

struct Solution {
  CentreSet centres;  // ascending; fewer than k where the points have fewer distinct ones
  Int128 inertia = 0;
  ClusterSums sums;
  std::vector<uint8_t> labels;  // by point; kNoSlot: trimmed
  TrimThreshold threshold;      // with trimming
  int iterations = 0;           // of the start that it came from
  bool converged = false;
};

// The best first (more clusters, then less inertia, then centres), with distinct centres, at most kSolutionsMax; empty
// for no points.
std::vector<Solution> SolveInMemory(const PointBlocks& points, const SolveOptions& options, const Kernels& kernels);

// From one start alone.
Solution SolveFrom(const PointBlocks& points, const LloydOptions& options, CentreSet start, const Kernels& kernels);

// At most k distinct points, fewer where there are no more. With `trim`, the points that are farthest at a step are not
// drawn, so that none of them is an outlier among so many. Draws are KeyedDraw(seed, purpose, stream + step), step
// below 2^16. Preconditions: points.size() > 0, trim < points.size().
std::vector<Centre> GreedyPlusPlus(const PointBlocks& points, int k, uint64_t seed, DrawPurpose purpose,
                                   uint64_t stream, int64_t gamma, const Kernels& kernels, int64_t trim = 0);

// The same from centres that there are, with so many candidates a step.
std::vector<Centre> MoreCentres(const PointBlocks& points, std::vector<Centre> centres, int k, int candidates,
                                uint64_t seed, DrawPurpose purpose, uint64_t stream, int64_t gamma,
                                const Kernels& kernels, int64_t trim = 0);

}  // namespace strata
