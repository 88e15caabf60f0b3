#include "model/lifetime/history_gatherer.h"

#include <chrono>
#include <utility>

namespace strata {
namespace {

// No row is dated before it.
constexpr Day kFirst =
    std::chrono::sys_days(std::chrono::year(kFirstYear) / std::chrono::January / 1).time_since_epoch().count();
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

HistoryGatherer::HistoryGatherer(std::optional<Day> holdout) : holdout_(holdout) {}

void HistoryGatherer::Add(std::span<const CustomerDay> days) {
  std::vector<BaseHistory::Cell>* cohort = nullptr;  // null: not born yet
  BaseHistory::Cell* cell = nullptr;
  int32_t birth = 0;
  Day next_month = 0, last = 0;
  bool is_buyer = false;  // in the month at hand
  for (const CustomerDay& day : days) {
    if (cohort == nullptr && !day.is_purchase) continue;
    const bool is_repeat = cohort != nullptr && day.is_purchase;
    if (cohort == nullptr || day.day >= next_month) {
      const int32_t month = MonthOf(day.day);
      if (cohort == nullptr) {
        birth = month;
        const auto place = static_cast<size_t>(month - kFirstMonth);
        if (cohorts_.size() <= place) cohorts_.resize(place + 1);
        cohort = &cohorts_[place];
        ++CountAt(static_cast<size_t>(day.day - kFirst), &births_);
      }
      const auto since = static_cast<size_t>(month - birth);
      if (cohort->size() <= since) cohort->resize(since + 1);
      cell = &(*cohort)[since];
      next_month = FirstDayOfMonth(month + 1);
      is_buyer = false;
    }
    cell->net_micros += day.net_micros;
    if (day.is_purchase && !is_buyer) {
      is_buyer = true;
      ++cell->buyers;
    }
    if (is_repeat) {
      ++cell->repeat_purchases;
      cell->repeat_net_micros += day.net_micros;
      ++CountAt(static_cast<size_t>(day.day - kFirst), &repeats_);
      const auto length = static_cast<size_t>(day.day - last) - 1;
      ++CountAt(length, &gaps_);
      if (holdout_.has_value() && day.day <= *holdout_) ++CountAt(length, &gaps_before_);
    }
    if (day.is_purchase) last = day.day;
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
