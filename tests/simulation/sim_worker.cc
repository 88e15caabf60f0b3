#include "tests/simulation/sim_worker.h"

#include <fmt/format.h>

#include <algorithm>

#include "tests/simulation/sim_coordinator.h"

namespace strata::simulation {
namespace {

constexpr int64_t kRetryMs = 500;
constexpr int64_t kFirstLeaseMs = 10'000;  // patience until a lease is known

AttemptId IdOf(const FromWorker& frame) {
  if (const auto* done = std::get_if<TaskDone>(&frame)) return done->attempt;
  if (const auto* failed = std::get_if<TaskFailed>(&frame)) return failed->attempt;
  if (const auto* round = std::get_if<RoundDone>(&frame)) return round->assignment;
  return 0;
}

}  // namespace

SimWorker::SimWorker(Network* network, SimDisk* disk, StandIn* stand_in, std::string name)
    : network_(network),
      world_(network->world()),
      disk_(disk),
      stand_in_(stand_in),
      process_(world_, std::move(name)) {}

void SimWorker::Start() {
  world_->Start(&process_);
  id_ = fmt::format("{}-{}", process_.name(), process_.life());
  files_ = std::make_unique<SimFileSystem>(disk_, world_, &process_);
  objects_ = std::make_unique<SimObjectStore>(*NewLocalObjectStore(files_.get(), kObjectsRoot), &stand_in_->clean(),
                                              world_, &process_);
  session_.reset();
  lease_ms_ = 0;
  in_hand_.clear();
  queue_.clear();
  outbox_.clear();
  last_answer_.reset();
  running_ = 0;
  Connect();
  Beat();
}

void SimWorker::Connect() {
  if (SimCoordinator* coordinator = network_->Dial(); coordinator != nullptr) {
    session_ = network_->Connect(this, coordinator);
    answered_ms_ = process_.MonotonicMs();
    Hello hello{.worker = id_,
                .build_id = "b",
                .slots = static_cast<uint32_t>(world_->options().slots),
                .attempts = {in_hand_.begin(), in_hand_.end()}};
    if (world_->options().bug == Bug::kNumbersRepeat && last_answer_.has_value()) outbox_.push_back(*last_answer_);
    for (const FromWorker& frame : outbox_) hello.attempts.push_back(IdOf(frame));
    session_->Answer(hello);
    Flush();
    return;
  }
  world_->At(kRetryMs, &process_, [this] { Connect(); });
}

void SimWorker::OnBroken(const Session* session) {
  if (session_.get() != session) return;
  session_.reset();
  world_->At(kRetryMs, &process_, [this] { Connect(); });
}

void SimWorker::Beat() {
  const int64_t lease_ms = lease_ms_ > 0 ? lease_ms_ : kFirstLeaseMs;
  world_->At(lease_ms_ > 0 ? lease_ms_ / 4 : kRetryMs, &process_, [this] { Beat(); });
  if (session_ == nullptr) return;
  if (process_.MonotonicMs() - answered_ms_ > lease_ms) {  // the other end is gone, or cannot hear
    session_->Break();
    return OnBroken(session_.get());
  }
  Process* there = &session_->coordinator()->process();
  if (world_->OfThousand(world_->options().beat_lost) || network_->IsHeld(&process_, there)) {
    world_->Count("heartbeats lost");
    return;
  }
  const auto session = session_;
  world_->At(static_cast<int64_t>(1 + world_->Draw(20)), there, [this, session, there] {
    const bool known = session->coordinator()->Beat(id_);
    if (network_->IsHeld(there, &process_)) return;
    world_->At(static_cast<int64_t>(1 + world_->Draw(20)), &process_, [this, session, known] {
      answered_ms_ = process_.MonotonicMs();
      if (!known && lease_ms_ > 0) {
        session->Break();
        OnBroken(session.get());
      }
    });
  });
}

void SimWorker::Drop(AttemptId attempt) {
  in_hand_.erase(attempt);
  std::erase_if(queue_, [attempt](const Work& work) {
    const auto* task = std::get_if<StartTask>(&work);
    return (task != nullptr ? task->attempt : std::get<StartRound>(work).assignment) == attempt;
  });
}

void SimWorker::Receive(const Session* session, const ToWorker& frame) {
  if (session != session_.get()) return;
  if (const auto* welcome = std::get_if<Welcome>(&frame)) lease_ms_ = welcome->lease_ms;
  if (const auto* cancel = std::get_if<CancelTask>(&frame)) Drop(cancel->attempt);
  if (const auto* cancel = std::get_if<CancelRound>(&frame)) Drop(cancel->assignment);
  const auto* task = std::get_if<StartTask>(&frame);
  const auto* round = std::get_if<StartRound>(&frame);
  if (task != nullptr && in_hand_.insert(task->attempt).second) queue_.emplace_back(*task);
  if (round != nullptr && in_hand_.insert(round->assignment).second) queue_.emplace_back(*round);
  WorkOn();
}

void SimWorker::WorkOn() {
  while (running_ < static_cast<uint32_t>(world_->options().slots) && !queue_.empty()) {
    ++running_;
    process_.Spawn([this, work = queue_.front()] { Execute(work); });
    queue_.pop_front();
  }
}

void SimWorker::Execute(const Work& work) {
  const bool slow = world_->faults() && world_->Draw(40) == 0;
  if (slow) world_->Count("tasks that are slow");
  constexpr int64_t kQuickMs = 300;  // when all is well again, so that the nights may be expected soon
  const int64_t most_ms = world_->faults() ? world_->options().task_ms : std::min(world_->options().task_ms, kQuickMs);
  constexpr int64_t kSlowestMs = 120'000;  // one that was begun before all healed must end well before it is missed
  const int64_t at_most_ms = slow ? std::min(40 * most_ms, kSlowestMs) : most_ms;
  process_.Sleep(static_cast<int64_t>(world_->Draw(static_cast<uint64_t>(at_most_ms))));
  world_->MayCrash(&process_);
  FromWorker answer;
  const Bug bug = world_->options().bug;
  if (const auto* task = std::get_if<StartTask>(&work)) {
    auto result = stand_in_->Run(*task, *objects_, bug);
    if (result.ok() && bug == Bug::kStaleTask && world_->Draw(10) == 0 && last_result_ != Blob{}) result = last_result_;
    if (result.ok()) last_result_ = *result;
    answer = result.ok() ? FromWorker(TaskDone{task->attempt, *result}) : TaskFailed{task->attempt, result.status()};
  } else {
    const auto& round = std::get<StartRound>(work);
    auto partial = stand_in_->Run(round, *objects_, bug);
    if (partial.ok() && bug == Bug::kStaleRound && world_->Draw(10) == 0 && last_partial_ != Blob{}) {
      partial = last_partial_;
    }
    if (partial.ok()) last_partial_ = *partial;
    answer = partial.ok() ? FromWorker(RoundDone{round.assignment, *partial})
                          : TaskFailed{round.assignment, partial.status()};
  }
  if (in_hand_.erase(IdOf(answer)) > 0) {
    last_answer_ = answer;
    outbox_.push_back(std::move(answer));
    Flush();
  } else {
    world_->Count("answers to cancelled attempts");
  }
  --running_;
  WorkOn();
}

void SimWorker::Flush() {
  if (session_ == nullptr) return;
  while (!outbox_.empty()) {
    session_->Answer(outbox_.front());
    outbox_.pop_front();
  }
}

}  // namespace strata::simulation
