// How good a churn model is on the temporal hold-out, against what a person would do without it. Pure functions;
// thread-safe.
//
// Baselines: "inactivity_rank" ranks by days since the last purchase; "inactivity_<d>d" for d = h/4, h/2 and h days is
// the plain rule "no purchase in the last d days" as a 0/1 score; "lifetime_p_no_purchase" is the lifetime model's
// P(no purchase in the horizon), fitted as of the cutoff.
//
// Grade: paired bootstrap of the AUC difference to the best baseline. D when the 2.5 % bound is not above 0, else by
// the bound: C, B from 0.01, A from 0.03.
#pragma once

#include <cstdint>

#include "model/fitted_models.h"
#include "model/statistics/keyed_sample.h"

namespace strata {

// A row of the hold-out sample.
inline constexpr uint32_t kHoldoutLabel = 0;     // 1: churned
inline constexpr uint32_t kHoldoutModel = 1;     // the graded model's probability, 2^-40 grid
inline constexpr uint32_t kHoldoutRecency = 2;   // days since the last purchase
inline constexpr uint32_t kHoldoutLifetime = 3;  // the lifetime model's probability, 2^-40 grid; -1: none
inline constexpr uint32_t kHoldoutWidth = 4;
// Enough for a standard error of the AUC near 0.001; 10 MB of rows.
inline constexpr uint32_t kHoldoutSampleMax = 200000;

inline constexpr double kGradeBFrom = 0.01;
inline constexpr double kGradeAFrom = 0.03;
Grade GradeOf(double gain_low);

// Fills auc to grade of `model` from the sample; horizon_days is read. Both classes must be in the sample.
void GradeChurn(const KeyedSample& holdout, uint64_t seed, ChurnModel* model);

}  // namespace strata
