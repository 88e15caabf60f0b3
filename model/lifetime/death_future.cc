// Futures of Pareto/NBD.
#include <algorithm>
#include <cmath>

#include "model/lifetime/futures.h"
#include "model/lifetime/pareto_panels.h"
#include "model/lifetime/special/gauss_panels.h"
#include "model/lifetime/special/negative_binomial.h"

namespace strata {
namespace {

// Calls add(u, weight) over the times u of death in (0, t), weight the probability of death then: so close that the
// distribution of up to `counts` purchases by u is followed.
template <class Add>
void ForEachDeath(double shape, double scale, double s, double dying, double t, double counts, Add add) {
  const double growth = std::min(0.5, 4 / std::sqrt(counts + 1));
  double from = 0;
  double width = 0.1 * std::min(scale / (shape + 1), dying / (s + 1));
  while (from < t) {
    const bool is_last = !(from + width < t);
    const double taken = is_last ? t - from : width;
    for (size_t node = 0; node < GaussTen::kNodes; ++node) {
      const double u = GaussTen::At(node, from, taken);
      add(u, GaussTen::Weight(node, taken) * s / dying * std::exp(-(s + 1) * std::log1p(u / dying)));
    }
    if (is_last) return;
    from += width;
    // What falls quickest is followed until it is gone; then panels grow with the time itself.
    const double decay = shape / (scale + from) + (s + 1) / (dying + from);
    width = std::min(growth * from, std::max(4 / decay, 0.1 * from));
  }
}

}  // namespace

DeathFuture::DeathFuture(const ParetoNbd& model, int64_t x, double T)
    : shape_(model.r + static_cast<double>(x)), scale_(model.alpha + T), s_(model.s), dying_(model.beta + T) {}

void DeathFuture::Expected(std::span<const double> horizons, std::span<double> expected) const {
  for (size_t i = 0; i < horizons.size(); ++i) {
    const double growth = std::log1p(horizons[i] / dying_);
    const double exponent = (s_ - 1) * growth;
    constexpr double kSmall = 1e-5;  // (1 - e^-z) / z by its series
    const double mean = std::fabs(exponent) < kSmall ? growth * (1 - exponent * (0.5 - exponent / 6))
                                                     : -std::expm1(-exponent) / (s_ - 1);
    expected[i] = shape_ / scale_ * dying_ * mean;
  }
}

double DeathFuture::Discounted(double horizon, double rate) const {
  double from = 0;
  double sum = 0;
  while (from < horizon) {
    const double width = std::min(4 / (rate + s_ / (dying_ + from)), dying_ + from);
    const bool is_last = !(from + width < horizon);
    const double taken = is_last ? horizon - from : width;
    double panel = 0;
    for (size_t node = 0; node < GaussTen::kNodes; ++node) {
      const double u = GaussTen::At(node, from, taken);
      panel += GaussTen::Weight(node, taken) * std::exp(-rate * u - s_ * std::log1p(u / dying_));
    }
    sum += panel;
    constexpr double kNegligible = 1e-18;
    if (is_last || panel < kNegligible * sum) break;
    from += width;
  }
  return shape_ / scale_ * sum;
}

// The integral of e^(-z v) (1 + v)^-s over v > 0, z = rate dying, is e^z Gamma(1 - s, z) z^(s - 1). The trapezoidal
// rule in ln v converges exponentially; no incomplete gamma function with its poles and overflows is met.
double DeathFuture::Residual(double rate) const {
  constexpr double kStep = 0.2;
  const double z = rate * dying_;
  const double low = -44 - std::log1p(z + s_);  // v there: 1e-19 of where the function begins to fall
  const double high = std::log(60 / z);
  double sum = 0;
  for (double y = high; y > low; y -= kStep) {
    const double v = std::exp(y);
    sum += v * std::exp(-z * v - s_ * std::log1p(v));
  }
  return shape_ / scale_ * dying_ * kStep * sum;
}

double DeathFuture::NonePurchased(double t) const {
  return std::exp(-shape_ * std::log1p(t / scale_) - s_ * std::log1p(t / dying_)) +
         s_ / dying_ * ParetoIntegral(shape_, scale_, s_, dying_, t);
}

double DeathFuture::NoneEver() const { return s_ / dying_ * ParetoIntegral(shape_, scale_, s_, dying_, HUGE_VAL); }

std::vector<double> DeathFuture::Counts(double t, double mass_left) const {
  const NegativeBinomialRun whole = NegativeBinomial(shape_, t / scale_, kCountsMax);
  const double survives = std::exp(-s_ * std::log1p(t / dying_));
  std::vector<double> probabilities(static_cast<size_t>(std::min<int64_t>(whole.last(), kCountsMax)) + 1, 0);
  const auto add = [&probabilities](const NegativeBinomialRun& run, double weight) {
    for (size_t i = 0; i < run.pmf.size(); ++i) {
      const size_t n = static_cast<size_t>(run.first) + i;
      if (n < probabilities.size()) probabilities[n] += weight * run.pmf[i];
    }
  };
  add(whole, survives);
  ForEachDeath(shape_, scale_, s_, dying_, t, static_cast<double>(probabilities.size()),
               [&](double u, double weight) { add(NegativeBinomial(shape_, u / scale_, kCountsMax), weight); });
  TrimTail(mass_left, &probabilities);
  return probabilities;
}

double DeathFuture::LogCount(double t, int64_t n) const {
  if (n == 0) return std::log(NonePurchased(t));
  if (t == 0) return -HUGE_VAL;
  const double whole = LogNegativeBinomial(shape_, t / scale_, n);
  // Relative to the count's highest probability until t.
  const double best = std::min(t, scale_ * static_cast<double>(n) / shape_);
  const double reference = LogNegativeBinomial(shape_, best / scale_, n);
  double sum = std::exp(whole - reference - s_ * std::log1p(t / dying_));
  ForEachDeath(shape_, scale_, s_, dying_, t, static_cast<double>(n), [&](double u, double weight) {
    sum += weight * std::exp(static_cast<double>(n) * (std::log1p(scale_ / best) - std::log1p(scale_ / u)) -
                             shape_ * (std::log1p(u / scale_) - std::log1p(best / scale_)));
  });
  return reference + std::log(sum);
}

}  // namespace strata
