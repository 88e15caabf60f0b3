#include "store/open_store.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include "base/clock.h"
#include "store/s3_object_store.h"
#include "store/s3_source_files.h"

namespace strata {
namespace {

std::optional<std::string> ReadVariable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

// What S3 needs of the machine, in one object that lives as long as its user.
class S3Machine {
 public:
  static absl::StatusOr<std::unique_ptr<S3Machine>> Make(const ObjectStoreOptions& options) {
    auto machine = std::make_unique<S3Machine>();
    STRATA_ASSIGN_OR_RETURN(machine->settings, ReadS3Settings(ReadVariable));
    const std::string folder = options.cache_dir.empty() ? DefaultCacheFolder() : options.cache_dir;
    auto cache = ObjectCache::Open({.folder = folder, .bytes_max = options.cache_bytes});
    if (!cache.ok()) return WithContext(cache.status(), "--cache-dir " + folder);
    machine->cache = *std::move(cache);
    machine->seams = {.clock = &machine->clock,
                      .sleep = [](int64_t ms) { std::this_thread::sleep_for(std::chrono::milliseconds(ms)); },
                      .note = options.note,
                      .policy = {}};
    return machine;
  }

  SystemClock clock;
  S3Settings settings;
  std::shared_ptr<ObjectCache> cache;
  RetrySeams seams;
};

class OwningStore final : public ObjectStore {
 public:
  OwningStore(std::unique_ptr<S3Machine> machine, std::unique_ptr<ObjectStore> store)
      : machine_(std::move(machine)), store_(std::move(store)) {}
  absl::Status Put(const std::string& key, std::string_view bytes, uint32_t mode) override {
    return store_->Put(key, bytes, mode);
  }
  absl::StatusOr<std::string> Get(const std::string& key, uint64_t offset, uint64_t size) override {
    return store_->Get(key, offset, size);
  }
  absl::StatusOr<std::shared_ptr<const FileView>> Map(const std::string& key) override { return store_->Map(key); }
  absl::StatusOr<std::vector<ObjectInfo>> List(const std::string& prefix) override { return store_->List(prefix); }
  absl::Status Delete(const std::string& key) override { return store_->Delete(key); }
  absl::StatusOr<std::vector<std::string>> ListFolders(const std::string& folder) override {
    return store_->ListFolders(folder);
  }
  absl::Status DeleteAll(const std::vector<std::string>& keys) override { return store_->DeleteAll(keys); }
  void Prefetch(const std::vector<std::string>& keys) override { store_->Prefetch(keys); }
  absl::StatusOr<bool> Distrust(const std::string& key) override { return store_->Distrust(key); }

 private:
  std::unique_ptr<S3Machine> machine_;
  std::unique_ptr<ObjectStore> store_;
};

// Hands each path to the file system that it belongs to.
class SourceFiles final : public FileSystem {
 public:
  SourceFiles(ObjectStoreOptions options, FileSystem* local) : options_(std::move(options)), local_(*local) {}

  absl::StatusOr<FileInfo> Stat(const std::string& path) override {
    STRATA_ASSIGN_OR_RETURN(FileSystem* const files, FilesOf(path));
    return files->Stat(path);
  }
  absl::StatusOr<std::vector<FileInfo>> List(const std::string& folder) override {
    STRATA_ASSIGN_OR_RETURN(FileSystem* const files, FilesOf(folder));
    return files->List(folder);
  }
  absl::Status CreateFolders(const std::string& folder) override {
    STRATA_ASSIGN_OR_RETURN(FileSystem* const files, FilesOf(folder));
    return files->CreateFolders(folder);
  }
  absl::Status WriteNew(const std::string& path, std::string_view bytes, uint32_t mode) override {
    STRATA_ASSIGN_OR_RETURN(FileSystem* const files, FilesOf(path));
    return files->WriteNew(path, bytes, mode);
  }
  absl::Status RenameNew(const std::string& from, const std::string& to) override {
    STRATA_ASSIGN_OR_RETURN(FileSystem* const files, FilesOf(from));
    return files->RenameNew(from, to);
  }
  absl::Status WriteVolatile(const std::string& temporary, const std::string& path, std::string_view bytes,
                             uint32_t mode) override {
    STRATA_ASSIGN_OR_RETURN(FileSystem* const files, FilesOf(path));
    return files->WriteVolatile(temporary, path, bytes, mode);
  }
  absl::Status SyncFolder(const std::string& folder) override {
    STRATA_ASSIGN_OR_RETURN(FileSystem* const files, FilesOf(folder));
    return files->SyncFolder(folder);
  }
  absl::Status Remove(const std::string& path) override {
    STRATA_ASSIGN_OR_RETURN(FileSystem* const files, FilesOf(path));
    return files->Remove(path);
  }
  absl::StatusOr<std::string> ReadRange(const std::string& path, uint64_t offset, uint64_t size) override {
    STRATA_ASSIGN_OR_RETURN(FileSystem* const files, FilesOf(path));
    return files->ReadRange(path, offset, size);
  }
  absl::StatusOr<std::shared_ptr<const FileView>> Map(const std::string& path) override {
    STRATA_ASSIGN_OR_RETURN(FileSystem* const files, FilesOf(path));
    return files->Map(path);
  }

 private:
  // Connecting is cheap to fail and tried again by the next call.
  absl::StatusOr<FileSystem*> FilesOf(const std::string& path) {
    if (!IsS3Uri(path)) return &local_;
    const std::lock_guard lock(mutex_);
    if (s3_ == nullptr) {
      STRATA_ASSIGN_OR_RETURN(machine_, S3Machine::Make(options_));
      STRATA_ASSIGN_OR_RETURN(
          s3_, OpenS3SourceFiles({.settings = machine_->settings, .seams = machine_->seams, .cache = machine_->cache}));
    }
    return s3_.get();
  }

  const ObjectStoreOptions options_;
  FileSystem& local_;
  std::mutex mutex_;
  std::unique_ptr<S3Machine> machine_;  // guarded by mutex_
  std::unique_ptr<FileSystem> s3_;      // guarded by mutex_ until it is there
};

}  // namespace

absl::StatusOr<std::unique_ptr<ObjectStore>> OpenObjectStore(const ObjectStoreOptions& options, FileSystem* files) {
  if (!IsS3Uri(options.uri)) {
    if (options.uri.find("://") == std::string::npos) return NewLocalObjectStore(files, options.uri);
    return MakeError(absl::StatusCode::kInvalidArgument, "OBJECTS_UNSUPPORTED",
                     fmt::format("objects at '{}': allowed is a folder or s3://bucket/prefix", options.uri),
                     {{"uri", options.uri}});
  }
  STRATA_ASSIGN_OR_RETURN(S3Address root, ParseS3Uri(options.uri));
  STRATA_ASSIGN_OR_RETURN(auto machine, S3Machine::Make(options));
  auto store = OpenS3ObjectStore(
      {.root = std::move(root), .settings = machine->settings, .seams = machine->seams, .cache = machine->cache});
  if (!store.ok()) return WithContext(store.status(), "objects at " + options.uri);
  return std::make_unique<OwningStore>(std::move(machine), *std::move(store));
}

std::unique_ptr<FileSystem> NewSourceFiles(const ObjectStoreOptions& options, FileSystem* local) {
  return std::make_unique<SourceFiles>(options, local);
}

std::string DefaultCacheFolder() {
  std::error_code ignored;  // a variable that names no folder: the cache then says that it cannot make its own
  const std::filesystem::path temporary = std::filesystem::temp_directory_path(ignored);
  return (temporary / fmt::format("strata-cache-{}", geteuid())).string();
}

}  // namespace strata
