// The natural logarithm by our own routine (model/kernels), for numbers that decide something: no bit comes from a C
// library. Pure; thread-safe.
#pragma once

#include <array>

#include "model/kernels/kernels.h"

namespace strata {

// ln x to about an ulp. Precondition: x > 0, finite, and so is 1 / x.
inline double Logarithm(double x) {
  std::array<double, kLanesMax> lanes{x >= 1 ? x - 1 : 1 / x - 1};
  PlainKernels().log1p(lanes.data(), 1, lanes.data());
  return x >= 1 ? lanes[0] : -lanes[0];
}

}  // namespace strata
