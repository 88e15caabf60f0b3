// The dates by which a purchase is to be expected.
#include <cmath>

#include "model/lifetime/forecast.h"

namespace strata {
namespace {

constexpr double kRelativeError = 1e-10;

// Whole numbers of opportunities by doubling and halving.
std::optional<double> OpportunitiesTo(const LifetimeParameters& at, const PurchaseHistory& history, double none_left) {
  double high = 1;
  while (ProbabilityNoPurchase(at, history, high) > none_left) {
    if (high >= kOpportunitiesMax) return std::nullopt;
    high *= 2;
  }
  double low = std::floor(high / 2);
  while (high - low > 1) {
    const double middle = std::floor((low + high) / 2);
    (ProbabilityNoPurchase(at, history, middle) > none_left ? low : high) = middle;
  }
  return high;
}

}  // namespace

std::optional<double> TimeToPurchase(const LifetimeParameters& at, const PurchaseHistory& history, double probability) {
  const double none_left = 1 - probability;
  if (ProbabilityNeverAgain(at, history) >= none_left) return std::nullopt;
  if (at.kind == LifetimeKind::kBgBb) return OpportunitiesTo(at, history, none_left);
  const AliveOdds odds = AliveOddsOf(at, history);
  const double scale = at.value[1] + history.T;
  if (at.kind != LifetimeKind::kParetoNbd && at.k == 1) {
    const double shape = at.value[0] + static_cast<double>(history.x);
    return scale * std::expm1(-std::log((none_left - odds.dropped) / odds.alive) / shape);
  }
  // P(no purchase) falls from 1: two times a factor 4 apart about the one looked for, halved in the logarithm.
  const auto too_early = [&](double t) { return ProbabilityNoPurchase(at, history, t) > none_left; };
  constexpr double kFactor = 4;
  constexpr double kTimeMax = 1e12;   // in time units: an end where the limit is nearly the level asked for
  constexpr double kTimeMin = 1e-12;  // of the scale of the rates: at once
  double high = scale;
  while (too_early(high)) {
    high *= kFactor;
    if (high > kTimeMax) return std::nullopt;
  }
  double low = high / kFactor;
  while (low > kTimeMin * scale && !too_early(low)) {
    high = low;
    low /= kFactor;
  }
  while (high - low > kRelativeError * high) {
    const double middle = std::sqrt(low * high);
    (too_early(middle) ? low : high) = middle;
  }
  return high;
}

}  // namespace strata
