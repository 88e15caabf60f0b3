#include "model/lifetime/identification.h"

#include <cmath>

#include "model/lifetime/fit_lifetime.h"

namespace strata {
namespace {

constexpr double kZeroStrength = 1e-6;
constexpr const char* kEqualRates = "customers hardly differ in how often they buy; only the mean rate is known";
constexpr const char* kEqualShares =
    "customers hardly differ in how likely they are to buy; only the mean probability is known";
constexpr const char* kEqualDropOut =
    "customers hardly differ in how readily they leave; only the mean drop-out is known";
constexpr const char* kPolarised =
    "a share of the customers leaves at the first occasion and the others never; only that share is known";

// Whether the maximum is near enough to the boundary for a comparison to be worth its evaluations.
bool IsNear(const Climb& climb, const Curvature& curvature, const BoundaryRule& rule) {
  constexpr double kLogVarianceMax = 0.15;  // 2.6 errors of the inverse away from infinity: then it surely loses
  constexpr double kLarge = 30;
  constexpr double kSmall = 0.01;
  if (!climb.converged() || !curvature.is_maximum) return true;
  if (curvature.covariance[rule.held][rule.held] > kLogVarianceMax) return true;
  const double held = climb.at.value[rule.held];
  if (rule.value > 1) return held > kLarge;
  return held + (rule.known == BoundaryRule::kStaying ? 0 : climb.at.value[rule.partner]) < kSmall;
}

// The partner with which what is known stays about the same once the other one is held.
double PartnerFor(const BoundaryRule& rule, double held, double partner) {
  const double stretch = rule.value / held;
  if (rule.known == BoundaryRule::kProduct) return partner / stretch;
  if (rule.known == BoundaryRule::kStaying) return partner * std::log1p(1 / held) / std::log1p(1 / rule.value);
  return partner * stretch;
}

}  // namespace

std::vector<BoundaryRule> BoundaryRulesOf(LifetimeKind kind) {
  constexpr double kInfinite = kInfiniteStrength;
  switch (kind) {
    case LifetimeKind::kNbd:
      return {{"equal_rates", 0, 1, kInfinite, BoundaryRule::kRatio, kEqualRates}};
    case LifetimeKind::kParetoNbd:
      return {{"equal_rates", 0, 1, kInfinite, BoundaryRule::kRatio, kEqualRates},
              {"equal_drop_out", 2, 3, kInfinite, BoundaryRule::kRatio, kEqualDropOut},
              {"polarised", 3, 2, kVanishedScale, BoundaryRule::kStaying, kPolarised}};
    case LifetimeKind::kBgBb:
      return {{"equal_rates", 1, 0, kInfinite, BoundaryRule::kShare, kEqualShares},
              {"equal_drop_out", 3, 2, kInfinite, BoundaryRule::kShare, kEqualDropOut},
              {"polarised", 3, 2, kZeroStrength, BoundaryRule::kShare, kPolarised}};
    case LifetimeKind::kSbg:
      return {{"equal_drop_out", 1, 0, kInfinite, BoundaryRule::kShare, kEqualDropOut},
              {"polarised", 1, 0, kZeroStrength, BoundaryRule::kShare, kPolarised}};
    default:
      return {{"equal_rates", 0, 1, kInfinite, BoundaryRule::kRatio, kEqualRates},
              {"equal_drop_out", 3, 2, kInfinite, BoundaryRule::kShare, kEqualDropOut},
              {"polarised", 3, 2, kZeroStrength, BoundaryRule::kShare, kPolarised}};
  }
}

JudgedMaximum JudgeBoundaries(const SearchProblem& problem, const Climb& maximum,
                              const std::vector<BoundaryRule>& rules) {
  JudgedMaximum judged{.climb = maximum, .free = problem.free, .reached = {}};
  for (const BoundaryRule& rule : rules) {
    const auto& priors = problem.prior.by_parameter;
    if (!judged.free[rule.held] || !judged.free[rule.partner] || priors[rule.held] || priors[rule.partner]) continue;
    if (!IsNear(judged.climb, CurvatureOf(judged.climb, judged.free), rule)) continue;
    SearchProblem on_it = problem;
    on_it.free = judged.free;
    on_it.free[rule.held] = false;
    LifetimeParameters start = judged.climb.at;
    start.value[rule.partner] = PartnerFor(rule, start.value[rule.held], start.value[rule.partner]);
    start.value[rule.held] = rule.value;
    const Climb climb = ClimbFrom(on_it, start);
    const double loss = 2 * (judged.climb.derivatives.value - climb.derivatives.value);
    if (!climb.found || !(loss < kBoundaryCritical)) continue;
    const int evaluations = judged.climb.evaluations + climb.evaluations;
    judged.climb = climb;
    judged.climb.evaluations = evaluations;
    judged.free = on_it.free;
    judged.reached.push_back(rule);
  }
  return judged;
}

}  // namespace strata
