#include "model/churn/codes.h"

namespace strata {

std::pair<int64_t, int64_t> WholesOf(uint16_t code) {
  const bool is_negative = code < kZeroCode;
  const int k = is_negative ? kZeroCode - code : code - kZeroCode;
  int64_t low = k, high = k;
  if (k >= 1024) {
    const int shift = (k - 1024) / 512 + 1;
    const int64_t leading = 512 + (k - 1024) % 512;
    low = leading << shift;
    // Written so that the greatest of all does not pass through 2^63.
    high = low + ((int64_t{1} << shift) - 1);
  }
  return is_negative ? std::pair(-high, -low) : std::pair(low, high);
}

}  // namespace strata
