// The end of a run in the records, and what goes with it. Decisions are commits under the coordinator's token.
//
// Thread-safe as far as its seams are.
#pragma once

#include "base/status.h"
#include "coordinator/state_seams.h"
#include "run/summary.h"
#include "store/metadata.h"

namespace strata {

// Records `summary` as the run's end and frees its job, together with what the job wants done then (run/on_finish.h);
// then removes what nobody needs any more (RemoveLeftovers). A run whose snapshot was published after all, by a commit
// of unknown outcome, has succeeded whatever `summary` says, and becomes what its record says. What could not be
// removed is a warning in `summary`, for CollectLeftovers. An error means that the end is not recorded; see
// LeavesRunOpen.
absl::Status EndRun(const StateSeams& seams, const Leadership& leadership, RunSummary* summary);

// Removes what only the run's own tasks and terms read, and the manifest of a snapshot that was not published. Records
// first, under the token: a deposed coordinator deletes nothing that its successor reads, and no record points
// to an object that is gone. The ledger, the snapshot, the quarantine and the run's summary stay. Precondition: the run
// has an end in the records.
absl::Status RemoveLeftovers(const StateSeams& seams, const Leadership& leadership, const std::string& job,
                             int64_t run);

}  // namespace strata
