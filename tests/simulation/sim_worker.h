// A worker as the cluster sees it: the protocol of worker/session.h and worker/worker.h, told in events, over the
// stand-in of its executor.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <variant>

#include "tests/simulation/network.h"
#include "tests/simulation/stand_in.h"

namespace strata::simulation {

class SimWorker {
 public:
  SimWorker(Network* network, SimDisk* disk, StandIn* stand_in, std::string name);

  Process& process() { return process_; }
  const WorkerId& id() const { return id_; }
  void Start();
  void Receive(const Session* session, const ToWorker& frame);
  void OnBroken(const Session* session);

 private:
  using Work = std::variant<StartTask, StartRound>;

  void Connect();
  void Beat();
  void WorkOn();
  void Execute(const Work& work);
  void Flush();
  void Drop(AttemptId attempt);

  Network* network_;
  World* world_;
  SimDisk* disk_;
  StandIn* stand_in_;
  Process process_;
  WorkerId id_;
  std::unique_ptr<SimFileSystem> files_;
  std::unique_ptr<SimObjectStore> objects_;
  std::shared_ptr<Session> session_;
  int64_t answered_ms_ = 0;
  int64_t lease_ms_ = 0;
  std::set<AttemptId> in_hand_;
  std::deque<Work> queue_;
  std::deque<FromWorker> outbox_;
  uint32_t running_ = 0;
  Blob last_result_, last_partial_;
  std::optional<FromWorker> last_answer_;
};

}  // namespace strata::simulation
