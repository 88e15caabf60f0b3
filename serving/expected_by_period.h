// Expected purchases of one customer, period by period. Pure; thread-safe.
#pragma once

#include <vector>

#include "base/date.h"
#include "model/customer_score.h"

namespace strata {

// In each kValueStepDays of the lifetime horizon after `as_of`, the last part shorter: together expected_purchases.
// Takes microseconds, so it is for who asks for one customer. Empty where the models and the score do not say it alone:
// without a lifetime model or a purchase day, and for covariates, contracts and models of opportunities, which look at
// more of a customer.
std::vector<float> ExpectedByPeriod(const CustomerScore& score, Day as_of, const FittedModels& models);

}  // namespace strata
