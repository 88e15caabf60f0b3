// The one loop that carries the plan's actions out: sends frames over worker links, commits results, hands the run's
// logic what it waits for. It never decides; coordinator/plan/plan.h does. Runs over any implementation of its seams,
// so the same loop runs in production and in tests.
//
// Thread safety: Post and the link functions may be called from any thread; Execute and Idle only from the thread that
// owns the driver. Whoever may still post must be stopped before the driver is destroyed.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "base/telemetry/log_line.h"
#include "coordinator/driver_events.h"
#include "coordinator/lead_keeper.h"
#include "coordinator/plan/plan.h"
#include "coordinator/run_logic.h"
#include "store/metadata.h"
#include "store/object_store.h"

namespace strata {

// The way to one worker: in-process or over the network. Send never blocks for long and never fails loudly: a link that
// is broken shows as WorkerDisconnected. Thread-safe.
class WorkerLink {
 public:
  virtual ~WorkerLink() = default;
  virtual void Send(const ToWorker& frame) = 0;
  // The worker was given up: ends the session, so that a process that was only paused introduces itself again.
  virtual void Close() = 0;
};

// Runs a function somewhere else than on the caller's thread (production) or at once (simulation).
using RunElsewhere = std::function<void(std::function<void()>)>;

// Where a run stands, for progress bars and operations.
struct RunProgress {
  Plan::Progress plan;
  double seconds_in_stage = 0;
  int64_t rows_read = 0;  // of new files
};

class Driver {
 public:
  struct Seams {
    Metadata* metadata = nullptr;
    ObjectStore* objects = nullptr;
    const Clock* clock = nullptr;
    RunElsewhere run_elsewhere;
    // Waits for input, or this long, where no other thread will bring any (simulation); empty: the driver waits itself.
    std::function<void(int64_t wait_ms)> pause = {};
    LogSink log;             // may be empty
    DriverObserver observe;  // may be empty
  };
  struct RunIdentity {
    std::string job;
    int64_t run = 0;
    Leadership leadership;
  };

  Driver(Seams seams, PlanOptions options) : seams_(std::move(seams)), plan_(std::move(options)) {}

  // A worker said hello over `link`; an older link of the same worker is replaced.
  void Join(const Hello& hello, std::shared_ptr<WorkerLink> link);
  // `link` is gone; ignored when the worker has a newer one.
  void Disconnect(const WorkerId& worker, const WorkerLink* link);
  void Post(Event event);
  // Ends the run with CANCELLED; nothing when it is not the one in progress (any more).
  void Cancel(std::string job, int64_t run, std::string reason);
  void Leave();  // ends the run in progress here, to be resumed: UNAVAILABLE (COORDINATOR_STOPPING)

  // Runs `logic` to its end. `on_progress` is called from the loop after changes, at most about ten times a second.
  absl::Status Execute(const RunIdentity& identity, RunLogic* logic,
                       const std::function<void(const RunProgress&)>& on_progress);
  // Handles joins and heartbeats while no run is in progress, for at most `wait_ms`, until Wake() or an event.
  void Idle(int64_t wait_ms);
  void Wake();

  // The workers as they were at most kWorkersViewMs ago; who joined or left is seen at once. From any thread.
  std::vector<Plan::WorkerLine> Workers() const;

  const LogSink& log() const { return seams_.log; }            // may be empty
  const double* seconds_by_stage() const { return seconds_; }  // of the last Execute; index stage - 1

 private:
  struct Joined {
    Hello hello;
    std::shared_ptr<WorkerLink> link;
  };
  struct LogicDone {
    absl::StatusOr<RunStep> step;
  };
  struct Disconnected {
    WorkerId worker;
    const WorkerLink* link = nullptr;
  };
  struct Ended {  // from outside
    absl::Status status;
    std::string job;  // with `run`: the only one that is meant
    int64_t run = 0;  // 0: whichever is in progress
  };
  using Input = std::variant<Event, Joined, LogicDone, Disconnected, Ended>;

  void Log(LogLevel level, std::string message, std::vector<LogField> fields) const;
  void Observe(const DriverEvent& event) const;
  void NoticeFailure(const WorkerId& worker, const TaskFailed& failed) const;
  void ShowWorkers();
  void Push(Input input);
  std::vector<Input> Take(int64_t wait_ms);
  void Pump(int64_t wait_ms);  // one turn of the loop
  void Accept(Input input);
  void ForgiveAbsence();  // of this loop, so that a tick does not take it for silence
  void Feed(const Event& event);
  void Perform(const Action& action);
  void CommitResults(const CommitTasks& commit);
  void ReadBack(const ReadCommit& read);
  absl::Status RecordStage(const RunStage& stage);
  void CallLogic(std::function<absl::StatusOr<RunStep>()> call);
  void StartStep(const RunStep& step);
  absl::StatusOr<std::map<uint32_t, Blob>> CommittedResults(Stage stage);
  absl::StatusOr<std::vector<std::string>> Fetch(const std::vector<Blob>& blobs);
  void EnterStage(Stage stage);
  void Finish(absl::Status status);

  Seams seams_;
  Plan plan_;
  std::map<WorkerId, std::shared_ptr<WorkerLink>> links_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Input> inputs_;                    // guarded by mutex_
  bool woken_ = false;                          // guarded by mutex_
  std::vector<Plan::WorkerLine> workers_view_;  // guarded by mutex_
  static constexpr int64_t kWorkersNotShown = -1;
  int64_t workers_shown_ms_ = kWorkersNotShown;  // when they were last written down
  int64_t listened_ms_ = -1;                     // up to when silence is the workers' and not the loop's

  // The run in progress.
  RunIdentity identity_;
  RunLogic* logic_ = nullptr;
  bool logic_busy_ = false;
  bool finished_ = true;
  absl::Status outcome_;
  std::optional<LeadKeeper> lead_;
  int64_t unread_since_ms_ = -1;    // -1: the metadata answers
  std::vector<ReadCommit> unread_;  // the metadata did not answer: read again at the next turn
  int64_t stage_begun_ms_ = 0;
  Stage stage_ = Stage::kPlan;
  bool is_last_ = false;  // the stage before the publication
  double seconds_[kStages] = {};
};

// Writing down what every worker does costs as much as looking at all of them, so it is not done at every event.
inline constexpr int64_t kWorkersViewMs = 200;

}  // namespace strata
