// Sums of hashes: the digest of a set whose members come and go one by one. Pure functions; thread-safe.
#pragma once

#include "base/hash.h"

namespace strata {

// The sum and the difference mod 2^128.
constexpr Hash128 Plus(Hash128 a, Hash128 b) {
  const uint64_t low = a.low + b.low;
  return {.high = a.high + b.high + (low < a.low ? 1 : 0), .low = low};
}
constexpr Hash128 Minus(Hash128 a, Hash128 b) {
  return {.high = a.high - b.high - (a.low < b.low ? 1 : 0), .low = a.low - b.low};
}

}  // namespace strata
