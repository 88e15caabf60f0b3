// A feature's value in 16 bits: a monotone code of its whole number, exact below 1,024 and to 2^-9 of its size above.
// Trees see order alone, so all that codes lose is which of two values within 0.2 % of one another is the greater; in
// return values are gathered in two bytes, their quantiles are one histogram of 65,536 counts, and a bin is a look into
// a table.
//
//   m = |whole|.  m < 1,024: k = m; else with e = floor(log2 m): k = 1,024 + 512 (e - 10) + (m >> (e - 9)) - 512.
//   code = 32,768 + k, or 32,768 - k below zero: 4,609 to 60,927.
//
// Integers alone. Pure functions; thread-safe.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "base/column_type.h"

namespace strata {

inline constexpr uint16_t kMissingCode = 0xFFFF;
// Of a category: a word that the fit does not know, or has too few of.
inline constexpr uint16_t kOtherLevelCode = 0xFFFE;
inline constexpr uint16_t kZeroCode = 32'768;
inline constexpr uint16_t kLeastCode = 4'609;
inline constexpr uint16_t kGreatestCode = 60'927;

// kNoWhole: kMissingCode.
constexpr uint16_t CodeOf(int64_t whole) {
  if (whole == kNoWhole) return kMissingCode;
  const uint64_t m = whole < 0 ? -static_cast<uint64_t>(whole) : static_cast<uint64_t>(whole);
  const int exponent = std::bit_width(m) - 1;
  const uint64_t k = m < 1024 ? m : 512 + 512 * static_cast<uint64_t>(exponent - 10) + (m >> (exponent - 9));
  return static_cast<uint16_t>(whole < 0 ? kZeroCode - k : kZeroCode + k);
}

// The least and the greatest whole number of the code. Precondition: kLeastCode <= code <= kGreatestCode.
std::pair<int64_t, int64_t> WholesOf(uint16_t code);

}  // namespace strata
