// Removes what earlier nights of a job left and its retention no longer keeps: snapshots, and records of runs with
// their quarantine. What goes is chosen in retention.h. Always records first, under the coordinator's token, then the
// objects (removal.h): a snapshot that cannot be removed whole is no longer listed, and CollectLeftovers finds its
// objects.
//
// Thread-safe as far as the seams are.
#pragma once

#include <cstdint>
#include <string>

#include "base/status.h"
#include "coordinator/state_seams.h"
#include "run/job.h"
#include "run/summary.h"
#include "store/metadata.h"

namespace strata {

struct RemovedObjects {
  int64_t objects = 0;
  int64_t size_bytes = 0;
};

// Revisions of the records on which the decision to remove a snapshot was based; 0: there was none.
struct SnapshotRevisions {
  int64_t record = 0;
  int64_t current = 0;
};

// Removes a snapshot's record, its manifest, then its other objects, whether or not it is in use: that is the caller's
// to know. ABORTED (COMMIT_CONFLICT) when the record or the current pointer changed since, and nothing was removed.
absl::StatusOr<RemovedObjects> RemoveSnapshot(const StateSeams& seams, const Leadership& leadership,
                                              const std::string& job, int64_t number,
                                              const SnapshotRevisions& revisions);

// Carries out the retention of the job of `run`, which is the job's active one and whose work is done; writes to
// run->removed what it removed, also when it fails half-way. Snapshots are removed only by a run that published one: a
// night that fails takes nothing away. What somebody else changes meanwhile (an activation, a deletion) is left to the
// next run.
absl::Status CollectOld(const StateSeams& seams, const Leadership& leadership, const Retention& retention,
                        RunSummary* run);

}  // namespace strata
