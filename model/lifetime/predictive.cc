#include "model/lifetime/predictive.h"

#include <cstddef>

namespace strata {

CountInterval CountIntervalOf(std::span<const double> probabilities, double level) {
  const double below_low = (1 - level) / 2;
  const double below_high = (1 + level) / 2;
  CountInterval found{.low = -1, .high = static_cast<int64_t>(probabilities.size()) - 1, .mass = 0};
  double sum = 0;
  for (size_t n = 0; n < probabilities.size(); ++n) {
    sum += probabilities[n];
    if (found.low < 0 && sum >= below_low) found.low = static_cast<int64_t>(n);
    if (found.low >= 0) found.mass += probabilities[n];
    if (sum >= below_high) {
      found.high = static_cast<int64_t>(n);
      break;
    }
  }
  return found;
}

}  // namespace strata
