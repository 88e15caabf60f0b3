// Reads the `models` part of a job file. Pure functions; thread-safe.
#pragma once

#include "base/status.h"
#include "run/job.h"
#include "run/yaml_section.h"

namespace strata {

// Fills the model settings of `job` from the section `models` of `root`; a model that is not named stays absent.
absl::Status ReadModels(const YamlSection& root, Job* job);

}  // namespace strata
