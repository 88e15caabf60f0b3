// Calendar days as numbers. A Day counts from 1970-01-01 (day 0) in the proleptic Gregorian calendar and knows no time
// zone. Pure functions; thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"

namespace strata {

using Day = int32_t;

// Dates outside these years are refused everywhere: such a date in customer data is a typing mistake.
inline constexpr int kFirstYear = 1900;
inline constexpr int kLastYear = 2199;

struct CivilDate {
  int year = 1970;
  int month = 1;  // 1..12
  int day = 1;    // 1..31
};

// True when the date exists and its year is within kFirstYear..kLastYear.
bool IsValid(CivilDate date);

// Preconditions: IsValid(date).
Day ToDay(CivilDate date);
CivilDate ToCivil(Day day);

// "YYYY-MM-DD" exactly; INVALID_ARGUMENT says what is wrong (31 February and the like included).
absl::StatusOr<Day> ParseDay(std::string_view text);
std::string FormatDay(Day day);

}  // namespace strata
