// Predictive intervals: where the purchases of one customer, and what they spend in all, will lie; parameters taken as
// known.
//
// Pure functions, thread-safe.
#pragma once

#include <cstdint>
#include <span>

#include "model/lifetime/gamma_gamma.h"

namespace strata {

struct CountInterval {
  int64_t low = 0;
  int64_t high = 0;
  double mass = 0;  // P(low <= Y <= high): at least the level, because counts are discrete
};

// The ends are the least n with P(Y <= n) >= (1 - level) / 2 and (1 + level) / 2. `probabilities` of 0, 1, ... as of
// CountProbabilities (forecast.h), not empty. 0 < level < 1.
CountInterval CountIntervalOf(std::span<const double> probabilities, double level);

// P(the spend in all <= total), total >= 0, of a customer with x purchases of mean m so far (spend_distribution.h):
// each count's sum of that many purchases. What `probabilities` leave out counts as above any total.
double ProbabilityOfTotal(std::span<const double> probabilities, const GammaGammaParameters& spend, int64_t x, double m,
                          double total);

struct AmountInterval {
  double low = 0;  // 0 where no purchase is that likely
  double high = 0;
};

// The ends are the totals that are not exceeded with probability (1 - level) / 2 and (1 + level) / 2. Relative error
// 1e-10. Precondition: `probabilities` leave out less than (1 - level) / 2.
AmountInterval AmountIntervalOf(std::span<const double> probabilities, const GammaGammaParameters& spend, int64_t x,
                                double m, double level);

}  // namespace strata
