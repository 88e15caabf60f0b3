#include "data/profile/day_facts.h"

#include "base/column_type.h"
#include "base/int128.h"
#include "data/profile/lifetime_periods.h"
#include "model/churn/survival.h"

namespace strata {
namespace {

constexpr int kQuarterDays = 91;
constexpr int kQuarters = 4;

}  // namespace

void DayFacts::AddRhythm() {
  const size_t count = purchase_days_.size();
  last_gap_days.push_back(count < 2 ? kNoWhole : purchase_days_[count - 1] - purchase_days_[count - 2]);
  last_row_day.push_back(days_.empty() ? kNoWhole : days_.back().day);
  unsigned quarters = 0;  // a bit each
  for (size_t i = count; i > 0; --i) {
    const int quarter = (as_of_ - purchase_days_[i - 1]) / kQuarterDays;
    if (quarter >= kQuarters) break;
    quarters |= 1u << quarter;
  }
  active_quarters.push_back(__builtin_popcount(quarters));
}

void DayFacts::AddWindow() {
  const Day first = rules_.FirstDay(as_of_);
  int64_t rows = 0, purchases = 0, bought = 0, given_back = 0;
  for (const CustomerDay& day : days_) {
    if (day.day < first) continue;
    rows = 1;
    purchases += day.is_purchase ? 1 : 0;
    bought += day.is_purchase ? day.net_micros : 0;
    given_back -= day.is_purchase ? 0 : day.net_micros;
  }
  has_rows.push_back(rows);
  orders.push_back(purchases);
  gross.push_back(bought);
  returns.push_back(given_back);
}

void DayFacts::AddRfm() {
  int64_t recency = kNoWhole, purchases = 0, net_micros = 0;
  for (const CustomerDay& day : days_) {
    if (day.day < rules_.rfm_days->first || day.day > rules_.rfm_days->last) continue;
    net_micros += day.net_micros;
    if (!day.is_purchase) continue;
    recency = as_of_ - day.day;
    ++purchases;
  }
  const bool bought = purchases > 0;
  rfm_recency.push_back(recency);
  rfm_frequency.push_back(bought ? purchases : kNoWhole);
  rfm_monetary.push_back(bought ? net_micros : kNoWhole);
}

void DayFacts::AddOpportunities(const LifetimePeriod& period) {
  Opportunities of = {.x = kNoWhole, .last = kNoWhole, .n = kNoWhole};
  if (!purchase_days_.empty()) of = OpportunitiesOf(purchase_days_, as_of_, period);
  opportunities_x.push_back(of.x);
  opportunities_last.push_back(of.last);
  opportunities_n.push_back(of.n);
}

void DayFacts::AddTenure(int horizon_days) {
  const std::optional<TenureSpan> span = TenureOfBuyer(purchase_days_, as_of_, horizon_days);
  churn_tenure.push_back(span.has_value() ? span->exit : kNoWhole);
  churn_lost.push_back(span.has_value() ? int64_t{span->is_event} : kNoWhole);
}

void DayFacts::Visit(size_t, const DaySpans& days) {
  MergeDays(days, &days_);
  purchase_days_.clear();
  for (const CustomerDay& day : days_) {
    if (day.is_purchase) purchase_days_.push_back(day.day);
  }
  if (history_ != nullptr) history_->Add(days, days_);
  AddRhythm();
  AddWindow();
  if (rules_.rfm_days.has_value()) AddRfm();
  if (rules_.opportunity.has_value()) AddOpportunities(*rules_.opportunity);
  if (rules_.churn_days.has_value()) AddTenure(*rules_.churn_days);
  gaps.Add(purchase_days_, as_of_, rules_.gap_days);
}

}  // namespace strata
