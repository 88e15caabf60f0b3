#include "data/profile/lifetime_periods.h"

#include <algorithm>

#include "model/lifetime/base_history.h"

namespace strata {
namespace {

int64_t FloorQuotient(int64_t value, int64_t divisor) {
  return value / divisor - (value % divisor != 0 && value < 0 ? 1 : 0);
}

// 0: the period is one of days.
int MonthsOf(const LifetimePeriod& period) {
  if (period.unit == "month") return 1;
  if (period.unit == "quarter") return 3;
  return period.unit == "year" ? 12 : 0;
}

int64_t NumberOf(Day day, const LifetimePeriod& period) {
  const int months = MonthsOf(period);
  return months > 0 ? FloorQuotient(MonthOf(day), months) : FloorQuotient(day, period.days);
}

// The day on which so many periods from `start` on are over.
Day EndOf(Day start, int64_t periods, const LifetimePeriod& period) {
  const int months = MonthsOf(period);
  if (months == 0) return start + static_cast<Day>(periods * period.days);
  const auto month = static_cast<int32_t>(MonthOf(start) + periods * months);
  const Day first = FirstDayOfMonth(month);
  return first + std::min(start - FirstDayOfMonth(MonthOf(start)), FirstDayOfMonth(month + 1) - 1 - first);
}

int64_t PeriodsOver(Day start, Day date, const LifetimePeriod& period) {
  if (date < start) return 0;
  const int months = MonthsOf(period);
  if (months == 0) return (date - start) / period.days;
  const int64_t begun = (MonthOf(date) - MonthOf(start)) / months;
  return begun - (EndOf(start, begun, period) > date ? 1 : 0);
}

}  // namespace

Opportunities OpportunitiesOf(std::span<const Day> purchase_days, Day as_of, const LifetimePeriod& period) {
  const int64_t first = NumberOf(purchase_days.front(), period);
  const int64_t over = NumberOf(as_of + 1, period) - 1;  // the last one that is
  Opportunities result;
  result.n = std::max<int64_t>(0, over - first);
  for (const Day day : purchase_days) {
    const int64_t number = NumberOf(day, period) - first;
    if (number <= result.last || number > result.n) continue;
    ++result.x;
    result.last = number;
  }
  return result;
}

int64_t OpportunitiesAhead(Day as_of, int days, const LifetimePeriod& period) {
  return NumberOf(as_of + days + 1, period) - NumberOf(as_of + 1, period);
}

int64_t ContractPeriodsAhead(Day as_of, int days, const LifetimePeriod& period) {
  constexpr int kDaysOfYear = 365, kMonthsOfYear = 12;
  const int64_t over = PeriodsOver(as_of, as_of + days, period);
  const int months = MonthsOf(period);
  return months == 0 ? over : std::max<int64_t>(over, days / kDaysOfYear * (kMonthsOfYear / months));
}

std::optional<ContractTime> ContractTimeOf(Day start, std::optional<Day> end, Day as_of, const LifetimePeriod& period) {
  if (start > as_of || (end.has_value() && *end < start)) return std::nullopt;
  if (!end.has_value() || *end > as_of)
    return ContractTime{.periods = PeriodsOver(start, as_of, period), .lost = false};
  return ContractTime{.periods = PeriodsOver(start, *end - 1, period) + 1, .lost = true};
}

}  // namespace strata
