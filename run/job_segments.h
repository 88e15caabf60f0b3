// Reads a job's own segments, the section `segments` of its file, and says what their conditions may name. Pure
// functions; thread-safe.
#pragma once

#include <string_view>
#include <vector>

#include "base/status.h"
#include "run/job.h"
#include "run/segments/catalogue.h"
#include "run/segments/condition.h"
#include "run/yaml_section.h"

namespace strata {

// `segments: {name: condition}` or `{name: {where: condition, title: text}}`, into job->segments by name. Every
// condition is parsed and checked against the job, so `job` must have everything else already. JOB_INVALID for the form
// of the section and for names that segments of models have, SEGMENT_INVALID (run/segments/condition.h) for other names
// and for conditions.
absl::Status ReadSegments(const YamlSection& root, std::string_view file_name, Job* job);

// What there is to name in a job.
ColumnCatalogue CatalogueOf(const Job& job);

// The conditions of a job that was read, each after those that it uses.
absl::StatusOr<std::vector<Condition>> ConditionsOf(const Job& job, std::string_view file_name);

}  // namespace strata
