// A maximiser for smooth functions of a few variables that asks for evaluations instead of calling a function, so that
// one evaluation may be a loop over a table or a round over all shards of a cluster.
//
// Newton steps with the exact Hessian inside a trust region; the subproblem is solved exactly from the eigenvalues of
// the negative Hessian (More and Sorensen 1983, SIAM J. Sci. Stat. Comput. 4(3) 553-572). Variables are logarithms of
// parameters here, so one unit is a factor e. Deterministic: the path is a function of start and evaluations. Not
// thread-safe; a plain value that can be copied.
#pragma once

#include <array>
#include <optional>

#include "model/lifetime/maximiser_state.h"

namespace strata {

template <int N>
struct Derivatives {
  double value = 0;
  std::array<double, N> gradient{};
  std::array<std::array<double, N>, N> hessian{};  // symmetric
};

template <int N>
class TrustRegionNewton {
 public:
  using Point = std::array<double, N>;

  // Converges when the gradient norm is at most `gradient_tolerance` and the Newton step is negligible.
  TrustRegionNewton(const Point& start, double gradient_tolerance, int iterations_max);

  // Where to evaluate next, while state() is kRunning.
  const Point& trial() const { return trial_; }
  // What was found at trial(); nullopt where the function has no usable value. A value, gradient or Hessian that is not
  // finite counts as unusable.
  void Report(const std::optional<Derivatives<N>>& found);

  MaximiserState state() const { return state_; }
  // The best point so far and what was found there. Precondition: one usable evaluation (has_best()).
  bool has_best() const { return has_best_; }
  const Point& best() const { return best_; }
  const Derivatives<N>& at_best() const { return at_best_; }
  double gradient_norm() const;
  int iterations() const { return iterations_; }  // evaluations reported

 private:
  bool Accepts(const Derivatives<N>& found);
  void Judge();    // done at the best point?
  void Propose();  // the next trial

  double gradient_tolerance_;
  int iterations_max_;
  MaximiserState state_ = MaximiserState::kRunning;
  Point trial_;
  Point best_{};
  Derivatives<N> at_best_;
  bool has_best_ = false;
  double radius_;
  double step_norm_ = 0;
  double predicted_gain_ = 0;
  int iterations_ = 0;
};

// Standard errors of the variables by observed information: square roots of the diagonal of the inverse of the negative
// Hessian; nullopt where that is not positive definite.
template <int N>
std::optional<std::array<double, N>> StandardErrors(const Derivatives<N>& at_maximum);

}  // namespace strata
