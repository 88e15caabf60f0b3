// Snapshot records on the wire. Pure functions; thread-safe.
#pragma once

#include <cstdint>
#include <string>

#include "base/status.h"
#include "run/snapshot_record.h"

namespace strata {
namespace v1 {
class ListSnapshotsRequest;
class Snapshot;
}  // namespace v1

void FillSnapshot(const SnapshotRecord& record, const std::string& job, bool is_current, v1::Snapshot* message);

// A snapshot as a client sees it.
struct ListedSnapshot {
  std::string job;
  SnapshotRecord record;
  bool is_current = false;
};
// INTERNAL (ANSWER_INVALID) for a message that no record stands behind.
absl::StatusOr<ListedSnapshot> ReadSnapshot(const v1::Snapshot& message);

struct ListSnapshotsQuestion {
  std::string job;
  int64_t before = 0;  // only snapshots with a smaller number; 0: all
  int32_t page_size = 0;
};
// INVALID_ARGUMENT: NAME_INVALID, PAGE_SIZE_INVALID, PAGE_TOKEN_INVALID.
absl::StatusOr<ListSnapshotsQuestion> ReadListSnapshots(const v1::ListSnapshotsRequest& request);
std::string SnapshotsToken(const std::string& job, int64_t before);

}  // namespace strata
