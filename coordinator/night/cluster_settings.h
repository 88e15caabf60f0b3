// What a night asks of its clustering: the job's settings, and the model of the followed snapshot. Pure; thread-safe.
#pragma once

#include "base/date.h"
#include "model/clustering/cluster_fit_settings.h"
#include "model/fitted_models.h"
#include "model/kernels/kernels.h"
#include "run/job.h"

namespace strata {

// `followed` is null where nothing is followed: the ids then begin anew.
// Precondition: the job has a clustering.
ClusterFitSettings ClusterSettingsOf(const Job& job, const FittedModels* followed, Day as_of, const Kernels* kernels);

}  // namespace strata
