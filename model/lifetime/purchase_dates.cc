#include "model/lifetime/purchase_dates.h"

#include <cmath>

#include "model/lifetime/pareto_nbd.h"

namespace strata {
namespace {

constexpr double kRelativeError = 1e-10;
constexpr int kSteps = 60;         // Newton's need about five; the bracket is halved where they lead out of it
constexpr double kTimeMax = 1e12;  // in time units: an end where the limit is nearly the level asked for

// The root of a falling function of y > 0 with its slope, positive at 0.
template <class Function>
std::optional<double> Root(double start, double y_max, Function function) {
  double low = 0, high = HUGE_VAL;
  double y = start;
  for (int step = 0; step < kSteps; ++step) {
    const auto [value, slope] = function(y);
    (value > 0 ? low : high) = y;
    if (low > y_max) return std::nullopt;
    double next = y - value / slope;
    if (!(next > low && next < high)) next = std::isinf(high) ? 2 * y + 1e-3 : 0.5 * (low + high);
    if (std::fabs(next - y) <= kRelativeError * y) return next;
    y = next;
  }
  return y;
}

struct Slope {
  double value, slope;
};

// Regular timing: P(none | alive) is a mixture over the hits since t_x of (1 + ratio)^-shape times a partial sum.
Slope LogNone(double shape, int k, std::span<const double> hits, double y) {
  const double share = -std::expm1(-y);  // ratio / (1 + ratio), y = ln(1 + ratio)
  double none = 0, density = 0;
  for (int j = 0; j < k; ++j) {
    const double weight = hits[static_cast<size_t>(j)];
    if (weight == 0) continue;
    double term = 1, sum = 1, slope = 0;  // of the partial sum, in y
    for (int m = 1; m < k - j; ++m) {
      slope += term * (shape + j + m - 1) * (1 - share);  // m term / share, before the share goes in
      term *= (shape + j + m - 1) / m * share;
      sum += term;
    }
    const double power = weight * std::exp(-(shape + j) * y);
    none += power * sum;
    density += power * ((shape + j) * sum - slope);
  }
  return {.value = std::log(none), .slope = -density / none};
}

// Pareto/NBD: P(some by t | alive) = r' / alpha' times the integral of (1 + u / alpha')^-(r' + 1) (1 + u / beta')^-s;
// the logarithm of what of the limit is left falls nearly linearly in y = ln(1 + t / alpha').
Slope LogLeft(const ParetoNbd& model, double shape, double scale, double dying, double ever, double y) {
  const double t = scale * std::expm1(y);
  const double some = shape / scale * ParetoIntegral(shape + 1, scale, model.s - 1, dying, t);
  const double density = shape * std::exp(-shape * y - model.s * std::log1p(t / dying));
  const double left = ever - some;
  return {.value = std::log(left / ever), .slope = -density / left};
}

}  // namespace

void TimesToPurchase(const LifetimeParameters& at, const PurchaseHistory& history, const AliveOdds& odds, double never,
                     std::span<const double> hits, std::span<const double> levels,
                     std::span<std::optional<double>> times) {
  const double scale = at.value[1] + history.T;
  const double shape = at.value[0] + at.k * static_cast<double>(history.x);
  double last = 0;
  for (size_t i = 0; i < levels.size(); ++i) {
    times[i] = std::nullopt;
    // What of those who are alive has not bought by then.
    const double none = (1 - levels[i] - odds.dropped) / odds.alive;
    if (!(odds.alive > 0) || !(none > never)) continue;
    std::optional<double> y;
    if (at.kind == LifetimeKind::kParetoNbd) {
      const ParetoNbd model = ParetoNbd::Of(at);
      const double ever = 1 - never;
      const double wanted = std::log((none - never) / ever);
      y = Root(std::fmax(last, -std::log(none) / shape), std::log(kTimeMax / scale), [&](double now) {
        Slope found = LogLeft(model, shape, scale, at.value[3] + history.T, ever, now);
        found.value -= wanted;
        return found;
      });
    } else if (at.k == 1) {
      y = -std::log(none) / shape;
    } else {
      const double wanted = std::log(none);
      y = Root(std::fmax(last, -wanted / shape), std::log(kTimeMax / scale), [&](double now) {
        Slope found = LogNone(shape, at.k, hits, now);
        found.value -= wanted;
        return found;
      });
    }
    if (!y.has_value()) continue;
    last = *y;
    times[i] = scale * std::expm1(*y);
  }
}

}  // namespace strata
