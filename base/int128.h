// 128-bit integers for merged sums: a sum of squares over 100 million rows does not fit 64 bits.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace strata {

__extension__ typedef __int128 Int128;
__extension__ typedef unsigned __int128 UInt128;

// The nearest double (ties to even), as the compiler's conversion does it.
inline double ToDouble(Int128 value) { return static_cast<double>(value); }

// Decimal digits, with a leading '-' when negative.
std::string ToString(Int128 value);
// The inverse; nullopt for anything that ToString does not write.
std::optional<Int128> ParseInt128(std::string_view text);

}  // namespace strata
