// A state for tests, in a temporary folder: real snapshots of a few customers, made by hand and published as a run
// does.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "data/snapshot/snapshot.h"
#include "run/current.h"
#include "run/ledger_version.h"
#include "run/snapshot_record.h"
#include "store/metadata.h"
#include "store/object_store.h"
#include "tests/base/fake_clock.h"
#include "tests/base/temporary_folder.h"
#include "tests/serving/gated_object_store.h"

namespace strata {

class SmallState {
 public:
  SmallState();

  // Publishes snapshot `number` of `job` with customers "c0", "c1", ... over two shards. Customer ci of snapshot n has
  // net_micros 1000 n + i, so an answer shows which snapshot it comes from. Published at the clock's time.
  // `extra` is published with it: reports, say.
  struct Extra {
    std::string name;  // logical
    std::string bytes;
    int64_t rows = 0;
  };
  SnapshotRecord Publish(const std::string& job, int64_t number, int customers = 5,
                         const std::vector<Extra>& extra = {});
  // Points jobs/<job> at a published snapshot, in metadata and objects.
  void Activate(const std::string& job, int64_t number);
  void WriteRecord(const std::string& job, const SnapshotRecord& record);
  void WritePointer(const std::string& job, const CurrentPointer& pointer);
  void DeleteRecord(const std::string& job, int64_t number);
  void WriteMetadata(const std::string& key, const std::string& value);
  // Changes one byte of an object of the snapshot.
  void Damage(const std::string& job, int64_t number, const std::string& logical_name);
  void CommitLedger(const std::string& job, const LedgerRegistry& registry, int64_t version);

  SnapshotRecord Record(const std::string& job, int64_t number);

  GatedObjectStore& objects() { return *objects_; }
  Metadata& metadata() { return *metadata_; }
  FakeClock& clock() { return clock_; }

 private:
  TemporaryFolder folder_;
  FakeClock clock_;
  std::unique_ptr<FileSystem> files_;
  std::unique_ptr<GatedObjectStore> objects_;
  std::unique_ptr<Metadata> metadata_;
  int64_t generation_ = 0;
};

// What customer `i` of snapshot `number` is worth in SmallState.
inline int64_t NetMicros(int64_t number, int i) { return 1000 * number + i; }
inline std::string CustomerId(int i) { return "c" + std::to_string(i); }

// Checks a step of a test's own preparation; throws where it fails.
void MustBeOk(const absl::Status& status);

}  // namespace strata
