// Finds the columns that a job maps among those that a file has. Pure functions; thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "run/source_fields.h"

namespace strata {

// By field: the place of its column in the file, from 0; -1 where the field is not mapped.
using FieldColumns = std::vector<int>;

// Names are compared byte by byte. INVALID_ARGUMENT: COLUMN_MISSING names file, column, the job's key, the columns that
// are there and the nearest name; COLUMN_DUPLICATE when a mapped name is there more than once.
absl::StatusOr<FieldColumns> MatchColumns(const std::vector<std::string>& names, const SourceFields& fields,
                                          std::string_view path);

}  // namespace strata
