// Runs that a coordinator left without an end: which of them go on, and which are closed. Decisions are commits under
// the token of whoever leads now.
//
// Thread-safe as far as its seams are.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/status.h"
#include "coordinator/night/night.h"
#include "coordinator/state_seams.h"
#include "run/run_state.h"
#include "run/summary.h"

namespace strata {

// A run that was resumed this often and still has no end is what ends its coordinators: it is closed and named.
inline constexpr int kMaxResumptions = 20;

// What is asked for, as the run's record keeps it; `build_id` computes it.
RunRequestRecord AskedFor(const NightRequest& request, std::string build_id);

struct ResumedRun {
  NightRequest request;
  RunSummary summary;  // of its begin; the night fills it again
};

struct RecoverOptions {
  std::string build_id;  // of this process
  // Jobs whose active run is in the hands of this process; asked after the active run was read; may be empty.
  std::function<bool(const std::string& job)> is_mine;
  // Why a run that could be resumed is not to be, or nothing; may be empty.
  std::function<std::string(const RunRequestRecord& asked, const RunSummary& summary)> why_not;
  // Told of every run that got its end here; may be empty.
  std::function<void(const RunSummary&)> on_closed = {};
};

// Runs to go on with, oldest first. The others get their end: succeeded where the snapshot was published, else failed
// with COORDINATOR_LOST and the reason why it cannot be resumed (another build, intermediates that are missing or
// damaged, no record of what was asked, kMaxResumptions, why_not).
absl::StatusOr<std::vector<ResumedRun>> RecoverRuns(const StateSeams& seams, const Leadership& leadership,
                                                    const RecoverOptions& options);

// Every job that the metadata knows.
absl::StatusOr<std::set<std::string>> JobsOf(Metadata& metadata);

// Removes what runs with an end left behind, because their coordinator was interrupted or their store failed or forgot
// a deletion in a power cut: intermediates, and objects of snapshots and runs that have no record. Nobody reads it, so
// an error is no reason to stop: try again after the next run.
absl::Status CollectLeftovers(const StateSeams& seams, const Leadership& leadership);

// Whether the sources of a run that was begun and left are still listed as they were then; true before they were.
absl::StatusOr<bool> SourcesAreAsListed(const StateSeams& seams, const NightRequest& request, int64_t run);

}  // namespace strata
