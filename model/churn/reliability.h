// What probabilities of a yes/no outcome are worth beyond a rank: whether they happen as often as they say, and what a
// list of the most probable holds. Rows gathered in one place; sums run in the order of sorted scores, so equal rows in
// equal order give equal bits. Pure functions; thread-safe.
//
// `churned[i]` is 1 when row i has the outcome, else 0. Both spans have the same length.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "model/churn/churn_model.h"

namespace strata {

inline constexpr size_t kLiftTenths = 10;

// The kCalibrationBins runs of equal count of CalibrationError (model/statistics/ranking_metrics.h), the least
// probabilities first; runs without a row are left out.
std::vector<CalibrationBin> ReliabilityOf(std::span<const double> probabilities, std::span<const uint8_t> churned);

// What CalibrationError would be on average were every probability right: the mean of |realised - predicted| of a run is
// then sqrt(2 / pi) times its standard deviation, sqrt(sum of p (1 - p)) / rows. NaN without rows.
double CalibrationErrorIfPerfect(std::span<const double> probabilities);

// Tenths of equal count to within one row, the greatest scores first (ties: the row that comes first). Scores rank
// alone. Empty without a churned row; tenths without a row are left out.
std::vector<LiftDecile> LiftOf(std::span<const double> scores, std::span<const uint8_t> churned);

}  // namespace strata
