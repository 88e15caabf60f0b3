// What may be done to published snapshots, decided by whoever leads the state. The seam between the API, which serving/
// implements, and the leader, which coordinator/ implements: the two do not know each other.
#pragma once

#include <cstdint>
#include <string>

#include "base/status.h"

namespace strata {

// Calls may take seconds; thread-safe.
class SnapshotActions {
 public:
  virtual ~SnapshotActions() = default;

  // Makes the snapshot current; OK when it already is. NOT_FOUND (JOB_UNKNOWN, SNAPSHOT_UNKNOWN), FAILED_PRECONDITION
  // (STATE_HELD), DATA_LOSS when it does not verify.
  virtual absl::Status Activate(const std::string& job, int64_t number) = 0;
  // Deletes record and objects. NOT_FOUND as above, FAILED_PRECONDITION (SNAPSHOT_IN_USE, STATE_HELD).
  virtual absl::Status Delete(const std::string& job, int64_t number) = 0;
};

}  // namespace strata
