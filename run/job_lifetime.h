// Reads and checks the section `models.lifetime` of a job file (docs/models.md). Pure functions; thread-safe.
#pragma once

#include <span>
#include <string_view>

#include "base/status.h"
#include "run/job.h"
#include "run/yaml_section.h"

namespace strata {

// Names of the models that a job may ask for beside `auto`, as model/lifetime/lifetime_kind.h has them.
std::span<const std::string_view> LifetimeModelNames();
// Names of the parameters of a model, as model/lifetime/lifetime_kind.h has them; empty: no such model.
std::span<const std::string_view> LifetimeParameterNames(std::string_view model);

// Whether the job's customers have a margin that differs from their net.
bool KnowsCosts(const Job& job);

// Fills job->lifetime from the section `lifetime` of `models`; absent: nullopt. Columns are checked against those that
// the job's customers have, so `job` must have its sources already.
absl::Status ReadLifetime(const YamlSection& models, Job* job);

}  // namespace strata
