// What a job asks of its churn fit, as the fitter takes it. Pure; thread-safe.
#pragma once

#include "coordinator/night/fit_settings.h"
#include "model/churn/churn_fit_settings.h"
#include "run/job.h"

namespace strata {

// Precondition: the job has churn.
ChurnFitSettings ChurnSettingsOf(const Job& job, const FitFacts& facts);

}  // namespace strata
