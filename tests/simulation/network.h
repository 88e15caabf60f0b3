// The ways between coordinators and workers: streams that keep their order and lose their end when they break, with
// both sides told late, at different times or, half open, never; single heartbeats; partitions that hold one direction.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "coordinator/driver.h"
#include "tests/simulation/world.h"

namespace strata::simulation {

class SimCoordinator;
class SimWorker;
class Network;

// One connection of a worker to a coordinator.
class Session final : public WorkerLink, public std::enable_shared_from_this<Session> {
 public:
  Session(Network* network, SimCoordinator* coordinator, SimWorker* worker);

  void Send(const ToWorker& frame) override;  // by the coordinator
  void Close() override;                      // by the coordinator
  void Answer(const FromWorker& frame);       // by the worker
  void Break();                               // by the network, or by either end
  bool broken() const { return broken_; }
  SimCoordinator* coordinator() const { return coordinator_; }
  SimWorker* worker() const { return worker_; }
  const WorkerId& worker_id() const { return worker_id_; }

 private:
  void Deliver(const FromWorker& frame);
  bool ReachesCoordinator() const;  // it is the process that was dialled
  void TellCoordinator();

  Network* network_;
  SimCoordinator* coordinator_;
  SimWorker* worker_;
  WorkerId worker_id_;
  uint64_t coordinator_life_;
  bool broken_ = false;
  bool attached_ = false;                         // the coordinator read its hello: before, there is nothing to end
  bool told_ = false;                             // the coordinator knows that it is broken
  int64_t last_there_ms_ = 0, last_back_ms_ = 0;  // frames of a stream do not overtake one another
};

class Network {
 public:
  explicit Network(World* world);
  ~Network();

  World* world() const { return world_; }
  std::vector<std::unique_ptr<SimCoordinator>>& coordinators() { return coordinators_; }
  std::vector<std::unique_ptr<SimWorker>>& workers() { return workers_; }

  // A coordinator that takes connections, by chance; null when there is none.
  SimCoordinator* Dial();
  std::shared_ptr<Session> Connect(SimWorker* worker, SimCoordinator* coordinator);
  // Of a process that died.
  void BreakAllOf(const Process* process);
  void BreakOne();
  void Partition();
  void Heal() { held_.clear(); }
  // Counts second attempts of tasks whose first one is still under way.
  void NoteSent(const std::shared_ptr<Session>& session, const ToWorker& frame);
  void NoteAnswered(AttemptId attempt) { under_way_.erase(attempt); }
  // When a frame sent now arrives.
  int64_t ArrivalMs(const Process* from, const Process* to, int64_t not_before_ms);
  bool IsHeld(const Process* from, const Process* to) const;

 private:
  struct Held {
    const Process* from;
    const Process* to;
    int64_t until_ms;
  };

  struct UnderWay {
    std::string plan;
    uint32_t index = 0;
    std::weak_ptr<Session> session;
  };

  World* world_;
  std::map<AttemptId, UnderWay> under_way_;
  std::vector<std::unique_ptr<SimCoordinator>> coordinators_;
  std::vector<std::unique_ptr<SimWorker>> workers_;
  std::vector<std::weak_ptr<Session>> sessions_;
  std::vector<Held> held_;
};

}  // namespace strata::simulation
