// Maximum likelihood for the BG/NBD model and for its limit without drop-out, the NBD model. Pure functions of the
// table, thread-safe, deterministic.
#pragma once

#include <array>
#include <vector>

#include "model/fitted_models.h"
#include "model/lifetime/bg_nbd_likelihood.h"

namespace strata {

// Fewer customers than this are no base to estimate four parameters from.
inline constexpr int64_t kLifetimeCustomersMin = 10;

// Twice the gain in log-likelihood over the NBD model from which on drop-out counts as seen in the data: the 5 % point
// of an even mixture of chi-squared with 1 and 2 degrees of freedom, because under no drop-out one parameter lies on
// its boundary and the other does not exist (Self and Liang 1987, JASA 82(398) 605-610).
inline constexpr double kDropOutCriticalValue = 5.138;

struct NbdFit {            // repeat buying without drop-out
  bool converged = false;  // an interior maximum was found
  double r = 0;
  double alpha = 0;  // time units
  double log_likelihood = 0;
  double gradient_norm = 0;  // in log-parameters
  int iterations = 0;
  std::array<double, 2> standard_errors{};  // of r and alpha; 0 when not converged
};

// Precondition: the table has a customer with x > 0.
NbdFit FitNbd(const BgNbdLikelihood& likelihood);

// Never fails: where nothing can be fitted, `fitted` is false and `reason` says why. Where the data do not tell
// drop-out from none, `identified` is false and a warning says so: the parameters are then either those of the
// (insignificant) optimum, or, when the optimum lies at no drop-out at all, those of the NBD model with a = 0 and b
// = 1. Standard errors are given only where the optimum is a proper maximum. Precondition: time_unit_days > 0.
LifetimeModel FitBgNbd(std::vector<PurchaseRow> rows, double time_unit_days);

}  // namespace strata
