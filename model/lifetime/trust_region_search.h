// A maximiser for smooth functions of any number of variables that asks for evaluations instead of calling a function,
// so that one evaluation may be a loop over a table or a round over all shards of a cluster.
//
// Newton steps with the exact Hessian inside a trust region; the subproblem is solved exactly from the eigenvalues of
// the negative Hessian (More and Sorensen 1983, SIAM J. Sci. Stat. Comput. 4(3) 553-572). Variables are logarithms of
// parameters or coefficients here, so one unit is a factor e. Deterministic: the path is a function of start and
// evaluations. Not thread-safe; a plain value that can be copied.
#pragma once

#include <optional>
#include <vector>

#include "model/lifetime/maximiser_state.h"

namespace strata {

struct DynamicDerivatives {
  double value = 0;
  std::vector<double> gradient;
  std::vector<double> hessian;  // row by row
};

class TrustRegionSearch {
 public:
  // Converges when the gradient norm is at most `gradient_tolerance` and the Newton step is negligible. Precondition:
  // at least one variable.
  TrustRegionSearch(std::vector<double> start, double gradient_tolerance, int iterations_max);

  // Where to evaluate next, while state() is kRunning.
  const std::vector<double>& trial() const { return trial_; }
  // What was found at trial(); nullopt, or a number that is not finite, where the function has no usable value.
  void Report(const std::optional<DynamicDerivatives>& found);

  MaximiserState state() const { return state_; }
  bool has_best() const { return has_best_; }
  // Precondition: has_best().
  const std::vector<double>& best() const { return best_; }
  const DynamicDerivatives& at_best() const { return at_best_; }
  double gradient_norm() const;
  int iterations() const { return iterations_; }  // evaluations reported

 private:
  bool Accepts(const DynamicDerivatives& found);
  void Judge();
  void Propose();

  double gradient_tolerance_;
  int iterations_max_;
  MaximiserState state_ = MaximiserState::kRunning;
  std::vector<double> trial_;
  std::vector<double> best_;
  DynamicDerivatives at_best_;
  bool has_best_ = false;
  double radius_;
  double step_norm_ = 0;
  double predicted_gain_ = 0;
  int iterations_ = 0;
};

// The inverse of the negative Hessian, row by row; nullopt where that is not positive definite.
std::optional<std::vector<double>> CovarianceAt(const DynamicDerivatives& maximum);

}  // namespace strata
