// Reads and checks the section `models.clustering` of a job file (docs/clustering.md). A pure function; thread-safe.
#pragma once

#include "base/status.h"
#include "run/job.h"
#include "run/yaml_section.h"

namespace strata {

// Fills job->clustering from the section `clustering` of `models`; absent: nullopt. Features and the weight are checked
// against the columns that the job's customers have, so `job` must have its sources and RFM already.
absl::Status ReadClustering(const YamlSection& models, Job* job);

}  // namespace strata
