// What a job wants to know of its customers' future, beside the models themselves. Plain values.
#pragma once

#include "model/fitted_models.h"

namespace strata {

// Steps of lifetime_value_by_period; the last one is shorter. A year has 365 days, so that a horizon of 365 days ends
// exactly one year out.
inline constexpr int kValueStepDays = 30;
inline constexpr double kValueDaysPerYear = 365;

struct ScoringRules {
  int horizon_days = 365;              // 0 or more
  double discount_rate_annual = 0.10;  // above -1; 0.10 is 10 % a year
};

inline ScoringRules RulesOf(const FittedModels& models) {
  return {.horizon_days = models.lifetime_horizon_days, .discount_rate_annual = models.discount_rate_annual};
}

}  // namespace strata
