// A churn model in plain language: how good it is, against what, and what weighs in it. Pure functions; thread-safe.
#pragma once

#include <string>

#include "model/fitted_models.h"

namespace strata {

// A few sentences, the grade with its reason among them.
std::string ChurnBrief(const ChurnModel& model, const std::string& indent);

// Baselines, what drives it, coefficients; empty for a model that was not fitted.
std::string ChurnTables(const ChurnModel& model);

}  // namespace strata
