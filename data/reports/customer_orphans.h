// Rows of a shard that name a customer whom nobody knows. A pure function; thread-safe.
#pragma once

#include <cstdint>
#include <optional>

#include "data/reports/report.h"

namespace strata {

// The rows of `table`, as of the date, whose customer has no row in the customers table; where the job has no such
// table, who has no transaction. Of kLinks the rows that name somebody as `link` ("referrer", "parent"). nullopt where
// the question makes no sense: for the table that says who is known, for tables without customers, and for those that
// the job does not have.
std::optional<int64_t> CountOrphans(const ReportShard& shard, TableId table, std::string_view link = {});

}  // namespace strata
