// Reads what a job says about its results: what a source is expected to bring (`expect`), which results are held back
// (`veto`), and what the end of a run brings about (`on_finish`). Pure functions; thread-safe.
#pragma once

#include "base/status.h"
#include "run/job.h"
#include "run/yaml_section.h"

namespace strata {

// From the section `expect` of a source.
absl::Status ReadExpectations(const YamlSection& source, Expectations* expect);

// From the section `veto` of `root`. A rule about a model that the job does not have is an error. Precondition: the
// models of `job` are read.
absl::Status ReadVeto(const YamlSection& root, Job* job);

// From the section `on_finish` of `root`.
absl::Status ReadOnFinish(const YamlSection& root, OnFinish* on_finish);

}  // namespace strata
