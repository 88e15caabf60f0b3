// Opportunities to buy and periods of contracts, counted for the discrete models of lifetime value
// (model/lifetime/discrete_table.h says what each count means). Pure functions; thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/date.h"
#include "run/lifetime_settings.h"

namespace strata {

struct Opportunities {
  int64_t x = 0;     // with a purchase day
  int64_t last = 0;  // number of the last of these, from 1; 0: none
  int64_t n = 0;     // all
};

// Opportunities are calendar units, or runs of days that count from 1970-01-01, the same for every customer. Those that
// are over by as_of count, from the one after the first purchase on. `purchase_days` ascend, there is one, and none is
// after as_of.
Opportunities OpportunitiesOf(std::span<const Day> purchase_days, Day as_of, const LifetimePeriod& period);

struct ContractTime {
  int64_t periods = 0;  // ended: the period it ended in, from 1; lasting: how many are over
  bool lost = false;    // ended by as_of
};

// Periods count from the contract's start; one of months that begins on the 31st begins on the last day of a shorter
// month. A contract that ends on a period's last day, or on the first one of the next, ended in that period. `end`
// absent: it lasts. Absent where the contract begins after as_of, or ends before it begins.
std::optional<ContractTime> ContractTimeOf(Day start, std::optional<Day> end, Day as_of, const LifetimePeriod& period);

// How many opportunities end in (as_of, as_of + days].
int64_t OpportunitiesAhead(Day as_of, int days, const LifetimePeriod& period);

// How many periods of a contract are over `days` after as_of that were not by then, counted for one that began on
// as_of. 365 days are a year of a contract, even where they hold a 29 February.
int64_t ContractPeriodsAhead(Day as_of, int days, const LifetimePeriod& period);

}  // namespace strata
