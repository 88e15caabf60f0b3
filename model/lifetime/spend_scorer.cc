#include "model/lifetime/spend_scorer.h"

#include <array>
#include <cmath>
#include <limits>

#include "model/lifetime/spend_distribution.h"

namespace strata {
namespace {

constexpr double kMicros = 1e6;

}  // namespace

SpendScorer::SpendScorer(const SpendModel* spend, uint64_t seed, size_t draws) {
  if (spend == nullptr) return;
  known_ = spend->fitted || spend->customers > 0;
  fitted_ = spend->fitted;
  population_ = spend->population_mean;
  population_has_mean_ = known_;
  if (!fitted_) return;
  parameters_ = {.p = spend->p, .q = spend->q, .v = spend->v};
  population_has_mean_ = spend->q > 1;
  if (!population_has_mean_) {
    population_ = spend->population_median.value_or(std::numeric_limits<double>::quiet_NaN());
  }
  totals_ = std::make_unique<const TotalsToCome>(parameters_);
  std::array<std::array<double, 4>, 4> covariance{};
  double trace = 0;
  for (size_t i = 0; i < 3; ++i) {
    for (size_t j = 0; j < 3; ++j) covariance[i][j] = spend->covariance[i][j];
    trace += covariance[i][i];
  }
  if (draws == 0 || !(trace > 0)) return;
  q_error_ = std::sqrt(covariance[1][1]);
  draws_ =
      std::make_unique<const ParameterDraws>(covariance, ParameterDraws::Of::kSpend, seed, static_cast<int>(draws));
  for (const std::array<double, 4>& step : draws_->steps()) {
    at_draws_.push_back({.p = parameters_.p * std::exp(step[0]),
                         .q = parameters_.q * std::exp(step[1]),
                         .v = parameters_.v * std::exp(step[2])});
  }
}

SpendScorer::Spend SpendScorer::Of(int64_t x, int64_t repeat_net_micros) const {
  Spend found;
  if (!known_) {
    found.expected = std::numeric_limits<double>::quiet_NaN();
    return found;
  }
  found.not_positive = x > 0 && repeat_net_micros <= 0;
  found.from_population = x == 0 || found.not_positive || !fitted_;
  const double shape = parameters_.p * static_cast<double>(x) + parameters_.q - 1;
  if (!found.from_population) {
    const double scale = parameters_.v + static_cast<double>(repeat_net_micros) / kMicros;
    found.has_mean = shape > 0;
    found.expected = found.has_mean ? parameters_.p * scale / shape
                                    : PopulationMedianSpend({.p = parameters_.p, .q = shape + 1, .v = scale});
    return found;
  }
  found.expected = population_;
  found.has_mean = population_has_mean_;
  return found;
}

void SpendScorer::LogsAtDraws(int64_t x, double repeat_net, std::span<double> logs) const {
  const auto [p, q, v] = parameters_;
  const auto count = static_cast<double>(x);
  const double shape = p * count + q - 1;
  // Near a mean that is not finite the logarithm bends too much for its polynomial.
  constexpr double kErrorsAway = 6;
  if (!draws_->taylor_suffices() || shape < kErrorsAway * q * q_error_) {
    for (size_t d = 0; d < logs.size(); ++d) {
      const auto& at = at_draws_[d];
      const double at_shape = at.p * count + at.q - 1;
      logs[d] = at_shape > 0 ? std::log(at.p * (at.v + repeat_net) / at_shape) : HUGE_VAL;
    }
    return;
  }
  // ln p + ln(v + x m) - ln(p x + q - 1), in the logarithms of p, q and v.
  const double own = p * count / shape;
  const double prior = q / shape;
  const double from_v = v / (v + repeat_net);
  LogJet jet;
  jet.value = std::log(p * (v + repeat_net) / shape);
  jet.gradient = {1 - own, -prior, from_v, 0};
  jet.hessian[LogJet::At(0, 0)] = -own * (1 - own);
  jet.hessian[LogJet::At(0, 1)] = own * prior;
  jet.hessian[LogJet::At(1, 1)] = -prior * (1 - prior);
  jet.hessian[LogJet::At(2, 2)] = from_v * (1 - from_v);
  draws_->Values(jet, logs);
}

}  // namespace strata
