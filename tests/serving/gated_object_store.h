// An object store that a test can stop: while the gate is closed, Map waits. Counts what was mapped. Thread-safe.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "store/object_store.h"

namespace strata {

class GatedObjectStore final : public ObjectStore {
 public:
  explicit GatedObjectStore(std::unique_ptr<ObjectStore> inner) : inner_(std::move(inner)) {}

  void Close() {
    const std::lock_guard lock(mutex_);
    open_ = false;
  }
  void Open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  // Blocks until somebody waits at the closed gate.
  void AwaitWaiter() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return waiting_ > 0; });
  }
  int maps() const {
    const std::lock_guard lock(mutex_);
    return maps_;
  }

  absl::Status Put(const std::string& key, std::string_view bytes, uint32_t mode) override {
    return inner_->Put(key, bytes, mode);
  }
  absl::StatusOr<std::string> Get(const std::string& key, uint64_t offset, uint64_t size) override {
    return inner_->Get(key, offset, size);
  }
  absl::StatusOr<std::shared_ptr<const FileView>> Map(const std::string& key) override {
    {
      std::unique_lock lock(mutex_);
      ++maps_;
      Pass(lock);
    }
    return inner_->Map(key);
  }
  absl::StatusOr<std::vector<ObjectInfo>> List(const std::string& prefix) override { return inner_->List(prefix); }
  absl::Status Delete(const std::string& key) override { return inner_->Delete(key); }

 private:
  void Pass(std::unique_lock<std::mutex>& lock) {
    ++waiting_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
    --waiting_;
  }

  std::unique_ptr<ObjectStore> inner_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = true;
  int waiting_ = 0;
  int maps_ = 0;
};

}  // namespace strata
