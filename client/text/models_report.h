// What a night fitted, in plain language. Pure functions; thread-safe.
#pragma once

#include <string>

#include "model/fitted_models.h"

namespace strata {

// Each model in a few sentences: parameters with what they mean, the churn grade with its reason, warnings. Lines begin
// with `indent`.
std::string ModelsBrief(const FittedModels& models, const std::string& currency, const std::string& indent);

// The same with everything measured: standard errors, likelihoods, centroids, cut points, coefficients, baselines.
std::string ModelsReport(const FittedModels& models, const std::string& currency);

}  // namespace strata
