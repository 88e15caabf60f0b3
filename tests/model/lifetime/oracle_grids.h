// The grids over which the oracle adds up: the trapezoidal rule in the logarithm of a rate, or in the logit of a
// probability, stretched by a hyperbolic sine so that far tails are reached; it converges exponentially.
#pragma once

#include <algorithm>
#include <boost/multiprecision/float128.hpp>
#include <cmath>
#include <vector>

namespace strata::oracle {

// exp(x) - 1 and ln(1 + x): Boost's own of this type do not compile.
using Quadruple = boost::multiprecision::float128;
inline long double ExpLessOne(long double x) { return std::expm1(x); }
inline Quadruple ExpLessOne(const Quadruple& x) { return Quadruple(expm1q(x.backend().value())); }
inline long double LogOneMore(long double x) { return std::log1p(x); }
inline Quadruple LogOneMore(const Quadruple& x) { return Quadruple(log1pq(x.backend().value())); }

template <class Real>
struct Grid {
  struct Node {
    Real value;       // the rate, or p
    Real complement;  // 1 - p
    Real weight;      // share of the integral
  };
  std::vector<Node> nodes;
  Real log_total = 0;  // ln of the integral
};

constexpr double kGridStep = 0.02;
constexpr double kGridLogWeightMin = -75;
constexpr int kGridReach = 8000;  // nodes to either side

template <class Real, class LogDensity, class NodeOf>
Grid<Real> GridAround(Real centre, Real width, double step, LogDensity log_density, NodeOf node_of) {
  using std::cosh, std::exp, std::log, std::sinh;
  Grid<Real> grid;
  const Real at_centre = log_density(centre);
  Real total = 0;
  for (const int direction : {-1, 1}) {
    for (int k = direction < 0 ? 0 : 1; k < kGridReach; ++k) {
      const Real along = Real(direction * k) * Real(step);
      const Real place = centre + width * sinh(along);
      const Real log_weight = log_density(place) - at_centre;
      if (log_weight < kGridLogWeightMin) break;
      const Real weight = exp(log_weight) * cosh(along);
      grid.nodes.push_back(node_of(place, weight));
      total += weight;
    }
  }
  for (auto& node : grid.nodes) node.weight /= total;
  grid.log_total = at_centre + log(total * Real(step) * width);
  return grid;
}

// Integral of l^(shape - 1) exp(-rate l) over l > 0. Probabilities of a hundred hits are narrow in l: they need a
// smaller step.
template <class Real>
Grid<Real> RateGrid(Real shape, Real rate, double step = kGridStep) {
  using std::exp, std::log, std::sqrt;
  const Real width = std::min(Real(1), Real(4) / sqrt(shape));
  return GridAround<Real>(
      log(shape / rate), width, step, [&](const Real& s) { return Real(shape * s - rate * exp(s)); },
      [](const Real& s, const Real& weight) {
        return typename Grid<Real>::Node{exp(s), 0, weight};
      });
}

template <class Real>
Real LogOfLogistic(const Real& logit) {
  using std::exp;
  return logit > 0 ? Real(-LogOneMore(exp(-logit))) : Real(logit - LogOneMore(exp(logit)));
}

// Integral of p^(a - 1) (1 - p)^(b - 1) over p in (0, 1); a = 0: p is 0 for sure.
template <class Real>
Grid<Real> ShareGrid(Real a, Real b) {
  using std::exp, std::log, std::sqrt;
  if (a == 0) return {.nodes = {{0, 1, 1}}, .log_total = 0};
  const Real width = std::min(Real(1), Real(4 * sqrt(1 / a + 1 / b)));
  return GridAround<Real>(
      log(a / b), width, kGridStep,
      [&](const Real& s) { return Real(a * LogOfLogistic<Real>(s) + b * LogOfLogistic<Real>(-s)); },
      [](const Real& s, const Real& weight) {
        return typename Grid<Real>::Node{exp(LogOfLogistic<Real>(s)), exp(LogOfLogistic<Real>(-s)), weight};
      });
}

// ln of a sum of exponentials.
template <class Real>
Real LogOfSum(const std::vector<Real>& logs) {
  using std::exp, std::log;
  const Real high = *std::max_element(logs.begin(), logs.end());
  if (high == Real(-HUGE_VAL)) return high;
  Real sum = 0;
  for (const Real& entry : logs) sum += exp(entry - high);
  return high + log(sum);
}

// What the oracle answers about one customer of each family of models.
struct Question;
struct Answers;
template <class Real>
Answers AskCoins(const Question& question);
template <class Real>
Answers AskDeaths(const Question& question);
template <class Real>
Answers AskOpportunities(const Question& question);

}  // namespace strata::oracle
