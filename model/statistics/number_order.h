// Numbers as integers in the same order, and back: the bits of an IEEE 754 double, those of negative ones inverted but
// for the sign (-0 is the integer of 0, so equal numbers have equal integers). Exact quantiles of numbers are those of
// such integers. Pure functions; thread-safe.
#pragma once

#include <bit>
#include <cstdint>
#include <limits>

namespace strata {

namespace number_order {
inline constexpr int64_t kAllButSign = std::numeric_limits<int64_t>::max();
}  // namespace number_order

// Precondition: no NaN.
inline int64_t OrderOfNumber(double number) {
  if (number == 0) return 0;
  const auto bits = std::bit_cast<int64_t>(number);
  return bits < 0 ? bits ^ number_order::kAllButSign : bits;
}

inline double NumberOfOrder(int64_t order) {
  return std::bit_cast<double>(order < 0 ? order ^ number_order::kAllButSign : order);
}

}  // namespace strata
