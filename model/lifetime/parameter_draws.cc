#include "model/lifetime/parameter_draws.h"

#include <Eigen/Core>
#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/hash.h"

namespace strata {
namespace {

constexpr uint64_t kPurpose = 0x6c69666574696d65;  // "lifetime": tells these draws from others of the same seed

double NormalDraw(uint64_t seed, uint64_t draw, uint64_t place) {
  // Box and Muller; 1 - u lies in (0, 1].
  const double radius = std::sqrt(-2 * std::log(1 - UnitInterval(KeyedDraw(seed ^ kPurpose, draw, 2 * place))));
  const double turn = UnitInterval(KeyedDraw(seed ^ kPurpose, draw, 2 * place + 1));
  return radius * std::cos(2 * std::numbers::pi * turn);
}

QuantityInterval Ends(std::vector<double> values, double level) {
  const auto outside = static_cast<size_t>((1 - level) / 2 * static_cast<double>(values.size()));
  const auto low = values.begin() + static_cast<std::ptrdiff_t>(outside);
  const auto high = values.end() - 1 - static_cast<std::ptrdiff_t>(outside);
  std::nth_element(values.begin(), low, values.end());
  const double at_low = *low;
  std::nth_element(values.begin(), high, values.end());
  return {.low = at_low, .high = *high};
}

LifetimeParameters Moved(LifetimeParameters at, const std::array<double, 4>& step) {
  for (size_t i = 0; i < 4; ++i) at.value[i] *= std::exp(step[i]);
  return at;
}

}  // namespace

ParameterDraws::ParameterDraws(const LifetimeFit& fit, uint64_t seed, int draws) {
  Eigen::Matrix4d covariance;
  for (size_t i = 0; i < 4; ++i) {
    for (size_t j = 0; j < 4; ++j) {
      covariance(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j)) = fit.covariance[i][j];
    }
    taylor_suffices_ = taylor_suffices_ && fit.covariance[i][i] <= kTaylorErrorMax * kTaylorErrorMax;
  }
  // The symmetric root: defined where parameters are held fixed, and independent of their order.
  const Eigen::SelfAdjointEigenSolver<Eigen::Matrix4d> solver(covariance);
  const Eigen::Vector4d roots = solver.eigenvalues().cwiseMax(0).cwiseSqrt();
  const Eigen::Matrix4d root = solver.eigenvectors() * roots.asDiagonal() * solver.eigenvectors().transpose();
  for (int draw = 0; draw < draws; ++draw) {
    Eigen::Vector4d normal;
    for (int i = 0; i < 4; ++i) normal(i) = NormalDraw(seed, static_cast<uint64_t>(draw), static_cast<uint64_t>(i));
    const Eigen::Vector4d moved = root * normal;
    steps_.push_back({moved(0), moved(1), moved(2), moved(3)});
    parameters_.push_back(Moved(fit.parameters, steps_.back()));
  }
}

std::vector<double> ParameterDraws::Values(const LogJet& jet) const {
  std::vector<double> values;
  values.reserve(steps_.size());
  for (const std::array<double, 4>& step : steps_) {
    double value = jet.value;
    for (size_t i = 0, at = 0; i < 4; ++i) {
      value += jet.gradient[i] * step[i];
      for (size_t j = i; j < 4; ++j, ++at) value += (i == j ? 0.5 : 1) * jet.hessian[at] * step[i] * step[j];
    }
    values.push_back(value);
  }
  return values;
}

QuantityInterval ParameterDraws::OfPositive(const LogJet& logarithm, double level) const {
  const QuantityInterval ends = Ends(Values(logarithm), level);
  return {.low = std::exp(ends.low), .high = std::exp(ends.high)};
}

QuantityInterval ParameterDraws::OfProbability(const LogJet& logarithm, double level) const {
  const double p = std::exp(logarithm.value);
  const double q = -std::expm1(logarithm.value);
  if (!(p > 0) || !(q > 0)) return {.low = p, .high = p};
  // logit = L - ln(1 - e^L): its slopes in L are 1 / q and p / q^2.
  LogJet logit;
  logit.value = logarithm.value - std::log(q);
  for (size_t i = 0, at = 0; i < 4; ++i) {
    logit.gradient[i] = logarithm.gradient[i] / q;
    for (size_t j = i; j < 4; ++j, ++at) {
      logit.hessian[at] = logarithm.hessian[at] / q + p / (q * q) * logarithm.gradient[i] * logarithm.gradient[j];
    }
  }
  const QuantityInterval ends = Ends(Values(logit), level);
  return {.low = 1 / (1 + std::exp(-ends.low)), .high = 1 / (1 + std::exp(-ends.high))};
}

QuantityInterval ParameterDraws::OfAnything(const std::function<double(const LifetimeParameters&)>& quantity,
                                            double level) const {
  std::vector<double> values;
  for (const LifetimeParameters& at : parameters_) values.push_back(quantity(at));
  return Ends(std::move(values), level);
}

LogJet JetByDifferences(const LifetimeParameters& at,
                        const std::function<double(const LifetimeParameters&)>& function) {
  constexpr double kStep = 1e-3;
  const auto near = [&](size_t i, double first, size_t j, double second) {
    std::array<double, 4> step{};
    step[i] += first;
    step[j] += second;
    return function(Moved(at, step));
  };
  LogJet jet;
  jet.value = function(at);
  std::array<double, 4> above{};
  for (size_t i = 0; i < 4; ++i) {
    if (at.value[i] == 0) continue;
    above[i] = near(i, kStep, i, 0);
    const double below = near(i, -kStep, i, 0);
    jet.gradient[i] = (above[i] - below) / (2 * kStep);
    jet.hessian[LogJet::At(i, i)] = (above[i] - 2 * jet.value + below) / (kStep * kStep);
  }
  for (size_t i = 0; i < 4; ++i) {
    for (size_t j = i + 1; j < 4; ++j) {
      if (at.value[i] == 0 || at.value[j] == 0) continue;
      const double both = near(i, kStep, j, kStep);
      jet.hessian[LogJet::At(i, j)] = (both - above[i] - above[j] + jet.value) / (kStep * kStep);
    }
  }
  return jet;
}

}  // namespace strata
