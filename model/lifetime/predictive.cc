#include "model/lifetime/predictive.h"

#include <cmath>
#include <cstddef>

#include "model/lifetime/spend_distribution.h"

namespace strata {
namespace {

double TotalAt(std::span<const double> probabilities, const GammaGammaParameters& spend, int64_t x, double m,
               double probability) {
  if (probabilities[0] >= probability) return 0;
  const auto is_below = [&](double total) {
    return ProbabilityOfTotal(probabilities, spend, x, m, total) < probability;
  };
  constexpr double kFactor = 4;
  constexpr double kRelativeError = 1e-10;
  double high = spend.v + static_cast<double>(x) * m;
  while (is_below(high)) high *= kFactor;
  double low = high / kFactor;
  while (!is_below(low)) {
    high = low;
    low /= kFactor;
  }
  while (high - low > kRelativeError * high) {
    const double middle = std::sqrt(low * high);
    (is_below(middle) ? low : high) = middle;
  }
  return high;
}

}  // namespace

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

double ProbabilityOfTotal(std::span<const double> probabilities, const GammaGammaParameters& spend, int64_t x, double m,
                          double total) {
  double sum = probabilities[0];
  for (size_t n = 1; n < probabilities.size(); ++n) {
    if (probabilities[n] == 0) continue;
    sum += probabilities[n] * ProbabilityOfSpend(spend, x, m, static_cast<int64_t>(n), total);
  }
  return sum;
}

AmountInterval AmountIntervalOf(std::span<const double> probabilities, const GammaGammaParameters& spend, int64_t x,
                                double m, double level) {
  return {.low = TotalAt(probabilities, spend, x, m, (1 - level) / 2),
          .high = TotalAt(probabilities, spend, x, m, (1 + level) / 2)};
}

}  // namespace strata
