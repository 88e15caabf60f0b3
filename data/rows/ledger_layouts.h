// All tables that a job keeps rows of beside the days of its customers, by TableId: details of transactions where they
// are kept, the tables that the job names, and links where its customers name others. Pure; thread-safe.
#pragma once

#include <span>
#include <vector>

#include "base/status.h"
#include "data/rows/table_batch.h"
#include "run/job.h"
#include "run/ledger_version.h"
#include "run/table_source.h"

namespace strata {

std::vector<TableLayout> LayoutsOf(const TransactionSource& transactions, const std::vector<TableSource>& tables);

// Those of the job that a ledger version was made for, from its fingerprint.
std::vector<TableLayout> LayoutsOf(const LedgerVersion& version);

// INTERNAL (TABLE_UNKNOWN) when the layouts have no such table.
absl::StatusOr<const TableLayout*> FindLayout(std::span<const TableLayout> layouts, TableId table);

}  // namespace strata
