#include "tests/simulation/network.h"

#include <fmt/format.h>

#include <algorithm>

#include "tests/simulation/sim_coordinator.h"
#include "tests/simulation/sim_worker.h"

namespace strata::simulation {

Session::Session(Network* network, SimCoordinator* coordinator, SimWorker* worker)
    : network_(network),
      coordinator_(coordinator),
      worker_(worker),
      worker_id_(worker->id()),
      coordinator_life_(coordinator->process().life()) {}

bool Session::ReachesCoordinator() const {
  return coordinator_->process().alive() && coordinator_->process().life() == coordinator_life_;
}

void Session::TellCoordinator() {
  if (std::exchange(told_, true) || !ReachesCoordinator()) return;
  if (attached_) coordinator_->Detach(shared_from_this());
}

void Session::Send(const ToWorker& frame) {
  World* world = network_->world();
  if (broken_) return;
  if (world->options().bug == Bug::kFrameLost && world->faults() && world->Draw(10) == 0) return;
  network_->NoteSent(shared_from_this(), frame);
  last_there_ms_ = network_->ArrivalMs(&coordinator_->process(), &worker_->process(), last_there_ms_);
  world->At(last_there_ms_ - world->now_ms(), &worker_->process(), [self = shared_from_this(), frame] {
    if (!self->broken_) self->worker_->Receive(self.get(), frame);
  });
}

void Session::Close() {
  Break();
  network_->world()->At(0, &coordinator_->process(), [self = shared_from_this()] { self->TellCoordinator(); });
}

void Session::Answer(const FromWorker& frame) {
  World* world = network_->world();
  int64_t arrival_ms = network_->ArrivalMs(&worker_->process(), &coordinator_->process(), last_back_ms_);
  // Answers count by their attempt, in whatever order they come.
  if (!std::holds_alternative<Hello>(frame) && world->OfThousand(world->options().answer_late)) {
    world->Count("answers overtaken by later ones");
    arrival_ms += static_cast<int64_t>(world->Draw(3000));
  } else {
    last_back_ms_ = arrival_ms;
  }
  world->At(arrival_ms - world->now_ms(), &coordinator_->process(), [self = shared_from_this(), frame, world] {
    if (!self->ReachesCoordinator()) return;
    // Of a stream that broke, what had arrived may still be read, after the next stream has begun.
    if (self->broken_ && world->Draw(2) == 0) {
      world->Count("frames lost with their stream");
      return;
    }
    if (self->broken_) world->Count("frames of a broken stream that arrive late");
    self->Deliver(frame);
  });
}

void Session::Deliver(const FromWorker& frame) {
  World* world = network_->world();
  if (const auto* hello = std::get_if<Hello>(&frame)) {
    if (broken_) return;
    attached_ = true;
    return coordinator_->Attach(*hello, shared_from_this());
  }
  if (const auto* done = std::get_if<TaskDone>(&frame)) network_->NoteAnswered(done->attempt);
  if (const auto* failed = std::get_if<TaskFailed>(&frame)) network_->NoteAnswered(failed->attempt);
  coordinator_->Post(FrameReceived{worker_id_, frame});
  if (!world->OfThousand(world->options().answer_repeated)) return;
  world->Count("answers that arrive twice");
  world->At(static_cast<int64_t>(world->Draw(3000)), &coordinator_->process(), [self = shared_from_this(), frame] {
    if (self->ReachesCoordinator()) self->coordinator_->Post(FrameReceived{self->worker_id_, frame});
  });
}

void Session::Break() {
  if (broken_) return;
  broken_ = true;
  World* world = network_->world();
  const bool half_open = world->OfThousand(world->options().half_open);
  if (half_open) world->Count("streams half open");
  const auto later = [world](uint64_t most_ms) { return static_cast<int64_t>(world->Draw(most_ms)); };
  world->At(later(half_open ? 20'000 : 500), &worker_->process(),
            [self = shared_from_this()] { self->worker_->OnBroken(self.get()); });
  if (half_open && world->Draw(2) == 0) return;  // the coordinator learns nothing
  world->At(later(1000), &coordinator_->process(), [self = shared_from_this()] { self->TellCoordinator(); });
}

Network::Network(World* world) : world_(world) {}
Network::~Network() = default;

void Network::NoteSent(const std::shared_ptr<Session>& session, const ToWorker& frame) {
  if (const auto* cancel = std::get_if<CancelTask>(&frame)) NoteAnswered(cancel->attempt);
  if (std::holds_alternative<CancelRound>(frame)) world_->Count("shares of a round taken back");
  const auto* task = std::get_if<StartTask>(&frame);
  if (task == nullptr) return;
  for (const auto& [attempt, other] : under_way_) {
    const auto its = other.session.lock();
    if (its == nullptr || its->broken() || its->coordinator() != session->coordinator()) continue;
    if (other.index == task->index && other.plan == task->plan.key) world_->Count("second attempts of slow tasks");
  }
  under_way_[task->attempt] = {task->plan.key, task->index, session};
}

SimCoordinator* Network::Dial() {
  std::vector<SimCoordinator*> listening;
  for (const auto& coordinator : coordinators_) {
    if (coordinator->listening()) listening.push_back(coordinator.get());
  }
  return listening.empty() ? nullptr : listening[world_->Draw(listening.size())];
}

std::shared_ptr<Session> Network::Connect(SimWorker* worker, SimCoordinator* coordinator) {
  auto session = std::make_shared<Session>(this, coordinator, worker);
  std::erase_if(sessions_, [](const auto& held) {
    const std::shared_ptr<Session> kept = held.lock();
    return kept == nullptr || kept->broken();
  });
  sessions_.push_back(session);
  return session;
}

void Network::BreakAllOf(const Process* process) {
  for (const auto& held : std::vector(sessions_)) {
    const auto session = held.lock();
    if (session == nullptr) continue;
    if (&session->coordinator()->process() == process || &session->worker()->process() == process) session->Break();
  }
}

void Network::BreakOne() {
  std::vector<std::shared_ptr<Session>> open;
  for (const auto& held : sessions_) {
    if (const auto session = held.lock(); session != nullptr && !session->broken()) open.push_back(session);
  }
  if (open.empty()) return;
  world_->Count("streams broken");
  open[world_->Draw(open.size())]->Break();
}

void Network::Partition() {
  const Process* coordinator = &coordinators_[world_->Draw(coordinators_.size())]->process();
  const Process* worker = &workers_[world_->Draw(workers_.size())]->process();
  const int64_t until_ms = world_->now_ms() + static_cast<int64_t>(world_->Draw(20'000));
  const uint64_t which = world_->Draw(3);  // there, back, or both
  if (which != 1) held_.push_back({coordinator, worker, until_ms});
  if (which != 0) held_.push_back({worker, coordinator, until_ms});
  world_->Count(which == 2 ? "partitions of both ways" : "partitions of one way");
}

bool Network::IsHeld(const Process* from, const Process* to) const {
  return std::any_of(held_.begin(), held_.end(), [&](const Held& held) {
    return held.from == from && held.to == to && held.until_ms > world_->now_ms();
  });
}

int64_t Network::ArrivalMs(const Process* from, const Process* to, int64_t not_before_ms) {
  int64_t arrival_ms = world_->now_ms() + 1 + static_cast<int64_t>(world_->Draw(world_->Draw(20) == 0 ? 300 : 4));
  for (const Held& held : held_) {
    if (held.from == from && held.to == to) arrival_ms = std::max(arrival_ms, held.until_ms);
  }
  return std::max(arrival_ms, not_before_ms);
}

}  // namespace strata::simulation
