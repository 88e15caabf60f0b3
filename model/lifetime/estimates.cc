#include "model/lifetime/estimates.h"

#include <fmt/format.h>

#include <cmath>

namespace strata {
namespace {

constexpr double kNormal95 = 1.959963984540054;

ParameterEstimate EstimateOf(size_t i, const SearchProblem& problem, const Climb& climb, const Curvature& curvature,
                             bool profile) {
  constexpr double kLogVarianceMax = 1;  // beyond, normal intervals of the logarithm are no good
  ParameterEstimate estimate;
  const double value = climb.at.value[i];
  estimate.estimate = value;
  const double variance = curvature.covariance[i][i];
  if (curvature.is_maximum) estimate.standard_error = value * std::sqrt(variance);
  if (curvature.is_maximum && variance <= kLogVarianceMax) {
    estimate.low = value * std::exp(-kNormal95 * std::sqrt(variance));
    estimate.high = value * std::exp(kNormal95 * std::sqrt(variance));
    estimate.by = "hessian";
    return estimate;
  }
  if (!profile) return estimate;
  const ProfileInterval ends = ProfileOf(problem, climb, i);
  estimate.low = ends.low;
  estimate.high = ends.high;
  estimate.by = "profile";
  if (!ends.low && !ends.high) {
    estimate.words = "the data set no bound";
  } else if (!ends.low || !ends.high) {
    estimate.words = ends.low ? "the data set no upper bound" : "the data set no lower bound";
  }
  return estimate;
}

// Of Pareto/NBD with beta at 0: the share that is still there a time unit after the first purchase. Its logarithm is
// the partner times what is held.
ParameterEstimate StayingOf(const BoundaryRule& rule, const Climb& climb, const Curvature& curvature) {
  const double per_partner = -std::log1p(1 / climb.at.value[rule.held]);
  const double log_share = climb.at.value[rule.partner] * per_partner;
  ParameterEstimate known;
  known.name = "share that stays";
  known.estimate = std::exp(log_share);
  if (!curvature.is_maximum) return known;
  const double error = std::sqrt(curvature.covariance[rule.partner][rule.partner]);
  const double grown = std::exp(kNormal95 * error);
  known.standard_error = *known.estimate * -log_share * error;
  known.low = std::exp(log_share * grown);
  known.high = std::exp(log_share / grown);
  known.by = "hessian";
  return known;
}

// The combination that is known, e.g. "r / alpha". Its logarithm (of a share: its logit) has the error of the partner's
// logarithm, as the other parameter is held.
ParameterEstimate CombinationOf(const BoundaryRule& rule, const Climb& climb, const Curvature& curvature,
                                std::span<const char* const> names) {
  const double held = climb.at.value[rule.held];
  const double partner = climb.at.value[rule.partner];
  const bool is_share = rule.known == BoundaryRule::kShare;
  if (rule.known == BoundaryRule::kStaying) return StayingOf(rule, climb, curvature);
  ParameterEstimate known;
  double value = 0;
  switch (rule.known) {
    case BoundaryRule::kRatio:
      known.name = fmt::format("{} / {}", names[rule.held], names[rule.partner]);
      value = held / partner;
      break;
    case BoundaryRule::kProduct:
      known.name = fmt::format("{} {}", names[rule.held], names[rule.partner]);
      value = held * partner;
      break;
    case BoundaryRule::kShare:
      known.name = fmt::format("{} / ({} + {})", names[rule.partner], names[rule.partner], names[rule.held]);
      value = partner / (partner + held);
      break;
    case BoundaryRule::kStaying:
      break;
  }
  known.estimate = value;
  if (!curvature.is_maximum) return known;
  const double error = std::sqrt(curvature.covariance[rule.partner][rule.partner]);
  const double grown = std::exp(kNormal95 * error);
  known.standard_error = is_share ? value * (1 - value) * error : value * error;
  known.low = is_share ? value / (value + (1 - value) * grown) : value / grown;
  known.high = is_share ? value * grown / (value * grown + 1 - value) : value * grown;
  known.by = "hessian";
  return known;
}

}  // namespace

Estimates EstimatesAt(const SearchProblem& problem, const JudgedMaximum& judged, std::span<const char* const> names,
                      bool profile) {
  SearchProblem here = problem;
  here.free = judged.free;
  Estimates found;
  found.curvature = CurvatureOf(judged.climb, judged.free);
  for (size_t i = 0; i < names.size(); ++i) {
    ParameterEstimate estimate;
    if (judged.free[i]) estimate = EstimateOf(i, here, judged.climb, found.curvature, profile);
    estimate.name = names[i];
    found.of_parameters.push_back(estimate);
  }
  for (const BoundaryRule& rule : judged.reached) {
    // Single parameters at a boundary are no estimates: what is known is their combination.
    found.determined.push_back(CombinationOf(rule, judged.climb, found.curvature, names));
    for (const size_t i : {rule.held, rule.partner}) {
      found.of_parameters[i] = ParameterEstimate();
      found.of_parameters[i].name = names[i];
      found.of_parameters[i].words = rule.words;
    }
    found.boundary += fmt::format("{}{}", found.boundary.empty() ? "" : ", ", rule.boundary);
    found.warnings.push_back(rule.words);
  }
  return found;
}

std::string TooFew(double customers, std::string_view what, double least) {
  const std::string needs = fmt::format("{}; a fit needs at least {}", what, least);
  if (customers == 0) return "no customer has " + needs;
  if (customers == 1) return "only 1 customer has " + needs;
  return fmt::format("only {} customers have {}", customers, needs);
}

bool IsUsable(const Climb& climb, double customers) {
  constexpr double kGradientAcceptable = 1e-4;  // per customer: worse than this is no maximum at all
  return climb.found && climb.gradient_norm <= kGradientAcceptable * customers;
}

}  // namespace strata
