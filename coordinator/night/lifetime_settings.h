// What a night asks of its lifetime value: the job's settings, what the feature stage knows, and the model of the
// followed snapshot. Pure; thread-safe.
#pragma once

#include "coordinator/night/fit_settings.h"
#include "model/lifetime/lifetime_fit_settings.h"
#include "run/job.h"

namespace strata {

// Precondition: the job has a lifetime value.
LifetimeFitSettings LifetimeSettingsOf(const Job& job, const FitFacts& facts);

}  // namespace strata
