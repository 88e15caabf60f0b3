#include "model/lifetime/count_tails.h"

#include <algorithm>
#include <cmath>

#include "model/lifetime/bg_family.h"
#include "model/lifetime/forecast.h"
#include "model/lifetime/pareto_nbd.h"
#include "model/lifetime/special/gauss_panels.h"

namespace strata {
namespace {

// Terms of no purchase must not underflow where those of many count.
constexpr double kLogMax = 600;

// P(hits >= m) for ascending m, by the ratios of neighbours from none upwards.
class HitTail {
 public:
  // Precondition: shape ln(1 + ratio) <= kLogMax.
  HitTail(double shape, double ratio)
      : shape_(shape), share_(ratio / (1 + ratio)), term_(std::exp(-shape * std::log1p(ratio))) {}

  double From(int64_t m) {
    for (; hits_ < static_cast<double>(m); ++hits_) {
      below_ += term_;
      term_ *= (shape_ + hits_) / (hits_ + 1) * share_;
    }
    return std::fmax(0.0, 1 - below_);
  }

 private:
  double shape_, share_, term_;
  double hits_ = 0;
  double below_ = 0;
};

void TailsOfCoins(const BgFamily& family, int64_t x, double T, int j, double t, double least,
                  std::vector<double>* tails) {
  HitTail hits(family.r + static_cast<double>(family.k) * static_cast<double>(x) + j, t / (family.alpha + T));
  const double stays = family.b + static_cast<double>(family.Coins(x));
  double stayed = 1;  // E[q^n]
  for (int64_t n = 0; n < static_cast<int64_t>(kCountsMax); ++n) {
    tails->push_back(stayed * hits.From(family.k * (n + 1) - j));
    if (tails->back() < least) return;
    stayed *= (stays + static_cast<double>(n)) / (family.a + stays + static_cast<double>(n));
  }
}

// Of what the forecast lists.
void TailsOfCounts(const LifetimeParameters& at, int64_t x, double T, int j, double t, double least,
                   std::vector<double>* tails) {
  const std::vector<double> counts = AliveForecast(at, x, T, j).Counts(t);
  double above = 0;
  for (size_t n = counts.size(); n-- > 0;) {
    tails->push_back(above);
    above += counts[n];
  }
  std::reverse(tails->begin(), tails->end());
  const auto last = std::find_if(tails->begin(), tails->end(), [least](double tail) { return tail < least; });
  tails->erase(last + 1, tails->end());
}

struct Nodes {
  std::vector<double> share;  // v = z^2 / (1 + z^2), the chance that an event is a purchase before t
  std::vector<double> term;   // of the count at hand
};

// Panels are as wide as the density of any count that matters, of which `events` is the largest in sight, and as near
// as the singularities at z = +-i and z = +-i / sqrt(ratio).
Nodes NodesOf(double shape, double s, double ratio, double end, double events) {
  constexpr double kWidth = 1.6;  // standard deviations of a beta density in the arc tangent of z are 1 / (2 sqrt(n))
  Nodes nodes;
  double from = 0;
  while (from < end) {
    const double around = 1 + from * from;
    double width = around * kWidth / std::sqrt(events + shape);
    width = std::min({width, std::sqrt(around), std::sqrt(1 / ratio + from * from)});
    const bool is_last = !(from + width < end);
    if (is_last) width = end - from;
    for (size_t node = 0; node < GaussTen::kNodes; ++node) {
      const double z = GaussTen::At(node, from, width);
      const double square = z * z;
      nodes.share.push_back(square / (1 + square));
      nodes.term.push_back(GaussTen::Weight(node, width) * 2 * z * shape *
                           std::exp(-(shape + 1) * std::log1p(square) - s * std::log1p(ratio * square)));
    }
    if (is_last) break;
    from += width;
  }
  return nodes;
}

void TailsOfDeaths(const ParetoNbd& model, int64_t x, double T, double t, double least, std::vector<double>* tails) {
  const double shape = model.r + static_cast<double>(x);
  const double scale = model.alpha + T;
  // Events of the quickest that matter: mean and some deviations of the rate, and of the count.
  const double mean = shape * t / scale;
  const double events = mean + 6 * std::sqrt(mean * (1 + t / scale)) + 10;
  Nodes nodes = NodesOf(shape, model.s, scale / (model.beta + T), std::sqrt(t / scale), events);
  for (double n = 1; tails->size() < kCountsMax; ++n) {
    double sum = 0;
    for (const double term : nodes.term) sum += term;
    tails->push_back(sum);
    if (sum < least) return;
    const double ratio = (shape + n) / n;
    for (size_t i = 0; i < nodes.term.size(); ++i) nodes.term[i] *= ratio * nodes.share[i];
  }
}

}  // namespace

void CountTails(const LifetimeParameters& at, int64_t x, double T, int j, double t, double least,
                std::vector<double>* tails) {
  tails->clear();
  if (t == 0) {
    tails->push_back(0);
    return;
  }
  const double shape = at.value[0] + at.k * static_cast<double>(x) + j;
  if ((shape + 1) * std::log1p(t / (at.value[1] + T)) > kLogMax) {
    TailsOfCounts(at, x, T, j, t, least, tails);
  } else if (at.kind != LifetimeKind::kParetoNbd) {
    TailsOfCoins(BgFamily::Of(at), x, T, j, t, least, tails);
  } else {
    TailsOfDeaths(ParetoNbd::Of(at), x, T, t, least, tails);
  }
}

}  // namespace strata
