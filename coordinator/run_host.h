// Runs of a cluster's coordinator: takes submissions, lets one run at a time use the workers (runs of other jobs wait
// in the order they came), keeps the lead, answers where a run stands. Owns the driver and its loop.
//
// Thread-safe: submissions, queries and steering may come from any thread; Loop is called once, by the thread that is
// to be the loop, and returns after Stop or when the lead is lost.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/status.h"
#include "base/telemetry/log_line.h"
#include "coordinator/driver.h"
#include "coordinator/lead_keeper.h"
#include "coordinator/run_control.h"
#include "coordinator/serial_executor.h"

namespace strata {

inline constexpr size_t kMaxQueuedRuns = 64;  // jobs that wait at once; more is a scheduler gone wild

inline constexpr size_t kRecentRuns = 8;  // kept in memory for whoever asks what ran lately

// Who is told what happens; each may be empty and must not block.
struct RunObservers {
  LogSink log;
  DriverObserver driver;                             // on the loop
  std::function<void(const RunSummary&)> run_ended;  // on the loop, or on the thread that cancelled a waiting run
  std::function<void()> recovered;                   // on the loop: runs of earlier coordinators may have been closed
};

// Everything about runs at one moment.
struct HostStatus {
  std::optional<RunSummary> running;                    // as it was when it began
  RunProgress progress;                                 // of it
  std::vector<std::pair<std::string, int64_t>> queued;  // job and number, first come first
  std::vector<RunSummary> recent;                       // that ended, newest first; at most kRecentRuns
  std::vector<Plan::WorkerLine> workers;
};

class RunHost {
 public:
  // `recent` are runs that ended before, newest first (NewestRuns).
  RunHost(StateSeams seams, Leadership leadership, PlanOptions plan_options, RunObservers observers = {},
          std::vector<RunSummary> recent = {});

  Driver& driver() { return driver_; }

  // Queues a run. A known request_id answers with the run it began. FAILED_PRECONDITION (RUN_ACTIVE) names the job's
  // active run; RESOURCE_EXHAUSTED (TOO_MANY_RUNS); INVALID_ARGUMENT (URI_RELATIVE): a cluster has no folder of a job
  // file.
  absl::StatusOr<RunSummary> Submit(NightRequest request, const std::string& request_id);
  absl::Status Cancel(const std::string& job, int64_t run);
  absl::StatusOr<RunSummary> Get(const std::string& job, int64_t run);
  // Waits until the run has ended or `timeout_ms` passed; the summary says which.
  absl::StatusOr<RunSummary> Wait(const std::string& job, int64_t run, int64_t timeout_ms);
  // Of the run that uses the workers now.
  std::optional<RunProgress> Progress(const std::string& job, int64_t run);
  HostStatus Status();

  absl::Status Activate(const std::string& job, int64_t number);
  absl::Status Delete(const std::string& job, int64_t number);

  // Takes over (`take_over`, repeated while its error is retryable; NotReady says why), goes on with what earlier
  // coordinators left, then takes what is submitted. The lead is kept and workers are heard all the time, however long
  // the stores take. `on_run_ended` is called from the loop after each run, also after one that was closed and not
  // resumed.
  absl::Status Loop(const std::function<absl::Status()>& take_over,
                    const std::function<void(const RunSummary&)>& on_run_ended);
  // Why submitted runs do not begin yet; empty when they may.
  std::string NotReady();
  void Stop();  // leaves the run in progress and those that wait to the next coordinator

 private:
  struct Queued {
    NightRequest request;
    RunSummary summary;
  };

  bool IsActive(const std::string& job, int64_t* run) const;  // requires mutex_
  bool AwaitRelease(const std::string& job, int64_t run, std::unique_lock<std::mutex>& lock);
  absl::Status Elsewhere(const std::function<absl::Status()>& work, LeadKeeper* lead);
  absl::Status TakeOverFirst(const std::function<absl::Status()>& take_over, LeadKeeper* lead);
  absl::Status Recover(LeadKeeper* lead, const std::function<void(const RunSummary&)>& on_run_ended);
  absl::Status Collect(LeadKeeper* lead);
  bool IsStopping();
  std::optional<Queued> TakeNext();
  absl::StatusOr<RunSummary> ToItsEnd(Queued next, LeadKeeper* lead);
  void NoteEnded(const RunSummary& summary);

  StateSeams seams_;
  Leadership leadership_;
  std::function<void(const RunSummary&)> run_ended_;
  std::function<void()> recovered_;
  std::string build_id_;
  Driver driver_;
  SerialExecutor logic_;  // after the driver: its thread ends before the driver that it reports to
  // Held while a run begins or is cancelled, in the records and in the queue: recovery must see both or neither. Taken
  // before mutex_, which is never held while a store is asked.
  std::mutex begin_mutex_;
  std::mutex mutex_;
  std::condition_variable ended_;
  std::deque<Queued> queue_;           // guarded by mutex_
  std::optional<RunSummary> running_;  // guarded by mutex_
  RunProgress progress_;               // of running_; guarded by mutex_
  std::deque<RunSummary> recent_;      // newest first; guarded by mutex_
  bool recover_ = true;                // runs may have no end and nobody to work on them; guarded by mutex_
  bool recovering_ = true;             // runs may be about to be resumed; guarded by mutex_
  std::string not_ready_ = "looks at the objects of its state";  // guarded by mutex_
  bool stopping_ = false;                                        // guarded by mutex_
  bool collect_ = false;                                         // runs may have left something; for the loop alone
};

}  // namespace strata
