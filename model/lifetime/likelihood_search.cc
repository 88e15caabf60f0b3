#include "model/lifetime/likelihood_search.h"

#include <Eigen/Core>
#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>

#include "model/lifetime/trust_region_search.h"

namespace strata {
namespace {

constexpr double kChiSquared95 = 3.841458820694124;  // one degree of freedom

std::vector<size_t> PlacesOf(const std::array<bool, 4>& free) {
  std::vector<size_t> places;
  for (size_t i = 0; i < 4; ++i) {
    if (free[i]) places.push_back(i);
  }
  return places;
}

LifetimeParameters At(const std::vector<double>& point, const LifetimeParameters& start,
                      const std::vector<size_t>& places) {
  LifetimeParameters at = start;
  for (size_t i = 0; i < places.size(); ++i) at.value[places[i]] = std::exp(point[i]);
  return at;
}

// Of the free parameters, and back.
DynamicDerivatives PartOf(const Derivatives<4>& all, const std::vector<size_t>& places) {
  DynamicDerivatives part;
  part.value = all.value;
  for (const size_t i : places) {
    part.gradient.push_back(all.gradient[i]);
    for (const size_t j : places) part.hessian.push_back(all.hessian[i][j]);
  }
  return part;
}

Derivatives<4> WholeOf(const DynamicDerivatives& part, const std::vector<size_t>& places) {
  Derivatives<4> all;
  all.value = part.value;
  for (size_t i = 0; i < places.size(); ++i) {
    all.gradient[places[i]] = part.gradient[i];
    for (size_t j = 0; j < places.size(); ++j) {
      all.hessian[places[i]][places[j]] = part.hessian[i * places.size() + j];
    }
  }
  return all;
}

Derivatives<4> PosteriorAt(const SearchProblem& problem, const LifetimeParameters& at) {
  Derivatives<4> found = problem.likelihood->Evaluate(at);
  problem.prior.AddTo(at, &found);
  return found;
}

// The profile likelihood's fall below the maximum, doubled, less the critical value; climbs from `near`, which follows.
class Profile {
 public:
  Profile(const SearchProblem& problem, const Climb& maximum, size_t parameter)
      : problem_(problem), best_(maximum.derivatives.value), parameter_(parameter), near_(maximum.at) {
    problem_.free[parameter] = false;
  }

  double At(double log_value) {
    LifetimeParameters start = near_;
    start.value[parameter_] = std::exp(log_value);
    const Climb climb = ClimbFrom(problem_, start);
    if (!climb.found) return HUGE_VAL;
    near_ = climb.at;
    return 2 * (best_ - climb.derivatives.value) - kChiSquared95;
  }

 private:
  SearchProblem problem_;
  double best_;
  size_t parameter_;
  LifetimeParameters near_;
};

std::optional<double> EndOf(Profile profile, double centre, double step) {
  constexpr double kReach = 12;
  constexpr double kPrecise = 1e-7;
  double inside = 0, outside = step;
  double at_inside = -kChiSquared95, at_outside = profile.At(centre + outside);
  while (at_outside < 0) {
    inside = outside;
    at_inside = at_outside;
    outside *= 2;
    if (std::fabs(outside) > kReach) return std::nullopt;
    at_outside = profile.At(centre + outside);
  }
  // The chord, with the older end's value halved when the same end stays (Illinois).
  int stayed = 0;
  constexpr int kStepsMax = 60;
  for (int i = 0; i < kStepsMax && std::fabs(outside - inside) > kPrecise; ++i) {
    const double share = std::isfinite(at_outside) ? at_inside / (at_inside - at_outside) : 0.5;
    const double middle = inside + share * (outside - inside);
    const double at_middle = profile.At(centre + middle);
    if (std::fabs(at_middle) < kPrecise) return std::exp(centre + middle);
    if (at_middle < 0) {
      inside = middle;
      at_inside = at_middle;
      if (stayed == -1) at_outside /= 2;
      stayed = -1;
    } else {
      outside = middle;
      at_outside = at_middle;
      if (stayed == 1) at_inside /= 2;
      stayed = 1;
    }
  }
  return std::exp(centre + inside);
}

}  // namespace

void LogPrior::AddTo(const LifetimeParameters& at, Derivatives<4>* derivatives) const {
  for (size_t i = 0; i < 4; ++i) {
    if (!by_parameter[i] || !(at.value[i] > 0)) continue;
    const double spread = std::log(by_parameter[i]->factor);
    const double deviation = std::log(at.value[i] / by_parameter[i]->median) / spread;
    derivatives->value -= 0.5 * deviation * deviation;
    derivatives->gradient[i] -= deviation / spread;
    derivatives->hessian[i][i] -= 1 / (spread * spread);
  }
}

Climb ClimbFrom(const SearchProblem& problem, const LifetimeParameters& start) {
  const std::vector<size_t> places = PlacesOf(problem.free);
  Climb climb;
  climb.at = start;
  if (places.empty()) {  // nothing to look for
    climb.derivatives = WholeOf(PartOf(PosteriorAt(problem, start), places), places);
    climb.found = std::isfinite(climb.derivatives.value);
    climb.evaluations = 1;
    if (climb.found) climb.state = MaximiserState::kConverged;
    return climb;
  }
  std::vector<double> logs;
  for (const size_t place : places) logs.push_back(std::log(start.value[place]));
  TrustRegionSearch search(logs, kFitGradientTolerance * problem.customers, kFitEvaluationsMax);
  while (search.state() == MaximiserState::kRunning) {
    search.Report(PartOf(PosteriorAt(problem, At(search.trial(), start, places)), places));
  }
  climb.found = search.has_best();
  climb.state = search.state();
  climb.evaluations = search.iterations();
  if (!climb.found) return climb;
  climb.at = At(search.best(), start, places);
  climb.derivatives = WholeOf(search.at_best(), places);
  climb.gradient_norm = search.gradient_norm();
  return climb;
}

Climb BestClimb(const SearchProblem& problem, const std::vector<LifetimeParameters>& starts) {
  constexpr size_t kClimbs = 2;
  std::vector<std::pair<double, const LifetimeParameters*>> ranked;
  for (const LifetimeParameters& start : starts) {
    const double value = PosteriorAt(problem, start).value;
    if (std::isfinite(value)) ranked.emplace_back(value, &start);
  }
  std::stable_sort(ranked.begin(), ranked.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  Climb best;
  for (size_t i = 0; i < std::min(ranked.size(), kClimbs); ++i) {
    const Climb climb = ClimbFrom(problem, *ranked[i].second);
    // Rounding noise must not choose between two climbs to the same maximum.
    constexpr double kSameValue = 1e-10;
    if (climb.found && (!best.found || climb.derivatives.value >
                                           best.derivatives.value + kSameValue * std::fabs(best.derivatives.value))) {
      best = climb;
    }
  }
  return best;
}

Curvature CurvatureOf(const Climb& climb, const std::array<bool, 4>& free) {
  const std::vector<size_t> places = PlacesOf(free);
  const auto size = static_cast<Eigen::Index>(places.size());
  Eigen::MatrixXd negative(size, size);
  for (Eigen::Index i = 0; i < size; ++i) {
    for (Eigen::Index j = 0; j < size; ++j) {
      negative(i, j) = -climb.derivatives.hessian[places[static_cast<size_t>(i)]][places[static_cast<size_t>(j)]];
    }
  }
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(negative);
  Curvature found;
  if (size == 0 || !(solver.eigenvalues()(0) > 0)) return found;
  found.is_maximum = true;
  found.smallest = solver.eigenvalues()(0);
  found.condition = solver.eigenvalues()(size - 1) / found.smallest;
  const Eigen::MatrixXd inverse =
      solver.eigenvectors() * solver.eigenvalues().cwiseInverse().asDiagonal() * solver.eigenvectors().transpose();
  for (Eigen::Index i = 0; i < size; ++i) {
    for (Eigen::Index j = 0; j < size; ++j) {
      found.covariance[places[static_cast<size_t>(i)]][places[static_cast<size_t>(j)]] = inverse(i, j);
    }
  }
  return found;
}

ProfileInterval ProfileOf(const SearchProblem& problem, const Climb& maximum, size_t parameter) {
  constexpr double kFirstStep = 0.5;
  const double centre = std::log(maximum.at.value[parameter]);
  const Profile profile(problem, maximum, parameter);
  return {.low = EndOf(profile, centre, -kFirstStep), .high = EndOf(profile, centre, kFirstStep)};
}

}  // namespace strata
