// A read replica, wired: follows what is published in an object store, and serves it. Needs nothing but the store, and
// writes nothing.
//
// Starts whether or not the store can be reached: until the first snapshots are open it is not ready, says why (health,
// log, JobService) and keeps trying. What is open keeps answering while the store is away.
//
// Start, later Drain, from one thread; Ready and the catalogue from any.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "serving/refresh_loop.h"
#include "serving/server.h"
#include "serving/snapshot_catalogue.h"
#include "store/object_store.h"

namespace strata {

inline constexpr int64_t kDefaultDrainMs = 5'000;     // load balancers look every few seconds
inline constexpr int64_t kReplicaShutdownMs = 5'000;  // calls under way at the end; an export resumes by its token

struct ReplicaOptions {
  std::string listen = "127.0.0.1:7071";
  int64_t max_age_hours = kDefaultMaxAgeHours;
  HeldJobs held;
  int64_t refresh_ms = kRefreshIntervalMs;
  int64_t drain_ms = kDefaultDrainMs;
  MetricsRegistry* metrics = nullptr;  // where calls and snapshots are counted; null: in one of its own
  LogSink log;                         // may be empty
  std::string version;                 // of the program, as ClusterService says it
};

// JOB=SNAPSHOT, as --pin takes it, at most once a job. INVALID_ARGUMENT (FLAG_INVALID).
absl::StatusOr<HeldJobs> ParsePins(const std::vector<std::string>& pins);

class Replica {
 public:
  // Both must outlive the replica.
  Replica(ObjectStore* objects, const Clock* clock, ReplicaOptions options);
  ~Replica();
  Replica(const Replica&) = delete;
  Replica& operator=(const Replica&) = delete;

  // Serves, begins to follow the store, and returns the bound port. FAILED_PRECONDITION (ADDRESS_UNAVAILABLE).
  absl::StatusOr<int> Start();
  // Health says NOT_SERVING; calls are answered for options.drain_ms, which `pause` waits, then those under way get
  // kReplicaShutdownMs to finish.
  void Drain(const std::function<void(int64_t ms)>& pause);

  // What health says of ScoreService, with the reason: OK, or UNAVAILABLE (NOT_READY) before the first snapshots are
  // open and while it drains. From any thread.
  absl::Status Ready() const;
  const SnapshotCatalogue& catalogue() const { return *catalogue_; }

 private:
  class Log;

  ReplicaOptions options_;
  std::atomic<bool> draining_ = false;
  std::unique_ptr<Log> log_;
  std::unique_ptr<SnapshotCatalogue> catalogue_;
  std::unique_ptr<ScoreServer> server_;
  std::unique_ptr<RefreshLoop> refresh_;
};

}  // namespace strata
