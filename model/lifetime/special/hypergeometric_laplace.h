// The Laplace transform of a hypergeometric function, the integral over y > 0 of
//   exp(-z y) 2F1(A, a; C; -y):
// what all purchases to come of a customer of BG/NBD are worth who is alive, discounted. 2F1 is followed along y by its
// differential equation,
//   y (1 + y) f'' + (C + (A + a + 1) y) f' + A a f = 0,
// in steps of Taylor series, which are integrated term by term; steps grow with y, so that there are a few dozen of
// them. Pure, thread-safe.
#pragma once

#include <optional>

namespace strata {

// Relative error 1e-12. Absent where parameters are so large, or so far apart, that series lose digits or steps are too
// many: the caller needs another way. Preconditions: A >= 1, a >= 0, C > a, z > 0.
std::optional<double> LaplaceOfHypergeometric(double A, double a, double C, double z);

}  // namespace strata
