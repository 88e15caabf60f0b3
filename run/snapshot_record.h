// The metadata record of a published snapshot, under SnapshotRecordKey(job, number): written by the commit that
// publishes; a folder of objects without one is debris. Plain values; thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/date.h"
#include "base/status.h"

namespace strata {

enum class SnapshotState {
  kPublished,  // complete and readable
  kDeleting,   // its objects are being deleted: no longer readable
};
const char* Name(SnapshotState state);  // "published", "deleting"

struct SnapshotRecord {
  int64_t number = 0;  // 1 or more
  SnapshotState state = SnapshotState::kPublished;
  uint64_t manifest_checksum = 0;  // XXH3-64 of the manifest's bytes
  std::string digest;              // hexadecimal
  Day as_of = 0;
  int64_t customers = 0;
  int64_t published_ms = 0;  // wall clock
  int64_t run = 0;           // number of the run that made it
  int64_t follows = 0;       // number of the snapshot it follows, 0: none
  int64_t ledger_version = 0;

  bool operator==(const SnapshotRecord&) const = default;

  // Canonical: equal values have equal bytes.
  std::string ToJson() const;
  // DATA_LOSS (SNAPSHOT_RECORD_CORRUPT) for what cannot be read, FAILED_PRECONDITION (FORMAT_UNKNOWN) for another
  // version of the format.
  static absl::StatusOr<SnapshotRecord> FromJson(std::string_view json);
};

}  // namespace strata
