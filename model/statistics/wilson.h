// The 95 % interval of a share by the score test (Wilson 1927, Journal of the American Statistical Association 22,
// 209-212): it stays within 0 and 1 and holds for few cases and for shares near an end. A pure function; thread-safe.
#pragma once

#include <cstdint>

namespace strata {

inline constexpr double kNormal975 = 1.959963984540054;  // of the standard normal, 97.5 % lie below

struct ShareInterval {
  double low = 0, high = 1;
};

// Of `hits` among `of`; 0 to 1 where `of` is 0. Precondition: 0 <= hits <= of.
ShareInterval WilsonInterval(int64_t hits, int64_t of);

}  // namespace strata
