// An object store with faults that a test switches on and off: calls that fail, keys that a listing misses.
// Thread-safe.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "store/object_store.h"

namespace strata {

class UnreliableObjectStore final : public ObjectStore {
 public:
  enum class Call { kPut, kGet, kMap, kList, kDelete };

  // `inner` must outlive the store.
  explicit UnreliableObjectStore(ObjectStore* inner) : inner_(*inner) {}

  // Asked before every call: what it fails with; OK lets it through. An empty function mends everything.
  void FailWith(std::function<absl::Status(Call call, const std::string& key)> fault) {
    const std::lock_guard lock(mutex_);
    fault_ = std::move(fault);
  }
  void GoAway() {
    FailWith([](Call, const std::string& key) {
      return MakeError(absl::StatusCode::kUnavailable, "STORE_AWAY", "no answer for '" + key + "'");
    });
  }
  void ComeBack() { FailWith(nullptr); }
  // Listings leave such keys out.
  void Hide(std::function<bool(const std::string& key)> hidden) {
    const std::lock_guard lock(mutex_);
    hidden_ = std::move(hidden);
  }

  absl::Status Put(const std::string& key, std::string_view bytes, uint32_t mode) override {
    const absl::Status fault = FaultOf(Call::kPut, key);
    return fault.ok() ? inner_.Put(key, bytes, mode) : fault;
  }
  absl::Status PutVolatile(const std::string& key, std::string_view bytes, uint32_t mode) override {
    const absl::Status fault = FaultOf(Call::kPut, key);
    return fault.ok() ? inner_.PutVolatile(key, bytes, mode) : fault;
  }
  absl::StatusOr<std::string> Get(const std::string& key, uint64_t offset, uint64_t size) override {
    const absl::Status fault = FaultOf(Call::kGet, key);
    if (!fault.ok()) return fault;
    return inner_.Get(key, offset, size);
  }
  absl::StatusOr<std::shared_ptr<const FileView>> Map(const std::string& key) override {
    const absl::Status fault = FaultOf(Call::kMap, key);
    if (!fault.ok()) return fault;
    return inner_.Map(key);
  }
  absl::StatusOr<std::vector<ObjectInfo>> List(const std::string& prefix) override {
    const absl::Status fault = FaultOf(Call::kList, prefix);
    if (!fault.ok()) return fault;
    auto objects = inner_.List(prefix);
    const std::lock_guard lock(mutex_);
    if (objects.ok() && hidden_)
      std::erase_if(*objects, [this](const ObjectInfo& object) { return hidden_(object.key); });
    return objects;
  }
  absl::Status Delete(const std::string& key) override {
    const absl::Status fault = FaultOf(Call::kDelete, key);
    return fault.ok() ? inner_.Delete(key) : fault;
  }

 private:
  absl::Status FaultOf(Call call, const std::string& key) {
    const std::lock_guard lock(mutex_);
    return fault_ ? fault_(call, key) : absl::OkStatus();
  }

  ObjectStore& inner_;
  std::mutex mutex_;
  std::function<absl::Status(Call, const std::string&)> fault_;
  std::function<bool(const std::string&)> hidden_;
};

}  // namespace strata
