// The language of a job's `time_format`: strptime's conversions that customer data need, and literal text. Immutable
// once compiled; thread-safe.
//
//   %Y year, four digits       %m month 1..12, one or two digits   %d day, one or two digits
//   %y year, two digits: 69..99 are 1969..1999, 00..68 are 2000..2068 (POSIX)
//   %b month in English, three letters or whole, any case          %H hour 0..23    %I hour 1..12 with %p AM or PM
//   %M minute                  %S second, with a fraction of up to nine digits if there is one
//   %z Z, +hh:mm, +hhmm or +hh %% a percent sign
//
// A blank stands for one or more blanks. A format names the whole date and no part twice.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace strata {

inline constexpr size_t kMaxTimeFormatBytes = 128;  // longer is not a date

struct TimeFormatItem {
  char conversion = 0;  // one of YmdybHIMSpz; ' ' for blanks; 0 for `literal`
  char literal = 0;
};

// INVALID_ARGUMENT (TIME_FORMAT_INVALID) says what is wrong with the format and what is allowed.
absl::StatusOr<std::vector<TimeFormatItem>> CompileTimeFormat(std::string_view format);

}  // namespace strata
