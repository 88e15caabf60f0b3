// What a run has to say for itself: the object that `strata run --json` prints and RunService returns. Plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"
#include "run/broken_rule.h"
#include "run/on_finish.h"
#include "run/row_counts.h"
#include "run/stage.h"

namespace strata {

enum class RunState { kRunning, kSucceeded, kFailed, kCancelled };
const char* Name(RunState state);  // "running", ...

// What a job's retention removed at the end of a run (coordinator/retention.h).
struct RemovedByRetention {
  std::vector<int64_t> snapshots;  // numbers, ascending
  int64_t runs = 0;                // whose records, and quarantine, were removed
  int64_t objects = 0;             // all that were deleted, what dead coordinators had left included
  int64_t size_bytes = 0;          // of these objects
  bool any() const { return !snapshots.empty() || runs > 0 || objects > 0; }
  bool operator==(const RemovedByRetention&) const = default;
};

// What a run has to say of one table beside transactions.
struct TableSummary {
  std::string table;      // its name
  int64_t files = 0;      // of the ledger version
  RowCounts rows;         // all files; those of days after as_of are skipped_after_as_of
  RowCounts rows_new;     // files first read in this run, whatever their days
  int64_t conflicts = 0;  // keys whose rows differ in content
  std::vector<std::pair<std::string, int64_t>> rejected_by_reason;  // new files
};

struct RunSummary {
  std::string job;
  int64_t run = 0;  // also the number of the snapshot it may publish
  RunState state = RunState::kRunning;
  std::string as_of;     // YYYY-MM-DD, empty before it is known
  int64_t snapshot = 0;  // 0: none was published
  std::string digest;
  int64_t follows = 0;  // 0: none
  int64_t ledger_version = 0;
  std::string ledger_digest;
  int64_t customers = 0;
  int64_t customers_with_purchase = 0;
  RowCounts rows;                                                   // all files of the ledger version, for this as_of
  RowCounts rows_new;                                               // files first read in this run
  std::vector<std::pair<std::string, int64_t>> rejected_by_reason;  // new files
  std::vector<TableSummary> tables;                                 // beside transactions, by TableId
  std::vector<std::string> quarantine_objects;                      // keys, by file
  std::vector<std::string> warnings;
  bool published = false;
  bool activated = false;
  bool back_dated = false;       // as_of before the current snapshot's: not activated by itself
  double seconds[kStages] = {};  // by number of the stage - 1
  double seconds_total = 0;
  int64_t peak_rss_bytes = 0;  // of the coordinator's process, workers included when embedded
  int64_t started_ms = 0;      // wall clock
  int64_t finished_ms = 0;
  std::string request_id;
  int resumed = 0;           // how often another process went on with it
  bool ledger_only = false;  // it was asked to build the ledger anew and nothing else: nothing is published
  RemovedByRetention removed;
  // Failure: canonical code, reason and message; empty when the run did not fail.
  int error_code = 0;
  std::string error_reason;
  std::string error_message;
  std::vector<BrokenRule> broken_rules;  // expectations and vetoes, also those that were ignored on request
  std::vector<FinishOutcome> on_finish;  // what its end brought about; empty until then

  std::string ToJson() const;  // one line, keys as the design names them
  static absl::StatusOr<RunSummary> FromJson(std::string_view json);
};

// The status of a failed or cancelled run; OK otherwise.
absl::Status ErrorOf(const RunSummary& summary);
void SetError(const absl::Status& status, RunSummary* summary);

}  // namespace strata
