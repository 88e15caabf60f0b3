// A worker: a few threads that execute what a coordinator sends and answer over whatever link they were given
// (in-process or a network session). Owns its threads; stops them, after the tasks in hand, when destroyed.
//
// Thread-safe. Received frames are answered in any order; an answer to a cancelled attempt is not sent.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "base/telemetry/log_line.h"
#include "run/frames.h"
#include "worker/task_executor.h"
#include "worker/worker_metrics.h"

namespace strata {

class Worker {
 public:
  struct Options {
    WorkerId id;
    std::string build_id;
    uint32_t slots = 1;                // tasks that compute at once, and TBB threads of a round
    WorkerMetrics* metrics = nullptr;  // null: nothing is counted; must outlive the worker
    LogSink log = {};                  // may be empty
  };

  // `executor` must outlive the worker. `answer` is called from the worker's threads.
  Worker(Options options, TaskExecutor* executor, std::function<void(const FromWorker&)> answer);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  void Receive(const ToWorker& frame);
  // Who it is and what it still has in hand, for a new session.
  Hello Introduce();

 private:
  using Work = std::variant<StartTask, StartRound>;
  void Run();
  void Execute(const Work& work);
  absl::StatusOr<Blob> Compute(const Work& work);
  absl::Status ExecuteWork(const Work& work, FromWorker* answer);
  void Tell(const Work& work, const absl::Status& status) const;
  void Drop(AttemptId attempt);

  Options options_;
  TaskExecutor* executor_;
  std::function<void(const FromWorker&)> answer_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Work> queue_;       // guarded by mutex_
  std::set<AttemptId> in_hand_;  // queued or running and not cancelled; guarded by mutex_
  bool stopping_ = false;        // guarded by mutex_
  std::vector<std::jthread> threads_;
};

}  // namespace strata
