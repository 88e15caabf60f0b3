#include "model/lifetime/history_gatherer.h"

#include <chrono>
#include <utility>

namespace strata {
namespace {

// No row is dated before the one or after the other.
constexpr Day kFirst =
    std::chrono::sys_days(std::chrono::year(kFirstYear) / std::chrono::January / 1).time_since_epoch().count();
constexpr Day kLast =
    std::chrono::sys_days(std::chrono::year(kLastYear) / std::chrono::December / 31).time_since_epoch().count();
constexpr int32_t kFirstMonth = (kFirstYear - 1970) * 12;

int64_t& CountAt(size_t place, std::vector<int64_t>* counts) {
  if (counts->size() <= place) counts->resize(place + 1);
  return (*counts)[place];
}

std::map<Day, int64_t> ByDay(const std::vector<int64_t>& counts) {
  std::map<Day, int64_t> by_day;
  for (size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] != 0) by_day.emplace_hint(by_day.end(), kFirst + static_cast<Day>(i), counts[i]);
  }
  return by_day;
}

}  // namespace

HistoryGatherer::HistoryGatherer(std::optional<Day> holdout) : holdout_(holdout) {
  for (int32_t month = kFirstMonth; FirstDayOfMonth(month) <= kLast; ++month) {
    month_of_.resize(static_cast<size_t>(FirstDayOfMonth(month + 1) - kFirst),
                     static_cast<uint16_t>(month - kFirstMonth));
  }
}

void HistoryGatherer::Add(std::span<const CustomerDay> days) {
  std::vector<BaseHistory::Cell>* cohort = nullptr;  // null: not born yet
  size_t birth = 0, last_month = 0;                  // of the birth, of the last purchase
  Day last = 0;
  for (const CustomerDay& day : days) {
    if (cohort == nullptr && !day.is_purchase) continue;
    const auto place = static_cast<size_t>(day.day - kFirst);
    const size_t month = month_of_[place];
    const bool is_birth = cohort == nullptr;
    if (is_birth) {
      birth = month;
      if (cohorts_.size() <= month) cohorts_.resize(month + 1);
      cohort = &cohorts_[month];
      ++CountAt(place, &births_);
    }
    if (cohort->size() <= month - birth) cohort->resize(month - birth + 1);
    BaseHistory::Cell& cell = (*cohort)[month - birth];
    cell.net_micros += day.net_micros;
    if (!day.is_purchase) continue;
    cell.buyers += is_birth || month != last_month ? 1 : 0;
    if (!is_birth) {
      ++cell.repeat_purchases;
      cell.repeat_net_micros += day.net_micros;
      ++CountAt(place, &repeats_);
      const auto length = static_cast<size_t>(day.day - last) - 1;
      ++CountAt(length, &gaps_);
      if (holdout_.has_value() && day.day <= *holdout_) ++CountAt(length, &gaps_before_);
    }
    last = day.day;
    last_month = month;
  }
}

BaseHistory HistoryGatherer::Take() {
  BaseHistory history;
  history.births = ByDay(births_);
  history.repeats = ByDay(repeats_);
  for (size_t birth = 0; birth < cohorts_.size(); ++birth) {
    for (size_t since = 0; since < cohorts_[birth].size(); ++since) {
      const BaseHistory::Cell& cell = cohorts_[birth][since];
      if (cell == BaseHistory::Cell{}) continue;
      const int32_t month = kFirstMonth + static_cast<int32_t>(birth);
      history.cohorts.emplace_hint(history.cohorts.end(),
                                   BaseHistory::Months(month, month + static_cast<int32_t>(since)), cell);
    }
  }
  history.gaps = std::move(gaps_);
  history.gaps_before = std::move(gaps_before_);
  births_.clear();
  repeats_.clear();
  cohorts_.clear();
  gaps_.clear();
  gaps_before_.clear();
  return history;
}

}  // namespace strata
