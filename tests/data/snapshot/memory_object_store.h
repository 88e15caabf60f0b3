// An object store in memory whose objects a test can damage. Thread-safe.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "store/object_store.h"

namespace strata {

class MemoryObjectStore final : public ObjectStore {
 public:
  absl::Status Put(const std::string& key, std::string_view bytes, uint32_t) override {
    STRATA_RETURN_IF_ERROR(ValidateKey(key));
    const std::lock_guard lock(mutex_);
    const auto [at, is_new] = objects_.emplace(key, std::make_shared<View>(std::string(bytes)));
    if (is_new || at->second->bytes() == bytes) return absl::OkStatus();
    return MakeError(absl::StatusCode::kAlreadyExists, "OBJECT_DIFFERS", key + ": exists with other content");
  }
  absl::StatusOr<std::string> Get(const std::string& key, uint64_t offset, uint64_t size) override {
    STRATA_ASSIGN_OR_RETURN(const auto view, Map(key));
    if (offset >= view->bytes().size()) return std::string();
    return std::string(view->bytes().substr(offset, size));
  }
  absl::StatusOr<std::shared_ptr<const FileView>> Map(const std::string& key) override {
    STRATA_RETURN_IF_ERROR(ValidateKey(key));
    const std::lock_guard lock(mutex_);
    const auto found = objects_.find(key);
    if (found == objects_.end()) {
      return MakeError(absl::StatusCode::kNotFound, "OBJECT_MISSING", key + ": there is no such object");
    }
    return std::shared_ptr<const FileView>(found->second);
  }
  absl::StatusOr<std::vector<ObjectInfo>> List(const std::string& prefix) override {
    const std::lock_guard lock(mutex_);
    std::vector<ObjectInfo> infos;
    for (auto at = objects_.lower_bound(prefix); at != objects_.end() && at->first.starts_with(prefix); ++at) {
      infos.push_back({.key = at->first, .size_bytes = at->second->bytes().size()});
    }
    return infos;
  }
  absl::Status Delete(const std::string& key) override {
    STRATA_RETURN_IF_ERROR(ValidateKey(key));
    const std::lock_guard lock(mutex_);
    objects_.erase(key);
    return absl::OkStatus();
  }

  // Damages an object behind the store's back. Views handed out before keep what they saw.
  void Replace(const std::string& key, std::string bytes) {
    const std::lock_guard lock(mutex_);
    objects_[key] = std::make_shared<View>(std::move(bytes));
  }

 private:
  class View final : public FileView {
   public:
    explicit View(std::string bytes) : bytes_(std::move(bytes)) {}
    std::string_view bytes() const override { return bytes_; }

   private:
    const std::string bytes_;
  };

  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<const View>> objects_;
};

}  // namespace strata
