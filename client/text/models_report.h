// What a night fitted, in plain language. Pure functions; thread-safe.
#pragma once

#include <optional>
#include <string>

#include "model/fitted_models.h"

namespace strata {

// Each model in a few sentences: parameters with what they mean, grades with their reasons, warnings. Lines begin with
// `indent`. `active`: how many customers are still active, where it is known.
std::string ModelsBrief(const FittedModels& models, const std::string& currency, const std::string& indent,
                        std::optional<double> active = std::nullopt);

// The same with everything measured: standard errors, likelihoods, centroids, cut points, coefficients, baselines.
std::string ModelsReport(const FittedModels& models, const std::string& currency,
                         std::optional<double> active = std::nullopt);

}  // namespace strata
