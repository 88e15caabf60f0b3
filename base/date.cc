#include "base/date.h"

#include <fmt/format.h>

#include <chrono>

namespace strata {
namespace {

std::chrono::year_month_day Ymd(CivilDate date) {
  return std::chrono::year(date.year) / std::chrono::month(static_cast<unsigned>(date.month)) /
         std::chrono::day(static_cast<unsigned>(date.day));
}

bool Digits(std::string_view text, int* value) {
  *value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return false;
    *value = *value * 10 + (c - '0');
  }
  return true;
}

}  // namespace

bool IsValid(CivilDate date) {
  return date.year >= kFirstYear && date.year <= kLastYear && date.month >= 1 && date.month <= 12 && date.day >= 1 &&
         date.day <= 31 &&  // std::chrono::day keeps the lowest eight bits only
         Ymd(date).ok();
}

Day ToDay(CivilDate date) { return static_cast<Day>(std::chrono::sys_days(Ymd(date)).time_since_epoch().count()); }

CivilDate ToCivil(Day day) {
  const std::chrono::year_month_day ymd{std::chrono::sys_days(std::chrono::days(day))};
  return {.year = static_cast<int>(ymd.year()),
          .month = static_cast<int>(static_cast<unsigned>(ymd.month())),
          .day = static_cast<int>(static_cast<unsigned>(ymd.day()))};
}

absl::StatusOr<Day> ParseDay(std::string_view text) {
  CivilDate date;
  const bool shaped = text.size() == 10 && text[4] == '-' && text[7] == '-' && Digits(text.substr(0, 4), &date.year) &&
                      Digits(text.substr(5, 2), &date.month) && Digits(text.substr(8, 2), &date.day);
  if (!shaped) {
    return MakeError(absl::StatusCode::kInvalidArgument, "DATE_MALFORMED",
                     fmt::format("'{}' is not a date of the form YYYY-MM-DD", text));
  }
  if (!IsValid(date)) {
    return MakeError(absl::StatusCode::kInvalidArgument, "DATE_IMPOSSIBLE",
                     fmt::format("'{}' is not a day of the calendar between {} and {}", text, kFirstYear, kLastYear));
  }
  return ToDay(date);
}

std::string FormatDay(Day day) {
  const CivilDate date = ToCivil(day);
  return fmt::format("{:04}-{:02}-{:02}", date.year, date.month, date.day);
}

}  // namespace strata
