// The coordinator's decisions, pure: events and the time go in, actions come out. Reads no clock, opens no file, starts
// no thread, sends nothing; the driver carries the actions out and feeds what happens back. Not thread-safe: the
// driver's loop owns it.
//
// It knows workers (who is connected, who may work, how many slots, when they were last heard of) and the work of the
// one run in progress: a stage of numbered tasks, or a round over shards. It does not know what tasks compute.
//
// Promises: a task's result is committed once, the first valid attempt wins; two attempts that disagree fail the run
// and are both named; in a round every shard is counted exactly once; a task that was lost kMaxAttempts times fails the
// run, with each loss named; a run without workers fails after a bounded wait. A worker whose process keeps dying under
// one task does not take the tasks beside it along: from kSuspectLosses on a task is run alone.
//
// Stragglers: when nothing waits any more, a task that runs far longer than the others did gets a second attempt on
// another worker, and the shards of a slow assignment go to the others. It costs work, never a count.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "base/status.h"
#include "run/frames.h"

namespace strata {

// Four, as in the systems people know: enough for a lost worker and bad luck, few enough to name a poisoned task soon.
inline constexpr int kMaxAttempts = 4;
// A task lost this often may be what kills its workers: the next attempts run alone on a worker, so that the tasks that
// only waited beside it are not lost a fourth time with it.
inline constexpr int kSuspectLosses = 2;
// A straggler runs this much longer than the median of its stage, after three quarters of the stage are done: Spark's
// rule, which people know.
inline constexpr double kStragglerFactor = 1.5;
inline constexpr double kStragglerQuantile = 0.75;
// Attempt numbers of one term of the coordinator begin at term << kTermShift: a worker that outlived a coordinator
// never answers for an attempt of its successor.
inline constexpr int kTermShift = 32;
// One metadata commit takes at most 100 operations and 1 MiB; a result is at most kMaxInlineBytes.
inline constexpr size_t kMaxTasksPerCommit = 24;

struct PlanOptions {
  std::string build_id;             // a run is pinned to it; other workers wait
  int64_t lease_ms = 10'000;        // a worker silent for longer is lost; at least three heartbeats
  int64_t worker_wait_ms = 60'000;  // how long a run waits for a first or a new worker
  int64_t straggler_ms = 30'000;    // nothing younger is a straggler; 0: no second attempts
  int64_t term = 0;                 // token of the coordinator's lead; see kTermShift
};

// --- Events --------------------------------------------------------------------------------------------------------

struct WorkerJoined {
  Hello hello;
};
struct WorkerDisconnected {  // the stream is gone; within its lease the worker may come back
  WorkerId worker;
};
struct WorkerBeat {
  WorkerId worker;
};
struct FrameReceived {
  WorkerId worker;
  FromWorker frame;  // not Hello: that is WorkerJoined
};
// Work for the run in progress. Precondition: nothing else is in progress.
struct StageBegun {
  Stage stage = Stage::kPlan;
  uint32_t tasks = 0;
  ObjectRef plan;
  std::map<uint32_t, Blob> committed;  // results an earlier term of the coordinator recorded
};
struct RoundBegun {
  uint32_t round = 0;
  uint32_t shards = 0;
  ObjectRef plan;
  Blob request;
};
struct CommitKnown {
  uint64_t batch = 0;
};
struct CommitUnknown {  // re-read and say with CommitRead
  uint64_t batch = 0;
  std::string cause = {};  // in words
};
struct CommitRead {
  uint64_t batch = 0;
  bool present = false;
};
struct CommitRefused {  // somebody newer leads
  uint64_t batch = 0;
  std::string key;
};
// This process itself neither ran nor listened for so long (it was paused, or its metadata hung): what it did not hear
// meanwhile is no silence of the workers.
struct WasAbsent {
  int64_t ms = 0;
};
struct RunEnded {};  // success, failure or cancellation: forget the work, stop the workers' attempts
struct Drained {};   // no event is waiting: the moment to commit what has come together
struct Tick {};

using Event = std::variant<WorkerJoined, WorkerDisconnected, WorkerBeat, FrameReceived, StageBegun, RoundBegun,
                           CommitKnown, CommitUnknown, CommitRead, CommitRefused, WasAbsent, RunEnded, Drained, Tick>;

// --- Actions -------------------------------------------------------------------------------------------------------

struct Send {
  WorkerId worker;
  ToWorker frame;
};
struct TaskResultToCommit {
  Stage stage = Stage::kPlan;
  uint32_t index = 0;
  Blob result;
};
struct CommitTasks {
  uint64_t batch = 0;
  std::vector<TaskResultToCommit> results;
};
struct ReadCommit {  // does the batch's first task have a recorded result?
  uint64_t batch = 0;
  TaskResultToCommit first;
};
struct StageDone {
  Stage stage = Stage::kPlan;
  std::vector<Blob> results;  // by index
};
struct RoundDoneByAll {
  std::vector<Blob> partials;  // a disjoint cover of all shards, in the order of their lowest shard
};
struct FailRun {
  absl::Status status;
};
struct ForgetWorker {
  WorkerId worker;
  std::string reason;
  size_t attempts = 0;  // tasks and assignments that were in its hands
};

using Action = std::variant<Send, CommitTasks, ReadCommit, StageDone, RoundDoneByAll, FailRun, ForgetWorker>;

class Plan {
 public:
  explicit Plan(PlanOptions options)
      : options_(std::move(options)), last_attempt_(static_cast<AttemptId>(options_.term) << kTermShift) {}

  // `now_ms` is monotonic and never goes back.
  std::vector<Action> Handle(const Event& event, int64_t now_ms);

  struct Progress {
    Stage stage = Stage::kPlan;
    uint32_t done = 0;
    uint32_t total = 0;
    uint32_t round = 0;            // of the fit stage
    uint32_t workers = 0;          // connected and of the run's build
    uint32_t workers_waiting = 0;  // connected, of another build
  };
  Progress progress() const;

  // A worker and what it has in its hands, for people.
  struct WorkerLine {
    struct Work {
      Stage stage = Stage::kPlan;
      uint32_t index = 0;   // task; 0 in a round
      uint32_t shards = 0;  // of a round; 0 for a task
    };
    WorkerId id;
    uint32_t slots = 1;
    bool connected = true;
    bool eligible = true;
    std::vector<Work> work;
  };
  std::vector<WorkerLine> workers() const;  // by id
  // How many attempts the plan believes in the worker's hands that `hello` does not know of.
  size_t Forgotten(const Hello& hello) const;

 private:
  struct Worker {
    uint32_t slots = 1;
    bool connected = true;
    bool eligible = true;  // of the run's build
    std::string build_id;
    int64_t last_heard_ms = 0;
    int64_t disconnected_ms = 0;   // since when it has no stream; beats alone do not keep it
    std::set<AttemptId> attempts;  // tasks and assignments in its hands
  };
  enum class TaskState { kPending, kRunning, kReported, kCommitting, kDone };
  struct Task {
    TaskState state = TaskState::kPending;
    Blob result;
    std::vector<AttemptId> running;  // outstanding attempts; two at most
    AttemptId accepted = 0;          // the attempt whose result counts
    std::vector<std::string> lost;   // why attempts ended without a result
    std::set<WorkerId> lost_at;      // by these; others are asked first, what is wrong may be wrong there
  };
  struct Attempt {
    WorkerId worker;
    uint32_t index = 0;            // task
    std::vector<uint32_t> shards;  // assignment of a round; empty for a task
    bool outstanding = true;       // in the hands of a worker that is not given up
    int64_t begun_ms = 0;
  };

  void On(const WorkerJoined& event);
  void On(const WorkerDisconnected& event);
  void On(const WorkerBeat& event);
  void On(const FrameReceived& event);
  void On(const StageBegun& event);
  void On(const RoundBegun& event);
  void On(const CommitKnown& event);
  void On(const CommitUnknown& event);
  void On(const CommitRead& event);
  void On(const CommitRefused& event);
  void On(const WasAbsent& event);
  void On(const RunEnded& event);
  void On(const Drained& event);
  void On(const Tick& event);

  void OnResult(const WorkerId& worker, const TaskDone& done);
  void OnFailure(const WorkerId& worker, const TaskFailed& failed);
  void OnPartial(const RoundDone& done);
  void LoseAttempt(AttemptId id, const std::string& why);
  void LoseWorker(const WorkerId& worker, const std::string& why);
  void Schedule();
  void ScheduleTasks();
  void StartAttempt(const WorkerId& worker, uint32_t index);
  WorkerId IdleWorker(const std::set<WorkerId>& but_not) const;
  WorkerId FreestWorker(const std::set<WorkerId>& but_not) const;
  std::set<WorkerId> Avoided(const Task& task) const;
  bool RunsAlone(const Worker& worker) const;
  void Speculate();
  void SpreadSlowAssignment();
  void DropAttempts(Task* task);
  void Release(const WorkerId& worker, AttemptId id);
  void ScheduleRound();
  void AssignShards(const std::vector<uint32_t>& shards);
  void AssignTo(const WorkerId& worker, std::vector<uint32_t> shards);
  std::vector<WorkerId> Available() const;  // connected, eligible, alive
  void FinishStageIfDone();
  void Fail(absl::Status status);
  void Do(Action action) { actions_.push_back(std::move(action)); }

  PlanOptions options_;
  int64_t now_ms_ = 0;
  std::vector<Action> actions_;
  std::map<WorkerId, Worker> workers_;
  int64_t no_worker_since_ms_ = -1;  // -1: there is one, or nothing is in progress
  AttemptId last_attempt_;
  std::map<AttemptId, Attempt> attempts_;  // of the work in progress, also given-up ones

  bool stage_in_progress_ = false;
  Stage stage_ = Stage::kPlan;
  ObjectRef plan_;
  std::vector<Task> tasks_;
  std::set<uint32_t> pending_;
  std::vector<int64_t> durations_ms_;  // of the stage's accepted attempts
  uint32_t done_ = 0;
  std::vector<uint32_t> reported_;  // to commit at the next Drained
  uint64_t last_batch_ = 0;
  std::map<uint64_t, std::vector<uint32_t>> batches_;  // commits on their way
  std::map<uint64_t, int> batch_retries_;
  std::string commit_cause_;  // of the last unknown outcome

  bool round_in_progress_ = false;
  uint32_t round_ = 0;
  uint32_t shards_ = 0;
  Blob request_;
  int round_losses_ = 0;
  int64_t round_begun_ms_ = 0;
  int64_t slow_after_ms_ = 0;  // age at which the round's next assignment is slow; doubles each time
  std::vector<uint32_t> unassigned_;
  std::set<uint32_t> counted_;
  std::map<uint32_t, Blob> partials_;  // by lowest shard of the assignment
};

}  // namespace strata
