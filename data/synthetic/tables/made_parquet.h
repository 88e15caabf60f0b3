// A made-up table as a Parquet file, with columns of the types that warehouses use. A pure function; thread-safe.
#pragma once

#include <string>

#include "base/status.h"
#include "data/synthetic/tables/made_table.h"

namespace strata {

// Money, decimals and shares are decimal(18, 6), days date32, times timestamps of milliseconds, flags integers 0 and 1.
// Errors: parquet_columns.h.
absl::StatusOr<std::string> EncodeParquet(const MadeTable& table);

}  // namespace strata
