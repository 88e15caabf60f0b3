#include "base/int128.h"

#include <algorithm>

namespace strata {

std::string ToString(Int128 value) {
  // Negating in the unsigned type keeps the smallest value well defined.
  UInt128 rest = value < 0 ? -static_cast<UInt128>(value) : static_cast<UInt128>(value);
  std::string digits;
  do {
    digits.push_back(static_cast<char>('0' + static_cast<int>(rest % 10)));
    rest /= 10;
  } while (rest != 0);
  if (value < 0) digits.push_back('-');
  std::reverse(digits.begin(), digits.end());
  return digits;
}

std::optional<Int128> ParseInt128(std::string_view text) {
  const bool negative = text.starts_with('-');
  UInt128 magnitude = 0;
  for (const char c : text.substr(negative ? 1 : 0)) {
    if (c < '0' || c > '9') return std::nullopt;
    magnitude = magnitude * 10 + static_cast<UInt128>(c - '0');
  }
  const auto value = static_cast<Int128>(negative ? -magnitude : magnitude);
  // Wrong signs, leading zeros and what does not fit come out differently.
  if (ToString(value) != text) return std::nullopt;
  return value;
}

}  // namespace strata
