// Reads and checks what the section `models.lifetime` of a job file says of customers' columns: covariates, and the
// periods of the discrete models (docs/models.md). A pure function; thread-safe.
#pragma once

#include "base/status.h"
#include "run/job.h"
#include "run/lifetime_settings.h"
#include "run/yaml_section.h"

namespace strata {

// Into `settings`, which has its model already. Columns are checked against those that the customers of `job` have.
absl::Status ReadLifetimeColumns(const YamlSection& lifetime, const Job& job, LifetimeSettings* settings);

}  // namespace strata
