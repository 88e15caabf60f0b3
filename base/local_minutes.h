// Points of local time as whole minutes since 1970-01-01 00:00, without a zone. Pure functions; thread-safe.
#pragma once

#include <cstdint>

namespace strata {

inline constexpr int64_t kMinutesPerDay = 24 * 60;

// 0 to kMinutesPerDay - 1, before 1970 as well.
constexpr int64_t MinuteOfDay(int64_t minutes) {
  const int64_t rest = minutes % kMinutesPerDay;
  return rest < 0 ? rest + kMinutesPerDay : rest;
}

// The calendar day, as a Day counts.
constexpr int64_t DayOfMinutes(int64_t minutes) { return (minutes - MinuteOfDay(minutes)) / kMinutesPerDay; }

}  // namespace strata
