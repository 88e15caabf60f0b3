// One run of Lloyd's algorithm as a state machine over merged evaluations: ask, evaluate, absorb. On all customers (the
// evaluations come from the shards) and on a sample (from memory). Not thread-safe.
//
// The result is the last evaluated centres with their sums. It ends at the first of: a fixpoint (every rounded mean and
// mode is its centre); a settled inertia (it did not fall, which rounding may cause: the evaluation with the lower one
// is the result, the earlier of equals); a relative gain of at most `tolerance`; iterations_max evaluations. All but
// the last count as converged.
//
// Slots without weight make an evaluation no result: it is repeated to find the farthest distinct points, which become
// the centres of these slots, and the evaluation after that cannot end the run by its inertia. Are there too few such
// points, the data have fewer distinct ones than k, and k is reduced.
//
// Trimming: an evaluation counts once its threshold is known; until then the same centres are asked for again with a
// narrower bracket.
#pragma once

#include <cstdint>
#include <optional>

#include "base/int128.h"
#include "base/status.h"
#include "model/clustering/evaluate.h"

namespace strata {

struct LloydOptions {
  int k = 2;                 // 1 to kMaxSlots
  int iterations_max = 100;  // > 0
  int64_t tolerance = 0;     // millionths of the inertia
  int64_t trim = 0;          // customers to set aside, fewer than there are
  int64_t customers = 0;     // that there are; only where trim > 0
};

class LloydRun {
 public:
  // Precondition: start has 1 to k centres.
  LloydRun(const LloydOptions& options, CentreSet start);

  bool done() const { return done_; }
  const EvaluationRequest& next() const { return next_; }  // what to evaluate; of the result once done
  const CentreSet& centres() const { return next_.centres; }

  // Takes the merged evaluation of next(). INTERNAL (PARTIAL_MISMATCH) when it does not belong to it.
  absl::Status Absorb(const Evaluation& evaluation);
  // The same with trimming already done (EvaluateTrimmed).
  absl::Status AbsorbKept(const Evaluation& kept, const TrimThreshold& threshold);

  // Of the last complete evaluation; final once done.
  const ClusterSums& sums() const { return sums_; }
  Int128 inertia() const { return inertia_; }
  const TrimThreshold& threshold() const { return threshold_; }  // with trim > 0
  int iterations() const { return iterations_; }                 // complete evaluations
  bool converged() const { return converged_; }
  bool too_few_points() const { return reachable_ < options_.k; }  // fewer distinct points than clusters wanted

 private:
  static constexpr int kSpreadShiftMin = 2;  // the next bracket reaches a quarter beyond the last threshold
  static constexpr int kSpreadShiftMax = 16;

  absl::Status NarrowTo(const TrimCounts& trim, int64_t more);
  absl::Status AbsorbComplete(const ClusterSums& sums, const FarthestCustomers& farthest,
                              const TrimThreshold& threshold);
  void Relocate(const ClusterSums& sums, const FarthestCustomers& farthest, size_t found);
  void AbsorbResult(const ClusterSums& sums, const TrimThreshold& threshold);
  void Finish(bool converged);

  LloydOptions options_;
  int reachable_;  // k, or fewer once too few distinct points were seen
  EvaluationRequest next_;
  CentreSet last_;  // what sums_, inertia_ and threshold_ belong to
  ClusterSums sums_;
  Int128 inertia_ = 0;
  TrimThreshold threshold_;
  bool has_last_ = false;  // an inertia that the next one must be below
  int spread_shift_ = 4;   // of the brackets: narrower where they held too many, wider where they missed
  int iterations_ = 0;
  bool converged_ = false;
  bool done_ = false;
};

}  // namespace strata
