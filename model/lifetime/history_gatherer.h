// Makes the BaseHistory of a shard from the days of its customers, one customer after another. Not thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/date.h"
#include "model/lifetime/base_history.h"

namespace strata {

// A day of a customer with rows, all files together.
struct CustomerDay {
  Day day = 0;
  int64_t net_micros = 0;
  bool is_purchase = false;
};

class HistoryGatherer {
 public:
  // Gaps that closed up to `holdout` are those of before the hold-out; nullopt: there is none.
  explicit HistoryGatherer(std::optional<Day> holdout);

  // One customer: days ascending, each once, of the years kFirstYear to kLastYear, none after the run's date.
  void Add(std::span<const CustomerDay> days);
  // Ends it; the gatherer is empty then. Purchases are not in the result.
  BaseHistory Take();

 private:
  // By month of birth since the first one, and month since that of birth.
  using Cohorts = std::vector<std::vector<BaseHistory::Cell>>;

  const std::optional<Day> holdout_;
  std::vector<uint16_t> month_of_;         // by day since the first one: the calendar costs more than all the rest
  std::vector<int64_t> births_, repeats_;  // by day since the first one; a map would be searched once a purchase
  Cohorts cohorts_;
  std::vector<int64_t> gaps_, gaps_before_;
};

}  // namespace strata
