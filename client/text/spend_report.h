// Spend per purchase in plain language. Pure functions; thread-safe.
#pragma once

#include <string>

#include "model/fitted_models.h"

namespace strata {

// A few sentences. Lines begin with `indent`.
std::string SpendBrief(const SpendModel& model, const std::string& currency, const std::string& indent);

// Parameters with their intervals; empty for a model that was not fitted.
std::string SpendTables(const SpendModel& model);

}  // namespace strata
