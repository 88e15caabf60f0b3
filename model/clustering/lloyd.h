// One run of Lloyd's algorithm for one number of clusters, as a state machine over merged sums: ask, assign, absorb.
// Used on all customers (sums come from the shards) and on a sample (sums come from memory). Not thread-safe.
//
// The centroids that were last evaluated are the result: their sums are of exactly the labels they give. Converged
// means that no mean, correctly rounded to the grid, differs from its centroid.
//
// Empty clusters: when an evaluation leaves clusters without points, they are dropped and the rest is evaluated again
// together with the farthest points, which then become centroids. Are there too few points off their centroid, the
// data have fewer distinct points than clusters were wanted, and the number of clusters is reduced.
#pragma once

#include <vector>

#include "base/int128.h"
#include "base/status.h"
#include "model/clustering/assign.h"
#include "model/clustering/farthest_points.h"

namespace strata {

class CentroidRun {
 public:
  // Preconditions: start is not empty, start.size() <= k, iterations_max > 0.
  CentroidRun(int k, CentroidSet start, int iterations_max);

  bool done() const { return done_; }
  const CentroidSet& centroids() const { return centroids_; }
  uint32_t farthest_wanted() const { return farthest_wanted_; }

  // Takes the sums of an evaluation of centroids(). INTERNAL when they do not belong to it.
  absl::Status Absorb(const CentroidSums& sums, const FarthestPoints& farthest);

  // Once done:
  int k() const { return k_; }                       // as wanted
  const CentroidSums& sums() const { return sums_; }  // of centroids(), every count > 0
  bool converged() const { return converged_; }
  bool reduced() const { return static_cast<int>(centroids_.size()) < k_; }
  bool too_few_points() const { return reachable_ < k_; }  // fewer distinct points than clusters wanted
  int iterations() const { return iterations_; }           // evaluations
  Int128 Inertia() const;                                  // grid units squared

 private:
  void Finish(std::vector<GridPoint> centroids, CentroidSums sums, bool converged);

  int k_;
  int reachable_;  // k_, or fewer once too few distinct points were seen
  int iterations_max_;
  CentroidSet centroids_;
  uint32_t farthest_wanted_ = 0;
  CentroidSums sums_;
  int iterations_ = 0;
  bool converged_ = false;
  bool done_ = false;
};

}  // namespace strata
