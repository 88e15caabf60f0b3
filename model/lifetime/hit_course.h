// What customers with regular timing (CNBD-k) are expected to buy, in the course of a horizon: all that scoring wants
// of it by one integral over the rate of purchases
//   E'(u) = sum over n >= 0 of E[q^n] g_m(u), m = k (n + 1) - j,
//   g_m(u) = (r')_m / (m - 1)! v^(m - 1) (1 - v)^(r' + 1) / alpha', v = u / (alpha' + u),
// g_m the density of the time of hit m of a customer whose rate is Gamma(r', alpha'): positive terms alone, a
// multiplication a hit, where the expectation by hits (futures.h) costs a distribution of hits at every time. Relative
// error 1e-11. Pure, thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "model/lifetime/lifetime_kind.h"

namespace strata {

struct HitCourse {
  std::vector<double> expected;    // purchases until each end
  std::vector<double> discounted;  // the same, each times exp(-rate u)
};

// `ends` ascend and are above 0, the last one is the horizon. Absent where terms underflow, thousands of hits in sight:
// the forecasts have to be asked. Preconditions: k > 1; 0 <= j < k.
std::optional<HitCourse> CourseOfHits(const LifetimeParameters& at, int64_t x, double T, int j,
                                      std::span<const double> ends, double rate);

}  // namespace strata
