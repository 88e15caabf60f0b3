#include "client/bench/zipf_table.h"

#include <cmath>

#include "base/hash.h"

namespace strata {

ZipfTable::ZipfTable(int64_t ranks, double s) : share_(static_cast<size_t>(ranks)), other_(static_cast<size_t>(ranks)) {
  const size_t n = share_.size();
  double sum = 0;
  // Smallest first: a sum that loses nothing.
  for (size_t rank = n; rank-- > 0;) {
    share_[rank] = std::pow(static_cast<double>(rank + 1), -s);
    sum += share_[rank];
  }
  std::vector<uint32_t> small, large;
  for (size_t rank = 0; rank < n; ++rank) {
    share_[rank] *= static_cast<double>(n) / sum;
    other_[rank] = static_cast<uint32_t>(rank);
    (share_[rank] < 1 ? small : large).push_back(static_cast<uint32_t>(rank));
  }
  while (!small.empty() && !large.empty()) {
    const uint32_t poor = small.back(), rich = large.back();
    small.pop_back();
    other_[poor] = rich;
    share_[rich] -= 1 - share_[poor];
    if (share_[rich] < 1) {
      large.pop_back();
      small.push_back(rich);
    }
  }
  // What rounding left over is a full column.
  for (const auto& rest : {small, large}) {
    for (const uint32_t rank : rest) share_[rank] = 1;
  }
}

uint32_t ZipfTable::Rank(uint64_t column_draw, uint64_t share_draw) const {
  const auto column = static_cast<size_t>(UnitInterval(column_draw) * static_cast<double>(share_.size()));
  return UnitInterval(share_draw) < share_[column] ? static_cast<uint32_t>(column) : other_[column];
}

}  // namespace strata
