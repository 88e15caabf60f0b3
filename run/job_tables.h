// Reads the parts of a job file that name merged identities (`sources.aliases`) and rates (`sources.fx`). Pure
// functions; thread-safe.
#pragma once

#include <string_view>

#include "base/status.h"
#include "run/job.h"
#include "run/yaml_section.h"

namespace strata {

// How errors and the fingerprint of a ledger name the columns: these, then the column's key.
inline constexpr std::string_view kAliasColumnsKey = "sources.aliases.columns.";
inline constexpr std::string_view kFxColumnsKey = "sources.fx.columns.";

// Fills `aliases` and `fx` of `job` from the section `sources`; a table that is not named stays absent. Precondition:
// the transactions of `job` have been read.
absl::Status ReadTables(const YamlSection& sources, Job* job);

}  // namespace strata
