// Doubles on a fixed grid, so that sums are sums of integers: exact, associative, commutative, the same on any number
// of threads and workers. A value is rounded once, half to even, to a multiple of 2^-bits; from there on everything is
// integer arithmetic. Pure functions; thread-safe.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

#include "base/int128.h"

namespace strata {

// Terms of likelihoods, gradients and Hessians: 2^-40 keeps 12 decimal digits after the point, and a term below 2^22
// in magnitude fits 63 bits; sums are 128 bits wide.
inline constexpr int kLikelihoodGridBits = 40;

// 2^bits. Multiplying by it is exact, as std::ldexp is, and takes one instruction. Precondition: -1022 <= bits <= 1023.
inline double PowerOfTwo(int bits) { return std::bit_cast<double>(static_cast<uint64_t>(1023 + bits) << 52); }

// The grid point nearest to `value`, in units of 2^-bits. Precondition: |value| * 2^bits < 2^62, value finite.
inline int64_t ToGrid(double value, int bits) { return std::llrint(value * PowerOfTwo(bits)); }

// The double nearest to `units` * 2^-bits.
inline double FromGrid(Int128 units, int bits) { return std::ldexp(ToDouble(units), -bits); }

// True when ToGrid's precondition holds.
inline bool FitsGrid(double value, int bits) {
  return std::fabs(value * PowerOfTwo(bits)) < 0x1.0p62;  // which neither NaN nor infinity is
}

}  // namespace strata
