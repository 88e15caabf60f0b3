// The keys that every source of a job file has: where its files are and how they are read. Each function leaves its
// target as it is where the key is absent. Errors are those of YamlSection. Pure functions; thread-safe.
#pragma once

#include <optional>
#include <string>

#include "base/status.h"
#include "run/job.h"
#include "run/yaml_section.h"

namespace strata {

inline constexpr size_t kMaxColumnNameBytes = 256;  // names, not documents
inline constexpr size_t kMaxUriBytes = 4096;        // PATH_MAX

// `uri` must be there.
absl::Status ReadUri(const YamlSection& section, std::string* uri);
// The name of a source's column at `key` of a mapping.
absl::Status ReadColumnName(const YamlSection& mapping, const std::string& key, std::string* column);
absl::Status ReadDelimiter(const YamlSection& section, char* delimiter);
absl::Status ReadTimeFormat(const YamlSection& section, std::string* time_format);
absl::Status ReadOnMissingCustomer(const YamlSection& section, OnMissingCustomer* rule);
absl::Status ReadOnVanished(const YamlSection& section, OnVanished* rule);
absl::Status ReadOnChanged(const YamlSection& section, OnChanged* rule);
// `error_budget` of the section.
absl::Status ReadErrorBudget(const YamlSection& section, std::optional<ErrorBudget>* budget);

}  // namespace strata
