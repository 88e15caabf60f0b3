#include "wire/dates.h"

#include <fmt/format.h>
#include <google/protobuf/timestamp.pb.h>

#include "google/type/date.pb.h"

namespace strata {
namespace {

constexpr int64_t kMsPerSecond = 1000;
constexpr int32_t kNanosPerMs = 1'000'000;
constexpr int32_t kNanosPerSecond = 1'000'000'000;
constexpr int64_t kFirstSecond = -62'135'596'800;  // 0001-01-01, as google/protobuf/timestamp.proto allows
constexpr int64_t kLastSecond = 253'402'300'799;   // 9999-12-31T23:59:59

}  // namespace

void FillDate(Day day, google::type::Date* message) {
  const CivilDate date = ToCivil(day);
  message->set_year(date.year);
  message->set_month(date.month);
  message->set_day(date.day);
}

absl::StatusOr<Day> ReadDate(const google::type::Date& message, std::string_view field) {
  const CivilDate date{.year = message.year(), .month = message.month(), .day = message.day()};
  if (IsValid(date)) return ToDay(date);
  return MakeError(
      absl::StatusCode::kInvalidArgument, "DATE_INVALID",
      fmt::format("{} is year {}, month {}, day {}: must be a whole date that exists, in the years {} to {}", field,
                  date.year, date.month, date.day, kFirstYear, kLastYear),
      {{"field", std::string(field)}});
}

void FillTime(int64_t wall_ms, google::protobuf::Timestamp* message) {
  int64_t seconds = wall_ms / kMsPerSecond;
  int64_t rest_ms = wall_ms % kMsPerSecond;
  if (rest_ms < 0) {
    --seconds;
    rest_ms += kMsPerSecond;
  }
  message->set_seconds(seconds);
  message->set_nanos(static_cast<int32_t>(rest_ms) * kNanosPerMs);
}

absl::StatusOr<int64_t> ReadTime(const google::protobuf::Timestamp& message, std::string_view field) {
  if (message.seconds() < kFirstSecond || message.seconds() > kLastSecond || message.nanos() < 0 ||
      message.nanos() >= kNanosPerSecond) {
    return MakeError(absl::StatusCode::kInvalidArgument, "TIME_INVALID",
                     fmt::format("{} is {} s and {} ns, must lie in the years 1 to 9999 with 0 to 999999999 ns", field,
                                 message.seconds(), message.nanos()),
                     {{"field", std::string(field)}});
  }
  return message.seconds() * kMsPerSecond + message.nanos() / kNanosPerMs;
}

}  // namespace strata
