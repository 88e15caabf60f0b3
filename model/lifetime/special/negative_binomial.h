// The negative binomial distribution: the number of events of a customer whose rate is Gamma(shape, scale) in a time t,
// ratio = t / scale. P(N = m) = Gamma(shape + m) / (Gamma(shape) m!) (1 + ratio)^-shape (ratio / (1 + ratio))^m.
// Pure functions, thread-safe. Preconditions: shape > 0, ratio >= 0.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace strata {

// The run of counts that hold nearly all probability, and some dozens more.
struct NegativeBinomialRun {
  int64_t first = 0;        // P(N < first) is below 1e-25 of the highest probability
  std::vector<double> pmf;  // of first, first + 1, ...
  double beyond = 0;        // P(N > last one listed)

  int64_t last() const { return first + static_cast<int64_t>(pmf.size()) - 1; }
};

// By the ratios of neighbours from the mode outwards, scaled by their sum: no gamma function, relative error about
// 1e-14 for each count. At most `counts_max` of them; what then lies beyond is an incomplete beta function.
NegativeBinomialRun NegativeBinomial(double shape, double ratio, size_t counts_max);

// ln P(N = m), for counts of any improbability.
double LogNegativeBinomial(double shape, double ratio, int64_t m);
// P(N >= m).
double NegativeBinomialTail(double shape, double ratio, int64_t m);

}  // namespace strata
