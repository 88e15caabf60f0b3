// Static covariates: known traits z of a customer scale the distributions from which their rate and their drop-out are
// drawn. Pareto/NBD (Fader and Hardie, note 019 (2007), "Incorporating Time-Invariant Covariates into the Pareto/NBD
// and BG/NBD Models"): alpha_i = alpha exp(-g'z), beta_i = beta exp(-h'z). The models with coins: alpha_i = alpha
// exp(-g'z), a_i = a exp(h1'z), b_i = b exp(h2'z), with separate vectors and h2 = 0 unless it is asked for; the note's
// form, one factor for both (h1 = h2), is there for comparison alone: it cannot move the mean drop-out a / (a + b). NBD
// has the rate's alone.
//
// Customers with the same traits share a pattern, whose likelihood is that of its customers at its own parameters
// (likelihood.h); its derivatives are carried over to the coefficients by the chain rule, so a coefficient costs
// nothing by row. Traits are coded already: numbers, near 0 and of a size near 1.
//
// Pure, deterministic on any number of threads.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "model/lifetime/covariate_model.h"
#include "model/lifetime/fit_lifetime.h"
#include "model/lifetime/trust_region_search.h"

namespace strata {

struct CovariatePattern {
  std::vector<double> traits;  // by column
  HistoryTable customers;
};

// The parameters of a customer with these traits.
LifetimeParameters ParametersFor(const CovariateFit& fit, const CovariateEffects& effects,
                                 std::span<const double> traits);

class CovariateLikelihood {
 public:
  // Borrows the patterns. Preconditions: kind is neither kBgBb nor kSbg; effects fit the kind.
  CovariateLikelihood(LifetimeKind kind, int k, const std::vector<CovariatePattern>& patterns,
                      const CovariateEffects& effects);

  size_t parameters() const { return parameters_; }  // of the kind
  size_t coefficients() const { return effects_.size(); }
  // At (logarithms of the parameters, coefficients).
  DynamicDerivatives Evaluate(std::span<const double> point) const;

 private:
  struct Effect {
    size_t column;
    std::vector<std::pair<size_t, double>> on;  // parameter, sign
  };

  LifetimeKind kind_;
  int k_;
  size_t parameters_;
  const std::vector<CovariatePattern>& patterns_;
  std::vector<Effect> effects_;
  std::vector<std::unique_ptr<LifetimeLikelihood>> likelihoods_;
};

// From the fit without covariates, which must be identified. `columns` are their names. `prior_deviations`: by column,
// coefficients are normal about 0 with this deviation; empty: nothing is known. Never fails: see LifetimeFit.
CovariateFit FitCovariates(const LifetimeFit& without, const std::vector<CovariatePattern>& patterns,
                           const CovariateEffects& effects, const std::vector<std::string>& columns,
                           const std::vector<double>& prior_deviations);

}  // namespace strata
