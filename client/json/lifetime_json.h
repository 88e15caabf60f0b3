// The lifetime and spend models of `strata models --json`. Pure; thread-safe.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <optional>

#include "model/fitted_models.h"

namespace strata {

// Parameters that the data do not determine are null; `named` says why, `determined` what is known instead. Precondition
// of the first: there is a lifetime model.
nlohmann::ordered_json LifetimeJson(const FittedModels& models, std::optional<double> active_customers);
nlohmann::ordered_json SpendJson(const SpendModel& model);

}  // namespace strata
