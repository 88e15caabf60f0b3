// Logarithms of counts, days and money as model features use them. One routine everywhere, so a feature has the same
// bits wherever it is computed. Pure functions; thread-safe.
#pragma once

#include <cmath>
#include <cstdint>

namespace strata {

// Transformed features lie on a 2^-20 grid: six decimal digits of a logarithm, sums of squares far within 128 bits.
inline constexpr int kFeatureGridBits = 20;

// log(1 + count). Precondition: count >= 0. Small counts come from a table of the same values.
double Log1pCount(int64_t count);

// sign(x) log(1 + |x|): defined for refunds too, and odd.
inline double SignedLog1p(double value) { return std::copysign(std::log1p(std::fabs(value)), value); }

}  // namespace strata
