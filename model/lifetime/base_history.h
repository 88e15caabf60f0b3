// What a whole base did day by day, as far as forecasts for all customers together are compared with it: who began
// when, when they bought again, what the customers who began in a month went on to spend, and how long the gaps between
// purchases were. Counts and exact sums, so that shards add up to the same figures however many there are: Merge is
// associative and commutative with the default as the neutral element, as model/fitter.h wants it. A plain value, not
// thread-safe.
//
// A purchase is a purchase day (model/customer_columns.h); the first one of a customer is the birth, every other one a
// repeat purchase. Days after the date of the run are not in it. Customers without a purchase day count nowhere.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/date.h"
#include "base/int128.h"

namespace strata {

// Calendar months as numbers: 0 is January 1970.
int32_t MonthOf(Day day);
Day FirstDayOfMonth(int32_t month);

struct BaseHistory {
  // What the customers who were born in one month did in another one, or in the same.
  struct Cell {
    int64_t buyers = 0;  // customers with a purchase in the month, the birth included
    int64_t repeat_purchases = 0;
    Int128 net_micros = 0;         // of all days since the birth, returns subtracted
    Int128 repeat_net_micros = 0;  // of the repeat purchases alone

    void Add(const Cell& other);
    bool operator==(const Cell&) const = default;
  };
  using Months = std::pair<int32_t, int32_t>;  // of birth, and the one that is looked at

  std::map<Day, int64_t> births, repeats;  // no zeros; repeats are repeat purchases
  std::map<Months, Cell> cohorts;          // no cells of zeros
  // Gaps between a purchase and the customer's next one by length in days - 1, no zero at the end: all of them, and
  // those that had closed when the hold-out began (empty where there is none).
  std::vector<int64_t> gaps, gaps_before;

  // Purchases, and the days that they fell on, both in the window of the job's sums: orders where the job maps order
  // ids, else rows that are no returns, which are more than the purchases.
  int64_t purchases = 0;
  int64_t purchase_days = 0;
  bool purchases_are_orders = false;

  int64_t customers() const;         // sum of births
  int64_t repeat_purchases() const;  // sum of repeats
  // Sum over the gaps of ln(gap / time unit): what the likelihood of regular timing wants of them
  // (HistoryTable::log_gaps), as of the run's date and as of the beginning of the hold-out. 0 without gaps.
  double LogGaps(double time_unit_days) const;
  double LogGapsBefore(double time_unit_days) const;
  // (purchases - purchase_days) / purchases: how many fell on a day that counts for another one, at least 0 (an order
  // of several days is none). An upper bound unless purchases_are_orders. Absent without purchases.
  std::optional<double> MergedShare() const;

  void Merge(const BaseHistory& other);
  void Encode(ByteWriter* writer) const;
  static BaseHistory Decode(ByteReader* reader);
  bool operator==(const BaseHistory&) const = default;
};

}  // namespace strata
