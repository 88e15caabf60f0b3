// Metadata as a server that outlives every process, and a client of each process: calls take time, get lost on the way
// there or back, arrive late, or find nobody. What is committed is durable.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "store/metadata.h"
#include "tests/simulation/world.h"

namespace strata::simulation {

class SimMetadataServer {
 public:
  explicit SimMetadataServer(World* world) : world_(world) {}

  CommitOutcome Apply(const CommitRequest& request, const std::string& actor);
  const std::map<std::string, KeyValue>& entries() const { return entries_; }
  int64_t token() const { return token_; }
  int64_t revision() const { return revision_; }
  bool InForce(int64_t token) const { return held_ && token == token_; }
  void BeAwayFor(int64_t ms) { away_until_ms_ = world_->now_ms() + ms; }
  bool away() const { return world_->faults() && world_->now_ms() < away_until_ms_; }

  // Called after every commit that took effect, with the request.
  std::function<void(const CommitRequest&)> on_commit;

 private:
  friend class SimMetadata;
  World* world_;
  std::map<int64_t, std::string> actors_;             // who committed under a token
  std::map<std::string, KeyValue> entries_, before_;  // before_: without the last commit
  int64_t revision_ = 0;
  int64_t token_ = 0;
  bool held_ = false;
  int64_t renewals_ = 0;
  std::string holder_;
  int64_t away_until_ms_ = 0;
};

class SimMetadata final : public Metadata {
 public:
  SimMetadata(SimMetadataServer* server, World* world, Process* process, const Clock* clock)
      : server_(server), world_(world), process_(process), clock_(clock) {}

  absl::StatusOr<std::optional<KeyValue>> Get(const std::string& key) override;
  absl::StatusOr<std::vector<KeyValue>> List(const std::string& prefix) override;
  absl::StatusOr<CommitOutcome> Commit(const CommitRequest& asked) override;
  absl::StatusOr<Leadership> Campaign(const std::string& holder, int64_t timeout_ms) override;
  absl::Status Renew(const Leadership& leadership) override;
  absl::Status Resign(const Leadership& leadership) override;

 private:
  std::string Actor() const;
  void Travel();  // a way, there or back
  absl::Status Reach();
  absl::Status CheckLead(const Leadership& leadership) const;
  const std::map<std::string, KeyValue>& Readable() const;

  SimMetadataServer* server_;
  World* world_;
  Process* process_;
  const Clock* clock_;
  int64_t watched_token_ = 0, watched_renewals_ = -1, watched_since_ms_ = 0;
};

}  // namespace strata::simulation
