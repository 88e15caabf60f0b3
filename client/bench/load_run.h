// Runs a load plan: opens the connections, starts the lanes, looks at them once a second, adds up what they measured.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "base/status.h"
#include "client/bench/answer_checks.h"
#include "client/bench/load_loop.h"
#include "client/bench/load_plan.h"
#include "client/bench/load_tally.h"
#include "client/bench/nano_clock.h"

namespace strata {

// A second of the run, warm-up included, by the moment of sending and answering.
struct SecondLine {
  double end_s = 0;     // since the run's start
  double length_s = 0;  // about 1; shorter where the warm-up or the run ends
  bool warmup = false;
  int64_t sent = 0;
  int64_t answers = 0;
  int64_t errors = 0;
  int64_t backlog = 0;  // at its end
  int64_t p50_ns = 0;   // of answers, from due
  int64_t p99_ns = 0;
  int64_t max_ns = 0;
};

struct LoadResult {
  LoadTally tally;
  CheckResult checks;
  LoopCounts counts;
  std::vector<SecondLine> seconds;
  int64_t start_ns = 0;       // by the run's NanoClock: when request 0 of a constant schedule was due
  int64_t measured_ns = 0;    // length of the window; shorter than planned where interrupted
  int64_t client_cpu_ns = 0;  // of this process in the window
  double busiest_driver = 0;  // share of the window that the busiest driver thread computed, 0 to 1
  bool interrupted = false;
};

inline constexpr int64_t kLoadStartInNs = 5 * kNanosPerMilli;  // after all connections are open; lanes are up by then

struct LoadRunHooks {
  // Waits for so long; true when the run is to be broken off.
  std::function<bool(int64_t timeout_ms)> wait;
  std::function<void(const SecondLine&)> on_second;
  // After each call that ended and was counted, on a driver's thread; may be absent.
  std::function<void()> on_ended;
};

// Takes warm-up, window and at most two deadlines. UNAVAILABLE (TARGET_UNREACHABLE) when a connection cannot be opened;
// what happens to calls later is counted, never an error. Preconditions: a plan within its limits,
// targets.size() <= connections, threads <= connections, ids that fit plan.keys.
absl::StatusOr<LoadResult> RunLoad(const LoadPlan& plan, const IdPool& ids, const NanoClock& clock,
                                   const LoadRunHooks& hooks);

}  // namespace strata
