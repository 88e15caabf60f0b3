// A run on a cluster: submitted, then followed to its end. The run belongs to the cluster: losing the connection, or
// Ctrl-C here, does not end it.
#pragma once

#include "base/clock.h"
#include "base/status.h"
#include "client/connection.h"
#include "client/interrupts.h"
#include "client/run_options.h"
#include "client/text/progress.h"
#include "run/summary.h"

namespace strata {

inline constexpr int64_t kFollowPauseMs = 250;  // between two looks: quick enough for a bar, cheap for the server
inline constexpr int64_t kFollowPatienceMs = 120'000;  // a coordinator that restarts is back by then

// Submits the job and returns the run's number. Repeating it with the same request id finds the same run.
absl::StatusOr<RunName> SubmitRun(const Connection& connection, const RunOptions& options);

// Follows the run and returns its summary once it has ended, however it did. ABORTED (DETACHED) after Ctrl-C, saying
// how to look at the run; UNAVAILABLE when the server stays away for kFollowPatienceMs.
absl::StatusOr<RunSummary> FollowRun(const Connection& connection, const RunName& run, const std::string& where,
                                     const Interrupts& interrupts, const Clock& clock, ProgressPrinter* progress);

}  // namespace strata
