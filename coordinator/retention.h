// Which snapshots and runs of a job are old enough to go. Decided in values: no clock, no store. Pure functions;
// thread-safe.
#pragma once

#include <cstdint>
#include <vector>

#include "run/job.h"
#include "run/snapshot_record.h"

namespace strata {

// At most so many go at the end of one run, the oldest first; the next run takes the rest. A night must not become long
// because somebody shortened the retention of years.
inline constexpr size_t kMaxSnapshotsRemovedPerRun = 50;
inline constexpr size_t kMaxRunsRemovedPerRun = 500;

struct EndedRun {
  int64_t run = 0;
  int64_t ended_ms = 0;  // wall clock
};

struct RetentionFacts {
  std::vector<SnapshotRecord> snapshots;  // all that are published, in any order
  std::vector<EndedRun> runs;             // all that have an end in the records, in any order
  int64_t current = 0;                    // the snapshot that answers; 0: none
  int64_t active_run = 0;                 // 0: none
  int64_t followed_by_active = 0;         // the snapshot that the active run follows; 0: none
  int64_t now_ms = 0;                     // wall clock
};

struct RetentionChoice {
  std::vector<int64_t> snapshots;  // ascending
  std::vector<int64_t> runs;       // ascending
};

// Old is what is neither among the newest so many nor younger than so many days. An old snapshot goes unless
//   - it is the current one, or the one which that follows;
//   - it is the newest, or the one which that follows;
//   - its date is the latest of all: the next night follows it;
//   - the active run follows it, or has published it.
// An old run goes unless it is active or its snapshot stays. A time in the future counts as young: after a step of the
// wall clock too much is kept, never too little.
RetentionChoice ChooseRemovals(const Retention& retention, const RetentionFacts& facts);

}  // namespace strata
