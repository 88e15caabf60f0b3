// Sums of integers that merge exactly, and their correctly rounded quotients. Pure functions; thread-safe.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/int128.h"

namespace strata {

// sums[i] += other[i]. A missing tail counts as zeros, so an empty vector is the neutral element.
template <typename T>
void AddInto(std::vector<T>* sums, const std::vector<T>& other) {
  if (sums->size() < other.size()) sums->resize(other.size());
  for (size_t i = 0; i < other.size(); ++i) (*sums)[i] += other[i];
}

// The integer nearest to numerator / denominator, half to even. Preconditions: denominator > 0, the quotient fits 63
// bits.
constexpr int64_t RoundedQuotient(Int128 numerator, int64_t denominator) {
  Int128 quotient = numerator / denominator;
  Int128 rest = numerator % denominator;
  if (rest < 0) {  // towards minus infinity, so that rest is in [0, denominator)
    rest += denominator;
    --quotient;
  }
  const Int128 twice = 2 * rest;
  if (twice > denominator || (twice == denominator && quotient % 2 != 0)) ++quotient;
  return static_cast<int64_t>(quotient);
}

}  // namespace strata
