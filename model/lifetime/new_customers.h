// What a model says of customers of whom nothing is known but when they began: how many are left after a time, and how
// often they will have bought again by then. Sums over a base's births are what tracking and cohort views compare with.
//
//   BG, MBG, CNBD-k  P(alive at t) = sum over counts n of P(n purchases by t, if nobody left) E[q^(n + d)], d = 1 for
//                    MBG (its first purchase is an occasion to leave too), E[q^c] = B(a, b + c) / B(a, b)
//   Pareto/NBD       P(alive at t) = (beta / (beta + t))^s: Fader and Hardie, note 009, eq. 4 integrated over mu
//   BG/BB, sBG       B(gamma, delta + n) / B(gamma, delta) after n opportunities; B(alpha, beta + n) / B(alpha, beta)
//                    after n renewals
// Pure functions, thread-safe. Preconditions: parameters of the kind; t >= 0, a whole number for BG/BB and sBG.
#pragma once

#include <cstddef>
#include <vector>

#include "model/lifetime/lifetime_kind.h"

namespace strata {

// P(not yet gone), a time t after the first purchase.
double SurvivalOfNewCustomer(const LifetimeParameters& at, double t);

// E[repeat purchases] by days since the first purchase; not for kBgBb and kSbg. Read-only once made.
class NewCustomerCurve {
 public:
  // For 0 to `days_max` days. time_unit_days > 0.
  NewCustomerCurve(const LifetimeParameters& at, double time_unit_days, int days_max);

  // 0 for days < 0. Precondition: days <= days_max.
  double Expected(int days) const { return days < 0 ? 0 : expected_[static_cast<size_t>(days)]; }

 private:
  std::vector<double> expected_;
};

}  // namespace strata
