// The history of a shard's base (model/lifetime/base_history.h) from the days of its customers, while features are made
// of them. Not thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "data/ledger/features.h"
#include "model/lifetime/history_gatherer.h"

namespace strata {

// The days of all files as one each, ascending; *merged is replaced. Sums fit: BuildFeatures has seen to that.
void MergeDays(const DaySpans& days, std::vector<CustomerDay>* merged);

class HistoryFacts final : public DayVisitor {
 public:
  // `holdout`: the day before the hold-out begins; nullopt: there is none.
  explicit HistoryFacts(std::optional<Day> holdout) : gatherer_(holdout) {}

  void Visit(size_t row, const DaySpans& days) override;
  // The same of somebody who has merged the days already.
  void Add(const DaySpans& days, std::span<const CustomerDay> merged);

  // Orders instead of rows, and the purchase days of the time that they are of.
  void SetOrders(int64_t orders, int64_t purchase_days);
  // Ends it.
  BaseHistory Take();

 private:
  HistoryGatherer gatherer_;
  std::vector<CustomerDay> merged_;
  int64_t purchases_ = 0, purchase_days_ = 0;
  bool are_orders_ = false;
};

}  // namespace strata
