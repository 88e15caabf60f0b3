// The exit statuses of `strata`. Pure functions; thread-safe.
#pragma once

#include "base/status.h"
#include "run/summary.h"

namespace strata {

inline constexpr int kExitDone = 0;
inline constexpr int kExitFailed = 1;           // everything else: veto, cancel and a lost connection included
inline constexpr int kExitBadInput = 2;         // bad usage, or a job, flag or source that cannot be read as described
inline constexpr int kExitThresholdMissed = 3;  // a threshold given on the command line was missed

// Of an error: kExitBadInput where only the caller can mend it (ClassOf), except for what is right in itself but cannot
// be had now, as an unknown customer or a state that somebody else holds.
int ExitStatusOf(const absl::Status& status);

// Of a run that came to an end: a result that was not published is never kExitDone; one that was not activated is only
// with --no-activate or for a date before the current snapshot's.
int ExitStatusOf(const RunSummary& summary, bool activation_declined);

}  // namespace strata
