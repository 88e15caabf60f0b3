// Numbers as people read them. Never the machine's locale: a point for decimals, commas for thousands. "-" stands for a
// number that is not there (NaN). Pure functions; thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace strata {

inline constexpr char kNothing[] = "-";

std::string Grouped(int64_t value);                   // 1,234,567
std::string Fixed(double value, int decimals);        // 1,234.50; never "-0.00"
std::string Significant(double value, int digits);    // 0.0123, 1.5, 12,300: for parameters of unknown size
std::string Percent(double ratio, int decimals = 1);  // 0.831: 83.1 %
std::string Counted(int64_t count, std::string_view singular, std::string_view plural);  // 1 customer, 2 customers
std::string Duration(double seconds);  // 0.42 s, 3.1 s, 2 min 5 s, 1 h 3 min
std::string Age(int64_t seconds);      // 40 seconds, 3 minutes, 5 hours, 4 days: rounded down
std::string ByteSize(int64_t bytes);   // 512 B, 1.4 MiB
std::string UtcTime(int64_t wall_ms);  // 2024-01-05 02:13:44 UTC

}  // namespace strata
