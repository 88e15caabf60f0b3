// What a job asks of its customers' profiles. Plain values; thread-safe.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/date.h"
#include "run/lifetime_settings.h"
#include "run/rfm_window.h"
#include "run/table_schema.h"

namespace strata {

// A column of a table of versions, which becomes one of the profile: "customers.region".
struct ProfileAttribute {
  std::string name;  // in the table
  ValueType type = ValueType::kCategory;
};

struct ProfileRules {
  std::optional<int> window_days;    // of sums and counts, the date included; nullopt: all days up to the date
  std::optional<DayRange> rfm_days;  // of rfm_*; nullopt: there are no such columns
  int gap_days = 365;                // of the gap statistics (model/classes/life_cycle.h)
  std::vector<ProfileAttribute> customers, kyc;  // mapped ones, ids left out
  std::optional<LifetimePeriod> opportunity;     // of opportunities_*; nullopt: there are no such columns
  std::optional<LifetimeContract> contract;      // of contract_*, likewise

  std::optional<int> churn_days;  // the horizon of churn_*, likewise

  // The first day that counts; days before any are fine.
  Day FirstDay(Day as_of) const { return window_days.has_value() ? as_of - *window_days + 1 : kTimelessDay; }
};

}  // namespace strata
