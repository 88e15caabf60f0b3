// TrustRegionNewton (trust_region.h) for a number of variables that is known at run time only: the same method and the
// same rules of acceptance and convergence. Deterministic: the path is a function of start and evaluations. Not
// thread-safe; a plain value that can be copied.
#pragma once

#include <optional>
#include <vector>

#include "model/lifetime/trust_region.h"

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
