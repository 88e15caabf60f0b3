// Exact decimals: text to 64-bit integer micros and back, never through a double. Pure functions; thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "data/source/fault.h"

namespace strata {

struct Decimal {
  FaultKind fault = FaultKind::kNone;  // anything else: `micros` has no meaning
  int64_t micros = 0;
};

// Reads [blanks] [+-] digits [. digits] [(e|E) [+-] digits] [blanks], with at least one digit before the exponent, and
// the point at either end or none (".5", "5."). The value must be a whole number of micros: digits after the sixth
// decimal are fine when they are zeros, also those that an exponent moves there. Magnitudes up to 2^63 - 1 micros.
// Faults: kMissing (blank), kNotFinite, kHexadecimal, kThousandsSeparator, kMalformed, kTooPrecise, kTooLarge.
Decimal ParseMicros(std::string_view text);

// digits * 10^-decimals, digits without a zero at the end unless decimals is 0.
struct ExactDecimal {
  FaultKind fault = FaultKind::kNone;  // anything else: the value has no meaning
  int64_t digits = 0;
  int32_t decimals = 0;
};

// A decimal leaves 128 bits room for its product with an amount when it has no more digits than these.
inline constexpr int kMaxExactDigits = 18;

// As ParseMicros, but exact whatever the decimals: at most kMaxExactDigits before the point, and so many decimals, and
// so many in all. Faults likewise: kTooPrecise, kTooLarge.
ExactDecimal ParseExact(std::string_view text);

// a * b in micros, rounded half to even; nullopt when it exceeds 2^63 - 1 micros.
std::optional<int64_t> MultiplyMicros(int64_t a, int64_t b);

// Shortest exact decimal, e.g. "-12.5".
std::string FormatMicros(int64_t micros);

}  // namespace strata
