// An open connection and the job that the flags mean. Thread-safe as far as the connection is.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/status.h"
#include "client/connection.h"
#include "client/flags.h"

namespace strata {

struct Session {
  std::unique_ptr<Connection> connection;
  std::string job;
  SnapshotName snapshot;  // the pinned one, or the current one
};

// Connects to the state folder or the target. INVALID_ARGUMENT (FLAG_INVALID) for --state together with --target;
// NOT_FOUND (STATE_MISSING); UNAVAILABLE (TARGET_UNREACHABLE).
absl::StatusOr<std::unique_ptr<Connection>> Connect(const StateFlags& flags);

// The same, with the job found.
absl::StatusOr<Session> OpenSession(const StateFlags& flags);

// The job named by --job, or the only one of `jobs`. NOT_FOUND (STATE_EMPTY) where there is none; INVALID_ARGUMENT
// (JOB_UNKNOWN, JOB_AMBIGUOUS), which list the jobs there are.
absl::StatusOr<std::string> ChooseJob(const std::vector<std::string>& jobs, const StateFlags& flags);

}  // namespace strata
