// Draws ranks 0..n-1 with probability proportional to 1 / (rank + 1)^s, exactly up to the rounding of doubles, in
// constant time: an alias table (Walker 1977, built as in Vose 1991). 12 bytes per rank. Immutable; thread-safe.
#pragma once

#include <cstdint>
#include <vector>

namespace strata {

inline constexpr double kZipfExponentMin = 0.01;  // below, the law cannot be told from uniform
inline constexpr double kZipfExponentMax = 10;    // above, nearly all draws are the first rank

class ZipfTable {
 public:
  // Precondition: 1 <= ranks < 2^32, s within its limits.
  ZipfTable(int64_t ranks, double s);

  // Both draws uniform over all 64-bit values and independent of each other.
  uint32_t Rank(uint64_t column_draw, uint64_t share_draw) const;

 private:
  std::vector<double> share_;    // of the column that belongs to its own rank
  std::vector<uint32_t> other_;  // whose the rest of the column is
};

}  // namespace strata
