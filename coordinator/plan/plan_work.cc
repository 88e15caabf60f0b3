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

void Plan::ScheduleTasks() {
  while (!pending_.empty()) {
    // The worker with the most free slots, so that few tasks spread over many machines.
    WorkerId best;
    uint32_t most_free = 0;
    for (const WorkerId& id : Available()) {
      const Worker& worker = workers_.at(id);
      const uint32_t held = static_cast<uint32_t>(worker.attempts.size());
      // Twice the slots: the next task waits at the worker and not on the network.
      const uint32_t capacity = 2 * worker.slots;
      if (held < capacity && capacity - held > most_free) {
        most_free = capacity - held;
        best = id;
      }
    }
    if (most_free == 0) return;
    const uint32_t index = *pending_.begin();
    pending_.erase(pending_.begin());
    const AttemptId id = ++last_attempt_;
    attempts_[id] = Attempt{.worker = best, .index = index, .shards = {}, .outstanding = true};
    workers_.at(best).attempts.insert(id);
    tasks_[index].state = TaskState::kRunning;
    ++tasks_[index].attempts;
    Do(Send{best, StartTask{.attempt = id, .stage = stage_, .index = index, .plan = plan_}});
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
    Worker& worker = workers_.at(id);
    const size_t begin = shards.size() * slots_before / slots;
    slots_before += worker.slots;
    const size_t end = shards.size() * slots_before / slots;
    if (begin == end) continue;
    const AttemptId assignment = ++last_attempt_;
    Attempt attempt{.worker = id,
                    .index = 0,
                    .shards = {shards.begin() + static_cast<long>(begin), shards.begin() + static_cast<long>(end)},
                    .outstanding = true};
    Do(Send{
        id,
        StartRound{
            .assignment = assignment, .round = round_, .shards = attempt.shards, .plan = plan_, .request = request_}});
    worker.attempts.insert(assignment);
    attempts_[assignment] = std::move(attempt);
  }
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
                   fmt::format("stage {}: results could not be recorded in {} attempts", Name(stage_), kMaxAttempts)));
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
