// The keys of `models.churn` that say how its algorithm is fitted. Pure functions; thread-safe.
#pragma once

#include "base/status.h"
#include "run/churn_settings.h"
#include "run/yaml_section.h"

namespace strata {

// JOB_INVALID for a key of the other algorithm as well. Precondition: settings->trees is known.
absl::Status ReadChurnAlgorithm(const YamlSection& churn, ChurnSettings* settings);

}  // namespace strata
