// The maximum of a likelihood of up to four parameters, some of which may be held fixed; its curvature and intervals.
// Pure functions of their arguments, deterministic, thread-safe.
#pragma once

#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "model/lifetime/derivatives.h"
#include "model/lifetime/lifetime_kind.h"
#include "model/lifetime/likelihood.h"
#include "model/lifetime/maximiser_state.h"

namespace strata {

// What is known beforehand: the logarithm of a parameter is normal about ln(median) with deviation ln(factor), factor >
// 1. By parameter; alpha and beta in the table's time unit.
struct LogPrior {
  struct Belief {
    double median = 1;
    double factor = 3;
  };
  std::array<std::optional<Belief>, 4> by_parameter;

  // -1/2 sum of squared deviations, added to value, gradient and Hessian.
  void AddTo(const LifetimeParameters& at, Derivatives<4>* derivatives) const;
};

struct SearchProblem {
  const LifetimeLikelihood* likelihood = nullptr;
  double customers = 0;           // the gradient's tolerance goes by them
  std::array<bool, 4> free = {};  // the others keep what the start says
  LogPrior prior;
};

struct Climb {
  bool found = false;          // some point had a likelihood
  LifetimeParameters at;       // the best one
  Derivatives<4> derivatives;  // there, with the prior; 0 in fixed parameters
  MaximiserState state = MaximiserState::kStalled;
  double gradient_norm = 0;  // in the logarithms of the free parameters
  int evaluations = 0;

  bool converged() const { return found && state == MaximiserState::kConverged; }
};

inline constexpr double kFitGradientTolerance = 1e-8;  // of the gradient norm, per customer
inline constexpr int kFitEvaluationsMax = 200;         // of one climb; 10 to 30 are usual

// Newton's method in a trust region (trust_region_search.h).
Climb ClimbFrom(const SearchProblem& problem, const LifetimeParameters& start);
// Climbs from the best two starts, and takes the higher maximum; ties go to the earlier start.
Climb BestClimb(const SearchProblem& problem, const std::vector<LifetimeParameters>& starts);

// Of the negative Hessian in the logarithms of the free parameters.
struct Curvature {
  bool is_maximum = false;  // positive definite; what follows is 0 otherwise
  double smallest = 0;
  double condition = 0;                                  // largest over smallest eigenvalue
  std::array<std::array<double, 4>, 4> covariance = {};  // its inverse; 0 for fixed parameters
};
Curvature CurvatureOf(const Climb& climb, const std::array<bool, 4>& free);

// The ends of the 95 % profile-likelihood interval of one free parameter: where twice the fall from the maximum, all
// others fitted anew, is 3.8415. An end further than a factor e^12 away is absent: the data set no bound.
struct ProfileInterval {
  std::optional<double> low, high;
};
ProfileInterval ProfileOf(const SearchProblem& problem, const Climb& maximum, size_t parameter);

}  // namespace strata
