// Reads points of time as the job's wall clock shows them. Immutable; thread-safe.
//
// Without a time_format: ISO 8601, "YYYY-MM-DD" or "YYYY-MM-DD" + ('T' or one blank) + "hh:mm" [":ss" ["." 1..9
// digits]] [offset], where offset is "Z", "+hh:mm", "+hhmm" or "+hh", after at most one blank. With one: as
// run/time_format.h says. Blanks around are ignored. A time_format holds for every text column of time of the source.
//
// A time without offset is local and taken at face value: day and minute are those written, also in an hour that a
// change of daylight saving skips or repeats. One with an offset is an instant and converted to the job's zone.
#pragma once

#include <absl/time/time.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/date.h"
#include "base/status.h"
#include "data/source/fault.h"
#include "data/source/row_sink.h"
#include "run/job.h"
#include "run/time_format.h"

namespace strata {

struct LocalTime {
  Day day = 0;
  int64_t nanos = 0;  // of the day; 0 for a date without time
  bool operator==(const LocalTime&) const = default;
};

class TimeReader {
 public:
  // INVALID_ARGUMENT when the job's zone or format is not usable (ParseJob has checked both).
  static absl::StatusOr<TimeReader> ForJob(const Job& job);

  // Faults: kMissing, kMalformed, kDateImpossible, kTimeImpossible, kDateOutOfRange (also after the
  // conversion), kTooPrecise (finer than nanoseconds).
  FaultKind ReadLocal(const Cell& cell, LocalTime* local) const;

  // The instant in microseconds since 1970 UTC, rounded down. A local time that a change of daylight saving repeats is
  // the first one; one that it skips is the instant of the change.
  FaultKind ReadInstantMicros(const Cell& cell, int64_t* micros) const;

 private:
  TimeReader(std::vector<TimeFormatItem> format, absl::TimeZone zone)
      : format_(std::move(format)), zone_(zone), is_utc_(zone == absl::UTCTimeZone()) {}
  struct Moment {
    int64_t seconds = 0;  // since 1970-01-01: UTC when it is an instant, else as the wall clock shows
    int64_t nanos = 0;    // of the second
    bool is_instant = false;
  };
  FaultKind ReadMoment(const Cell& cell, Moment* moment) const;
  FaultKind ToLocal(const Moment& moment, LocalTime* local) const;

  std::vector<TimeFormatItem> format_;  // empty: ISO 8601
  absl::TimeZone zone_;
  bool is_utc_;  // then nothing need be looked up
};

// What a cell of kind kLocalTime or kInstant shows in a message.
std::string DescribeTime(const Cell& cell);

}  // namespace strata
