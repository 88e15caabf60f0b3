// Expectations over a customer's unknown rate or probability, as sums over fixed nodes: for quantities that have no
// closed form. The trapezoidal rule on the whole line converges exponentially for functions that are analytic in a
// strip about it (Trefethen and Weideman 2014, SIAM Review 56(3) 385-458). Rates go by their logarithm, probabilities
// by their logit, stretched by a hyperbolic sine because the tails of a Beta distribution with small parameters reach
// far. Weights are positive and sum to 1, so positive functions lose nothing by cancellation; relative error of smooth
// functions about 1e-14.
#pragma once

#include <vector>

namespace strata {

struct RateNode {
  double rate;
  double weight;
};
// Gamma(shape, rate). Preconditions: shape >= 0.5, rate > 0.
std::vector<RateNode> GammaNodes(double shape, double rate);

struct ShareNode {
  double p;
  double q;  // 1 - p, without cancellation
  double weight;
};
// Beta(a, b). Preconditions: a, b > 0.
std::vector<ShareNode> BetaNodes(double a, double b);

}  // namespace strata
