#include "data/source/time_reader.h"

#include <absl/time/civil_time.h>
#include <fmt/format.h>

#include <chrono>

#include "data/source/text.h"
#include "data/source/time_text.h"

namespace strata {
namespace {

constexpr int64_t kNanosPerSecond = 1'000'000'000;
constexpr int64_t kSecondsPerDay = 86'400;

int64_t FloorDiv(int64_t value, int64_t divisor) {
  const int64_t quotient = value / divisor;
  return value % divisor < 0 ? quotient - 1 : quotient;
}

constexpr int64_t SecondsOf(std::chrono::year_month_day date) {
  return std::chrono::sys_days(date).time_since_epoch().count() * kSecondsPerDay;
}
constexpr int64_t kFirstSecond = SecondsOf(std::chrono::year(kFirstYear) / 1 / 1);
constexpr int64_t kEndSecond = SecondsOf(std::chrono::year(kLastYear + 1) / 1 / 1);

FaultKind FromWallSeconds(int64_t seconds, int64_t nanos_of_second, LocalTime* local) {
  if (seconds < kFirstSecond || seconds >= kEndSecond) return FaultKind::kDateOutOfRange;
  const int64_t day = FloorDiv(seconds, kSecondsPerDay);
  local->day = static_cast<Day>(day);
  local->nanos = (seconds - day * kSecondsPerDay) * kNanosPerSecond + nanos_of_second;
  return FaultKind::kNone;
}

absl::CivilSecond ToCivilSecond(const LocalTime& local) {
  const CivilDate date = ToCivil(local.day);
  return absl::CivilSecond(date.year, date.month, date.day) + local.nanos / kNanosPerSecond;
}

}  // namespace

absl::StatusOr<TimeReader> TimeReader::ForJob(const Job& job) {
  absl::TimeZone zone;
  if (!absl::LoadTimeZone(job.time_zone, &zone)) {
    return MakeError(
        absl::StatusCode::kInvalidArgument, "TIME_ZONE_UNKNOWN",
        fmt::format("found the time zone '{}'; allowed: a name of the IANA time zone database", job.time_zone));
  }
  std::vector<TimeFormatItem> format;
  if (!job.transactions.time_format.empty()) {
    STRATA_ASSIGN_OR_RETURN(format, CompileTimeFormat(job.transactions.time_format));
  }
  return TimeReader(std::move(format), zone);
}

FaultKind TimeReader::ReadMoment(const Cell& cell, Moment* moment) const {
  if (cell.kind == Cell::Kind::kLocalTime || cell.kind == Cell::Kind::kInstant) {
    *moment = {.seconds = cell.seconds, .nanos = cell.nanos, .is_instant = cell.kind == Cell::Kind::kInstant};
    return FaultKind::kNone;
  }
  const std::string_view text = TrimBlanks(cell.text);
  if (cell.kind != Cell::Kind::kText || text.empty()) return FaultKind::kMissing;
  WrittenTime written;
  const FaultKind fault = format_.empty() ? ParseIsoTime(text, &written) : ParseTimeByFormat(text, format_, &written);
  moment->seconds = written.day * kSecondsPerDay + written.nanos / kNanosPerSecond - written.offset_s;
  moment->nanos = written.nanos % kNanosPerSecond;
  moment->is_instant = written.zoned;
  return fault;
}

FaultKind TimeReader::ToLocal(const Moment& moment, LocalTime* local) const {
  if (!moment.is_instant) return FromWallSeconds(moment.seconds, moment.nanos, local);
  // A day to either side covers every offset; it keeps absurd instants from the zone's arithmetic.
  if (moment.seconds < kFirstSecond - kSecondsPerDay || moment.seconds > kEndSecond + kSecondsPerDay) {
    return FaultKind::kDateOutOfRange;
  }
  if (is_utc_) return FromWallSeconds(moment.seconds, moment.nanos, local);
  const int offset_s = zone_.At(absl::FromUnixSeconds(moment.seconds)).offset;
  return FromWallSeconds(moment.seconds + offset_s, moment.nanos, local);
}

FaultKind TimeReader::ReadLocal(const Cell& cell, LocalTime* local) const {
  Moment moment;
  const FaultKind fault = ReadMoment(cell, &moment);
  return fault == FaultKind::kNone ? ToLocal(moment, local) : fault;
}

FaultKind TimeReader::ReadInstantMicros(const Cell& cell, int64_t* micros) const {
  Moment moment;
  FaultKind fault = ReadMoment(cell, &moment);
  if (fault != FaultKind::kNone) return fault;
  LocalTime local;
  fault = ToLocal(moment, &local);
  if (fault != FaultKind::kNone) return fault;
  const int64_t seconds =
      moment.is_instant || is_utc_ ? moment.seconds : absl::ToUnixSeconds(absl::FromCivil(ToCivilSecond(local), zone_));
  *micros = seconds * 1'000'000 + moment.nanos / 1000;
  return FaultKind::kNone;
}

std::string DescribeTime(const Cell& cell) {
  const absl::CivilSecond civil = absl::CivilSecond(1970, 1, 1) + cell.seconds;
  const std::string text = absl::FormatCivilTime(civil);
  return cell.kind == Cell::Kind::kInstant ? text + "Z" : text;
}

}  // namespace strata
