// The search of covariates.h, and what it says of coefficients.
#include <algorithm>
#include <cmath>

#include "model/lifetime/covariates.h"

namespace strata {
namespace {

constexpr double kNormal95 = 1.959963984540054;

ParameterEstimate EstimateOf(const std::string& name, double at, double variance, bool is_logarithm) {
  const double error = std::sqrt(variance);
  ParameterEstimate estimate{.name = name, .by = "hessian"};
  estimate.estimate = is_logarithm ? std::exp(at) : at;
  estimate.standard_error = is_logarithm ? std::exp(at) * error : error;
  estimate.low = is_logarithm ? std::exp(at - kNormal95 * error) : at - kNormal95 * error;
  estimate.high = is_logarithm ? std::exp(at + kNormal95 * error) : at + kNormal95 * error;
  return estimate;
}

// Coefficients of `traits` in the order of `asked`, 0 for those left out; takes its part of the point.
std::vector<double> Spread(const std::vector<size_t>& asked, const std::vector<size_t>& traits,
                           const std::vector<double>& point, size_t* place) {
  std::vector<double> coefficients(asked.size(), 0);
  for (size_t i = 0; i < asked.size(); ++i) {
    if (std::find(traits.begin(), traits.end(), asked[i]) != traits.end()) coefficients[i] = point[(*place)++];
  }
  return coefficients;
}

std::vector<std::string> CoefficientNames(const CovariateEffects& effects, const std::vector<std::string>& names) {
  std::vector<std::string> all;
  for (const size_t trait : effects.rate) all.push_back(names[trait] + " on rate");
  for (const size_t trait : effects.dropout) all.push_back(names[trait] + " on drop-out");
  for (const size_t trait : effects.strength) all.push_back(names[trait] + " on strength");
  return all;
}

}  // namespace

CovariateSearch::CovariateSearch(const CovariatePoint& point, const CovariateEffects& kept, std::vector<double> start,
                                 double customers, const CovariatePrior& prior)
    : point_(point),
      kept_(kept),
      prior_(prior),
      search_(std::move(start), kFitGradientTolerance * customers, kFitEvaluationsMax) {
  if (prior.deviations.empty()) return;
  for (const std::vector<size_t>* traits : {&kept_.rate, &kept_.dropout, &kept_.strength}) {
    for (const size_t trait : *traits) precisions_.push_back(1 / (prior.deviations[trait] * prior.deviations[trait]));
  }
}

void CovariateSearch::Report(std::optional<DynamicDerivatives> found) {
  if (found) AddPrior(trial(), &*found);
  search_.Report(found);
}

double CovariateSearch::AddPrior(const std::vector<double>& point, DynamicDerivatives* found) const {
  Derivatives<4> of_parameters;
  prior_.parameters.AddTo(point_.BaseOf(point), &of_parameters);
  double value = of_parameters.value;
  for (size_t m = 0; m < point_.parameters(); ++m) {
    found->gradient[m] += of_parameters.gradient[m];
    for (size_t l = 0; l < point_.parameters(); ++l) {
      found->hessian[m * point.size() + l] += of_parameters.hessian[m][l];
    }
  }
  for (size_t c = 0; c < precisions_.size(); ++c) {
    const size_t i = point_.parameters() + c;
    value -= 0.5 * precisions_[c] * point[i] * point[i];
    found->gradient[i] -= precisions_[c] * point[i];
    found->hessian[i * point.size() + i] -= precisions_[c];
  }
  found->value += value;
  return value;
}

void CovariateSearch::TakeInto(const CovariateEffects& effects, const std::vector<std::string>& names,
                               CovariateFit* fit) const {
  fit->state = search_.state();
  fit->evaluations += search_.iterations();
  fit->kept = kept_;
  const std::optional<std::vector<double>> covariance =
      search_.has_best() ? CovarianceAt(search_.at_best()) : std::nullopt;
  if (!converged() || !covariance) {
    fit->reason = "the data do not determine the covariates' coefficients: the search found no maximum";
    return;
  }
  const std::vector<double>& best = search_.best();
  fit->fitted = true;
  fit->gradient_norm = search_.gradient_norm();
  fit->covariance = *covariance;
  DynamicDerivatives scratch = search_.at_best();
  fit->log_likelihood = search_.at_best().value - AddPrior(best, &scratch);
  fit->base = point_.BaseOf(best);
  size_t place = point_.parameters();
  fit->rate = Spread(effects.rate, kept_.rate, best, &place);
  fit->dropout = Spread(effects.dropout, kept_.dropout, best, &place);
  fit->strength = Spread(effects.strength, kept_.strength, best, &place);
  std::vector<std::string> all;
  for (const char* name : ParameterNames(fit->base.kind)) all.emplace_back(name);
  for (const std::string& name : CoefficientNames(kept_, names)) all.push_back(name);
  for (size_t i = 0; i < all.size(); ++i) {
    fit->estimates.push_back(EstimateOf(all[i], best[i], fit->covariance[i * all.size() + i], i < point_.parameters()));
  }
}

}  // namespace strata
