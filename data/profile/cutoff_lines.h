// Features of churn from the details of transactions (docs/churn-features.md), as of a date: of rows up to it alone.
// Names are those of the features. A pure function; thread-safe.
#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <string>

#include "base/status.h"
#include "data/profile/owned_columns.h"
#include "data/rows/table_shard.h"
#include "model/customer_columns.h"

namespace strata {

// Adds the `wanted` ones for the customers of `view`, who are in the rows `row_of_today` of the customers that the
// tables are aligned to. Versions of products are all that there are. OUT_OF_RANGE (PROFILE_OVERFLOW) names a customer
// whose sums leave 64 bits. Precondition: transactions are among the tables, with the columns that `wanted` needs.
absl::Status AddLineColumns(const CustomerColumns& view, std::span<const uint32_t> row_of_today,
                            const ShardTables& tables, const std::set<std::string>& wanted, OwnedColumns* columns);

}  // namespace strata
