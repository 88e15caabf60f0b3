// Lifetime value in plain language: who is still there, how often people buy and how readily they leave, how sure that
// is and how well it foretold what was held out. Pure functions; thread-safe.
#pragma once

#include <optional>
#include <string>

#include "model/fitted_models.h"

namespace strata {

// "BG/NBD", "MBG/CNBD-3".
std::string TitleOf(const LifetimeParameters& parameters);

// A few sentences. `active`: customers still active, where it is known. Precondition: there is a lifetime model.
std::string LifetimeBrief(const FittedModels& models, std::optional<double> active, const std::string& indent);
// Parameters with their intervals, the models that were compared, what the hold-out says, covariates; empty for a model
// that was not fitted.
std::string LifetimeTables(const LifetimeModel& model);

}  // namespace strata
