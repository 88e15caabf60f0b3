#include "data/tables/fx_money.h"

#include <algorithm>
#include <array>
#include <limits>

#include "base/int128.h"

namespace strata {
namespace {

constexpr int kMicroDigits = 6;
constexpr int kDigitsPerStep = 18;  // 10^18 fits 64 bits, and so does a remainder

constexpr uint64_t PowerOfTen(int exponent) {
  uint64_t power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return power;
}

using Limbs = std::array<uint64_t, 3>;  // least significant first

Limbs Multiply(UInt128 a, uint64_t b) {
  const UInt128 low = static_cast<UInt128>(static_cast<uint64_t>(a)) * b;
  const UInt128 high = static_cast<UInt128>(static_cast<uint64_t>(a >> 64)) * b + static_cast<uint64_t>(low >> 64);
  return {static_cast<uint64_t>(low), static_cast<uint64_t>(high), static_cast<uint64_t>(high >> 64)};
}

// Divides in place, returns the remainder.
uint64_t Divide(Limbs* value, uint64_t divisor) {
  uint64_t remainder = 0;
  for (size_t i = value->size(); i-- > 0;) {
    if (remainder == 0 && (*value)[i] == 0) continue;
    const UInt128 part = static_cast<UInt128>(remainder) << 64 | (*value)[i];
    (*value)[i] = static_cast<uint64_t>(part / divisor);
    remainder = static_cast<uint64_t>(part % divisor);
  }
  return remainder;
}

// magnitude × digits / 10^exponent, rounded half to even; nullopt past 2^63 - 1.
std::optional<int64_t> Scale(UInt128 magnitude, uint64_t digits, int exponent) {
  Limbs value = Multiply(magnitude, digits);
  const int first = std::min(exponent, kDigitsPerStep);
  UInt128 remainder = Divide(&value, PowerOfTen(first));
  UInt128 divisor = PowerOfTen(first);
  if (exponent > first) {
    remainder += divisor * Divide(&value, PowerOfTen(exponent - first));
    divisor *= PowerOfTen(exponent - first);
  }
  constexpr uint64_t kMax = std::numeric_limits<int64_t>::max();
  if (value[1] != 0 || value[2] != 0 || value[0] > kMax) return std::nullopt;
  const UInt128 twice = 2 * remainder;
  if (twice > divisor || (twice == divisor && value[0] % 2 != 0)) ++value[0];
  if (value[0] > kMax) return std::nullopt;
  return static_cast<int64_t>(value[0]);
}

UInt128 Magnitude(int64_t value) { return value < 0 ? 0 - static_cast<uint64_t>(value) : static_cast<uint64_t>(value); }

std::optional<int64_t> WithSign(std::optional<int64_t> value, bool negative) {
  if (value.has_value() && negative) *value = -*value;
  return value;
}

}  // namespace

std::optional<int64_t> ConvertMicros(int64_t micros, const FxRate& rate) {
  return WithSign(Scale(Magnitude(micros), static_cast<uint64_t>(rate.digits), rate.decimals), micros < 0);
}

std::optional<int64_t> ConvertProduct(int64_t a, int64_t b, const FxRate& rate) {
  return WithSign(Scale(Magnitude(a) * Magnitude(b), static_cast<uint64_t>(rate.digits), rate.decimals + kMicroDigits),
                  (a < 0) != (b < 0));
}

}  // namespace strata
