// The churn model of `strata models --json`. Pure; thread-safe.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "client/answers.h"

namespace strata {

// What was not measured is null; lists are empty where a model has none. Precondition: there is a churn model.
nlohmann::ordered_json ChurnModelJson(const ModelsAnswer& answer);

}  // namespace strata
