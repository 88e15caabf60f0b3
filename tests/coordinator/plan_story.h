// A plan with a voice: feeds events at a time that the test moves, and keeps what the plan wants done.
#pragma once

#include <string>
#include <vector>

#include "coordinator/plan/plan.h"

namespace strata {

class PlanStory {
 public:
  explicit PlanStory(PlanOptions options = {.build_id = "b1", .lease_ms = 1000, .worker_wait_ms = 5000})
      : plan_(std::move(options)) {}

  void Do(const Event& event) {
    std::vector<Action> actions = plan_.Handle(event, now_ms_);
    std::move(actions.begin(), actions.end(), std::back_inserter(actions_));
  }
  void Join(const WorkerId& worker, uint32_t slots = 1, std::vector<AttemptId> attempts = {},
            const std::string& build = "b1") {
    Do(WorkerJoined{{.worker = worker, .build_id = build, .slots = slots, .attempts = std::move(attempts)}});
  }
  void BeginStage(uint32_t tasks) { Do(StageBegun{.stage = Stage::kMap, .tasks = tasks, .plan = {}, .committed = {}}); }
  void Finish(const WorkerId& worker, AttemptId attempt, const std::string& result) {
    Do(FrameReceived{worker, TaskDone{attempt, Blob{.inline_bytes = result, .object = {}}}});
  }
  void Pass(int64_t ms) {
    now_ms_ += ms;
    Do(Tick{});
  }

  // Takes the actions of one kind, oldest first; the others stay.
  template <typename T>
  std::vector<T> Take() {
    std::vector<T> taken;
    std::vector<Action> rest;
    for (Action& action : actions_) {
      if (auto* wanted = std::get_if<T>(&action)) {
        taken.push_back(std::move(*wanted));
      } else {
        rest.push_back(std::move(action));
      }
    }
    actions_ = std::move(rest);
    return taken;
  }
  // Frames of one kind sent since the last call, with their worker.
  template <typename Frame>
  std::vector<std::pair<WorkerId, Frame>> Sent() {
    std::vector<std::pair<WorkerId, Frame>> frames;
    std::vector<Action> rest;
    for (Action& action : actions_) {
      auto* send = std::get_if<Send>(&action);
      if (send != nullptr && std::holds_alternative<Frame>(send->frame)) {
        frames.emplace_back(send->worker, std::get<Frame>(send->frame));
      } else {
        rest.push_back(std::move(action));
      }
    }
    actions_ = std::move(rest);
    return frames;
  }
  // Lets every commit that the plan asks for succeed.
  void CommitAll() {
    Do(Drained{});
    for (const CommitTasks& commit : Take<CommitTasks>()) Do(CommitKnown{commit.batch});
  }
  int64_t now_ms() const { return now_ms_; }
  Plan& plan() { return plan_; }

 private:
  Plan plan_;
  int64_t now_ms_ = 0;
  std::vector<Action> actions_;
};

}  // namespace strata
