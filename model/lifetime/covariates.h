// Static covariates: known traits z of a customer scale the distributions from which their rate and their drop-out are
// drawn. Pareto/NBD (Fader and Hardie, note 019 (2007), "Incorporating Time-Invariant Covariates into the Pareto/NBD
// and BG/NBD Models"): alpha_i = alpha exp(-g'z), beta_i = beta exp(-h'z). The models with coins: alpha_i = alpha
// exp(-g'z), a_i = a exp(h1'z), b_i = b exp(h2'z), with separate vectors and h2 = 0 unless it is asked for; the note's
// form, one factor for both (h1 = h2), is there for comparison alone: it cannot move the mean drop-out a / (a + b). NBD
// has the rate's alone.
//
// Customers with the same traits share a pattern, whose likelihood is that of its customers at its own parameters
// (likelihood.h); its derivatives are carried over to the coefficients by the chain rule, so a coefficient costs
// nothing by row. Traits are coded already (covariate_coding.h): numbers, near 0 and of a size near 1.
//
// Pure, deterministic on any number of threads.
#pragma once

#include <array>
#include <cstddef>
#include <deque>
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
  std::vector<double> traits;
  HistoryTable customers;
};

// Customers by pattern, as one table: there may be next to as many patterns as customers. A plain value.
struct CovariateBase {
  size_t width = 0;              // traits of a pattern
  std::vector<double> traits;    // pattern by pattern
  std::vector<size_t> begin;     // of a pattern's rows, and the end of the last
  std::vector<double> times;     // as in HistoryTable
  std::vector<HistoryRow> rows;  // pattern by pattern, then in the order (x, t_x, T)

  // Precondition: all have as many traits.
  static CovariateBase Of(const std::vector<CovariatePattern>& patterns);

  size_t patterns() const { return begin.empty() ? 0 : begin.size() - 1; }
  std::span<const double> pattern(size_t i) const { return {traits.data() + i * width, width}; }
  double customers() const;
};

// The parameters of a customer with these traits.
LifetimeParameters ParametersFor(const CovariateFit& fit, const CovariateEffects& effects,
                                 std::span<const double> traits);

// How a point, (logarithms of the parameters, coefficients), becomes the parameters of a pattern, and a likelihood's
// derivatives in these become derivatives in the point. Immutable.
class CovariatePoint {
 public:
  // Preconditions: kind is neither kBgBb nor kSbg; effects fit the kind.
  CovariatePoint(LifetimeKind kind, int k, const CovariateEffects& effects);

  size_t parameters() const { return parameters_; }  // of the kind
  size_t coefficients() const { return effects_.size(); }
  size_t size() const { return parameters_ + effects_.size(); }
  // Of a value, a gradient and the upper triangle of a Hessian, row by row.
  size_t terms() const { return 1 + size() + size() * (size() + 1) / 2; }

  LifetimeParameters ParametersOf(std::span<const double> point, std::span<const double> traits) const;
  // Of a customer whose traits are all 0.
  LifetimeParameters BaseOf(std::span<const double> point) const;
  // Adds to `terms`, so many as terms() says.
  void AddTerms(const Derivatives<4>& found, std::span<const double> traits, std::span<double> terms) const;
  DynamicDerivatives FromTerms(std::span<const double> terms) const;
  // Of the logarithms of a pattern's parameters, given that of the point, row by row.
  std::array<std::array<double, 4>, 4> CovarianceOf(const std::vector<double>& covariance,
                                                    std::span<const double> traits) const;

 private:
  struct Effect {
    size_t trait;
    double sign;
    std::vector<size_t> on;  // parameters
  };

  LifetimeKind kind_;
  int k_;
  size_t parameters_;
  std::vector<Effect> effects_;
};

class CovariateLikelihood {
 public:
  // Borrows the base. Preconditions as of CovariatePoint.
  CovariateLikelihood(LifetimeKind kind, int k, const CovariateBase& base, const CovariateEffects& effects);

  const CovariatePoint& point() const { return point_; }
  DynamicDerivatives Evaluate(std::span<const double> point) const;

 private:
  Derivatives<4> OfPattern(size_t pattern, const LifetimeParameters& at) const;

  CovariatePoint point_;
  const CovariateBase& base_;
  // Of patterns with many rows, whose terms of a count or a time alone are then made once; the others go row by row.
  std::deque<HistoryTable> tables_;
  std::vector<std::unique_ptr<LifetimeLikelihood>> likelihoods_;
};

// Weighted products of (1, traits) over customers, row by row: what tells which traits others determine.
std::vector<double> TraitProducts(const CovariateBase& base);
// The effects without the traits that are constant, or that the constant and earlier ones of the same list determine:
// of which Cholesky's decomposition of the products leaves nothing. Those are named in the warnings.
CovariateEffects IndependentEffects(const CovariateEffects& effects, const std::vector<double>& products,
                                    const std::vector<std::string>& names, std::vector<std::string>* warnings);

// What is known beforehand, of the parameters of a customer whose traits are all 0 and of the coefficients.
struct CovariatePrior {
  LogPrior parameters;
  std::vector<double> deviations;  // by trait: coefficients are normal about 0 with it; empty: nothing is known
};

// A search for the coefficients kept, one evaluation at a time (trust_region_search.h).
class CovariateSearch {
 public:
  CovariateSearch(const CovariatePoint& point, const CovariateEffects& kept, std::vector<double> start,
                  double customers, const CovariatePrior& prior);

  // Where to evaluate next, while running().
  const std::vector<double>& trial() const { return search_.trial(); }
  bool running() const { return search_.state() == MaximiserState::kRunning; }
  // What was found at trial(), without the prior.
  void Report(std::optional<DynamicDerivatives> found);

  bool converged() const { return search_.state() == MaximiserState::kConverged; }
  const std::vector<double>& best() const { return search_.best(); }
  // What was found into `fit`, which has base and effects already. Precondition: not running.
  void TakeInto(const CovariateEffects& effects, const std::vector<std::string>& names, CovariateFit* fit) const;

 private:
  // Value and derivatives at a point, added; the value alone is what is returned.
  double AddPrior(const std::vector<double>& point, DynamicDerivatives* found) const;

  CovariatePoint point_;
  CovariateEffects kept_;
  CovariatePrior prior_;
  std::vector<double> precisions_;  // of the point's coefficients; empty: no prior
  TrustRegionSearch search_;
};

// The search on a base, done, from the fit without covariates; on a large base it begins on an even share of the rows.
// Preconditions: the fit is identified; no effect is left that others determine.
CovariateSearch ClimbOn(const CovariateBase& base, const LifetimeFit& without, const CovariateEffects& kept,
                        const CovariatePrior& prior);

// From the fit without covariates, which must be identified. `names` are of the traits. Never
// fails: see LifetimeFit.
CovariateFit FitCovariates(const LifetimeFit& without, const CovariateBase& base, const CovariateEffects& effects,
                           const std::vector<std::string>& names, const CovariatePrior& prior);

// The point of a fit without covariates.
std::vector<double> PointWithout(const LifetimeFit& without, const CovariatePoint& point);

}  // namespace strata
