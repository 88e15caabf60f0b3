#include "model/lifetime/covariates.h"

#include <fmt/format.h>
#include <tbb/parallel_for.h>

#include <Eigen/Core>
#include <algorithm>
#include <cmath>

namespace strata {
namespace {

enum Parameter : size_t { kAlpha = 1, kDropOut = 2, kStrength = 3 };

constexpr double kNormal95 = 1.959963984540054;

double Dot(const std::vector<double>& coefficients, const std::vector<size_t>& columns,
           std::span<const double> traits) {
  double sum = 0;
  for (size_t i = 0; i < columns.size(); ++i) sum += coefficients[i] * traits[columns[i]];
  return sum;
}

// Columns of `candidates` that the constant and earlier columns determine: what Cholesky's decomposition of the
// weighted products leaves of them is nothing.
std::vector<size_t> Aliased(const std::vector<CovariatePattern>& patterns, const std::vector<size_t>& candidates) {
  constexpr double kNothing = 1e-9;
  std::vector<std::vector<double>> kept;  // orthonormal, by pattern, with weights
  std::vector<size_t> aliased;
  const auto add = [&](const auto& trait_of) {
    std::vector<double> rest;
    double before = 0;
    for (const CovariatePattern& pattern : patterns) {
      rest.push_back(std::sqrt(pattern.customers.customers()) * trait_of(pattern));
      before += rest.back() * rest.back();
    }
    for (const std::vector<double>& other : kept) {
      double product = 0;
      for (size_t i = 0; i < rest.size(); ++i) product += rest[i] * other[i];
      for (size_t i = 0; i < rest.size(); ++i) rest[i] -= product * other[i];
    }
    double left = 0;
    for (const double entry : rest) left += entry * entry;
    if (!(left > kNothing * before)) return false;
    for (double& entry : rest) entry /= std::sqrt(left);
    kept.push_back(rest);
    return true;
  };
  add([](const CovariatePattern&) { return 1.0; });
  for (const size_t column : candidates) {
    if (!add([column](const CovariatePattern& pattern) { return pattern.traits[column]; })) aliased.push_back(column);
  }
  return aliased;
}

// Without aliased columns; these are named in the warnings.
std::vector<size_t> Independent(const std::vector<CovariatePattern>& patterns, const std::vector<size_t>& columns,
                                const std::vector<std::string>& names, std::vector<std::string>* warnings) {
  std::vector<size_t> kept = columns;
  for (const size_t column : Aliased(patterns, columns)) {
    kept.erase(std::find(kept.begin(), kept.end(), column));
    const std::string words =
        fmt::format("{} is left out: it is constant, or the columns before it determine it", names[column]);
    if (std::find(warnings->begin(), warnings->end(), words) == warnings->end()) warnings->push_back(words);
  }
  return kept;
}

void AddPrior(double deviation, size_t first, std::span<const double> point, DynamicDerivatives* found) {
  const double precision = 1 / (deviation * deviation);
  for (size_t i = first; i < point.size(); ++i) {
    found->value -= 0.5 * precision * point[i] * point[i];
    found->gradient[i] -= precision * point[i];
    found->hessian[i * point.size() + i] -= precision;
  }
}

ParameterEstimate EstimateOf(const std::string& name, double at, double variance, bool is_logarithm) {
  const double error = std::sqrt(variance);
  ParameterEstimate estimate{.name = name, .by = "hessian"};
  estimate.estimate = is_logarithm ? std::exp(at) : at;
  estimate.standard_error = is_logarithm ? std::exp(at) * error : error;
  estimate.low = is_logarithm ? std::exp(at - kNormal95 * error) : at - kNormal95 * error;
  estimate.high = is_logarithm ? std::exp(at + kNormal95 * error) : at + kNormal95 * error;
  return estimate;
}

// Coefficients of `columns` in the order of `asked`, 0 for those left out; takes its part of the point.
std::vector<double> Spread(const std::vector<size_t>& asked, const std::vector<size_t>& columns,
                           const std::vector<double>& point, size_t* place) {
  std::vector<double> coefficients(asked.size(), 0);
  for (size_t i = 0; i < asked.size(); ++i) {
    if (std::find(columns.begin(), columns.end(), asked[i]) != columns.end()) coefficients[i] = point[(*place)++];
  }
  return coefficients;
}

std::vector<std::string> CoefficientNames(const CovariateEffects& effects, const std::vector<std::string>& columns) {
  std::vector<std::string> names;
  for (const size_t column : effects.rate) names.push_back(fmt::format("{} on rate", columns[column]));
  for (const size_t column : effects.dropout) names.push_back(fmt::format("{} on drop-out", columns[column]));
  for (const size_t column : effects.strength) names.push_back(fmt::format("{} on strength", columns[column]));
  return names;
}

}  // namespace

LifetimeParameters ParametersFor(const CovariateFit& fit, const CovariateEffects& effects,
                                 std::span<const double> traits) {
  LifetimeParameters at = fit.base;
  at.value[kAlpha] *= std::exp(-Dot(fit.rate, effects.rate, traits));
  const double dropout = Dot(fit.dropout, effects.dropout, traits);
  if (at.kind == LifetimeKind::kParetoNbd) {
    at.value[kStrength] *= std::exp(-dropout);
    return at;
  }
  at.value[kDropOut] *= std::exp(dropout);
  at.value[kStrength] *= std::exp(effects.common_factor ? dropout : Dot(fit.strength, effects.strength, traits));
  return at;
}

CovariateLikelihood::CovariateLikelihood(LifetimeKind kind, int k, const std::vector<CovariatePattern>& patterns,
                                         const CovariateEffects& effects)
    : kind_(kind), k_(k), parameters_(ParameterNames(kind).size()), patterns_(patterns) {
  for (const size_t column : effects.rate) effects_.push_back({.column = column, .on = {{kAlpha, -1.0}}});
  for (const size_t column : effects.dropout) {
    Effect effect{.column = column, .on = {}};
    if (kind == LifetimeKind::kParetoNbd) {
      effect.on = {{kStrength, -1.0}};
    } else {
      effect.on = {{kDropOut, 1.0}};
      if (effects.common_factor) effect.on.emplace_back(kStrength, 1.0);
    }
    effects_.push_back(effect);
  }
  for (const size_t column : effects.strength) effects_.push_back({.column = column, .on = {{kStrength, 1.0}}});
  for (const CovariatePattern& pattern : patterns) likelihoods_.push_back(MakeLikelihood(kind, pattern.customers));
}

DynamicDerivatives CovariateLikelihood::Evaluate(std::span<const double> point) const {
  const size_t size = parameters_ + effects_.size();
  std::vector<Derivatives<4>> found(patterns_.size());
  tbb::parallel_for(size_t{0}, patterns_.size(), [&](size_t i) {
    LifetimeParameters at{.kind = kind_, .value = {}, .k = k_};
    std::array<double, 4> logs{};
    for (size_t m = 0; m < parameters_; ++m) logs[m] = point[m];
    for (size_t c = 0; c < effects_.size(); ++c) {
      for (const auto& [parameter, sign] : effects_[c].on) {
        logs[parameter] += sign * point[parameters_ + c] * patterns_[i].traits[effects_[c].column];
      }
    }
    for (size_t m = 0; m < parameters_; ++m) at.value[m] = std::exp(logs[m]);
    found[i] = likelihoods_[i]->Evaluate(at);
  });
  double value = 0;
  const auto rows = static_cast<Eigen::Index>(size);
  Eigen::VectorXd gradient = Eigen::VectorXd::Zero(rows);
  Eigen::MatrixXd hessian = Eigen::MatrixXd::Zero(rows, rows);
  for (size_t i = 0; i < patterns_.size(); ++i) {  // in their order
    // Slopes of the pattern's four logarithms in the point.
    Eigen::MatrixXd slopes = Eigen::MatrixXd::Zero(4, rows);
    for (size_t m = 0; m < parameters_; ++m) slopes(static_cast<Eigen::Index>(m), static_cast<Eigen::Index>(m)) = 1;
    for (size_t c = 0; c < effects_.size(); ++c) {
      for (const auto& [parameter, sign] : effects_[c].on) {
        slopes(static_cast<Eigen::Index>(parameter), static_cast<Eigen::Index>(parameters_ + c)) +=
            sign * patterns_[i].traits[effects_[c].column];
      }
    }
    Eigen::Matrix4d curve;
    for (int m = 0; m < 4; ++m) {
      for (int l = 0; l < 4; ++l) curve(m, l) = found[i].hessian[static_cast<size_t>(m)][static_cast<size_t>(l)];
    }
    value += found[i].value;
    gradient += slopes.transpose() * Eigen::Map<const Eigen::Vector4d>(found[i].gradient.data());
    hessian += slopes.transpose() * curve * slopes;
  }
  return {.value = value,
          .gradient = {gradient.data(), gradient.data() + gradient.size()},
          .hessian = {hessian.data(), hessian.data() + hessian.size()}};
}

CovariateFit FitCovariates(const LifetimeFit& without, const std::vector<CovariatePattern>& patterns,
                           const CovariateEffects& effects, const std::vector<std::string>& columns,
                           std::optional<double> prior_deviation) {
  CovariateFit fit;
  fit.base = without.parameters;
  if (!without.fitted || !without.identified) {
    fit.reason = "the model without covariates is not identified";
    return fit;
  }
  CovariateEffects kept = effects;
  kept.rate = Independent(patterns, effects.rate, columns, &fit.warnings);
  kept.dropout = Independent(patterns, effects.dropout, columns, &fit.warnings);
  kept.strength = Independent(patterns, effects.strength, columns, &fit.warnings);
  const CovariateLikelihood likelihood(fit.base.kind, fit.base.k, patterns, kept);
  std::vector<double> start;
  for (size_t m = 0; m < likelihood.parameters(); ++m) start.push_back(std::log(fit.base.value[m]));
  start.resize(start.size() + likelihood.coefficients(), 0);
  TrustRegionSearch search(start, kFitGradientTolerance * without.customers, kFitEvaluationsMax);
  while (search.state() == MaximiserState::kRunning) {
    DynamicDerivatives found = likelihood.Evaluate(search.trial());
    if (prior_deviation) AddPrior(*prior_deviation, likelihood.parameters(), search.trial(), &found);
    search.Report(found);
  }
  fit.state = search.state();
  fit.evaluations = search.iterations();
  const std::optional<std::vector<double>> covariance =
      search.has_best() ? CovarianceAt(search.at_best()) : std::nullopt;
  if (search.state() != MaximiserState::kConverged || !covariance) {
    fit.reason = "the data do not determine the covariates' coefficients: the search found no maximum";
    return fit;
  }
  fit.fitted = true;
  fit.gradient_norm = search.gradient_norm();
  fit.covariance = *covariance;
  fit.log_likelihood = likelihood.Evaluate(search.best()).value;
  const std::vector<double>& best = search.best();
  for (size_t m = 0; m < likelihood.parameters(); ++m) fit.base.value[m] = std::exp(best[m]);
  size_t place = likelihood.parameters();
  fit.rate = Spread(effects.rate, kept.rate, best, &place);
  fit.dropout = Spread(effects.dropout, kept.dropout, best, &place);
  fit.strength = Spread(effects.strength, kept.strength, best, &place);
  std::vector<std::string> names;
  for (const char* name : ParameterNames(fit.base.kind)) names.emplace_back(name);
  for (const std::string& name : CoefficientNames(kept, columns)) names.push_back(name);
  for (size_t i = 0; i < names.size(); ++i) {
    fit.estimates.push_back(
        EstimateOf(names[i], best[i], fit.covariance[i * names.size() + i], i < likelihood.parameters()));
  }
  return fit;
}

}  // namespace strata
