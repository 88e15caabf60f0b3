// The rising factorial z (z + 1) ... (z + n - 1) = Gamma(z + n) / Gamma(z) in logarithms.
#pragma once

#include <cstdint>

namespace strata {

struct LogRise {  // with its derivatives in z
  double value = 0;
  double first = 0;
  double second = 0;
};

// Preconditions: z > 0, n >= 0. Relative error near 1e-15: single factors where z or n is small, a difference of
// Stirling's series taken by hand elsewhere, never one of two large logarithms of gamma functions. Thread-safe.
LogRise RiseOf(double z, int64_t n);

}  // namespace strata
