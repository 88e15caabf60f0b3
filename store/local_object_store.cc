#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <set>
#include <utility>

#include "base/hash.h"
#include "store/object_store.h"

namespace strata {
namespace {

constexpr char kTemporaryFolder[] = ".tmp";
constexpr uint32_t kTemporaryNamesMax = 1000;  // names taken by debris that one Put steps over

bool HasReason(const absl::Status& status, std::string_view reason) {
  const auto detail = DetailOf(status);
  return detail.has_value() && detail->reason == reason;
}

// A key that names a folder names no object.
absl::Status AsObjectError(const absl::Status& status, const std::string& key) {
  const std::string context = fmt::format("object '{}'", key);
  if (HasReason(status, "NOT_A_REGULAR_FILE")) {
    return MakeError(absl::StatusCode::kNotFound, "FILE_MISSING",
                     fmt::format("{}: {}", context, StdView(status.message())), {{"key", key}});
  }
  return WithContext(status, context);
}

class LocalObjectStore final : public ObjectStore {
 public:
  LocalObjectStore(FileSystem* file_system, std::string root) : file_system_(*file_system), root_(std::move(root)) {}

  absl::Status Put(const std::string& key, std::string_view bytes, uint32_t mode) override;

  absl::Status PutVolatile(const std::string& key, std::string_view bytes, uint32_t mode) override;

  absl::StatusOr<std::string> Get(const std::string& key, uint64_t offset, uint64_t size) override {
    STRATA_RETURN_IF_ERROR(ValidateKey(key));
    auto bytes = file_system_.ReadRange(PathOf(key), offset, size);
    if (!bytes.ok()) return AsObjectError(bytes.status(), key);
    return bytes;
  }

  absl::StatusOr<std::shared_ptr<const FileView>> Map(const std::string& key) override {
    STRATA_RETURN_IF_ERROR(ValidateKey(key));
    auto view = file_system_.Map(PathOf(key));
    if (!view.ok()) return AsObjectError(view.status(), key);
    return view;
  }

  absl::StatusOr<std::vector<ObjectInfo>> List(const std::string& prefix) override;
  absl::StatusOr<std::vector<std::string>> ListFolders(const std::string& folder) override;

  absl::Status Delete(const std::string& key) override {
    STRATA_RETURN_IF_ERROR(ValidateKey(key));
    const absl::Status status = AsObjectError(file_system_.Remove(PathOf(key)), key);
    return absl::IsNotFound(status) ? absl::OkStatus() : status;
  }

 private:
  std::string PathOf(std::string_view key) const { return fmt::format("{}/{}", root_, key); }

  absl::Status PrepareFolder(const std::string& folder);
  // Somebody removed a folder or a temporary file: lets the next Put make the folders anew.
  void ForgetFolders() {
    const std::lock_guard lock(mutex_);
    prepared_folders_.clear();
  }
  std::string TemporaryOf(const std::string& key);
  absl::StatusOr<std::string> WriteTemporary(const std::string& key, std::string_view bytes, uint32_t mode);
  absl::StatusOr<bool> Holds(const std::string& key, std::string_view bytes);
  absl::Status Publish(const std::string& temporary, const std::string& path);
  absl::Status AcceptEqual(const std::string& key, std::string_view bytes);

  FileSystem& file_system_;
  const std::string root_;
  std::atomic<uint64_t> temporaries_{0};
  std::mutex mutex_;
  std::set<std::string> prepared_folders_;  // guarded by mutex_; under root_, there and durable
};

absl::Status LocalObjectStore::Put(const std::string& key, std::string_view bytes, uint32_t mode) {
  STRATA_RETURN_IF_ERROR(ValidateKey(key));
  const std::string path = PathOf(key);
  if (file_system_.Stat(path).ok()) return AcceptEqual(key, bytes);
  auto temporary = WriteTemporary(key, bytes, mode);
  if (!temporary.ok()) return AsObjectError(temporary.status(), key);
  const absl::Status published = Publish(*temporary, path);
  if (absl::IsAlreadyExists(published) && file_system_.Stat(path).ok()) return AcceptEqual(key, bytes);
  return AsObjectError(published, key);
}

absl::Status LocalObjectStore::PutVolatile(const std::string& key, std::string_view bytes, uint32_t mode) {
  STRATA_RETURN_IF_ERROR(ValidateKey(key));
  const std::string path = PathOf(key);
  absl::Status status;
  for (uint32_t attempt = 0; attempt < kTemporaryNamesMax; ++attempt) {
    if (file_system_.Stat(path).ok()) {
      STRATA_ASSIGN_OR_RETURN(const bool same, Holds(key, bytes));
      if (same) return absl::OkStatus();
      // What a power cut left of an earlier attempt. Whoever has it mapped keeps what he has.
      const absl::Status removed = file_system_.Remove(path);
      if (!removed.ok() && !absl::IsNotFound(removed)) return AsObjectError(removed, key);
    }
    STRATA_RETURN_IF_ERROR(AsObjectError(PrepareFolder(PathOf(kTemporaryFolder)), key));
    STRATA_RETURN_IF_ERROR(AsObjectError(PrepareFolder(path.substr(0, path.find_last_of('/'))), key));
    status = file_system_.WriteVolatile(TemporaryOf(key), path, bytes, mode);
    if (absl::IsNotFound(status)) ForgetFolders();
    if (!absl::IsAlreadyExists(status)) break;  // else the temporary name is taken by debris, or another attempt won
  }
  return AsObjectError(status, key);
}

// Makes a folder of the store and everything above it durable, once per folder and object: a folder that another
// process made may not be so yet.
absl::Status LocalObjectStore::PrepareFolder(const std::string& folder) {
  const std::lock_guard lock(mutex_);
  if (prepared_folders_.contains(folder)) return absl::OkStatus();
  STRATA_RETURN_IF_ERROR(file_system_.CreateFolders(folder));
  std::set<std::string> synced;
  for (std::string inner = folder; inner.size() > root_.size() && !prepared_folders_.contains(inner);) {
    std::string outer = inner.substr(0, inner.find_last_of('/'));
    STRATA_RETURN_IF_ERROR(file_system_.SyncFolder(outer));
    synced.insert(std::move(inner));
    inner = std::move(outer);
  }
  prepared_folders_.merge(synced);
  return absl::OkStatus();
}

std::string LocalObjectStore::TemporaryOf(const std::string& key) {
  return PathOf(fmt::format("{}/{}-{}-{}", kTemporaryFolder, Hex(Hash64(key)), getpid(), temporaries_.fetch_add(1)));
}

absl::StatusOr<std::string> LocalObjectStore::WriteTemporary(const std::string& key, std::string_view bytes,
                                                             uint32_t mode) {
  STRATA_RETURN_IF_ERROR(PrepareFolder(PathOf(kTemporaryFolder)));
  absl::Status status;
  for (uint32_t attempt = 0; attempt < kTemporaryNamesMax; ++attempt) {
    // Whoever creates the file owns the name; containers may share process ids, so a taken name is only stepped over.
    std::string temporary = TemporaryOf(key);
    status = file_system_.WriteNew(temporary, bytes, mode);
    if (status.ok()) return temporary;
    if (!absl::IsAlreadyExists(status)) break;
  }
  return status;
}

// Gives the temporary file its name, or removes it.
absl::Status LocalObjectStore::Publish(const std::string& temporary, const std::string& path) {
  const std::string folder = path.substr(0, path.find_last_of('/'));
  absl::Status status = PrepareFolder(folder);
  if (status.ok()) status = file_system_.RenameNew(temporary, path);
  if (status.ok()) return status;
  if (absl::IsNotFound(status)) ForgetFolders();
  const absl::Status removed = file_system_.Remove(temporary);
  if (removed.ok() || absl::IsNotFound(removed)) return status;
  return WithContext(status, fmt::format("a temporary file is left behind ({})", StdView(removed.message())));
}

// Whether the object has these bytes; an error when the key is a folder.
absl::StatusOr<bool> LocalObjectStore::Holds(const std::string& key, std::string_view bytes) {
  const auto existing = file_system_.Map(PathOf(key));
  if (existing.ok()) return (*existing)->bytes() == bytes;
  if (absl::IsNotFound(existing.status())) return false;
  return AsObjectError(existing.status(), key);
}

// The object exists: fine when it has the same bytes, and is made durable, because whoever wrote it may have died
// before.
absl::Status LocalObjectStore::AcceptEqual(const std::string& key, std::string_view bytes) {
  const std::string path = PathOf(key);
  const auto existing = file_system_.Map(path);
  if (!existing.ok()) {
    if (!HasReason(existing.status(), "NOT_A_REGULAR_FILE")) return AsObjectError(existing.status(), key);
    return MakeError(absl::StatusCode::kAlreadyExists, "OBJECT_DIFFERS",
                     fmt::format("object '{}': other objects already use this key as their folder", key),
                     {{"key", key}});
  }
  const std::string_view found = (*existing)->bytes();
  if (found != bytes) {
    return MakeError(absl::StatusCode::kAlreadyExists, "OBJECT_DIFFERS",
                     fmt::format("object '{}' exists with {} bytes, checksum {}; offered were {} bytes, checksum {}",
                                 key, found.size(), Hex(Hash64(found)), bytes.size(), Hex(Hash64(bytes))),
                     {{"key", key}});
  }
  const std::string folder = path.substr(0, path.find_last_of('/'));
  STRATA_RETURN_IF_ERROR(AsObjectError(PrepareFolder(folder), key));
  return AsObjectError(file_system_.SyncFolder(folder), key);
}

absl::StatusOr<std::vector<ObjectInfo>> LocalObjectStore::List(const std::string& prefix) {
  const size_t slash = prefix.find_last_of('/');
  const std::string start = slash == std::string::npos ? "" : prefix.substr(0, slash);
  if (slash != std::string::npos) STRATA_RETURN_IF_ERROR(ValidateKey(start));
  std::vector<ObjectInfo> objects;
  std::vector<std::string> folders = {start};
  while (!folders.empty()) {
    const std::string folder = std::move(folders.back());
    folders.pop_back();
    const auto children = file_system_.List(folder.empty() ? root_ : PathOf(folder));
    if (absl::IsNotFound(children.status())) continue;  // nothing put yet, or removed since
    if (!children.ok()) return WithContext(children.status(), fmt::format("objects of prefix '{}'", prefix));
    for (const FileInfo& child : *children) {
      std::string key = child.path.substr(root_.size() + 1);
      // What is no key is no object: temporary files, and what others left in the folder.
      if (!key.starts_with(prefix) || !ValidateKey(key).ok()) continue;
      if (child.is_directory) {
        folders.push_back(std::move(key));
      } else {
        objects.push_back({.key = std::move(key), .size_bytes = child.size_bytes});
      }
    }
  }
  std::sort(objects.begin(), objects.end(), [](const ObjectInfo& a, const ObjectInfo& b) { return a.key < b.key; });
  return objects;
}

absl::StatusOr<std::vector<std::string>> LocalObjectStore::ListFolders(const std::string& folder) {
  const std::string key = folder.substr(0, folder.find_last_of('/'));
  STRATA_RETURN_IF_ERROR(ValidateKey(key));
  const auto children = file_system_.List(PathOf(key));
  std::vector<std::string> names;
  if (absl::IsNotFound(children.status())) return names;  // nothing put yet, or removed since
  if (!children.ok()) return WithContext(children.status(), fmt::format("folders below '{}'", folder));
  for (const FileInfo& child : *children) {
    std::string name = child.path.substr(root_.size() + 1 + key.size() + 1);
    if (child.is_directory && ValidateKey(name).ok()) names.push_back(std::move(name));
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

absl::StatusOr<std::unique_ptr<ObjectStore>> NewLocalObjectStore(FileSystem* file_system, std::string root) {
  while (root.size() > 1 && root.back() == '/') root.pop_back();
  if (root.empty() || root == "/") {
    return MakeError(absl::StatusCode::kInvalidArgument, "ROOT_INVALID",
                     fmt::format("'{}' cannot be the folder of an object store; name a folder of its own", root));
  }
  const auto info = file_system->Stat(root);
  if (info.ok() && !info->is_directory) {
    return MakeError(absl::StatusCode::kFailedPrecondition, "ROOT_NOT_A_FOLDER",
                     fmt::format("object store '{}' is a file; a folder is wanted", root), {{"path", root}});
  }
  if (!info.ok() && !absl::IsNotFound(info.status())) {
    return WithContext(info.status(), fmt::format("object store '{}'", root));
  }
  return std::make_unique<LocalObjectStore>(file_system, std::move(root));
}

absl::StatusOr<int64_t> RemoveStaleTemporaries(FileSystem* file_system, const std::string& root,
                                               int64_t modified_before_ns) {
  const auto files = file_system->List(fmt::format("{}/{}", root, kTemporaryFolder));
  if (absl::IsNotFound(files.status())) return 0;
  STRATA_RETURN_IF_ERROR(files.status());
  int64_t removed = 0;
  for (const FileInfo& file : *files) {
    if (file.is_directory || file.modified_ns >= modified_before_ns) continue;
    const absl::Status status = file_system->Remove(file.path);
    if (status.ok()) ++removed;
    if (!status.ok() && !absl::IsNotFound(status)) return status;
  }
  return removed;
}

}  // namespace strata
