// Predictive intervals: where the number of purchases of one customer will lie, parameters taken as known.
//
// Pure functions, thread-safe.
#pragma once

#include <cstdint>
#include <span>

namespace strata {

struct CountInterval {
  int64_t low = 0;
  int64_t high = 0;
  double mass = 0;  // P(low <= Y <= high): at least the level, because counts are discrete
};

// The ends are the least n with P(Y <= n) >= (1 - level) / 2 and (1 + level) / 2. `probabilities` of 0, 1, ... as of
// CountProbabilities (forecast.h), not empty. 0 < level < 1.
CountInterval CountIntervalOf(std::span<const double> probabilities, double level);

}  // namespace strata
