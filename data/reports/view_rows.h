// The customers of an earlier view of a shard among today's. A pure function; thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "model/customer_columns.h"

namespace strata {

inline constexpr int64_t kNoRow = -1;

// By row of the view, the row of `today`; kNoRow for a customer without a purchase day by then, who is not looked for.
// Both views are in the order (hash, id), and who is in the earlier one is in today's: where two customers share a
// hash, the one with the same first purchase day is taken, which no later day changes.
inline std::vector<int64_t> RowsToday(const CustomerColumns& view, const CustomerColumns& today) {
  std::vector<int64_t> rows(view.size(), kNoRow);
  size_t from = 0;
  for (size_t row = 0; row < view.size(); ++row) {
    if (view.purchase_days[row] == 0) continue;
    while (from < today.size() && today.hash[from] < view.hash[row]) ++from;
    for (size_t at = from; at < today.size() && today.hash[at] == view.hash[row]; ++at) {
      if (today.purchase_days[at] == 0 || today.first_day[at] != view.first_day[row]) continue;
      rows[row] = static_cast<int64_t>(at);
      break;
    }
  }
  return rows;
}

}  // namespace strata
