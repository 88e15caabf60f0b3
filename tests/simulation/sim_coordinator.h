// A coordinator process: the production driver, plan, run control, recovery and night over simulated seams; only the
// loop that takes submissions is told here.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>

#include "coordinator/driver.h"
#include "coordinator/run_control.h"
#include "coordinator/run_recovery.h"
#include "tests/simulation/network.h"
#include "tests/simulation/sim_disk.h"
#include "tests/simulation/sim_metadata.h"
#include "tests/simulation/stand_in.h"

namespace strata::simulation {

inline constexpr char kJob[] = "shop";
inline constexpr char kObjectsRoot[] = "/state/objects";
inline constexpr int64_t kLeaseMs = 3000;

NightRequest RequestOf(int night, bool retention);  // from 1; with `retention` little is kept of earlier nights

struct Submission {
  int night = 0;
  std::string request_id;
};

class SimCoordinator {
 public:
  SimCoordinator(Network* network, SimDisk* disk, SimMetadataServer* server, StandIn* stand_in, std::string name);

  Process& process() { return process_; }
  bool listening() const { return process_.alive() && listening_; }
  void Start();
  void Submit(Submission submission);
  void Stop();  // as a signal does

  // From the network.
  void Attach(const Hello& hello, std::shared_ptr<Session> session);
  void Detach(const std::shared_ptr<Session>& session);
  void Post(Event event);
  bool Beat(const WorkerId& worker);  // whether it is attached

 private:
  absl::Status Lead();  // a life, until it has to end
  absl::Status Serve(const Leadership& leadership);
  absl::Status Take(const Leadership& leadership, const Submission& submission);
  absl::Status Execute(const Leadership& leadership, NightRequest request, RunSummary summary);
  // Count what happened, which proves that it did.
  void OnLog(const LogLine& line);
  void OnDriver(const DriverEvent& event);

  Network* network_;
  World* world_;
  SimDisk* disk_;
  SimMetadataServer* server_;
  StandIn* stand_in_;
  Process process_;
  std::unique_ptr<SimFileSystem> files_;
  std::unique_ptr<SimObjectStore> objects_;
  std::unique_ptr<SimMetadata> metadata_;
  std::unique_ptr<Driver> driver_;
  StateSeams seams_;
  int64_t token_ = 0;  // 0: does not lead
  bool listening_ = false;
  bool stopping_ = false;
  std::map<WorkerId, int> attached_;
  std::deque<Submission> inbox_;
  std::deque<ResumedRun> resumed_;
};

}  // namespace strata::simulation
