// The distribution of the number of purchases to come of a customer who is alive, in the form that quantiles and sums
// of spend want: P(Y > n) for n = 0, 1, ..., down to a level below which nothing is asked.
//
// BG, MBG, NBD: P(more than n) = E[q^n] P(N > n), N negative binomial: the customer stays on after n purchases and has
// the occasion for another one. CNBD-k: the same of hits, P(M >= k (n + 1) - j). Pareto/NBD: the integral over u of the
// density of the time of purchase n + 1 times P(alive at u), which for u = alpha' z^2 is smooth:
//   2 z (r')_(n + 1) / n! (z^2)^n (1 + z^2)^-(r' + n + 1) (1 + alpha' z^2 / beta')^-s dz.
// Pure, thread-safe.
#pragma once

#include <cstdint>
#include <vector>

#include "model/lifetime/lifetime_kind.h"

namespace strata {

// P(Y > n | alive at T) within time t, j hits since t_x: `tails` is replaced; its last entry, and no other, is below
// `least`, or it has kCountsMax of them. Absolute error 1e-9. Preconditions: t >= 0, least > 1e-12; not kBgBb, kSbg.
void CountTails(const LifetimeParameters& at, int64_t x, double T, int j, double t, double least,
                std::vector<double>* tails);

}  // namespace strata
