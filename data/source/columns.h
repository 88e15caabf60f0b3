// Finds the columns that a job maps among those that a file has. Pure functions; thread-safe.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "run/job.h"
#include "run/transaction_fields.h"

namespace strata {

// Place of a field's column in the file, from 0; -1 where the field is not mapped.
using FieldColumns = std::array<int, kTransactionFieldCount>;

// How an error names the column of a field: a key of the job.
std::string KeyOf(const TransactionSource& source, const TransactionFieldInfo& info);

// Names are compared byte by byte. INVALID_ARGUMENT: COLUMN_MISSING names file, column, the job's key, the columns that
// are there and the nearest name; COLUMN_DUPLICATE when a mapped name is there more than once.
absl::StatusOr<FieldColumns> MatchColumns(const std::vector<std::string>& names, const TransactionSource& source,
                                          std::string_view path);

}  // namespace strata
