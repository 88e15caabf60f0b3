// What must hold after every event, whatever goes wrong. The truth it compares with is what undisturbed runs computed.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "run/summary.h"
#include "tests/simulation/sim_disk.h"
#include "tests/simulation/sim_metadata.h"

namespace strata::simulation {

// A snapshot as (night, number of files), behind those that it follows, the first one first: what its bytes depend on.
using Lineage = std::vector<std::pair<int, int>>;

struct Truth {
  std::string digest, ledger_digest;
  int64_t customers = 0;
};
using Truths = std::map<Lineage, Truth>;

class Checker {
 public:
  // Without truths (null) it only gathers what is published: the way truths are made.
  Checker(World* world, SimDisk* disk, SimMetadataServer* server, const Truths* truths)
      : world_(world), disk_(disk), server_(server), truths_(truths) {}

  // After every event of the simulation: what is published is as it was, and there.
  void AfterEvent();
  void OnCommit(const CommitRequest& request);
  void OnObject(const std::string& path, const std::string& bytes);
  // Something that only runs needed, or that belongs to nothing, and is still there; empty: nothing.
  std::string Left() const;
  // Of the night's newest snapshot.
  std::optional<Truth> Published(int night) const;

 private:
  void CheckSnapshot(const std::string& value);
  void CheckCurrent(const std::string& value);
  void CheckLedger(const std::string& version);
  void CheckRun(const std::string& value);
  // Only what nobody needs may go, where the job's retention is short.
  void CheckSnapshotRemoved(const std::string& key);
  void CheckRunRemoved(int64_t run);
  // A version that is neither the newest nor a snapshot's may go, and with it what no other version refers to.
  void CheckCollected(int64_t version);
  // The object is there, durable and as its checksum says; from now on it must stay.
  const std::string* Keep(const std::string& key, uint64_t checksum);
  void Fail(const std::string& what) { world_->Violation(what); }

  World* world_;
  SimDisk* disk_;
  SimMetadataServer* server_;
  const Truths* truths_;
  int64_t revision_ = 0;  // of the metadata, as it was last looked at
  int64_t generation_ = 0;
  int64_t current_ = 0;                          // the snapshot that answers
  std::map<std::string, std::string> pointers_;  // by the path of the object that repeats it
  int64_t ledger_version_ = 0;
  std::map<int64_t, int> files_by_version_ = {{0, 0}};
  std::map<int64_t, std::set<std::string>> paths_by_version_;  // of versions that have a record
  std::map<int64_t, int64_t> run_of_version_;
  std::map<int64_t, int64_t> begun_ms_;           // by run
  std::set<int64_t> ended_;                       // runs
  std::map<std::string, std::string> snapshots_;  // records by key, until they are removed: they never change
  std::map<int64_t, Lineage> lineages_;           // by snapshot, removed ones too
};

}  // namespace strata::simulation
