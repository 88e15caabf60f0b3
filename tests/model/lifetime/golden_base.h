// The bases of the golden values, as histories: CDNOW in its variants, the donors.
#pragma once

#include <string>
#include <vector>

#include "base/date.h"
#include "model/lifetime/history_table.h"

namespace strata {

struct GoldenCustomer {
  PurchaseHistory history;  // weeks, or opportunities
  double weight = 1;        // donors of one row are equal
  double spend = 0;         // mean of the repeat purchase days, currency; 0 where there is none
  double holdout = 0;       // purchase days in the 39 weeks after calibration
  Day first_day = 0;
  std::vector<Day> repeats;  // all repeat purchase days, hold-out included
};

struct GoldenBase {
  std::vector<GoldenCustomer> customers;
  double lines = 0;  // of the file

  HistoryTable Table() const;
};

// "cdnow_sample_A", "cdnow_sample_B", "cdnow_master" or "donations"; read once.
const GoldenBase& GoldenBaseNamed(const std::string& dataset);

}  // namespace strata
