#include "model/trees/split.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace strata {
namespace {

constexpr double kGradientUnit = 1.0 / (1 << kSplitGradientBits);
constexpr double kHessianUnit = 1.0 / (1 << kSplitHessianBits);
constexpr double kNoGain = -std::numeric_limits<double>::infinity();

double Thresholded(double gradient, double alpha) {
  return std::copysign(std::max(std::fabs(gradient) - alpha, 0.0), gradient);
}

double Score(double gradient, double hessian, double alpha, double lambda) {
  const double t = Thresholded(gradient, alpha);
  return t * t / (hessian + lambda);
}

// What a leaf of that value gains; the same as Score at its best value.
double ScoreAt(double value, double gradient, double hessian, double alpha, double lambda) {
  return -(2 * Thresholded(gradient, alpha) * value + (hessian + lambda) * value * value);
}

double Gradient(const GradientSums& sums) { return static_cast<double>(sums.g) * kGradientUnit; }
double Hessian(const GradientSums& sums) { return static_cast<double>(sums.h) * kHessianUnit; }

GradientSums Rest(const GradientSums& total, const GradientSums& part) {
  GradientSums rest = total;
  rest.Subtract(part);
  return rest;
}

// A node and the rules by which its sides are judged.
class Judge {
 public:
  Judge(const GradientSums& total, const TreeSettings& settings, const FeatureBins& bins, bool constrained,
        const ValueBounds& bounds)
      : total_(total), settings_(settings), monotone_(bins.monotone), constrained_(constrained), bounds_(bounds) {
    const double g = Gradient(total), h = Hessian(total);
    parent_ = constrained ? ScoreAt(bounds.Clip(LeafValue(g, h, settings)), g, h, settings.alpha, settings.lambda)
                          : Score(g, h, settings.alpha, settings.lambda);
  }

  // kNoGain where a side is too small, or in the wrong order.
  double Gain(const GradientSums& left, double lambda) const {
    const GradientSums right = Rest(total_, left);
    if (std::min(left.n, right.n) < std::max(settings_.min_rows, 1)) return kNoGain;
    if (std::min(Hessian(left), Hessian(right)) < settings_.min_hessian) return kNoGain;
    const double gl = Gradient(left), hl = Hessian(left), gr = Gradient(right), hr = Hessian(right);
    if (!constrained_) {
      return Score(gl, hl, settings_.alpha, lambda) + Score(gr, hr, settings_.alpha, lambda) - parent_;
    }
    const double vl = bounds_.Clip(LeafValue(gl, hl, settings_)), vr = bounds_.Clip(LeafValue(gr, hr, settings_));
    if ((monotone_ > 0 && vl > vr) || (monotone_ < 0 && vl < vr)) return kNoGain;
    return ScoreAt(vl, gl, hl, settings_.alpha, lambda) + ScoreAt(vr, gr, hr, settings_.alpha, lambda) - parent_;
  }

  // Replaces a worse `best`; an equally good one stays.
  void Offer(double gain, const GradientSums& left, Split split, Split* best) const {
    if (!(gain > settings_.min_gain) || (best->found && gain <= best->gain)) return;
    split.found = true;
    split.gain = gain;
    split.left = left;
    const GradientSums right = Rest(total_, left);
    split.left_value = bounds_.Clip(LeafValue(Gradient(left), Hessian(left), settings_));
    split.right_value = bounds_.Clip(LeafValue(Gradient(right), Hessian(right), settings_));
    *best = split;
  }

  const TreeSettings& settings() const { return settings_; }
  bool constrained() const { return constrained_; }
  const GradientSums& total() const { return total_; }
  double parent() const { return parent_; }

 private:
  const GradientSums total_;
  const TreeSettings& settings_;
  const int8_t monotone_;
  const bool constrained_;
  const ValueBounds bounds_;
  double parent_;
};

using ByBin = std::array<double, kMaxBins>;

// The gains of bins 1..b on the left, b from 1 on, with `left0` there too: Judge::Gain without bounds, in a form that
// is quick for many bins. Every operation is that of Gain, so the bits are.
void Gains(const Judge& judge, const ByBin& n, const ByBin& g, const ByBin& h, const GradientSums& left0, size_t bins,
           ByBin* gains) {
  const TreeSettings& settings = judge.settings();
  const double rows_min = std::max(settings.min_rows, 1), hessian_min = settings.min_hessian;
  const double alpha = settings.alpha, lambda = settings.lambda, parent = judge.parent();
  const double all_n = static_cast<double>(judge.total().n);
  const double all_g = static_cast<double>(judge.total().g), all_h = static_cast<double>(judge.total().h);
  const double n0 = static_cast<double>(left0.n), g0 = static_cast<double>(left0.g), h0 = static_cast<double>(left0.h);
  for (size_t b = 1; b < bins; ++b) {
    const double left_n = n[b] + n0, left_g = g[b] + g0, left_h = h[b] + h0;  // whole numbers, exact
    const double right_n = all_n - left_n;
    const double gl = left_g * kGradientUnit, gr = (all_g - left_g) * kGradientUnit;
    const double hl = left_h * kHessianUnit, hr = (all_h - left_h) * kHessianUnit;
    const double tl = std::max(std::fabs(gl) - alpha, 0.0), tr = std::max(std::fabs(gr) - alpha, 0.0);
    const double gain = tl * tl / (hl + lambda) + tr * tr / (hr + lambda) - parent;
    const double least_n = left_n < right_n ? left_n : right_n, least_h = hl < hr ? hl : hr;
    const double enough = least_n < rows_min ? kNoGain : gain;
    (*gains)[b] = least_h < hessian_min ? kNoGain : enough;
  }
}

void ConstrainedGains(const Judge& judge, const NodeHistogram& node, size_t feature, const GradientSums& left0,
                      size_t bins, ByBin* gains) {
  GradientSums left = left0;
  for (size_t b = 1; b < bins; ++b) {
    left.Add(node.at(feature, b));
    (*gains)[b] = judge.Gain(left, judge.settings().lambda);
  }
}

Split BestOfNumber(const NodeHistogram& node, uint16_t feature, size_t bins, const Judge& judge) {
  ByBin n, g, h, with_left, with_right;
  GradientSums sum;
  for (size_t b = 1; b < bins; ++b) {
    sum.Add(node.at(feature, b));
    n[b] = static_cast<double>(sum.n), g[b] = static_cast<double>(sum.g), h[b] = static_cast<double>(sum.h);
  }
  const GradientSums missing = node.at(feature, 0);
  if (judge.constrained()) {
    ConstrainedGains(judge, node, feature, {}, bins, &with_right);
    if (missing.n > 0) ConstrainedGains(judge, node, feature, missing, bins, &with_left);
  } else {
    Gains(judge, n, g, h, {}, bins, &with_right);
    if (missing.n > 0) Gains(judge, n, g, h, missing, bins, &with_left);
  }
  Split best;
  for (size_t b = 1; b < bins; ++b) {
    const bool left_better = missing.n > 0 && with_left[b] >= with_right[b];
    const double gain = left_better ? with_left[b] : with_right[b];
    if (!(gain > judge.settings().min_gain) || (best.found && gain <= best.gain)) continue;
    GradientSums left{static_cast<int64_t>(n[b]), static_cast<int64_t>(g[b]), static_cast<int64_t>(h[b])};
    if (left_better) left.Add(missing);
    const bool missing_left = missing.n > 0 ? left_better : 2 * left.n >= judge.total().n;
    judge.Offer(gain, left, {.feature = feature, .last_bin = static_cast<uint8_t>(b), .missing_left = missing_left},
                &best);
  }
  return best;
}

void OfferRuns(const NodeHistogram& node, uint16_t feature, const std::vector<size_t>& order, double lambda,
               const Judge& judge, Split* best) {
  GradientSums left;
  uint64_t mask = 0;
  const size_t longest = std::min(order.size(), static_cast<size_t>(kSmallerSetMax));
  for (size_t i = 0; i < longest; ++i) {
    left.Add(node.at(feature, order[i]));
    mask |= uint64_t{1} << order[i];
    judge.Offer(judge.Gain(left, lambda), left, {.feature = feature, .mask = mask}, best);
  }
}

Split BestOfCategory(const NodeHistogram& node, uint16_t feature, const FeatureBins& bins, const Judge& judge) {
  Split best;
  const TreeSettings& settings = judge.settings();
  if (bins.levels <= kOneAgainstRest) {
    for (size_t b = 1; b < bins.bins(); ++b) OfferRuns(node, feature, {b}, settings.lambda, judge, &best);
    return best;
  }
  std::vector<size_t> order;
  for (size_t b = 1; b < bins.bins(); ++b) {
    if (node.at(feature, b).n >= std::max(settings.category_rows, 1)) order.push_back(b);
  }
  const auto mean = [&](size_t b) {
    return Gradient(node.at(feature, b)) / (Hessian(node.at(feature, b)) + kLevelSmoothing);
  };
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return mean(a) < mean(b); });
  OfferRuns(node, feature, order, settings.lambda + kLevelSmoothing, judge, &best);
  std::reverse(order.begin(), order.end());
  OfferRuns(node, feature, order, settings.lambda + kLevelSmoothing, judge, &best);
  return best;
}

}  // namespace

double LeafValue(double gradient, double hessian, const TreeSettings& settings) {
  const double weight = hessian + settings.lambda;
  return weight > 0 ? -Thresholded(gradient, settings.alpha) / weight : 0;
}

Split BestSplitOf(const NodeHistogram& node, const GradientSums& total, uint16_t feature, const FeatureBins& bins,
                  const TreeSettings& settings, bool constrained, const ValueBounds& bounds) {
  if (total.n < 2 * std::max(settings.min_rows, 1)) return {};
  const Judge judge(total, settings, bins, constrained, bounds);
  if (bins.is_category) return BestOfCategory(node, feature, bins, judge);
  return BestOfNumber(node, feature, bins.bins(), judge);
}

}  // namespace strata
