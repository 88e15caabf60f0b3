#include "model/lifetime/special/rising.h"

#include <cmath>

#include "model/lifetime/gamma_gamma.h"

namespace strata {

LogRise RiseOf(double z, int64_t n) {
  constexpr int64_t kFactorsMax = 32;
  constexpr double kStirlingMin = 20;  // LogGammaRise takes the difference by hand from here on
  LogRise rise;
  while (n > 0 && (n <= kFactorsMax || z < kStirlingMin)) {
    rise.value += std::log(z);
    rise.first += 1 / z;
    rise.second -= 1 / (z * z);
    z += 1;
    --n;
  }
  if (n == 0) return rise;
  const LogGammaJet rest = LogGammaRise(z, static_cast<double>(n));
  rise.value += rest.value;
  rise.first += rest.first;
  rise.second += rest.second;
  return rise;
}

}  // namespace strata
