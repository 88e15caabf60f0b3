// How good a churn model is on the temporal hold-out, against what a person would do without it. Pure functions;
// thread-safe.
//
// Baselines: "inactivity_rank" ranks by days since the last purchase; "gap_rank" by these over the customer's usual gap
// between purchase days; "inactivity_d" and "gap_k" are the plain rules "no purchase for d days", "for k usual gaps" as
// 0/1 scores, tuned on the training cutoffs (model/churn/tuned_rules.h); "lifetime_p_no_purchase" is the lifetime model's
// P(no purchase in the horizon), fitted as of the cutoff.
//
// Grade: paired bootstrap of the AUC difference to the baseline of greatest AUC on the test, customers resampled. D when
// the 2.5 % bound is not above 0, else by the bound: C, B from 0.01, A from 0.03; with a calibration error above 0.03
// none is better than C.
#pragma once

#include <cstdint>

#include "model/churn/churn_model.h"
#include "model/churn/tuned_rules.h"
#include "model/statistics/keyed_sample.h"

namespace strata {

// A row of the hold-out sample.
inline constexpr uint32_t kHoldoutLabel = 0;     // 1: churned
inline constexpr uint32_t kHoldoutModel = 1;     // the graded model's probability, 2^-40 grid
inline constexpr uint32_t kHoldoutMargin = 2;    // its margin, units of 2^-kMarginGridBits: what it ranks by
inline constexpr uint32_t kHoldoutRecency = 3;   // days since the last purchase; -1: never bought
inline constexpr uint32_t kHoldoutGap = 4;       // usual gaps since then, units of 2^-kGapRatioBits; -1: never bought
inline constexpr uint32_t kHoldoutLifetime = 5;  // the lifetime model's probability, 2^-40 grid; -1: none
inline constexpr uint32_t kHoldoutWidth = 6;
// Enough for a standard error of the AUC near 0.001; 10 MB of rows.
inline constexpr uint32_t kHoldoutSampleMax = 200000;

inline constexpr double kGradeBFrom = 0.01;
inline constexpr double kGradeAFrom = 0.03;
inline constexpr double kGradeCalibrationErrorMax = 0.03;  // of A and B
Grade GradeOf(double gain_low, double calibration_error);

// Fills auc to grade, average precision, reliability and lift of `model` from the sample, and warns where the model
// ranks no better than a baseline. Precondition: both classes are in the sample.
void GradeChurn(const KeyedSample& holdout, const TunedRules& rules, uint64_t seed, ChurnModel* model);

}  // namespace strata
