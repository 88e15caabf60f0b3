#include "store/late_object_store.h"

#include <mutex>
#include <utility>

namespace strata {
namespace {

class LateObjectStore final : public ObjectStore {
 public:
  explicit LateObjectStore(OpenObjects open) : open_(std::move(open)) {}

  absl::Status Put(const std::string& key, std::string_view bytes, uint32_t mode) override {
    STRATA_ASSIGN_OR_RETURN(ObjectStore * store, Opened());
    return store->Put(key, bytes, mode);
  }
  absl::Status PutVolatile(const std::string& key, std::string_view bytes, uint32_t mode) override {
    STRATA_ASSIGN_OR_RETURN(ObjectStore * store, Opened());
    return store->PutVolatile(key, bytes, mode);
  }
  absl::StatusOr<std::string> Get(const std::string& key, uint64_t offset, uint64_t size) override {
    STRATA_ASSIGN_OR_RETURN(ObjectStore * store, Opened());
    return store->Get(key, offset, size);
  }
  absl::StatusOr<std::shared_ptr<const FileView>> Map(const std::string& key) override {
    STRATA_ASSIGN_OR_RETURN(ObjectStore * store, Opened());
    return store->Map(key);
  }
  absl::StatusOr<std::vector<ObjectInfo>> List(const std::string& prefix) override {
    STRATA_ASSIGN_OR_RETURN(ObjectStore * store, Opened());
    return store->List(prefix);
  }
  absl::StatusOr<std::vector<std::string>> ListFolders(const std::string& folder) override {
    STRATA_ASSIGN_OR_RETURN(ObjectStore * store, Opened());
    return store->ListFolders(folder);
  }
  absl::Status Delete(const std::string& key) override {
    STRATA_ASSIGN_OR_RETURN(ObjectStore * store, Opened());
    return store->Delete(key);
  }

  absl::Status DeleteAll(const std::vector<std::string>& keys) override {
    STRATA_ASSIGN_OR_RETURN(ObjectStore * store, Opened());
    return store->DeleteAll(keys);
  }
  void Prefetch(const std::vector<std::string>& keys) override {
    if (const auto store = Opened(); store.ok()) (*store)->Prefetch(keys);
  }
  absl::StatusOr<bool> Distrust(const std::string& key) override {
    STRATA_ASSIGN_OR_RETURN(ObjectStore * store, Opened());
    return store->Distrust(key);
  }

 private:
  absl::StatusOr<ObjectStore*> Opened() {
    const std::lock_guard lock(mutex_);
    if (store_ == nullptr) {
      STRATA_ASSIGN_OR_RETURN(store_, open_());
    }
    return store_.get();
  }

  OpenObjects open_;
  std::mutex mutex_;
  std::unique_ptr<ObjectStore> store_;  // set once
};

}  // namespace

absl::StatusOr<std::unique_ptr<ObjectStore>> OpenNowOrLater(OpenObjects open,
                                                            const std::function<void(const absl::Status&)>& on_late) {
  absl::StatusOr<std::unique_ptr<ObjectStore>> now = open();
  if (now.ok() || ClassOf(now.status()) != ErrorClass::kRetryable) return now;
  on_late(now.status());
  return std::make_unique<LateObjectStore>(std::move(open));
}

}  // namespace strata
