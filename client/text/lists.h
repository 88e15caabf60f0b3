// Snapshots, runs and ledgers as tables for people. Pure functions; thread-safe.
#pragma once

#include <string>
#include <vector>

#include "run/summary.h"
#include "wire/ledgers.h"
#include "wire/snapshots.h"

namespace strata {

// The current one is marked with '*'.
std::string SnapshotsTable(const std::vector<ListedSnapshot>& snapshots);
std::string RunsTable(const std::vector<RunSummary>& runs);
// The version, what became of its rows, what it depends on, and its files.
std::string LedgerReport(const LedgerSummary& ledger, const std::vector<RegisteredFile>& files);

}  // namespace strata
