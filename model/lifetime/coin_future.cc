// Futures of the models with a coin after every purchase. q = 1 - p is the probability to stay on; E[q^n] =
// B(a, b' + n) / B(a, b') runs along by its recurrence.
#include <algorithm>
#include <cmath>

#include "model/lifetime/bg_nbd.h"
#include "model/lifetime/futures.h"
#include "model/lifetime/special/gauss_panels.h"
#include "model/lifetime/special/hypergeometric_laplace.h"
#include "model/lifetime/special/mixtures.h"
#include "model/lifetime/special/negative_binomial.h"

namespace strata {

void TrimTail(double mass_left, std::vector<double>* probabilities) {
  double tail = 0;
  while (probabilities->size() > 1 && tail + probabilities->back() <= mass_left) {
    tail += probabilities->back();
    probabilities->pop_back();
  }
}

CoinFuture::CoinFuture(const BgFamily& family, int64_t x, double T, int j)
    : family_(family),
      x_(x),
      T_(T),
      j_(j),
      shape_(family.r + static_cast<double>(family.k) * static_cast<double>(x) + j),
      scale_(family.alpha + T),
      leaves_(family.a),
      stays_(family.b + static_cast<double>(family.Coins(x))) {}

void CoinFuture::Expected(std::span<const double> horizons, std::span<double> expected) const {
  if (family_.k == 1) {
    return ExpectedPurchasesWhileAlive(OneCoinModel(), x_, T_, horizons, expected);
  }
  for (size_t i = 0; i < horizons.size(); ++i) expected[i] = ExpectedByHits(horizons[i]);
}

std::optional<RoughPurchases> CoinFuture::Roughly(double horizon, double rate) const {
  if (family_.k > 1) return std::nullopt;
  return RoughPurchasesWhileAlive(OneCoinModel(), x_, T_, horizon, rate);
}

BgNbdParameters CoinFuture::OneCoinModel() const {
  return {.r = family_.r, .alpha = family_.alpha, .a = leaves_, .b = stays_ - static_cast<double>(x_)};
}

double CoinFuture::ExpectedByHits(double t) const {
  const NegativeBinomialRun run = NegativeBinomial(shape_, t / scale_, kHitsMax);
  constexpr double kNegligible = 1e-15;
  if (run.beyond > kNegligible) return std::nan("");
  const auto purchases_of = [this](int64_t hits) { return (hits + j_) / family_.k; };
  double stayed = 1;   // E[q^n]
  double counted = 0;  // C(n): purchases made, expected, where n of them would be
  int64_t n = 0;
  double sum = 0;
  for (size_t i = 0; i < run.pmf.size(); ++i) {
    for (const int64_t now = purchases_of(run.first + static_cast<int64_t>(i)); n < now; ++n) {
      counted += stayed;
      const double stays = stays_ + static_cast<double>(n);
      stayed *= stays / (leaves_ + stays);
    }
    sum += run.pmf[i] * counted;
  }
  return sum;
}

double CoinFuture::NonePurchased(double t) const {
  const double ratio = t / scale_;
  double term = 1;
  double sum = 1;
  for (int m = 1; m < family_.k - j_; ++m) {
    term *= (shape_ + m - 1) / m * (ratio / (1 + ratio));
    sum += term;
  }
  return std::exp(std::log(sum) - shape_ * std::log1p(ratio));
}

// By parts: exp(-rate h) E(h) + rate times the integral of exp(-rate u) E(u), which has positive terms alone.
double CoinFuture::Discounted(double horizon, double rate) const {
  std::vector<double> times;
  std::vector<double> weights;
  // Panels follow the distance to the singularity at u = -alpha', the decay of the quickest customers, or of those who
  // are left by then, the gaps of regular timing, and the discount.
  const double quickest = (shape_ + 1) / scale_;
  const double resolution = family_.k == 1 ? 6 : 20;
  double from = 0;
  while (rate > 0 && from < horizon) {
    double width = std::min((family_.k == 1 ? 1 : 0.5) * (scale_ + from), std::max(4 / quickest, from / resolution));
    width = std::min(width, 4 / rate);
    const bool is_last = !(from + width < horizon);
    if (is_last) width = horizon - from;
    for (size_t node = 0; node < GaussTen::kNodes; ++node) {
      times.push_back(GaussTen::At(node, from, width));
      weights.push_back(rate * GaussTen::Weight(node, width));
    }
    from = is_last ? horizon : from + width;
  }
  times.push_back(horizon);
  weights.push_back(1);
  std::vector<double> expected(times.size());
  Expected(times, expected);
  double sum = 0;
  for (size_t i = 0; i < times.size(); ++i) sum += weights[i] * std::exp(-rate * times[i]) * expected[i];
  return sum;
}

double CoinFuture::Residual(double rate) const {
  if (family_.k == 1) {
    if (leaves_ == 0) return shape_ / (scale_ * rate);
    if (const auto found = LaplaceOfHypergeometric(shape_ + 1, leaves_, leaves_ + stays_, rate * scale_)) {
      return shape_ * *found;
    }
  }
  const std::vector<ShareNode> shares =
      leaves_ > 0 ? BetaNodes(leaves_, stays_) : std::vector<ShareNode>{{.p = 0, .q = 1, .weight = 1}};
  // One power of the rate goes into the weights, so that slow customers carry none.
  double sum = 0;
  for (const RateNode& node : GammaNodes(shape_ + 1, scale_)) {
    const double log_y = -std::log1p(rate / node.rate);
    const double y_to_k = std::exp(family_.k * log_y);
    const double missing = -std::expm1(family_.k * log_y);  // 1 - y^k
    const double first = std::exp((family_.k - j_ - 1) * log_y) / (node.rate + rate);
    double inner = 0;
    for (const ShareNode& share : shares) inner += share.weight / (missing + share.p * y_to_k);
    sum += node.weight * first * inner;
  }
  return shape_ / scale_ * sum;
}

std::vector<double> CoinFuture::Counts(double t, double mass_left) const {
  const NegativeBinomialRun run = NegativeBinomial(shape_, t / scale_, kCountsMax);
  const int64_t purchases_max = (run.last() + j_) / family_.k;
  // P(n purchases wanted), then more than n from the top.
  std::vector<double> probabilities(static_cast<size_t>(std::min<int64_t>(purchases_max, kCountsMax)) + 1, 0);
  double above = run.beyond;
  int64_t m = run.last();
  double stayed = 1;  // E[q^(n - 1)]
  std::vector<double> more(probabilities.size(), 0);
  for (size_t n = static_cast<size_t>(purchases_max) + 1; n-- > 0;) {
    double wanted = 0;
    for (; m >= run.first && (m + j_) / family_.k == static_cast<int64_t>(n); --m) {
      wanted += run.pmf[static_cast<size_t>(m - run.first)];
    }
    if (n < probabilities.size()) {
      probabilities[n] = wanted;
      more[n] = above;
    }
    above += wanted;
  }
  for (size_t n = 1; n < probabilities.size(); ++n) {
    const double stays = stays_ + static_cast<double>(n - 1);
    const double left = leaves_ / (leaves_ + stays);
    probabilities[n] = stayed * (probabilities[n] + left * more[n]);
    stayed *= stays / (leaves_ + stays);
  }
  TrimTail(mass_left, &probabilities);
  return probabilities;
}

double CoinFuture::LogCount(double t, int64_t n) const {
  const double ratio = t / scale_;
  if (n == 0) return std::log(NonePurchased(t));
  const int64_t first = n * family_.k - j_;
  double wanted = 0;
  const double reference = LogNegativeBinomial(shape_, ratio, first);
  double term = 1;
  for (int i = 0; i < family_.k; ++i) {
    wanted += term;
    const auto m = static_cast<double>(first + i);
    term *= (shape_ + m) / (m + 1) * (ratio / (1 + ratio));
  }
  double log_stayed = 0;
  for (int64_t i = 0; i + 1 < n; ++i) log_stayed -= std::log1p(leaves_ / (stays_ + static_cast<double>(i)));
  const double left = leaves_ / (leaves_ + stays_ + static_cast<double>(n - 1));
  if (left == 0) return log_stayed + reference + std::log(wanted);
  const double log_wanted = reference + std::log(wanted);
  const double log_more = std::log(left) + std::log(NegativeBinomialTail(shape_, ratio, first + family_.k));
  const double high = std::fmax(log_wanted, log_more);
  return log_stayed + high + std::log(std::exp(log_wanted - high) + std::exp(log_more - high));
}

}  // namespace strata
