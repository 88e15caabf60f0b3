// The work half of Plan: stages, rounds, commits and who gets what.
#include <fmt/format.h>

#include <algorithm>

#include "coordinator/plan/plan.h"

namespace strata {

void Plan::On(const StageBegun& event) {
  stage_in_progress_ = true;
  round_in_progress_ = false;
  stage_ = event.stage;
  plan_ = event.plan;
  tasks_.assign(event.tasks, Task{});
  attempts_.clear();
  pending_.clear();
  reported_.clear();
  batches_.clear();
  durations_ms_.clear();
  done_ = 0;
  no_worker_since_ms_ = -1;
  for (uint32_t index = 0; index < event.tasks; ++index) {
    const auto committed = event.committed.find(index);
    if (committed == event.committed.end()) {
      pending_.insert(index);
      continue;
    }
    tasks_[index].state = TaskState::kDone;
    tasks_[index].result = committed->second;
    ++done_;
  }
  FinishStageIfDone();
  Schedule();
}

void Plan::On(const RoundBegun& event) {
  round_in_progress_ = true;
  stage_in_progress_ = false;
  stage_ = Stage::kFit;
  plan_ = event.plan;
  round_ = event.round;
  shards_ = event.shards;
  request_ = event.request;
  round_losses_ = 0;
  round_begun_ms_ = now_ms_;
  slow_after_ms_ = options_.straggler_ms;
  attempts_.clear();
  counted_.clear();
  partials_.clear();
  unassigned_.resize(shards_);
  for (uint32_t shard = 0; shard < shards_; ++shard) unassigned_[shard] = shard;
  no_worker_since_ms_ = -1;
  Schedule();
}

void Plan::On(const RunEnded&) {
  for (auto& [id, worker] : workers_) {
    for (const AttemptId attempt : worker.attempts) {
      const auto found = attempts_.find(attempt);
      const bool round = found != attempts_.end() && !found->second.shards.empty();
      Do(Send{id, round ? ToWorker(CancelRound{attempt}) : ToWorker(CancelTask{attempt})});
    }
    worker.attempts.clear();
  }
  stage_in_progress_ = round_in_progress_ = false;
  attempts_.clear();
  tasks_.clear();
  pending_.clear();
  reported_.clear();
  batches_.clear();
  done_ = 0;
}

void Plan::Schedule() {
  if (stage_in_progress_) ScheduleTasks();
  if (round_in_progress_) ScheduleRound();
}

// Twice the slots: the next task waits at the worker and not on the network.
WorkerId Plan::FreestWorker(const std::set<WorkerId>& but_not) const {
  WorkerId best;
  uint32_t most_free = 0;
  for (const WorkerId& id : Available()) {
    if (but_not.contains(id)) continue;
    const Worker& worker = workers_.at(id);
    const uint32_t held = static_cast<uint32_t>(worker.attempts.size());
    const uint32_t capacity = RunsAlone(worker) ? held : 2 * worker.slots;
    if (held < capacity && capacity - held > most_free) {
      most_free = capacity - held;
      best = id;
    }
  }
  return best;
}

bool Plan::RunsAlone(const Worker& worker) const {
  if (!stage_in_progress_ || worker.attempts.size() != 1) return false;
  const auto found = attempts_.find(*worker.attempts.begin());
  return found != attempts_.end() && tasks_[found->second.index].lost.size() >= kSuspectLosses;
}

// Whom to leave out while there is anybody else: a worker that has no memory or disk fails a task at once, is free at
// once, and would take it again.
std::set<WorkerId> Plan::Avoided(const Task& task) const {
  const std::vector<WorkerId> available = Available();
  const bool others = std::any_of(available.begin(), available.end(),
                                  [&task](const WorkerId& id) { return !task.lost_at.contains(id); });
  return others ? task.lost_at : std::set<WorkerId>();
}

WorkerId Plan::IdleWorker(const std::set<WorkerId>& but_not) const {
  for (const WorkerId& id : Available()) {
    if (!but_not.contains(id) && workers_.at(id).attempts.empty()) return id;
  }
  return {};
}

void Plan::StartAttempt(const WorkerId& worker, uint32_t index) {
  const AttemptId id = ++last_attempt_;
  attempts_[id] = Attempt{.worker = worker, .index = index, .shards = {}, .outstanding = true, .begun_ms = now_ms_};
  workers_.at(worker).attempts.insert(id);
  tasks_[index].state = TaskState::kRunning;
  tasks_[index].running.push_back(id);
  Do(Send{worker, StartTask{.attempt = id, .stage = stage_, .index = index, .plan = plan_}});
}

void Plan::ScheduleTasks() {
  const std::vector<uint32_t> waiting(pending_.begin(), pending_.end());
  // Suspects first, while workers are idle; then the others, each to the worker with the most free slots, so that few
  // tasks spread over many machines.
  for (const bool suspects : {true, false}) {
    for (const uint32_t index : waiting) {
      const Task& task = tasks_[index];
      if ((task.lost.size() >= kSuspectLosses) != suspects) continue;
      const std::set<WorkerId> avoided = task.lost_at.empty() ? std::set<WorkerId>() : Avoided(task);
      const WorkerId worker = suspects ? IdleWorker(avoided) : FreestWorker(avoided);
      if (worker.empty() && !avoided.empty()) continue;
      if (worker.empty()) break;
      pending_.erase(index);
      StartAttempt(worker, index);
    }
  }
}

// Second attempts for stragglers, on idle workers only.
void Plan::Speculate() {
  // Those that an earlier term recorded count too, though nobody knows how long they took.
  const auto computed = static_cast<size_t>(std::count_if(tasks_.begin(), tasks_.end(), [](const Task& task) {
    return task.state != TaskState::kPending && task.state != TaskState::kRunning;
  }));
  // Rounded down, or a stage of three tasks would never help its last one.
  if (!pending_.empty() || computed == 0 ||
      computed < static_cast<size_t>(kStragglerQuantile * static_cast<double>(tasks_.size()))) {
    return;
  }
  int64_t slow_ms = options_.straggler_ms;
  if (std::vector<int64_t> sorted = durations_ms_; !sorted.empty()) {
    const auto middle = sorted.begin() + static_cast<long>(sorted.size() / 2);
    std::nth_element(sorted.begin(), middle, sorted.end());
    slow_ms = std::max(slow_ms, static_cast<int64_t>(kStragglerFactor * static_cast<double>(*middle)));
  }
  std::set<uint32_t> slow;
  for (const auto& [id, attempt] : attempts_) {
    if (attempt.outstanding && attempt.shards.empty() && now_ms_ - attempt.begun_ms > slow_ms)
      slow.insert(attempt.index);
  }
  for (const uint32_t index : slow) {
    const std::vector<AttemptId>& running = tasks_[index].running;
    if (running.size() > 1) continue;  // has its second attempt
    const WorkerId worker = IdleWorker({attempts_.at(running.front()).worker});
    if (worker.empty()) return;
    StartAttempt(worker, index);
  }
}

// The shards of an assignment that outlives the patience of the round go to workers that have answered; its own answer
// no longer counts.
void Plan::SpreadSlowAssignment() {
  if (now_ms_ - round_begun_ms_ <= slow_after_ms_ || counted_.size() * 2 < shards_) return;
  for (auto& [id, attempt] : attempts_) {
    if (!attempt.outstanding || attempt.shards.empty() || now_ms_ - attempt.begun_ms <= slow_after_ms_) continue;
    const WorkerId worker = IdleWorker({attempt.worker});
    if (worker.empty()) return;
    slow_after_ms_ *= 2;
    attempt.outstanding = false;
    Release(attempt.worker, id);
    Do(Send{attempt.worker, CancelRound{id}});
    AssignTo(worker, attempt.shards);
    return;  // attempts_ has changed
  }
}

void Plan::ScheduleRound() {
  if (unassigned_.empty()) return;
  std::sort(unassigned_.begin(), unassigned_.end());
  const std::vector<uint32_t> shards = std::exchange(unassigned_, {});
  AssignShards(shards);
}

void Plan::AssignShards(const std::vector<uint32_t>& shards) {
  const std::vector<WorkerId> available = Available();
  if (available.empty()) {
    unassigned_ = shards;
    return;
  }
  uint64_t slots = 0;
  for (const WorkerId& id : available) slots += workers_.at(id).slots;
  // Contiguous shares by slots: with the same workers a shard stays where its features are mapped already.
  uint64_t slots_before = 0;
  for (const WorkerId& id : available) {
    const Worker& worker = workers_.at(id);
    const size_t begin = shards.size() * slots_before / slots;
    slots_before += worker.slots;
    const size_t end = shards.size() * slots_before / slots;
    if (begin == end) continue;
    AssignTo(id, {shards.begin() + static_cast<long>(begin), shards.begin() + static_cast<long>(end)});
  }
}

void Plan::AssignTo(const WorkerId& worker, std::vector<uint32_t> shards) {
  const AttemptId assignment = ++last_attempt_;
  Do(Send{worker,
          StartRound{.assignment = assignment, .round = round_, .shards = shards, .plan = plan_, .request = request_}});
  workers_.at(worker).attempts.insert(assignment);
  attempts_[assignment] =
      Attempt{.worker = worker, .index = 0, .shards = std::move(shards), .outstanding = true, .begun_ms = now_ms_};
}

// --- Commits -------------------------------------------------------------------------------------------------------

void Plan::On(const Drained&) {
  while (!reported_.empty()) {
    const size_t count = std::min(reported_.size(), kMaxTasksPerCommit);
    const uint64_t batch = ++last_batch_;
    CommitTasks commit{.batch = batch, .results = {}};
    std::vector<uint32_t>& indexes = batches_[batch];
    for (size_t i = 0; i < count; ++i) {
      const uint32_t index = reported_[i];
      tasks_[index].state = TaskState::kCommitting;
      indexes.push_back(index);
      commit.results.push_back({.stage = stage_, .index = index, .result = tasks_[index].result});
    }
    reported_.erase(reported_.begin(), reported_.begin() + static_cast<long>(count));
    Do(std::move(commit));
  }
}

void Plan::On(const CommitKnown& event) {
  const auto found = batches_.find(event.batch);
  if (found == batches_.end()) return;
  for (const uint32_t index : found->second) {
    tasks_[index].state = TaskState::kDone;
    ++done_;
  }
  batches_.erase(found);
  batch_retries_.erase(event.batch);
  FinishStageIfDone();
}

void Plan::On(const CommitUnknown& event) {
  const auto found = batches_.find(event.batch);
  if (found == batches_.end()) return;
  commit_cause_ = event.cause;
  const uint32_t first = found->second.front();
  Do(ReadCommit{.batch = event.batch, .first = {.stage = stage_, .index = first, .result = tasks_[first].result}});
}

void Plan::On(const CommitRead& event) {
  const auto found = batches_.find(event.batch);
  if (found == batches_.end()) return;
  if (event.present) {  // a commit is all or nothing, so its first task speaks for all
    On(CommitKnown{event.batch});
    return;
  }
  if (++batch_retries_[event.batch] >= kMaxAttempts) {
    Fail(MakeError(absl::StatusCode::kUnavailable, "COMMIT_FAILED",
                   fmt::format("stage {}: results could not be recorded in {} attempts: {}", Name(stage_), kMaxAttempts,
                               commit_cause_)));
    return;
  }
  CommitTasks again{.batch = event.batch, .results = {}};
  for (const uint32_t index : found->second) {
    again.results.push_back({.stage = stage_, .index = index, .result = tasks_[index].result});
  }
  Do(std::move(again));
}

void Plan::On(const CommitRefused& event) {
  Fail(MakeError(absl::StatusCode::kAborted, "LEADERSHIP_LOST",
                 fmt::format("stage {}: recording results was refused at {}: another coordinator acts now",
                             Name(stage_), event.key)));
}

void Plan::FinishStageIfDone() {
  if (!stage_in_progress_ || done_ < tasks_.size()) return;
  stage_in_progress_ = false;
  StageDone finished{.stage = stage_, .results = {}};
  for (Task& task : tasks_) finished.results.push_back(std::move(task.result));
  Do(std::move(finished));
}

void Plan::Fail(absl::Status status) {
  stage_in_progress_ = round_in_progress_ = false;
  Do(FailRun{std::move(status)});
}

}  // namespace strata
