// Reads and checks the section `models.churn` of a job file (docs/churn.md). Pure functions; thread-safe.
#pragma once

#include "base/status.h"
#include "run/job.h"
#include "run/yaml_section.h"

namespace strata {

// Fills job->churn from the section `churn` of `models`; absent: nullopt. Features are checked against the columns that
// the job's customers have, so `job` must have its sources already.
absl::Status ReadChurn(const YamlSection& models, Job* job);

}  // namespace strata
