// The BG/BB model of discrete opportunities: at each of n opportunities (a year, a campaign) a customer who is still
// there buys with a probability from Beta(alpha, beta); before each one they leave for good with a probability from
// Beta(gamma, delta). A history has x purchases, the last at opportunity t_x (0: none), and n opportunities: T = n.
// Fader, Hardie and Shang (2010), Marketing Science 29(6) 1086-1108; eq. 7 pmf, 11 and A10 P(alive), 13 expectation;
// Fader and Hardie, note 010. gamma = 0: nobody leaves.
//
// Every term is a product of ratios, the sum over the time of leaving runs backwards from its largest, so nothing
// cancels or overflows. Pure, thread-safe; time proportional to n - t_x. Preconditions: alpha, beta, delta > 0,
// gamma >= 0; whole numbers 0 <= x <= t_x <= n <= kOpportunitiesMax.
#pragma once

#include <cstdint>

#include "model/lifetime/bg_family.h"
#include "model/lifetime/bg_nbd.h"
#include "model/lifetime/lifetime_kind.h"
#include "model/lifetime/log_jet.h"

namespace strata {

inline constexpr int kOpportunitiesMax = 100'000;  // of a history and of a forecast: every one is visited

struct BgBb {
  double alpha = 0;
  double beta = 0;
  double gamma = 0;
  double delta = 0;

  static BgBb Of(const LifetimeParameters& parameters) {
    const auto& value = parameters.value;
    return {.alpha = value[0], .beta = value[1], .gamma = value[2], .delta = value[3]};
  }
};

// The log-likelihood, and the logarithm of P(still there at opportunity n), in (ln alpha, ln beta, ln gamma, ln delta).
Branches BgBbBranches(const BgBb& model, const PurchaseHistory& history);

// P(still there at opportunity n | x, t_x, n) and P(left before ...), neither by subtraction.
AliveOdds BgBbOdds(const BgBb& model, const PurchaseHistory& history);

}  // namespace strata
