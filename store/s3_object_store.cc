#include "store/s3_object_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <set>
#include <utility>

#include "base/hash.h"
#include "store/s3_client.h"
#include "store/s3_fetch.h"
#include "store/side_by_side.h"

namespace strata {
namespace {

class S3ObjectStore final : public ObjectStore {
 public:
  S3ObjectStore(S3Address root, std::shared_ptr<S3Client> client, std::shared_ptr<ObjectCache> cache)
      : root_(std::move(root)), client_(std::move(client)), cache_(std::move(cache)) {}

  absl::Status Put(const std::string& key, std::string_view bytes, uint32_t mode) override;
  absl::StatusOr<std::string> Get(const std::string& key, uint64_t offset, uint64_t size) override;
  absl::StatusOr<std::shared_ptr<const FileView>> Map(const std::string& key) override;
  absl::StatusOr<std::vector<ObjectInfo>> List(const std::string& prefix) override;
  absl::StatusOr<std::vector<std::string>> ListFolders(const std::string& folder) override;

  absl::Status Delete(const std::string& key) override {
    STRATA_RETURN_IF_ERROR(ValidateKey(key));
    STRATA_RETURN_IF_ERROR(AsObjectError(client_->Delete(AddressOf(key)), key));
    return cache_->Forget(NameOf(key));
  }

  absl::Status DeleteAll(const std::vector<std::string>& keys) override {
    return SideBySide(keys.size(), [&](size_t i) { return Delete(keys[i]); });
  }

  void Prefetch(const std::vector<std::string>& keys) override {
    static_cast<void>(SideBySide(keys.size(), [&](size_t i) { return Map(keys[i]).status(); }));
  }

  absl::StatusOr<bool> Distrust(const std::string& key) override {
    STRATA_RETURN_IF_ERROR(cache_->Forget(NameOf(key)));
    return true;
  }

 private:
  class Turn;

  S3Address AddressOf(std::string_view key) const {
    return {.bucket = root_.bucket, .key = root_.key.empty() ? std::string(key) : fmt::format("{}/{}", root_.key, key)};
  }
  // In the cache, which other stores may share.
  std::string NameOf(std::string_view key) const {
    return fmt::format("{} {}", client_->settings().endpoint, S3Uri(AddressOf(key)));
  }
  static absl::Status AsObjectError(const absl::Status& status, const std::string& key) {
    return WithContext(status, fmt::format("object '{}'", key));
  }
  absl::Status AcceptEqual(const S3Object& existing, const std::string& key, std::string_view bytes);

  const S3Address root_;
  const std::shared_ptr<S3Client> client_;
  const std::shared_ptr<ObjectCache> cache_;
  std::mutex mutex_;
  std::condition_variable turn_ended_;
  std::set<std::string> turns_;  // keys that a thread is putting; guarded by mutex_
};

// One thread at a time looks for a key and writes it.
class S3ObjectStore::Turn {
 public:
  Turn(S3ObjectStore* store, const std::string& key) : store_(*store), key_(key) {
    std::unique_lock lock(store_.mutex_);
    store_.turn_ended_.wait(lock, [this] { return !store_.turns_.contains(key_); });
    store_.turns_.insert(key_);
  }
  ~Turn() {
    const std::lock_guard lock(store_.mutex_);
    store_.turns_.erase(key_);
    store_.turn_ended_.notify_all();
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  S3ObjectStore& store_;
  const std::string& key_;
};

// Permissions are the bucket's: `mode` means nothing here.
absl::Status S3ObjectStore::Put(const std::string& key, std::string_view bytes, uint32_t) {
  STRATA_RETURN_IF_ERROR(ValidateKey(key));
  const Turn turn(this, key);
  const auto existing = client_->Head(AddressOf(key));
  if (existing.ok()) return AcceptEqual(*existing, key, bytes);
  if (!absl::IsNotFound(existing.status())) return AsObjectError(existing.status(), key);
  return AsObjectError(client_->Write(AddressOf(key), bytes), key);
}

absl::Status S3ObjectStore::AcceptEqual(const S3Object& existing, const std::string& key, std::string_view bytes) {
  bool equal = existing.size_bytes == bytes.size();
  std::string_view rest = bytes;
  StreamHash found;
  if (equal) {
    const absl::Status read =
        FetchS3Object(*client_, AddressOf(key), existing.size_bytes, [&](std::string_view piece) -> absl::Status {
          equal = equal && rest.substr(0, piece.size()) == piece;
          rest.remove_prefix(piece.size());
          found.Add(piece);
          return absl::OkStatus();
        });
    STRATA_RETURN_IF_ERROR(AsObjectError(read, key));
  }
  if (equal) return absl::OkStatus();
  return MakeError(
      absl::StatusCode::kAlreadyExists, "OBJECT_DIFFERS",
      fmt::format("object '{}' exists with {} bytes{}; offered were {} bytes, checksum {}", key, existing.size_bytes,
                  existing.size_bytes == bytes.size() ? ", checksum " + Hex(found.Digest64()) : "", bytes.size(),
                  Hex(Hash64(bytes))),
      {{"key", key}});
}

absl::StatusOr<std::string> S3ObjectStore::Get(const std::string& key, uint64_t offset, uint64_t size) {
  STRATA_RETURN_IF_ERROR(ValidateKey(key));
  const auto object = client_->Head(AddressOf(key));
  if (!object.ok()) return AsObjectError(object.status(), key);
  std::string bytes;
  if (offset < object->size_bytes) bytes.resize(std::min(size, object->size_bytes - offset));
  STRATA_RETURN_IF_ERROR(
      AsObjectError(client_->Read(AddressOf(key), object->size_bytes, offset, bytes.size(), bytes.data()), key));
  return bytes;
}

absl::StatusOr<std::shared_ptr<const FileView>> S3ObjectStore::Map(const std::string& key) {
  STRATA_RETURN_IF_ERROR(ValidateKey(key));
  const S3Address address = AddressOf(key);
  auto view = cache_->Map(NameOf(key), {.size = [&]() -> absl::StatusOr<uint64_t> {
                                          STRATA_ASSIGN_OR_RETURN(const S3Object object, client_->Head(address));
                                          return object.size_bytes;
                                        },
                                        .fetch =
                                            [&](uint64_t size, const CacheSource::Sink& sink) {
                                              return FetchS3Object(*client_, address, size, sink);
                                            }});
  if (!view.ok()) return AsObjectError(view.status(), key);
  return view;
}

absl::StatusOr<std::vector<ObjectInfo>> S3ObjectStore::List(const std::string& prefix) {
  const size_t slash = prefix.find_last_of('/');
  S3Address folder = root_;
  if (slash != std::string::npos) {
    STRATA_RETURN_IF_ERROR(ValidateKey(prefix.substr(0, slash)));
    folder = AddressOf(prefix.substr(0, slash));
  }
  const auto found = client_->ListAll(folder);
  if (!found.ok()) return WithContext(found.status(), fmt::format("objects of prefix '{}'", prefix));
  std::vector<ObjectInfo> objects;
  const size_t root_bytes = root_.key.empty() ? 0 : root_.key.size() + 1;
  for (const S3Object& object : *found) {
    std::string key = object.key.substr(root_bytes);
    // What is no key is no object: others may have put it there.
    if (!key.starts_with(prefix) || !ValidateKey(key).ok()) continue;
    objects.push_back({.key = std::move(key), .size_bytes = object.size_bytes});
  }
  std::sort(objects.begin(), objects.end(), [](const ObjectInfo& a, const ObjectInfo& b) { return a.key < b.key; });
  return objects;
}

// One request for each thousand of names, however much lies within the folders.
absl::StatusOr<std::vector<std::string>> S3ObjectStore::ListFolders(const std::string& folder) {
  S3Address address = root_;
  if (!folder.empty()) {
    const std::string key = folder.substr(0, folder.size() - 1);  // without its '/'
    STRATA_RETURN_IF_ERROR(ValidateKey(key));
    address = AddressOf(key);
  }
  const auto found = client_->ListFolder(address);
  const auto detail = DetailOf(found.status());
  if (detail.has_value() && detail->reason == "OBJECT_MISSING") return std::vector<std::string>();
  if (!found.ok()) return WithContext(found.status(), fmt::format("folders of '{}'", folder));
  std::vector<std::string> names;
  for (const S3Object& object : *found) {
    if (!object.is_directory) continue;
    std::string name = object.key.substr(object.key.find_last_of('/') + 1);
    if (ValidateKey(name).ok()) names.push_back(std::move(name));
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

absl::StatusOr<std::unique_ptr<ObjectStore>> OpenS3ObjectStore(S3StoreOptions options) {
  if (!options.root.key.empty()) {
    const absl::Status valid = ValidateKey(options.root.key);
    if (!valid.ok()) return WithContext(valid, S3Uri(options.root));
  }
  STRATA_ASSIGN_OR_RETURN(auto client, S3Client::Connect(std::move(options.settings), std::move(options.seams)));
  STRATA_RETURN_IF_ERROR(client->CheckBucket(options.root));
  return std::make_unique<S3ObjectStore>(std::move(options.root), std::move(client), std::move(options.cache));
}

}  // namespace strata
