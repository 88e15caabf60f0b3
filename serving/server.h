// The gRPC server of a state: scores, segments, snapshots, jobs, the ledger, its own status, and whatever else its
// owner registers; with health (grpc.health.v1) and reflection. Read-only unless it is given SnapshotActions.
//
// Health: "" is SERVING while the process is up and not draining (liveness). strata.v1.ScoreService and SegmentService
// are SERVING once SnapshotCatalogue::Ready (readiness): every job was tried, at least one answers, and all held ones
// do; the other services while "" is.
//
// Threads: any method may be called from any thread, but Start and Shutdown from one at a time, and none of them from a
// signal handler or from within a call.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "base/telemetry/log_line.h"
#include "base/telemetry/metrics.h"
#include "serving/cluster_service.h"
#include "serving/snapshot_catalogue.h"
#include "store/metadata.h"
#include "store/object_store.h"
#include "wire/snapshot_actions.h"

namespace grpc {
class Channel;
class Service;
}  // namespace grpc

namespace strata {

inline constexpr int64_t kDefaultMaxAgeHours = 36;     // a nightly run may be half a day late before answers are stale
inline constexpr int kMaxConcurrentStreams = 256;      // calls at once on a connection; gRPC's default is no limit
inline constexpr int kMaxRequestBytes = 1 << 20;       // 1000 ids of 256 bytes, or a job file, several times over
inline constexpr int kMaxRequestMetadataBytes = 8192;  // headers; gRPC's own default, fixed here
inline constexpr int kHandshakeTimeoutMs = 5000;       // an unfinished connection is closed; gRPC waits two minutes
inline constexpr int kMaxConnectionIdleMs = 300'000;   // idle clients reconnect in a round trip
// For read replicas: connections end now and then, so that clients look up new replicas. A coordinator must not do so:
// it would cut its workers' streams.
inline constexpr int kReplicaConnectionAgeMs = 600'000;
inline constexpr int kConnectionAgeGraceMs = 300'000;  // for calls under way; a longer export resumes by its token
inline constexpr int kKeepaliveTimeMs = 30'000;        // finds clients that vanished without a word
inline constexpr int kKeepaliveTimeoutMs = 10'000;
inline constexpr int kMinClientPingMs =
    5'000;  // clients that wait for an answer ask this often whether anybody is there

// A service that somebody else implements, e.g. the coordinator's RunService.
struct ExtraService {
  grpc::Service* service = nullptr;  // must outlive the server
  std::string name;                  // full name, for health: "strata.v1.RunService"
};

struct ScoreServerOptions {
  int64_t max_age_hours = kDefaultMaxAgeHours;  // older answers are stale; 1 or more
  SnapshotActions* actions = nullptr;           // who decides about snapshots; null: this server only reads
  std::vector<ExtraService> extra_services;
  int connection_age_ms = 0;        // 0: connections live as long as they like; replicas take kReplicaConnectionAgeMs
  std::function<void()> on_change;  // when it starts and after every change of the catalogue's view
  MetricsRegistry* metrics = nullptr;  // where calls and snapshots are counted; null: in one of the server's own
  ServerIdentity identity;             // what ClusterService says of this server
  LogSink log;                         // is told when another snapshot answers; may be empty
};

class ScoreServer {
 public:
  // All must outlive the server. The caller refreshes the catalogue (RefreshLoop). `metadata` is null on a read
  // replica, which has no ledger and no runs: questions about them get an error that says to ask the coordinator.
  ScoreServer(SnapshotCatalogue* catalogue, ObjectStore* objects, Metadata* metadata, const Clock* clock,
              ScoreServerOptions options);
  ~ScoreServer();  // Shutdown(0)
  ScoreServer(const ScoreServer&) = delete;
  ScoreServer& operator=(const ScoreServer&) = delete;

  // Serves at "host:port" (port 0: any free one; IPv6 in brackets) and returns the bound port; at "" only through
  // InProcessChannel, and returns 0. INVALID_ARGUMENT (MAX_AGE_INVALID); FAILED_PRECONDITION (ADDRESS_UNAVAILABLE) when
  // the port is in use or the address is not this machine's; FAILED_PRECONDITION (SERVER_STARTED) the second time.
  absl::StatusOr<int> Start(const std::string& address);

  // A channel within the process. Precondition: Start succeeded.
  std::shared_ptr<grpc::Channel> InProcessChannel();

  // Turns health to NOT_SERVING, for good, while calls are answered as before: load balancers then go elsewhere. Call
  // it some seconds before Shutdown.
  void BeginDrain();

  // Takes no new calls, lets those under way finish for `deadline_ms`, then cancels them; returns when all have ended.
  // Callers on an in-process channel are cut off at once: gRPC's in-process transport knows no grace.
  void Shutdown(int64_t deadline_ms);

 private:
  struct Running;

  void OnViewChanged();
  void UpdateHealth();

  SnapshotCatalogue* catalogue_;
  ObjectStore* objects_;
  Metadata* metadata_;
  const Clock* clock_;
  ScoreServerOptions options_;
  std::unique_ptr<Running> running_;
};

}  // namespace strata
