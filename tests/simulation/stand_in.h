// The work of workers, computed once: a task is a pure function of its plan, so the production executor runs a task the
// first time over clean stores, and from then on, in every seed, what it read is read and verified, and what it wrote
// is written, through the simulated store.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "run/frames.h"
#include "store/object_store.h"
#include "tests/simulation/sim_disk.h"

namespace strata::simulation {

// A file of customers' transactions: what one night brings.
struct SourceFile {
  std::string path;
  std::string bytes;
  int64_t modified_ns = 0;
  int64_t rows = 0;
};
const std::vector<SourceFile>& SourceFiles();

// Objects by key as they are meant to be. All seeds share them: most keys end in a checksum; of the others (a manifest,
// a pointer) the one that was put last is meant.
class CleanObjects {
 public:
  void Add(const std::string& key, std::string_view bytes);
  const std::string* Find(const std::string& key) const;

 private:
  std::map<std::string, std::string> objects_;
};

class StandIn {
 public:
  StandIn();
  ~StandIn();
  CleanObjects& clean() { return clean_; }

  // Through `store`, which may fail; with `bug` wrong on purpose.
  absl::StatusOr<Blob> Run(const StartTask& task, ObjectStore& store, Bug bug);
  absl::StatusOr<Blob> Run(const StartRound& round, ObjectStore& store, Bug bug);

 private:
  struct Entry;
  class Recorder;

  absl::StatusOr<Blob> Replay(const Entry& entry, ObjectStore& store, Bug bug);

  CleanObjects clean_;
  std::map<std::string, std::unique_ptr<Entry>> entries_;
};

// Registers what is put as it is meant to be, before anything goes wrong with it; calls take time. For one process.
class SimObjectStore final : public ObjectStore {
 public:
  SimObjectStore(std::unique_ptr<ObjectStore> store, CleanObjects* clean, World* world, Process* process)
      : store_(std::move(store)), clean_(clean), world_(world), process_(process) {}
  absl::Status Put(const std::string& key, std::string_view bytes, uint32_t mode = 0640) override;
  absl::Status PutVolatile(const std::string& key, std::string_view bytes, uint32_t mode = 0640) override;
  absl::StatusOr<std::string> Get(const std::string& key, uint64_t offset, uint64_t size) override;
  absl::StatusOr<std::shared_ptr<const FileView>> Map(const std::string& key) override;
  absl::StatusOr<std::vector<ObjectInfo>> List(const std::string& prefix) override { return store_->List(prefix); }
  absl::Status Delete(const std::string& key) override;

 private:
  std::unique_ptr<ObjectStore> store_;
  CleanObjects* clean_;
  World* world_;
  Process* process_;
};

}  // namespace strata::simulation
