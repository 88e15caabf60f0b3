// Text to a point of time as it is written, before any zone. Pure functions; thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/date.h"
#include "data/source/fault.h"
#include "run/time_format.h"

namespace strata {

struct WrittenTime {
  Day day = 0;
  int64_t nanos = 0;     // of the day
  bool zoned = false;    // an offset is written
  int32_t offset_s = 0;  // local minus UTC
};

// ISO 8601 as time_reader.h describes it; faults as there. `text` is trimmed and not empty.
FaultKind ParseIsoTime(std::string_view text, WrittenTime* time);

// By a compiled time_format. `text` is trimmed and not empty.
FaultKind ParseTimeByFormat(std::string_view text, std::span<const TimeFormatItem> format, WrittenTime* time);

}  // namespace strata
