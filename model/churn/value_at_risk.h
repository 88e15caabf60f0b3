// What a customer's loss would cost: value at risk = P(churn) * V, where V is the discounted margin that is expected in
// churn's horizon given that the customer stays. With a lifetime model V = (lifetime value over churn's horizon) /
// (1 - P(no purchase in it)): who stays buys at least once, and a customer who does not stay has no value in it.
// Without one V is the net of the last 365 days, brought to the horizon, times the margin factor.
//
// V below 0 (more returned than bought) counts as 0: nothing is lost with it. Pure functions; thread-safe.
#pragma once

#include <cstdint>

#include "model/churn/churn_model.h"
#include "model/churn/churn_reason.h"

namespace strata {

// The band of a probability: low below band_low, high from band_high on; none for NaN.
ChurnBand BandOf(const ChurnModel& model, double probability);

// V from the lifetime model's numbers over churn's horizon; NaN where one of them is, or nobody stays.
double ValueOfStaying(double lifetime_value, double p_no_purchase);
// V from history alone, currency units; `margin_factor` 1 where no costs are known.
double ValueFromHistory(int64_t net_micros_365, int horizon_days, double margin_factor);

// NaN where either is NaN.
double ValueAtRisk(double probability, double value);

}  // namespace strata
