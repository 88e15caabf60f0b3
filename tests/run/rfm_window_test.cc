// Windows of RFM: dates by hand, and that calendar windows hold whole units and move only when one is complete.
#include "run/rfm_window.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace strata {
namespace {

using Kind = RfmWindow::Kind;

std::string RangeOf(RfmWindow window, const std::string& as_of) {
  const DayRange range = DaysOf(window, *ParseDay(as_of));
  return FormatDay(range.first) + " " + FormatDay(range.last);
}

TEST(RfmWindow, DatesByHand) {
  struct Case {
    RfmWindow window;
    const char* as_of;
    const char* range;
  };
  const std::vector<Case> cases = {
      {{Kind::kAll, 0}, "2024-03-15", "1900-01-01 2024-03-15"},
      {{Kind::kTrailing, 1}, "2024-03-15", "2024-03-15 2024-03-15"},
      {{Kind::kTrailing, 365}, "2024-03-15", "2023-03-17 2024-03-15"},
      {{Kind::kTrailing, 36500}, "1950-01-01", "1900-01-01 1950-01-01"},
      {{Kind::kMonths, 1}, "2024-03-15", "2024-02-01 2024-02-29"},
      {{Kind::kMonths, 1}, "2024-03-31", "2024-03-01 2024-03-31"},
      {{Kind::kMonths, 3}, "2024-01-30", "2023-10-01 2023-12-31"},
      {{Kind::kQuarters, 1}, "2024-03-31", "2024-01-01 2024-03-31"},
      {{Kind::kQuarters, 4}, "2024-03-30", "2023-01-01 2023-12-31"},
      {{Kind::kQuarters, 1}, "2024-11-02", "2024-07-01 2024-09-30"},
      {{Kind::kYears, 2}, "2024-12-30", "2022-01-01 2023-12-31"},
      {{Kind::kYears, 1}, "2024-12-31", "2024-01-01 2024-12-31"},
      {{Kind::kYears, 400}, "2024-12-31", "1900-01-01 2024-12-31"},
  };
  for (const Case& c : cases) EXPECT_EQ(RangeOf(c.window, c.as_of), c.range) << c.as_of;
}

TEST(RfmWindow, CalendarWindowsMoveOnlyWhenAUnitIsComplete) {
  for (const Kind kind : {Kind::kMonths, Kind::kQuarters, Kind::kYears}) {
    DayRange last = DaysOf({kind, 2}, *ParseDay("2019-12-31"));
    int moves = 0;
    for (Day day = *ParseDay("2020-01-01"); day <= *ParseDay("2023-12-31"); ++day) {
      const DayRange range = DaysOf({kind, 2}, day);
      ASSERT_LE(range.last, day);
      if (range == last) continue;
      ++moves;
      EXPECT_EQ(range.last, day) << "the unit that has just become complete is the last one";
      EXPECT_EQ(ToCivil(day + 1).day, 1);
      EXPECT_GT(range.first, last.first);
      EXPECT_LE(range.first, last.last) << "the window overlaps the one before";
      last = range;
    }
    EXPECT_EQ(moves, kind == Kind::kMonths ? 48 : kind == Kind::kQuarters ? 16 : 4);
  }
}

TEST(RfmWindow, HasWords) {
  EXPECT_EQ(WindowWords({}), "all");
  EXPECT_EQ(WindowWords({.kind = Kind::kTrailing, .count = 90}), "last 90 days");
  EXPECT_EQ(WindowWords({.kind = Kind::kTrailing, .count = 1}), "last day");
  EXPECT_EQ(WindowWords({.kind = Kind::kMonths, .count = 3}), "last 3 complete months");
  EXPECT_EQ(WindowWords({.kind = Kind::kQuarters, .count = 1}), "last complete quarter");
  EXPECT_EQ(WindowWords({.kind = Kind::kYears, .count = 2}), "last 2 complete years");
}

}  // namespace
}  // namespace strata
