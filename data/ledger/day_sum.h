// Sums of rows that are 128 bits wide until they are stored, so that an overflow is seen whatever the order. Plain
// values.
#pragma once

#include <cstdint>
#include <limits>

#include "base/int128.h"
#include "data/ledger/ledger.h"

namespace strata {

inline bool FitsMicros(Int128 value) {
  return value >= std::numeric_limits<int64_t>::min() && value <= std::numeric_limits<int64_t>::max();
}

struct DaySum {
  Int128 net_micros = 0;
  int64_t rows = 0;
  int64_t return_rows = 0;

  void Add(int64_t more_net_micros, int64_t more_rows, int64_t more_return_rows) {
    net_micros += more_net_micros;
    rows += more_rows;
    return_rows += more_return_rows;
  }
  // In the columns of a segment.
  bool Fits() const { return FitsMicros(net_micros) && rows <= kMaxCustomerRows; }
};

}  // namespace strata
