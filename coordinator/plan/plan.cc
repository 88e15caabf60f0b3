#include "coordinator/plan/plan.h"

#include <fmt/format.h>

#include <algorithm>

namespace strata {

namespace {

// A disk that fails is one machine's: the attempt has failed, not the task.
bool MayWorkElsewhere(const absl::Status& status) {
  if (ClassOf(status) == ErrorClass::kRetryable) return true;
  const auto detail = DetailOf(status);
  return detail.has_value() &&
         (detail->reason == "IO_ERROR" || detail->reason == "DISK_READ_ONLY" || detail->reason == "SYSTEM_CALL_FAILED");
}

}  // namespace

std::vector<Action> Plan::Handle(const Event& event, int64_t now_ms) {
  now_ms_ = now_ms;
  actions_.clear();
  std::visit([this](const auto& e) { On(e); }, event);
  return std::move(actions_);
}

Plan::Progress Plan::progress() const {
  Progress progress{.stage = stage_, .done = done_, .total = static_cast<uint32_t>(tasks_.size()), .round = round_};
  if (round_in_progress_) {
    progress.done = static_cast<uint32_t>(counted_.size());
    progress.total = shards_;
  }
  for (const auto& [id, worker] : workers_) {
    if (!worker.connected) continue;
    ++(worker.eligible ? progress.workers : progress.workers_waiting);
  }
  return progress;
}

std::vector<Plan::WorkerLine> Plan::workers() const {
  std::vector<WorkerLine> lines;
  for (const auto& [id, worker] : workers_) {
    WorkerLine line{
        .id = id, .slots = worker.slots, .connected = worker.connected, .eligible = worker.eligible, .work = {}};
    for (const AttemptId attempt_id : worker.attempts) {
      const auto attempt = attempts_.find(attempt_id);
      if (attempt == attempts_.end()) continue;
      line.work.push_back({.stage = stage_,
                           .index = attempt->second.index,
                           .shards = static_cast<uint32_t>(attempt->second.shards.size())});
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

size_t Plan::Forgotten(const Hello& hello) const {
  const auto worker = workers_.find(hello.worker);
  if (worker == workers_.end()) return 0;
  const std::set<AttemptId> running(hello.attempts.begin(), hello.attempts.end());
  return static_cast<size_t>(std::count_if(worker->second.attempts.begin(), worker->second.attempts.end(),
                                           [&running](AttemptId id) { return !running.contains(id); }));
}

// --- Workers -------------------------------------------------------------------------------------------------------

void Plan::On(const WorkerJoined& event) {
  const Hello& hello = event.hello;
  const std::set<AttemptId> running(hello.attempts.begin(), hello.attempts.end());
  Worker& worker = workers_[hello.worker];
  worker.slots = std::max<uint32_t>(1, hello.slots);
  worker.connected = true;
  worker.build_id = hello.build_id;
  worker.eligible = hello.build_id == options_.build_id;
  worker.last_heard_ms = now_ms_;
  Do(Send{hello.worker, Welcome{.lease_ms = options_.lease_ms}});
  // What we think it holds but it does not know of is lost with the old session; what it holds and we gave up is
  // stopped.
  const std::set<AttemptId> held = worker.attempts;
  for (const AttemptId id : held) {
    if (!running.contains(id)) LoseAttempt(id, fmt::format("worker {} reconnected without it", hello.worker));
  }
  for (const AttemptId id : running) {
    if (!held.contains(id)) Do(Send{hello.worker, CancelTask{id}});
  }
  Schedule();
}

void Plan::On(const WorkerDisconnected& event) {
  const auto found = workers_.find(event.worker);
  if (found == workers_.end()) return;
  found->second.connected = false;
  found->second.disconnected_ms = now_ms_;
}

void Plan::On(const WorkerBeat& event) {
  const auto found = workers_.find(event.worker);
  if (found != workers_.end()) found->second.last_heard_ms = now_ms_;
}

void Plan::On(const WasAbsent& event) {
  const auto forgive = [&](int64_t* since_ms) { *since_ms = std::min(now_ms_, *since_ms + event.ms); };
  for (auto& [id, worker] : workers_) {
    forgive(&worker.last_heard_ms);
    forgive(&worker.disconnected_ms);
  }
  if (no_worker_since_ms_ >= 0) forgive(&no_worker_since_ms_);
}

void Plan::LoseWorker(const WorkerId& worker, const std::string& why) {
  const auto found = workers_.find(worker);
  if (found == workers_.end()) return;
  const std::set<AttemptId> held = std::move(found->second.attempts);
  workers_.erase(found);
  Do(ForgetWorker{worker, why, held.size()});
  for (const AttemptId id : held) LoseAttempt(id, fmt::format("worker {} was lost: {}", worker, why));
}

void Plan::On(const Tick&) {
  std::vector<WorkerId> silent, gone;
  for (const auto& [id, worker] : workers_) {
    if (now_ms_ - worker.last_heard_ms > options_.lease_ms) {
      silent.push_back(id);
    } else if (!worker.connected && now_ms_ - worker.disconnected_ms > options_.lease_ms) {
      gone.push_back(id);
    }
  }
  for (const WorkerId& id : silent) LoseWorker(id, fmt::format("silent for over {} ms", options_.lease_ms));
  for (const WorkerId& id : gone) LoseWorker(id, fmt::format("without a stream for over {} ms", options_.lease_ms));
  Schedule();
  if (options_.straggler_ms > 0) {
    if (stage_in_progress_) Speculate();
    if (round_in_progress_) SpreadSlowAssignment();
  }
  if (!stage_in_progress_ && !round_in_progress_) return;
  if (!Available().empty()) {
    no_worker_since_ms_ = -1;
    return;
  }
  if (no_worker_since_ms_ < 0) no_worker_since_ms_ = now_ms_;
  if (now_ms_ - no_worker_since_ms_ < options_.worker_wait_ms) return;
  const uint32_t waiting = progress().workers_waiting;
  Fail(MakeError(
      absl::StatusCode::kUnavailable, "NO_WORKERS",
      fmt::format("stage {}: no worker for {} ms{}", Name(stage_), options_.worker_wait_ms,
                  waiting == 0
                      ? std::string()
                      : fmt::format("; {} are connected but of another build than the coordinator's", waiting))));
}

std::vector<WorkerId> Plan::Available() const {
  std::vector<WorkerId> available;
  for (const auto& [id, worker] : workers_) {
    if (worker.connected && worker.eligible) available.push_back(id);
  }
  return available;
}

// --- Results -------------------------------------------------------------------------------------------------------

void Plan::On(const FrameReceived& event) {
  const auto found = workers_.find(event.worker);
  if (found != workers_.end()) found->second.last_heard_ms = now_ms_;
  if (const auto* done = std::get_if<TaskDone>(&event.frame)) OnResult(event.worker, *done);
  if (const auto* failed = std::get_if<TaskFailed>(&event.frame)) OnFailure(event.worker, *failed);
  if (const auto* partial = std::get_if<RoundDone>(&event.frame)) {
    Release(event.worker, partial->assignment);
    OnPartial(*partial);
  }
  Schedule();
}

void Plan::OnResult(const WorkerId& worker, const TaskDone& done) {
  Release(worker, done.attempt);
  const auto found = attempts_.find(done.attempt);
  if (found == attempts_.end() || !found->second.shards.empty() || !stage_in_progress_) return;  // of earlier work
  Attempt& attempt = found->second;
  attempt.outstanding = false;
  Release(attempt.worker, done.attempt);
  Task& task = tasks_[attempt.index];
  if (task.accepted != 0) {
    if (task.result == done.result) return;
    Fail(MakeError(absl::StatusCode::kInternal, "RESULTS_DIFFER",
                   fmt::format("stage {}, task {}: attempt {} of worker {} and attempt {} of worker {} gave different "
                               "results for the same input; one of the machines computes wrongly",
                               Name(stage_), attempt.index, task.accepted, attempts_[task.accepted].worker,
                               done.attempt, worker)));
    return;
  }
  task.accepted = done.attempt;
  task.result = done.result;
  task.state = TaskState::kReported;
  durations_ms_.push_back(now_ms_ - attempt.begun_ms);
  pending_.erase(attempt.index);
  reported_.push_back(attempt.index);
  std::erase(task.running, done.attempt);
  DropAttempts(&task);
}

void Plan::Release(const WorkerId& worker, AttemptId id) {
  if (const auto holder = workers_.find(worker); holder != workers_.end()) holder->second.attempts.erase(id);
}

// The other attempts of a task that has its result: they would only hold their workers up.
void Plan::DropAttempts(Task* task) {
  for (const AttemptId id : task->running) {
    Attempt& attempt = attempts_.at(id);
    attempt.outstanding = false;
    Release(attempt.worker, id);
    Do(Send{attempt.worker, CancelTask{id}});
  }
  task->running.clear();
}

void Plan::OnFailure(const WorkerId& worker, const TaskFailed& failed) {
  Release(worker, failed.attempt);
  const auto found = attempts_.find(failed.attempt);
  if (found == attempts_.end() || !found->second.outstanding) return;
  if (!MayWorkElsewhere(failed.status)) {
    Fail(WithContext(failed.status, Name(stage_)));
    return;
  }
  const auto detail = DetailOf(failed.status);
  LoseAttempt(failed.attempt,
              fmt::format("worker {}: {}: {}", worker,
                          detail.has_value() ? detail->reason
                                             : std::string(StdView(absl::StatusCodeToString(failed.status.code()))),
                          StdView(failed.status.message())));
}

void Plan::LoseAttempt(AttemptId id, const std::string& why) {
  const auto found = attempts_.find(id);
  if (found == attempts_.end() || !found->second.outstanding) return;
  Attempt& attempt = found->second;
  attempt.outstanding = false;
  Release(attempt.worker, id);
  if (!attempt.shards.empty()) {
    if (!round_in_progress_) return;
    unassigned_.insert(unassigned_.end(), attempt.shards.begin(), attempt.shards.end());
    if (++round_losses_ >= kMaxAttempts * static_cast<int>(workers_.size() + 1)) {
      Fail(MakeError(
          absl::StatusCode::kAborted, "ATTEMPTS_EXHAUSTED",
          fmt::format("fit round {}: {} assignments were lost, the last one because {}", round_, round_losses_, why)));
    }
    return;
  }
  Task& task = tasks_[attempt.index];
  std::erase(task.running, id);
  if (task.state != TaskState::kRunning) return;
  task.lost.push_back(why);
  task.lost_at.insert(attempt.worker);
  if (task.lost.size() >= kMaxAttempts) {
    Fail(MakeError(absl::StatusCode::kAborted, "ATTEMPTS_EXHAUSTED",
                   fmt::format("stage {}, task {}: {} attempts ended without a result: {}", Name(stage_), attempt.index,
                               task.lost.size(), fmt::join(task.lost, "; ")),
                   {{"stage", Name(stage_)}, {"task", std::to_string(attempt.index)}}));
    return;
  }
  if (!task.running.empty()) return;  // a second attempt goes on
  task.state = TaskState::kPending;
  pending_.insert(attempt.index);
}

void Plan::OnPartial(const RoundDone& done) {
  const auto found = attempts_.find(done.assignment);
  // Counts only as a whole, only while it is outstanding; the shards of an outstanding assignment are in no other one.
  if (!round_in_progress_ || found == attempts_.end() || found->second.shards.empty() || !found->second.outstanding) {
    return;
  }
  Attempt& attempt = found->second;
  attempt.outstanding = false;
  Release(attempt.worker, done.assignment);
  counted_.insert(attempt.shards.begin(), attempt.shards.end());
  partials_[attempt.shards.front()] = done.partial;
  if (counted_.size() < shards_) return;
  round_in_progress_ = false;
  std::vector<Blob> partials;
  for (auto& [shard, partial] : partials_) partials.push_back(std::move(partial));
  partials_.clear();
  attempts_.clear();
  Do(RoundDoneByAll{std::move(partials)});
}

}  // namespace strata
