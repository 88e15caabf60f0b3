#include "model/lifetime/hit_course.h"

#include <algorithm>
#include <cmath>

#include "model/lifetime/bg_family.h"
#include "model/lifetime/special/gauss_panels.h"

namespace strata {
namespace {

constexpr double kLogMax = 600;         // of the first term's logarithm, beyond which it is lost
constexpr double kNegligible = 1e-17;   // of the sum
constexpr size_t kHitsListed = 20'000;  // more of them are left to the forecasts

class PurchaseRate {
 public:
  PurchaseRate(const BgFamily& family, int64_t x, double T, int j)
      : family_(family),
        shape_(family.r + static_cast<double>(family.k) * static_cast<double>(x) + j),
        scale_(family.alpha + T),
        stays_(family.b + static_cast<double>(family.Coins(x))),
        first_(family.k - j) {}

  double quickest() const { return (shape_ + 1) / scale_; }
  double scale() const { return scale_; }
  bool Underflows(double horizon) const { return (shape_ + 1) * std::log1p(horizon / scale_) > kLogMax; }

  // E'(u); negative: too many hits.
  double operator()(double u) {
    const double v = u / (scale_ + u);
    double term = shape_ / scale_ * std::exp(-(shape_ + 1) * std::log1p(u / scale_));  // of hit 1
    double sum = 0;
    size_t until_purchase = first_;
    for (size_t m = 1, n = 0; m < kHitsListed; ++m) {
      Extend(m, n);
      const double step = ratio_[m - 1] * v;
      if (--until_purchase == 0) {
        sum += stayed_[n++] * term;
        until_purchase = static_cast<size_t>(family_.k);
        if (step < 1 && term < kNegligible * sum * (1 - step)) return sum;
      }
      term *= step;
    }
    return -1;
  }

 private:
  // (r' + m) / m and E[q^n], as far as they are asked for.
  void Extend(size_t m, size_t n) {
    if (ratio_.size() < m) ratio_.push_back((shape_ + static_cast<double>(m)) / static_cast<double>(m));
    if (stayed_.size() > n) return;
    const double stays = stays_ + static_cast<double>(n) - 1;
    stayed_.push_back(n == 0 ? 1 : stayed_[n - 1] * stays / (family_.a + stays));
  }

  BgFamily family_;
  double shape_, scale_, stays_;
  size_t first_;
  std::vector<double> ratio_, stayed_;
};

}  // namespace

std::optional<HitCourse> CourseOfHits(const LifetimeParameters& at, int64_t x, double T, int j,
                                      std::span<const double> ends, double rate) {
  PurchaseRate purchases(BgFamily::Of(at), x, T, j);
  if (purchases.Underflows(ends.back())) return std::nullopt;
  HitCourse course;
  double from = 0, expected = 0, discounted = 0;
  for (const double end : ends) {
    while (from < end) {
      // Panels follow the gaps of regular timing, until these are spread, and the distance to the singularity.
      constexpr double kResolution = 20;
      double width = std::min(0.5 * (purchases.scale() + from), std::max(4 / purchases.quickest(), from / kResolution));
      if (rate > 0) width = std::min(width, 4 / rate);
      const bool is_last = !(from + width < end);
      if (is_last) width = end - from;
      for (size_t node = 0; node < GaussTen::kNodes; ++node) {
        const double u = GaussTen::At(node, from, width);
        const double density = purchases(u);
        if (density < 0) return std::nullopt;
        expected += GaussTen::Weight(node, width) * density;
        discounted += GaussTen::Weight(node, width) * density * std::exp(-rate * u);
      }
      from = is_last ? end : from + width;
    }
    course.expected.push_back(expected);
    course.discounted.push_back(discounted);
  }
  return course;
}

}  // namespace strata
