#include "model/lifetime/forecast.h"

#include <algorithm>
#include <cmath>

#include "model/lifetime/likelihood.h"

namespace strata {
namespace {

using Future = std::variant<CoinFuture, DeathFuture, OpportunityFuture>;

Future FutureOf(const LifetimeParameters& at, int64_t x, double T, int j) {
  switch (at.kind) {
    case LifetimeKind::kParetoNbd:
      return DeathFuture(ParetoNbd::Of(at), x, T);
    case LifetimeKind::kBgBb:
      return OpportunityFuture(BgBb::Of(at), x, T);
    default:
      return CoinFuture(BgFamily::Of(at), x, T, j);
  }
}

// The mean of something over the hits since t_x, for a customer who is alive.
template <class Of>
double OverHits(const LifetimeParameters& at, const PurchaseHistory& history, Of of) {
  if (at.k == 1) return of(AliveForecast(at, history.x, history.T));
  const std::array<double, kRegularityMax> weights = HitWeights(at, history);
  double sum = 0;
  for (int j = 0; j < at.k; ++j) {
    const double weight = weights[static_cast<size_t>(j)];
    if (weight > 0) sum += weight * of(AliveForecast(at, history.x, history.T, j));
  }
  return sum;
}

}  // namespace

AliveForecast::AliveForecast(const LifetimeParameters& at, int64_t x, double T, int j)
    : future_(FutureOf(at, x, T, j)) {}

void AliveForecast::Expected(std::span<const double> horizons, std::span<double> expected) const {
  std::visit([&](const auto& future) { future.Expected(horizons, expected); }, future_);
}
double AliveForecast::Discounted(double horizon, double rate) const {
  return std::visit([&](const auto& future) { return future.Discounted(horizon, rate); }, future_);
}
std::optional<RoughPurchases> AliveForecast::Roughly(double horizon, double rate) const {
  return std::visit([&](const auto& future) { return future.Roughly(horizon, rate); }, future_);
}
double AliveForecast::Residual(double rate) const {
  return std::visit([&](const auto& future) { return future.Residual(rate); }, future_);
}
double AliveForecast::NonePurchased(double t) const {
  return std::visit([&](const auto& future) { return future.NonePurchased(t); }, future_);
}
double AliveForecast::NoneEver() const {
  return std::visit([](const auto& future) { return future.NoneEver(); }, future_);
}
std::vector<double> AliveForecast::Counts(double t, double mass_left) const {
  return std::visit([&](const auto& future) { return future.Counts(t, mass_left); }, future_);
}
double AliveForecast::LogCount(double t, int64_t n) const {
  return std::visit([&](const auto& future) { return future.LogCount(t, n); }, future_);
}

AliveOdds AliveOddsOf(const LifetimeParameters& at, const PurchaseHistory& history) {
  switch (at.kind) {
    case LifetimeKind::kParetoNbd:
      return ParetoNbdOdds(ParetoNbd::Of(at), history);
    case LifetimeKind::kBgBb:
      return BgBbOdds(BgBb::Of(at), history);
    default:
      return BgFamilyOdds(BgFamily::Of(at), history);
  }
}

double ProbabilityAlive(const LifetimeParameters& at, const PurchaseHistory& history) {
  return AliveOddsOf(at, history).alive;
}

double ProbabilityAliveNext(const LifetimeParameters& at, const PurchaseHistory& history) {
  const double alive = ProbabilityAlive(at, history);
  if (at.kind != LifetimeKind::kBgBb) return alive;
  return alive * OpportunityFuture(BgBb::Of(at), history.x, history.T).Next();
}

double ProbabilityNoPurchase(const LifetimeParameters& at, const PurchaseHistory& history, double t) {
  const AliveOdds odds = AliveOddsOf(at, history);
  const double none = OverHits(at, history, [t](const AliveForecast& future) { return future.NonePurchased(t); });
  return std::fmin(1.0, odds.dropped + odds.alive * none);
}

double ProbabilityNeverAgain(const LifetimeParameters& at, const PurchaseHistory& history) {
  const AliveOdds odds = AliveOddsOf(at, history);
  const double never = OverHits(at, history, [](const AliveForecast& future) { return future.NoneEver(); });
  return std::fmin(1.0, odds.dropped + odds.alive * never);
}

double ExpectedPurchases(const LifetimeParameters& at, const PurchaseHistory& history, double t) {
  double expected = 0;
  ExpectedPurchasesAt(at, history, {&t, 1}, {&expected, 1});
  return expected;
}

void ExpectedPurchasesAt(const LifetimeParameters& at, const PurchaseHistory& history, std::span<const double> horizons,
                         std::span<double> expected) {
  const double alive = ProbabilityAlive(at, history);
  const std::array<double, kRegularityMax> weights = HitWeights(at, history);
  std::vector<double> sums(horizons.size(), 0);
  for (int j = 0; j < at.k; ++j) {
    if (weights[static_cast<size_t>(j)] == 0) continue;
    AliveForecast(at, history.x, history.T, j).Expected(horizons, expected);
    for (size_t i = 0; i < sums.size(); ++i) sums[i] += weights[static_cast<size_t>(j)] * expected[i];
  }
  for (size_t i = 0; i < sums.size(); ++i) expected[i] = alive * sums[i];
}

double ExpectedPurchasesOfNewCustomer(const LifetimeParameters& at, double t) {
  return ExpectedPurchases(at, {.x = 0, .t_x = 0, .T = 0}, t);
}

double DiscountedPurchases(const LifetimeParameters& at, const PurchaseHistory& history, double horizon, double rate) {
  return ProbabilityAlive(at, history) *
         OverHits(at, history, [&](const AliveForecast& future) { return future.Discounted(horizon, rate); });
}

double ResidualTransactions(const LifetimeParameters& at, const PurchaseHistory& history, double rate) {
  return ProbabilityAlive(at, history) *
         OverHits(at, history, [rate](const AliveForecast& future) { return future.Residual(rate); });
}

double SteppedPurchases(const LifetimeParameters& at, const PurchaseHistory& history, int steps, double step,
                        double rate_per_step) {
  std::vector<double> ends;
  for (int i = 1; i <= steps; ++i) ends.push_back(i * step);
  std::vector<double> expected(ends.size());
  ExpectedPurchasesAt(at, history, ends, expected);
  double sum = 0;
  double before = 0;
  double factor = 1;
  for (const double until : expected) {
    factor /= 1 + rate_per_step;
    sum += factor * (until - before);
    before = until;
  }
  return sum;
}

std::vector<double> CountProbabilities(const LifetimeParameters& at, const PurchaseHistory& history, double t,
                                       double mass_left) {
  const AliveOdds odds = AliveOddsOf(at, history);
  const std::array<double, kRegularityMax> weights = HitWeights(at, history);
  std::vector<double> mixed = {odds.dropped};
  for (int j = 0; j < at.k; ++j) {
    const double weight = odds.alive * weights[static_cast<size_t>(j)];
    if (weight == 0) continue;
    const std::vector<double> counts = AliveForecast(at, history.x, history.T, j).Counts(t, mass_left);
    if (counts.size() > mixed.size()) mixed.resize(counts.size(), 0);
    for (size_t n = 0; n < counts.size(); ++n) mixed[n] += weight * counts[n];
  }
  return mixed;
}

double LogCountProbability(const LifetimeParameters& at, const PurchaseHistory& history, double t, int64_t n) {
  if (n == 0) return std::log(ProbabilityNoPurchase(at, history, t));
  const std::array<double, kRegularityMax> weights = HitWeights(at, history);
  std::array<double, kRegularityMax> logs{};
  double high = -HUGE_VAL;
  for (size_t j = 0; j < static_cast<size_t>(at.k); ++j) {
    logs[j] = std::log(weights[j]) + AliveForecast(at, history.x, history.T, static_cast<int>(j)).LogCount(t, n);
    high = std::fmax(high, logs[j]);
  }
  if (!(high > -HUGE_VAL)) return -HUGE_VAL;
  double sum = 0;
  for (size_t j = 0; j < static_cast<size_t>(at.k); ++j) sum += std::exp(logs[j] - high);
  return LogProbabilityAlive(at, history).value + high + std::log(sum);
}

std::array<double, kRegularityMax> HitWeights(const LifetimeParameters& at, const PurchaseHistory& history) {
  std::array<double, kRegularityMax> weights{};
  weights[0] = 1;
  if (at.k > 1) LogOpenGap(BgFamily::Of(at), history, weights.data());
  return weights;
}

double OverdueRatio(const LifetimeParameters& at, const PurchaseHistory& history) {
  const double silence = history.T - history.t_x;
  const auto x = static_cast<double>(history.x);
  const auto& value = at.value;
  if (at.kind == LifetimeKind::kBgBb) return silence * (value[0] + x) / (value[0] + value[1] + history.t_x);
  return silence * (value[0] + at.k * x) / (at.k * (value[1] + history.t_x));
}

double ProbabilityOfSilence(const LifetimeParameters& at, const PurchaseHistory& history) {
  const auto x = static_cast<double>(history.x);
  const auto& value = at.value;
  const double silence = history.T - history.t_x;
  if (at.kind == LifetimeKind::kBgBb) {
    double quiet = 1;
    for (double i = 0; i < silence; ++i) quiet /= 1 + (value[0] + x) / (value[1] + history.t_x - x + i);
    return quiet;
  }
  const double log_gap = at.k > 1 ? LogOpenGap(BgFamily::Of(at), history) : 0;
  return std::exp(log_gap - (value[0] + at.k * x) * std::log1p(silence / (value[1] + history.t_x)));
}

}  // namespace strata
