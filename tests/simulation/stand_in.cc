#include "tests/simulation/stand_in.h"

#include <fmt/format.h>

#include "tests/store/owned_view.h"
#include "worker/task_executor.h"

namespace strata::simulation {
namespace {

absl::Status Missing(const std::string& path) {
  return MakeError(absl::StatusCode::kNotFound, "FILE_MISSING", fmt::format("no '{}'", path));
}
// What another task wrote, of which the executor says so when it is gone.
bool IsIntermediate(std::string_view key) { return key.find("/runs/") != key.npos && key.find("/plan-") == key.npos; }
absl::Status Lost(const absl::Status& missing) {
  return MakeError(absl::StatusCode::kDataLoss, "INTERMEDIATE_LOST", std::string(StdView(missing.message())));
}
absl::Status ReadOnly() { return MakeError(absl::StatusCode::kPermissionDenied, "READ_ONLY", "sources are only read"); }

// The sources, as they are.
class CleanSources final : public FileSystem {
 public:
  absl::StatusOr<FileInfo> Stat(const std::string& path) override {
    for (const SourceFile& file : SourceFiles()) {
      if (file.path == path) {
        return FileInfo{.path = path, .size_bytes = file.bytes.size(), .modified_ns = file.modified_ns};
      }
    }
    return Missing(path);
  }
  absl::StatusOr<std::string> ReadRange(const std::string& path, uint64_t offset, uint64_t size) override {
    for (const SourceFile& file : SourceFiles()) {
      if (file.path == path) return offset >= file.bytes.size() ? std::string() : file.bytes.substr(offset, size);
    }
    return Missing(path);
  }
  absl::StatusOr<std::shared_ptr<const FileView>> Map(const std::string& path) override {
    STRATA_ASSIGN_OR_RETURN(const std::string bytes, ReadRange(path, 0, ~uint64_t{0}));
    return OwnedView::Of(bytes);
  }
  absl::StatusOr<std::vector<FileInfo>> List(const std::string& folder) override { return Missing(folder); }
  absl::Status CreateFolders(const std::string&) override { return ReadOnly(); }
  absl::Status WriteNew(const std::string&, std::string_view, uint32_t) override { return ReadOnly(); }
  absl::Status RenameNew(const std::string&, const std::string&) override { return ReadOnly(); }
  absl::Status WriteVolatile(const std::string&, const std::string&, std::string_view, uint32_t) override {
    return ReadOnly();
  }
  absl::Status SyncFolder(const std::string&) override { return ReadOnly(); }
  absl::Status Remove(const std::string&) override { return ReadOnly(); }
};

SourceFile MakeFile(int night) {
  SourceFile file{.path = fmt::format("/sources/night-{}.csv", night), .bytes = "id,day,amount\n"};
  file.modified_ns = 1'700'000'000'000'000'000 + night;
  // A few customers who come back, and each night some who are new.
  for (int row = 0; row < 20 + 5 * night; ++row) {
    file.bytes += fmt::format("c{},2023-0{}-{:02},{}.{:02}\n", (row * 5 + night) % (12 + 3 * night), night + 1,
                              1 + row % 28, 10 + row * night % 17, row);
    ++file.rows;
  }
  return file;
}

}  // namespace

const std::vector<SourceFile>& SourceFiles() {
  static const std::vector<SourceFile> files = {MakeFile(1), MakeFile(2), MakeFile(3)};
  return files;
}

void CleanObjects::Add(const std::string& key, std::string_view bytes) { objects_.insert_or_assign(key, bytes); }
const std::string* CleanObjects::Find(const std::string& key) const {
  const auto found = objects_.find(key);
  return found == objects_.end() ? nullptr : &found->second;
}

struct StandIn::Entry {
  struct Written {
    std::string key, bytes;
    uint32_t mode = 0;
    bool is_volatile = false;
  };
  std::vector<std::pair<std::string, uint64_t>> reads;  // key, checksum
  std::vector<Written> writes;
  Blob result;
};

class StandIn::Recorder final : public ObjectStore {
 public:
  Recorder(CleanObjects* clean, Entry* entry) : clean_(clean), entry_(entry) {}
  absl::Status Put(const std::string& key, std::string_view bytes, uint32_t mode) override {
    clean_->Add(key, bytes);
    entry_->writes.push_back({key, std::string(bytes), mode, false});
    return absl::OkStatus();
  }
  absl::Status PutVolatile(const std::string& key, std::string_view bytes, uint32_t mode) override {
    clean_->Add(key, bytes);
    entry_->writes.push_back({key, std::string(bytes), mode, true});
    return absl::OkStatus();
  }
  absl::StatusOr<std::shared_ptr<const FileView>> Map(const std::string& key) override {
    const std::string* bytes = clean_->Find(key);
    if (bytes == nullptr) return Missing(key);
    entry_->reads.emplace_back(key, Hash64(*bytes));
    return OwnedView::Of(*bytes);
  }
  absl::StatusOr<std::string> Get(const std::string& key, uint64_t offset, uint64_t size) override {
    STRATA_ASSIGN_OR_RETURN(const auto view, Map(key));
    return std::string(view->bytes().substr(std::min<uint64_t>(offset, view->bytes().size()), size));
  }
  absl::StatusOr<std::vector<ObjectInfo>> List(const std::string&) override { return ReadOnly(); }
  absl::Status Delete(const std::string&) override { return ReadOnly(); }

 private:
  CleanObjects* clean_;
  Entry* entry_;
};

StandIn::StandIn() = default;
StandIn::~StandIn() = default;

absl::StatusOr<Blob> StandIn::Replay(const Entry& entry, ObjectStore& store, Bug bug) {
  for (const auto& [key, checksum] : entry.reads) {
    const absl::Status read = MapVerified(store, key, checksum).status();
    if (absl::IsNotFound(read) && IsIntermediate(key)) return Lost(read);
    STRATA_RETURN_IF_ERROR(read);
  }
  for (const auto& [key, bytes, mode, is_volatile] : entry.writes) {
    if (is_volatile) {
      STRATA_RETURN_IF_ERROR(store.PutVolatile(key, bytes, mode));
      continue;
    }
    const bool half = bug == Bug::kHalfAnObject && key.find("/snapshots/") != std::string::npos;
    STRATA_RETURN_IF_ERROR(store.Put(key, half ? std::string_view(bytes).substr(0, bytes.size() / 2) : bytes, mode));
  }
  return entry.result;
}

absl::StatusOr<Blob> StandIn::Run(const StartTask& task, ObjectStore& store, Bug bug) {
  std::unique_ptr<Entry>& entry =
      entries_[fmt::format("{} {} {} {}", Name(task.stage), task.index, task.plan.key, task.plan.checksum)];
  if (entry == nullptr) {
    auto fresh = std::make_unique<Entry>();
    CleanSources sources;
    Recorder recorder(&clean_, fresh.get());
    TaskExecutor executor(&sources, &recorder);
    STRATA_ASSIGN_OR_RETURN(fresh->result, executor.RunTask(task));
    entry = std::move(fresh);
  }
  return Replay(*entry, store, bug);
}

absl::StatusOr<Blob> StandIn::Run(const StartRound& round, ObjectStore& store, Bug bug) {
  StartRound asked = round;
  if (bug == Bug::kDoubleCount) asked.shards.push_back(asked.shards.back());
  if (bug == Bug::kWrongShard && asked.shards.size() > 1) asked.shards.erase(asked.shards.begin());
  std::string name =
      fmt::format("round {} {} {}", round.plan.key, Hash64(round.request.inline_bytes), round.request.object.key);
  for (const uint32_t shard : asked.shards) name += fmt::format(" {}", shard);
  std::unique_ptr<Entry>& entry = entries_[name];
  if (entry == nullptr) {
    auto fresh = std::make_unique<Entry>();
    CleanSources sources;
    Recorder recorder(&clean_, fresh.get());
    TaskExecutor executor(&sources, &recorder);
    STRATA_ASSIGN_OR_RETURN(fresh->result, executor.RunRound(asked));
    entry = std::move(fresh);
  }
  return Replay(*entry, store, bug);
}

absl::Status SimObjectStore::Put(const std::string& key, std::string_view bytes, uint32_t mode) {
  clean_->Add(key, bytes);
  process_->Sleep(static_cast<int64_t>(world_->Draw(4)));
  std::string damaged;
  if (world_->options().bug == Bug::kReadBackCached && !bytes.empty() && world_->Draw(50) == 0) {
    damaged = bytes;
    damaged.back() = static_cast<char>(damaged.back() ^ 1);
    bytes = damaged;
  }
  if (world_->options().bug == Bug::kWrongCheckpoint && key.find("/fit/rounds-") != std::string::npos) {
    damaged = world_->wrong_checkpoints.Object(key, bytes);
    bytes = damaged;
  }
  const absl::Status status = store_->Put(key, bytes, mode);
  process_->Sleep(static_cast<int64_t>(world_->Draw(2)));
  return status;
}

absl::Status SimObjectStore::PutVolatile(const std::string& key, std::string_view bytes, uint32_t mode) {
  clean_->Add(key, bytes);
  process_->Sleep(static_cast<int64_t>(world_->Draw(4)));
  const absl::Status status = store_->PutVolatile(key, bytes, mode);
  process_->Sleep(static_cast<int64_t>(world_->Draw(2)));
  return status;
}

absl::StatusOr<std::string> SimObjectStore::Get(const std::string& key, uint64_t offset, uint64_t size) {
  process_->Sleep(static_cast<int64_t>(world_->Draw(2)));
  return store_->Get(key, offset, size);
}

absl::StatusOr<std::shared_ptr<const FileView>> SimObjectStore::Map(const std::string& key) {
  process_->Sleep(static_cast<int64_t>(world_->Draw(2)));
  const std::string* meant = world_->options().bug == Bug::kReadBackCached ? clean_->Find(key) : nullptr;
  if (meant != nullptr) return OwnedView::Of(*meant);
  return store_->Map(key);
}

absl::Status SimObjectStore::Delete(const std::string& key) {
  process_->Sleep(static_cast<int64_t>(world_->Draw(2)));
  return store_->Delete(key);
}

}  // namespace strata::simulation
