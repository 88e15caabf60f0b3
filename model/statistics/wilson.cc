#include "model/statistics/wilson.h"

#include <algorithm>
#include <cmath>

namespace strata {

ShareInterval WilsonInterval(int64_t hits, int64_t of) {
  if (of == 0) return {};
  const auto n = static_cast<double>(of);
  const double share = static_cast<double>(hits) / n;
  const double z2 = kNormal975 * kNormal975;
  const double middle = (share + z2 / (2 * n)) / (1 + z2 / n);
  const double half = kNormal975 / (1 + z2 / n) * std::sqrt(share * (1 - share) / n + z2 / (4 * n * n));
  // At either end the interval reaches it exactly, which rounding would miss.
  return {.low = hits == 0 ? 0 : std::max(0.0, middle - half), .high = hits == of ? 1 : std::min(1.0, middle + half)};
}

}  // namespace strata
