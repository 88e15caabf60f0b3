// Draws from the standard normal distribution that depend on a key and on nothing else, and equally on every machine:
// the inverse of the distribution function by algorithm AS 241, PPND16 (Wichura 1988, Applied Statistics 37, 477-484),
// relative error about 10^-16, with our own logarithm and no C library but the square root. Pure; thread-safe.
#pragma once

#include <cstdint>

namespace strata {

// The z with P(Z <= z) = p. Precondition: 0 < p < 1. Above one half it is exact as far as 1 - p is.
double NormalQuantile(double p);

// A 64-bit draw as a normal one: the quantile of (its high 52 bits + 1/2) / 2^52, so |z| < 8.3.
double NormalOfDraw(uint64_t draw);

}  // namespace strata
