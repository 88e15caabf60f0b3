// The comparison of two snapshots on the wire. Pure functions; thread-safe.
#pragma once

#include "base/status.h"
#include "data/snapshot/snapshot_diff.h"
#include "wire/names.h"

namespace strata {
namespace v1 {
class DiffSnapshotsRequest;
class DiffSnapshotsResponse;
}  // namespace v1

struct DiffSnapshotsQuestion {
  SnapshotName base;
  SnapshotName other;
};
// INVALID_ARGUMENT: NAME_INVALID, JOBS_DIFFER, SNAPSHOTS_EQUAL (of two equal numbers; whether "current" is one of them
// is for the server to see, with SnapshotsEqual).
absl::StatusOr<DiffSnapshotsQuestion> ReadDiffSnapshots(const v1::DiffSnapshotsRequest& request);
absl::Status SnapshotsEqual(const SnapshotName& name);

void FillDiff(const SnapshotDiff& diff, v1::DiffSnapshotsResponse* message);
// INTERNAL (ANSWER_INVALID) for a message that no comparison stands behind: counts below 0, moves or bins that do not
// add up to the customers.
absl::StatusOr<SnapshotDiff> ReadDiff(const v1::DiffSnapshotsResponse& message);

}  // namespace strata
