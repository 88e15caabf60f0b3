// Everything about runs that is not the night itself: submission with idempotence, one active run per job, the record
// of a run, activation and roll-back, deletion. Decisions are commits under the coordinator's token.
//
// Thread-safe as far as its seams are; they must outlive it.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/status.h"
#include "coordinator/driver.h"
#include "coordinator/night/night.h"
#include "coordinator/state_seams.h"
#include "run/run_state.h"
#include "run/summary.h"
#include "store/file_system.h"
#include "store/metadata.h"
#include "store/object_store.h"
#include "store/state.h"

namespace strata {

// Takes the lead of a state, or waits up to the leadership time-out for one whose holder died. FAILED_PRECONDITION
// (STATE_HELD) names the holder and says to use --target. `pause` waits between tries; `on_wait` is told once who holds
// the state, if anybody does (may be empty).
absl::StatusOr<Leadership> TakeLead(const StateSeams& seams, const std::string& holder,
                                    const std::function<void(int64_t ms)>& pause,
                                    const std::function<void(const std::string&)>& on_wait);

// For whoever has just taken the lead: brings to an end in the records what an earlier coordinator left unfinished (a
// run whose snapshot was published has succeeded, any other one failed with COORDINATOR_LOST), writes
// current/<generation> objects that a crash may have left out (with a higher generation where the metadata is older
// than the objects, after somebody put back a copy), and removes temporary files of writers that died long ago from
// `objects_folder` (empty: the objects are elsewhere).
absl::Status TakeOver(const StateSeams& seams, const Leadership& leadership, const std::string& objects_folder);

// Claims a number for a new run of the job and records it as active, with what was asked for (nothing: a run that
// nobody can resume). With a known request_id the run it started is returned instead (`existing` true).
// FAILED_PRECONDITION (RUN_ACTIVE) names the active run. After UNAVAILABLE (OUTCOME_UNKNOWN) the run may have begun:
// RecoverRuns finds out.
struct BegunRun {
  RunSummary summary;
  bool existing = false;
};
absl::StatusOr<BegunRun> BeginRun(const StateSeams& seams, const Leadership& leadership, const std::string& job,
                                  const std::string& request_id, const RunRequestRecord& asked = {});

// Runs the night over the driver's workers, from its begin or from where an earlier term left it; returns its summary,
// whose error says how it failed, for ConcludeRun. An error status (LeavesRunOpen) means that this process must not go
// on acting on the run: whoever leads next resumes it.
absl::StatusOr<RunSummary> ExecuteRun(const StateSeams& seams, const Leadership& leadership, Driver* driver,
                                      NightRequest request, RunSummary summary,
                                      const std::function<void(const RunProgress&)>& on_progress);

// Carries out the retention, records the end of a run that ExecuteRun has run, and removes what only its own tasks read
// and ledger segments of no use; the quarantine stays. Deleting takes a remote store long: the caller keeps the lead
// meanwhile. An error status means that the run has no end in the records, as for ExecuteRun.
absl::Status ConcludeRun(const StateSeams& seams, const Leadership& leadership, const Retention& retention,
                         RunSummary* summary);

// Records a run that was cancelled before it used any worker.
absl::StatusOr<RunSummary> RecordCancelled(const StateSeams& seams, const Leadership& leadership, RunSummary summary);

absl::StatusOr<RunSummary> GetRun(Metadata& metadata, const std::string& job, int64_t run);
absl::StatusOr<std::vector<RunSummary>> ListRuns(Metadata& metadata, const std::string& job);  // by number
// The newest runs of all jobs that have ended, newest first: every job's last one, and more while there are fewer than
// `count`.
absl::StatusOr<std::vector<RunSummary>> NewestRuns(const StateSeams& seams, size_t count);

// Makes a published snapshot the current one; also the way to roll back, and to tell replicas again. NOT_FOUND
// (SNAPSHOT_UNKNOWN). Where only the object for replicas could not be written, the error says so: do it again.
absl::Status ActivateSnapshot(const StateSeams& seams, const Leadership& leadership, const std::string& job,
                              int64_t number);

// Deletes a snapshot's record, then its objects. FAILED_PRECONDITION (SNAPSHOT_IN_USE) for the current one and for one
// that another kept snapshot, or a run in progress, follows.
absl::Status DeleteSnapshot(const StateSeams& seams, const Leadership& leadership, const std::string& job,
                            int64_t number);

}  // namespace strata
