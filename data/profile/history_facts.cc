#include "data/profile/history_facts.h"

namespace strata {

void MergeDays(const DaySpans& days, std::vector<CustomerDay>* merged) {
  merged->clear();
  for (size_t i = 0; i < days.size(); ++i) {
    if (merged->empty() || merged->back().day != days.day[i]) merged->push_back({.day = days.day[i]});
    merged->back().net_micros += days.net_micros[i];
    merged->back().is_purchase = merged->back().is_purchase || days.rows[i] > days.return_rows[i];
  }
}

void HistoryFacts::Visit(size_t, const DaySpans& days) {
  MergeDays(days, &merged_);
  Add(days, merged_);
}

void HistoryFacts::Add(const DaySpans& days, std::span<const CustomerDay> merged) {
  gatherer_.Add(merged);
  for (size_t i = 0; i < days.size(); ++i) purchases_ += int64_t{days.rows[i]} - days.return_rows[i];
  for (const CustomerDay& day : merged) purchase_days_ += day.is_purchase ? 1 : 0;
}

void HistoryFacts::SetOrders(int64_t orders, int64_t purchase_days) {
  purchases_ = orders;
  purchase_days_ = purchase_days;
  are_orders_ = true;
}

BaseHistory HistoryFacts::Take() {
  BaseHistory history = gatherer_.Take();
  history.purchases = purchases_;
  history.purchase_days = purchase_days_;
  history.purchases_are_orders = are_orders_;
  return history;
}

}  // namespace strata
