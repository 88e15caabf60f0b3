// Expected purchases while alive. With p the drop-out probability, p ~ Beta(a, b + x), and y = t / (alpha + T), the
// expectation is E_p[(1 - (1 + p y)^-(r + x)) / p]. Two ways to it:
//  - series: d/ds of it, s = ln(1 + y), is (r + x) (1 + y)^(1 - a) 2F1(a + b - r - 1, a; a + b + x; y / (1 + y)), by
//    Pfaff's transformation of the integrand in bg_nbd.h; integrated by Gauss-Legendre panels. The function is analytic
//    in the strip |Im s| < pi, so a few nodes a panel reach full precision. Quick; for the parameters that data give.
//  - mixture: the expectation over p itself, by the trapezoidal rule in the logit of p, which converges exponentially
//    for integrands analytic in a strip (Trefethen and Weideman 2014, SIAM Review 56(3) 385-458). For all the rest.
#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "model/lifetime/bg_nbd.h"

namespace strata {
namespace {

constexpr int kLanes = 4;  // nodes evaluated together: one AVX2 register
using Lanes = std::array<double, kLanes>;

struct Rule {  // four Gauss-Legendre nodes on (-1, 1)
  Lanes nodes;
  Lanes weights;
};
constexpr Rule kFourNodes = {
    {-0.86113631159405257522, -0.33998104358485626480, 0.33998104358485626480, 0.86113631159405257522},
    {0.34785484513745385737, 0.65214515486254614263, 0.65214515486254614263, 0.34785484513745385737}};
constexpr Rule kEightNodesLower = {
    {-0.96028985649753623168, -0.79666647741362673959, -0.52553240991632898582, -0.18343464249564980494},
    {0.10122853629037625915, 0.22238103445337447054, 0.31370664587788728734, 0.36268378337836198297}};
constexpr Rule kEightNodesUpper = {
    {0.18343464249564980494, 0.52553240991632898582, 0.79666647741362673959, 0.96028985649753623168},
    {0.36268378337836198297, 0.31370664587788728734, 0.22238103445337447054, 0.10122853629037625915}};

// Where the series is used. Its terms alternate where a + b - r - 1 is negative and grow like (1 + y)^(a + b - r - 1)
// where it is positive; it needs about 40 (1 + y) terms.
constexpr double kExponentMin = -4;
constexpr double kExponentMax = 200;
constexpr double kStretchMax = 20;  // of y
constexpr double kPanelsMax = 64;

// Panels so narrow that the rules are exact to 1e-13: for the singularity at Im s = pi, and for the decay of the
// integrand, whose logarithmic slope is at most (r + x + 1) a / (a + b + x).
constexpr double kPanelWidthMax = 1.5;
constexpr double kPanelDecayMax = 3.0;
constexpr double kRoughWidthMax = 2.5;
constexpr double kRoughDecayMax = 5;
constexpr double kNarrowWidthMax = 0.12;  // four nodes suffice
constexpr double kNarrowDecayMax = 0.2;

// Of the power series' terms over their sum.
constexpr double kNegligible = 1e-17;
constexpr double kRoughlyNegligible = 1e-12;

class Series {
 public:
  Series(const BgNbdParameters& model, int64_t x, double T)
      : a_(model.a),
        exponent_(model.a + model.b - model.r - 1),
        third_(model.a + model.b + static_cast<double>(x)),
        shape_(model.r + static_cast<double>(x)),
        scale_(model.alpha + T),
        decay_((shape_ + 1) * a_ / third_) {}

  bool Suits(double t) const {
    const double y = t / scale_;
    return exponent_ >= kExponentMin && exponent_ <= kExponentMax && y <= kStretchMax &&
           Panels(std::log1p(y)) <= kPanelsMax;
  }

  RoughPurchases Roughly(double horizon, double rate) const {
    const double to = std::log1p(horizon / scale_);
    const int panels =
        std::max(1, static_cast<int>(std::ceil(to * std::max(1 / kRoughWidthMax, decay_ / kRoughDecayMax))));
    const double width = to / panels;
    RoughPurchases sum;
    for (int panel = 0; panel < panels; ++panel) {
      for (const Rule* rule : {&kEightNodesLower, &kEightNodesUpper}) {
        AddRoughly(*rule, panel * width, width, rate, &sum);
      }
    }
    sum.expected *= shape_;
    sum.discounted *= shape_;
    return sum;
  }

  void Integrate(std::span<const double> horizons, std::span<double> expected) const {
    double sum = 0;
    double from = 0;
    for (size_t i = 0; i < horizons.size(); ++i) {
      const double to = std::log1p(horizons[i] / scale_);
      const int panels = static_cast<int>(std::ceil(Panels(to - from)));
      const double width = (to - from) / std::max(panels, 1);
      for (int k = 0; k < panels; ++k) sum += Panel(from + k * width, width);
      expected[i] = shape_ * sum;
      from = to;
    }
  }

 private:
  double Panels(double width) const { return width * std::max(1 / kPanelWidthMax, decay_ / kPanelDecayMax); }

  double Panel(double from, double width) const {
    if (width <= kNarrowWidthMax && width * decay_ <= kNarrowDecayMax) return Apply(kFourNodes, from, width);
    return Apply(kEightNodesLower, from, width) + Apply(kEightNodesUpper, from, width);
  }

  double Apply(const Rule& rule, double from, double width) const {
    Lanes z;
    Lanes factor;
    for (int k = 0; k < kLanes; ++k) {
      const double s = from + 0.5 * width * (1 + rule.nodes[k]);
      z[k] = -std::expm1(-s);
      factor[k] = rule.weights[k] * std::exp((1 - a_) * s);
    }
    const Lanes values = Hypergeometric(z, kNegligible);
    double sum = 0;
    for (int k = 0; k < kLanes; ++k) sum += factor[k] * values[k];
    return 0.5 * width * sum;
  }

  void AddRoughly(const Rule& rule, double from, double width, double rate, RoughPurchases* sum) const {
    Lanes z;
    for (int k = 0; k < kLanes; ++k) z[k] = -std::expm1(-(from + 0.5 * width * (1 + rule.nodes[k])));
    const Lanes values = Hypergeometric(z, kRoughlyNegligible);
    for (int k = 0; k < kLanes; ++k) {
      const double s = from + 0.5 * width * (1 + rule.nodes[k]);
      const double purchases = 0.5 * width * rule.weights[k] * std::exp((1 - a_) * s) * values[k];
      sum->expected += purchases;
      sum->discounted += purchases * std::exp(-rate * scale_ * z[k] / (1 - z[k]));
    }
  }

  // 2F1(exponent, a; third; z) by its power series.
  Lanes Hypergeometric(const Lanes& z, double negligible) const {
    constexpr int kTermsMax = 20000;  // never reached within Suits; an end for hostile values
    constexpr int kTermsPerCheck = 4;
    Lanes term = {1, 1, 1, 1};
    Lanes sum = term;
    for (int n = 0; n < kTermsMax;) {
      for (int end = n + kTermsPerCheck; n < end; ++n) {
        const double ratio = (exponent_ + n) * (a_ + n) / ((third_ + n) * (n + 1.0));
        for (int k = 0; k < kLanes; ++k) term[k] *= ratio * z[k];
        for (int k = 0; k < kLanes; ++k) sum[k] += term[k];
      }
      bool done = true;
      for (int k = 0; k < kLanes; ++k) done = done && std::fabs(term[k]) <= negligible * std::fabs(sum[k]);
      if (done) break;
    }
    return sum;
  }

  double a_;
  double exponent_;
  double third_;
  double shape_;
  double scale_;
  double decay_;
};

// E_p[g(p)], g(p) = (1 - (1 + p y)^-shape) / p, p ~ Beta(a, rest). The straight line through g(0) and g(1) is averaged
// exactly; what is left vanishes at both ends, so that it is p (1 - p) h(p) and needs E[h] under Beta(a + 1, rest + 1),
// whose density falls off quickly on the logit scale even where a or `rest` is tiny.
class Mixture {
 public:
  Mixture(double a, double rest) : a_(a), rest_(rest) {
    centre_ = std::log((a + 1) / (rest + 1));
    const double deviation = std::sqrt(1 / (a + 1) + 1 / (rest + 1));
    // The rule's error falls like exp(-2 pi theta / step), theta near pi / 2 and for narrow densities like
    // exp(-2 (pi deviation / step)^2); the straight line may be 1e6 times larger than the expectation.
    step_ = std::min(0.15, 0.4 * deviation);
    AddNode(centre_, 1);
    double total = 1;
    for (int direction : {-1, 1}) {
      constexpr int kNodesMax = 4000;  // an end for hostile values; a few hundred are usual
      for (int k = 1; k <= kNodesMax; ++k) {
        const double logit = centre_ + direction * k * step_;
        const double weight =
            std::exp((a_ + 1) * (LogOf(logit) - LogOf(centre_)) + (rest_ + 1) * (LogOf(-logit) - LogOf(-centre_)));
        if (weight < 1e-28) break;  // 1e-16, and room for h up to 1e12 times larger in the tail
        AddNode(logit, weight);
        total += weight;
      }
    }
    const double sum = a_ + rest_;
    // E[p (1 - p)] of Beta(a, rest), shared out over the nodes.
    for (Node& node : nodes_) node.weight *= a_ * rest_ / (sum * (sum + 1)) / total;
  }

  double Expected(double shape, double y) const {
    const double at_zero = shape * y;
    const double at_one = -std::expm1(-shape * std::log1p(y));
    double curved = 0;
    for (const Node& node : nodes_) {
      const double g = -std::expm1(-shape * std::log1p(node.p * y)) / node.p;
      curved += node.weight * (g - at_zero * node.q - at_one * node.p) / (node.p * node.q);
    }
    return (at_zero * rest_ + at_one * a_) / (a_ + rest_) + curved;
  }

 private:
  struct Node {
    double p, q;  // q = 1 - p, without cancellation
    double weight;
  };

  static double LogOf(double logit) {
    return logit > 0 ? -std::log1p(std::exp(-logit)) : logit - std::log1p(std::exp(logit));
  }
  void AddNode(double logit, double weight) {
    nodes_.push_back({1 / (1 + std::exp(-logit)), 1 / (1 + std::exp(logit)), weight});
  }

  double a_;
  double rest_;
  double centre_ = 0;
  double step_ = 0;
  std::vector<Node> nodes_;
};

}  // namespace

std::optional<RoughPurchases> RoughPurchasesWhileAlive(const BgNbdParameters& model, int64_t x, double T,
                                                       double horizon, double rate) {
  if (model.a == 0) {
    const double expected = (model.r + static_cast<double>(x)) / (model.alpha + T) * horizon;
    const double share = rate * horizon == 0 ? 1 : -std::expm1(-rate * horizon) / (rate * horizon);
    return RoughPurchases{.expected = expected, .discounted = expected * share};
  }
  const Series series(model, x, T);
  if (!series.Suits(horizon)) return std::nullopt;
  return series.Roughly(horizon, rate);
}

void ExpectedPurchasesWhileAlive(const BgNbdParameters& model, int64_t x, double T, std::span<const double> horizons,
                                 std::span<double> expected) {
  if (horizons.empty()) return;
  const double shape = model.r + static_cast<double>(x);
  const double scale = model.alpha + T;
  if (model.a == 0) {  // nobody drops out
    for (size_t i = 0; i < horizons.size(); ++i) expected[i] = shape * horizons[i] / scale;
    return;
  }
  const Series series(model, x, T);
  if (series.Suits(horizons.back())) return series.Integrate(horizons, expected);
  const Mixture mixture(model.a, model.b + static_cast<double>(x));
  double least = 0;  // rounding must not let expectations fall over time
  for (size_t i = 0; i < horizons.size(); ++i) {
    least = std::max(least, mixture.Expected(shape, horizons[i] / scale));
    expected[i] = least;
  }
}

}  // namespace strata
