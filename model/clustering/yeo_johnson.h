// Which lambda of Yeo and Johnson's power transform (feature_space.h) makes values most like a normal sample. A pure
// function; thread-safe.
#pragma once

#include <span>

#include "model/kernels/kernels.h"

namespace strata {

inline constexpr int kLambdaBits = 10;  // lambda is a multiple of 2^-10: finer ones change no label
inline constexpr double kLambdaMin = -2;
inline constexpr double kLambdaMax = 4;

// The lambda of kLambdaMin..kLambdaMax with the greatest profile likelihood
//   -n/2 ln(variance of y) + (lambda - 1) sum of sign(v) log(1 + |v|),
// which is unimodal, by golden section; of equals the least. 1 for values that are all equal, or none. Sums are of
// doubles in the order of `values`. Precondition: finite values, |v| < 2^82.
double FitLambda(std::span<const double> values, const Kernels& kernels);

// In what values are measured before the transform adds 1 to them: the median of their magnitudes, or, where all are
// above 0, the least of them, for beside that the 1 is small and a logarithm is one. At least 2^-8 of the median, which
// leaves room on the grid above it.
double UnitOfPower(double median, double least);

}  // namespace strata
