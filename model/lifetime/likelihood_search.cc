#include "model/lifetime/likelihood_search.h"

#include <Eigen/Core>
#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>

namespace strata {
namespace {

constexpr double kChiSquared95 = 3.841458820694124;  // one degree of freedom

std::array<double, 4> PointOf(const LifetimeParameters& at, const std::array<bool, 4>& free) {
  std::array<double, 4> point{};
  for (size_t i = 0; i < 4; ++i) point[i] = free[i] ? std::log(at.value[i]) : 0;
  return point;
}

LifetimeParameters At(const std::array<double, 4>& point, const LifetimeParameters& start,
                      const std::array<bool, 4>& free) {
  LifetimeParameters at = start;
  for (size_t i = 0; i < 4; ++i) {
    if (free[i]) at.value[i] = std::exp(point[i]);
  }
  return at;
}

// A fixed parameter is one in which the function has its maximum already.
void HoldFixed(const SearchProblem& problem, Derivatives<4>* derivatives) {
  for (size_t i = 0; i < 4; ++i) {
    if (problem.free[i]) continue;
    derivatives->gradient[i] = 0;
    for (size_t j = 0; j < 4; ++j) derivatives->hessian[i][j] = derivatives->hessian[j][i] = 0;
    derivatives->hessian[i][i] = -problem.customers;
  }
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
  TrustRegionNewton<4> search(PointOf(start, problem.free), kFitGradientTolerance * problem.customers,
                              kFitEvaluationsMax);
  while (search.state() == MaximiserState::kRunning) {
    const LifetimeParameters at = At(search.trial(), start, problem.free);
    Derivatives<4> found = problem.likelihood->Evaluate(at);
    problem.prior.AddTo(at, &found);
    HoldFixed(problem, &found);
    search.Report(found);
  }
  Climb climb;
  climb.found = search.has_best();
  climb.state = search.state();
  climb.evaluations = search.iterations();
  climb.at = start;
  if (!climb.found) return climb;
  climb.at = At(search.best(), start, problem.free);
  climb.derivatives = search.at_best();
  climb.gradient_norm = search.gradient_norm();
  return climb;
}

Climb BestClimb(const SearchProblem& problem, const std::vector<LifetimeParameters>& starts) {
  constexpr size_t kClimbs = 2;
  std::vector<std::pair<double, const LifetimeParameters*>> ranked;
  for (const LifetimeParameters& start : starts) {
    Derivatives<4> there = problem.likelihood->Evaluate(start);
    problem.prior.AddTo(start, &there);
    if (std::isfinite(there.value)) ranked.emplace_back(there.value, &start);
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
  std::vector<size_t> places;
  for (size_t i = 0; i < 4; ++i) {
    if (free[i]) places.push_back(i);
  }
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
