// What a category that is not the mode of a cluster adds to a squared distance (k-prototypes, Huang 1998, Data Mining
// and Knowledge Discovery 2, 283-304). Pure; thread-safe.
#pragma once

#include <cstdint>
#include <optional>

#include "model/clustering/feature_space.h"
#include "model/clustering/reference_normal.h"

namespace strata {

// In squared grid units, rounded once. `given` is in squared scaled units; else it is estimated from the scaled values
// of the sample: mean variance of the numeric features over mean (1 - sum of squared shares of the words) of the
// categories (Szepannek 2018, R Journal 10(2), 200-208), or `huang`: half of the mean standard deviation. Features
// without any variety do not count; 1 where there is nothing to estimate from; no estimate is above kMismatchPriceMax.
// 0 without categories.
inline constexpr double kMismatchPriceMax = 100;  // ten deviations: rare words must not drown every distance
int64_t MismatchPrice(const ClusterSpace& space, const GridSample& sample, std::optional<double> given, bool huang);

}  // namespace strata
