#include "run/rfm_window.h"

#include <fmt/format.h>

#include <algorithm>

namespace strata {
namespace {

constexpr int kMonthsOfYear = 12;

int MonthsOf(RfmWindow::Kind kind) {
  return kind == RfmWindow::Kind::kMonths ? 1 : kind == RfmWindow::Kind::kQuarters ? 3 : kMonthsOfYear;
}

// The first day of a month counted from January of the year 0.
Day FirstDayOf(int month) {
  return ToDay({.year = month / kMonthsOfYear, .month = month % kMonthsOfYear + 1, .day = 1});
}

}  // namespace

DayRange DaysOf(const RfmWindow& window, Day as_of) {
  const Day earliest = ToDay({.year = kFirstYear, .month = 1, .day = 1});
  if (window.kind == RfmWindow::Kind::kAll) return {earliest, as_of};
  if (window.kind == RfmWindow::Kind::kTrailing) return {std::max(earliest, as_of - window.count + 1), as_of};
  const int months = MonthsOf(window.kind);
  const CivilDate next = ToCivil(as_of + 1);
  const int end = (next.year * kMonthsOfYear + next.month - 1) / months * months;  // the first month that is left out
  const int begin = std::max(end - window.count * months, kFirstYear * kMonthsOfYear);
  return {FirstDayOf(begin), FirstDayOf(end) - 1};
}

std::string WindowWords(const RfmWindow& window) {
  const auto counted = [&window](const char* one, const char* many) {
    return window.count == 1 ? fmt::format("last {}", one) : fmt::format("last {} {}", window.count, many);
  };
  switch (window.kind) {
    case RfmWindow::Kind::kTrailing:
      return counted("day", "days");
    case RfmWindow::Kind::kMonths:
      return counted("complete month", "complete months");
    case RfmWindow::Kind::kQuarters:
      return counted("complete quarter", "complete quarters");
    case RfmWindow::Kind::kYears:
      return counted("complete year", "complete years");
    case RfmWindow::Kind::kAll:
      break;
  }
  return "all";
}

}  // namespace strata
