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

// a * b in micros, rounded half to even; nullopt when it exceeds 2^63 - 1 micros.
std::optional<int64_t> MultiplyMicros(int64_t a, int64_t b);

// Shortest exact decimal, e.g. "-12.5".
std::string FormatMicros(int64_t micros);

}  // namespace strata
