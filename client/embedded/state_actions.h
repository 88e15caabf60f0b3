// What commands do to a state folder without a server: steer its snapshots under the lead, read its runs, check its
// ledger. Each call opens the folder and lets it go again. Thread-safe.
//
// Errors beyond those of the coordinator: NOT_FOUND (STATE_MISSING).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/date.h"
#include "base/status.h"
#include "coordinator/ledger_compaction.h"
#include "run/summary.h"
#include "store/state.h"

namespace strata {

// Takes the lead first: FAILED_PRECONDITION (STATE_HELD) while a run or a coordinator has it.
absl::Status ActivateInState(const StateOptions& state, const std::string& job, int64_t snapshot);
absl::Status DeleteInState(const StateOptions& state, const std::string& job, int64_t snapshot);

// Jobs with any record, by name: also those whose first run has not published anything.
absl::StatusOr<std::vector<std::string>> JobsInState(const StateOptions& state);
absl::StatusOr<std::vector<RunSummary>> RunsInState(const StateOptions& state, const std::string& job);  // newest first
absl::StatusOr<RunSummary> RunInState(const StateOptions& state, const std::string& job, int64_t run);

// Dates that have a snapshot of the ledger's version of now, with its number (the newest one's); none without a state
// or a ledger.
absl::StatusOr<std::map<Day, int64_t>> PublishedInState(const StateOptions& state, const std::string& job);

struct LedgerVerification {
  int64_t version = 0;
  std::string digest;  // computed anew from the rows
  int64_t segments = 0;
  int64_t size_bytes = 0;
  int64_t customers = 0;
  int64_t rows = 0;
  int64_t table_rows = 0;  // of all tables beside, details of transactions among them
};
// Reads every segment of the job's current ledger version: checksums, format, order, the digest of the rows, and that
// customers and rows are as the registry says. DATA_LOSS (CHECKSUM_MISMATCH, LEDGER_CORRUPT) names what is at fault;
// NOT_FOUND (LEDGER_MISSING).
absl::StatusOr<LedgerVerification> VerifyLedgerInState(const StateOptions& state, const std::string& job);

// Merges the segments of the job's ledger into one per shard, under the lead; errors as for CompactLedger.
absl::StatusOr<LedgerCompaction> CompactLedgerInState(const StateOptions& state, const std::string& job);

}  // namespace strata
