#include "base/date.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "tests/base/status_matchers.h"

namespace strata {
namespace {

// Counts the calendar one day at a time, which is slow and obvious.
class Calendar {
 public:
  CivilDate date() const { return date_; }
  void NextDay() {
    if (++date_.day <= DaysInMonth()) return;
    date_.day = 1;
    if (++date_.month <= 12) return;
    date_.month = 1;
    ++date_.year;
  }
  int DaysInMonth() const {
    const bool leap = (date_.year % 4 == 0 && date_.year % 100 != 0) || date_.year % 400 == 0;
    const int days[] = {31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[date_.month - 1];
  }

 private:
  CivilDate date_{.year = kFirstYear, .month = 1, .day = 1};
};

TEST(Date, EveryDayOfTheCalendarHasItsNumberAndItsText) {
  Calendar calendar;
  Day day = -25567;  // 1900-01-01: 70 years with 17 leap days before 1970
  for (; calendar.date().year <= kLastYear; calendar.NextDay(), ++day) {
    const CivilDate date = calendar.date();
    ASSERT_TRUE(IsValid(date));
    ASSERT_EQ(ToDay(date), day);
    const CivilDate back = ToCivil(day);
    ASSERT_TRUE(back.year == date.year && back.month == date.month && back.day == date.day) << FormatDay(day);
    const auto parsed = ParseDay(FormatDay(day));
    ASSERT_OK(parsed);
    ASSERT_EQ(*parsed, day);
    ASSERT_EQ(IsValid({date.year, date.month, date.day + 1}), date.day < calendar.DaysInMonth());
  }
  EXPECT_EQ(day - 1, 84005);  // 2199-12-31
}

TEST(Date, KnownDays) {
  const std::pair<const char*, Day> rows[] = {
      {"1970-01-01", 0},     {"1969-12-31", -1},    {"2000-02-29", 11016}, {"1997-01-01", 9862},
      {"1998-06-30", 10407}, {"2011-12-09", 15317}, {"2038-01-19", 24855},
  };
  for (const auto& [text, day] : rows) {
    const auto parsed = ParseDay(text);
    ASSERT_OK(parsed);
    EXPECT_EQ(*parsed, day) << text;
    EXPECT_EQ(FormatDay(day), text);
  }
}

TEST(Date, WhatIsNoDateIsRefusedAndSaid) {
  const std::pair<std::string, const char*> rows[] = {
      {"", "DATE_MALFORMED"},
      {"2024-1-01", "DATE_MALFORMED"},
      {"2024-01-1", "DATE_MALFORMED"},
      {"20240101", "DATE_MALFORMED"},
      {"2024/01/01", "DATE_MALFORMED"},
      {"2024-01-01 ", "DATE_MALFORMED"},
      {" 2024-01-01", "DATE_MALFORMED"},
      {"2024-01-01T", "DATE_MALFORMED"},
      {"+024-01-01", "DATE_MALFORMED"},
      {"2024-0x-01", "DATE_MALFORMED"},
      {"24-01-01", "DATE_MALFORMED"},
      {"2024-02-30", "DATE_IMPOSSIBLE"},
      {"2023-02-29", "DATE_IMPOSSIBLE"},
      {"1900-02-29", "DATE_IMPOSSIBLE"},
      {"2024-13-01", "DATE_IMPOSSIBLE"},
      {"2024-00-01", "DATE_IMPOSSIBLE"},
      {"2024-01-00", "DATE_IMPOSSIBLE"},
      {"2024-04-31", "DATE_IMPOSSIBLE"},
      {"1899-12-31", "DATE_IMPOSSIBLE"},
      {"2200-01-01", "DATE_IMPOSSIBLE"},
      {"0000-01-01", "DATE_IMPOSSIBLE"},
      {"9999-12-31", "DATE_IMPOSSIBLE"},
  };
  for (const auto& [text, reason] : rows) {
    const auto parsed = ParseDay(text);
    EXPECT_THAT(parsed, FailsWith(absl::StatusCode::kInvalidArgument, reason)) << text;
    EXPECT_THAT(parsed, SaysThat("'" + text + "'"));
  }
}

TEST(Date, ImpossibleDatesAreInvalid) {
  for (const CivilDate date :
       {CivilDate{2024, 2, 30}, CivilDate{2023, 2, 29}, CivilDate{2024, 0, 1}, CivilDate{2024, 13, 1},
        CivilDate{2024, 1, 0}, CivilDate{2024, 1, 32}, CivilDate{2024, 1, 257}, CivilDate{2024, -1, 1}, CivilDate{2024, 1, -1},
        CivilDate{1899, 12, 31}, CivilDate{2200, 1, 1}}) {
    EXPECT_FALSE(IsValid(date)) << date.year << "-" << date.month << "-" << date.day;
  }
}

}  // namespace
}  // namespace strata
