// Reads a job from YAML and checks every value. Pure functions of the text; thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"
#include "run/job.h"

namespace strata {

// `file_name` is used in messages only. Errors are INVALID_ARGUMENT with reason JOB_INVALID: they name the file, the
// line, the key, what was found and what is allowed; unknown keys are errors that list the known ones.
absl::StatusOr<Job> ParseJob(std::string_view yaml, std::string_view file_name);

// What a ledger depends on, as ordered (field, value) pairs: shards, time zone, currency, column mappings, time format,
// delimiter, return and missing-customer rules. Never models, as_of or seed.
std::vector<std::pair<std::string, std::string>> LedgerFingerprint(const Job& job);

}  // namespace strata
