// What the ends of runs bring about: the commands and webhooks of jobs, told of the run by its JSON. Whoever records
// the end of a run records with it what is to be done (FinishRecord); whoever leads does it and records what came of
// it. So it is done at least once, also after a coordinator died in between, and never changes how the run ended.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "base/status.h"
#include "coordinator/state_seams.h"
#include "run/on_finish.h"
#include "run/summary.h"
#include "store/metadata.h"

namespace strata {

inline constexpr int kWebhookAttempts = 3;         // against a server that restarts, not against one that is gone
inline constexpr int64_t kWebhookPauseMs = 1'000;  // before the second attempt, four times that before the third

struct FinishOptions {
  bool allow_commands = false;  // without it, a command is refused and that is recorded
  std::string user_agent;       // "strata/0.1.0"
  int64_t webhook_pause_ms = kWebhookPauseMs;
  // A sentence for people; may be empty. Called on the thread that does the work.
  std::function<void(const std::string&)> note;
};

// A run with an end that waits for what it brings about.
struct PendingFinish {
  std::string job;
  int64_t run = 0;
};
absl::StatusOr<std::vector<PendingFinish>> PendingFinishes(Metadata& metadata);  // by job, then run

// Does what is pending, one after another: first the command, then the webhook. When `stop` is requested, the one in
// hand is ended and stays pending. Errors are of the records; those of commands and webhooks are outcomes.
absl::Status FinishPending(const StateSeams& seams, const Leadership& leadership, const FinishOptions& options,
                           std::stop_token stop);

// The same on a thread of its own, while this one keeps the lead: for a process that leads for one run.
absl::Status FinishKeepingLead(const StateSeams& seams, const Leadership& leadership, const FinishOptions& options);

// Puts what came of it into the summary: failures are warnings too.
void AddOutcomes(const std::vector<FinishOutcome>& outcomes, RunSummary* summary);

// Does what is pending whenever it is woken, on a thread of its own: a command that takes its time keeps no run
// waiting. The destructor ends what is in hand and leaves it to the next coordinator. Thread-safe.
class FinishLoop {
 public:
  FinishLoop(StateSeams seams, Leadership leadership, FinishOptions options);
  ~FinishLoop();
  FinishLoop(const FinishLoop&) = delete;
  FinishLoop& operator=(const FinishLoop&) = delete;
  void Wake();

 private:
  void Run(const std::stop_token& stop);

  StateSeams seams_;
  Leadership leadership_;
  FinishOptions options_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  bool awake_ = false;   // guarded by mutex_
  std::jthread thread_;  // last: starts when everything above exists
};

}  // namespace strata
