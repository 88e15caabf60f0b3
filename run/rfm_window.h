// The days whose purchases count for RFM. Pure; thread-safe.
#pragma once

#include <string>

#include "base/date.h"
#include "run/scheme_settings.h"

namespace strata {

struct DayRange {  // both included
  Day first = 0;
  Day last = 0;
  bool operator==(const DayRange&) const = default;
};

// all: every day up to as_of. Trailing: the `count` days that end with as_of. Calendar: the last `count` months,
// quarters or years that are complete at the end of as_of, so that a run on any day of a month sees the same ones; the
// last day is then as_of or before it. Days before the first year of the calendar (kFirstYear) are never needed: ranges
// end there.
DayRange DaysOf(const RfmWindow& window, Day as_of);

// "all", "last 90 days", "last 4 complete quarters": equal where the windows are.
std::string WindowWords(const RfmWindow& window);

}  // namespace strata
