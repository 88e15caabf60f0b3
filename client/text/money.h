// Money as people read it: with its currency, in the decimals that the currency has. Exact amounts are in JSON and
// exports. Pure functions; thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace strata {

// Decimals of a currency's smallest unit by ISO 4217: 2 for most, 0 for JPY, 3 for KWD. Unknown currencies have 2.
int CurrencyDecimals(std::string_view currency);

// "1,234.50 USD", halves rounded to even; "-" for NaN.
std::string Money(double amount, std::string_view currency);
// From millionths of the currency, rounded half to even in integers.
std::string MoneyOfMicros(int64_t micros, std::string_view currency);
// Without the currency, for columns whose title names it.
std::string Amount(double amount, std::string_view currency);

// All digits of an amount in micros, without trailing zeros: "1234.5", "-0.000001". For machines.
std::string ExactAmount(int64_t micros);

}  // namespace strata
