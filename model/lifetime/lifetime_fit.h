// What a fit of a model of repeat buying found, and how sure it is: plain values, stored with a snapshot. The rules of
// identification, boundaries and intervals are those of fit_lifetime.h.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "model/lifetime/lifetime_kind.h"
#include "model/lifetime/maximiser_state.h"

namespace strata {

struct ParameterEstimate {
  std::string name;
  std::optional<double> estimate, standard_error, low, high;  // absent: the data do not say; 95 % interval
  std::string by;     // where the interval is from: "hessian", "profile", or "" for none
  std::string words;  // why something is absent
};

struct LifetimeFit {
  bool fitted = false;
  std::string reason;  // why not, when not fitted
  LifetimeKind asked = LifetimeKind::kBgNbd;
  LifetimeParameters parameters;                         // what scores use; of a nested model where `boundary` says so
  std::vector<ParameterEstimate> estimates;              // of the kind asked for, in its order
  std::vector<ParameterEstimate> determined;             // combinations, where single parameters are absent
  std::array<std::array<double, 4>, 4> covariance = {};  // of the logarithms; 0 where absent
  double log_likelihood = 0;  // no constant dropped; without gap term where the table's log_gaps are not known
  double log_posterior = 0;   // with the prior; equal where there is none
  double customers = 0;
  size_t unique_rows = 0;
  bool identified = true;
  std::string boundary;  // "", or as above; several with a comma
  std::vector<std::string> warnings;
  MaximiserState state = MaximiserState::kStalled;
  int evaluations = 0;
  double gradient_norm = 0;
  double condition = 0;
  double smallest_eigenvalue = 0;
};

}  // namespace strata
