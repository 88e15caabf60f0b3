// Reads which reports a job asks for, the key `reports`. Pure functions; thread-safe.
#pragma once

#include "base/status.h"
#include "run/job.h"
#include "run/yaml_section.h"

namespace strata {

// `all`, or a list of names, each at most once. Which reports there are is for those to say who make them: names are
// checked for their form alone.
absl::Status ReadReports(const YamlSection& root, Job* job);

}  // namespace strata
