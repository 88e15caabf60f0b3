#include "store/counting_object_store.h"

namespace strata {
namespace {

class CountingObjectStore final : public ObjectStore {
 public:
  CountingObjectStore(ObjectStore* inner, MetricsRegistry* registry) : inner_(inner) {
    auto& operations = registry->AddCounter({"strata_object_store_operations_total",
                                             "Operations on the object store, by kind and whether they went well.",
                                             {"operation", "outcome"}});
    const auto outcomes = [&operations](const char* operation) {
      return Outcomes{.ok = &operations.With({operation, "ok"}), .error = &operations.With({operation, "error"})};
    };
    put_ = outcomes("put");
    get_ = outcomes("get");
    map_ = outcomes("map");
    list_ = outcomes("list");
    delete_ = outcomes("delete");
    auto& bytes = registry->AddCounter({"strata_object_store_bytes_total",
                                        "Bytes read from and written to the object store; mapped objects count whole.",
                                        {"direction"}});
    read_ = &bytes.With({"read"});
    written_ = &bytes.With({"written"});
  }

  absl::Status Put(const std::string& key, std::string_view bytes, uint32_t mode) override {
    const absl::Status status = inner_->Put(key, bytes, mode);
    Count(put_, status.ok());
    if (status.ok()) written_->Add(bytes.size());
    return status;
  }
  absl::Status PutVolatile(const std::string& key, std::string_view bytes, uint32_t mode) override {
    const absl::Status status = inner_->PutVolatile(key, bytes, mode);
    Count(put_, status.ok());
    if (status.ok()) written_->Add(bytes.size());
    return status;
  }
  absl::StatusOr<std::string> Get(const std::string& key, uint64_t offset, uint64_t size) override {
    absl::StatusOr<std::string> bytes = inner_->Get(key, offset, size);
    Count(get_, bytes.ok());
    if (bytes.ok()) read_->Add(bytes->size());
    return bytes;
  }
  absl::StatusOr<std::shared_ptr<const FileView>> Map(const std::string& key) override {
    absl::StatusOr<std::shared_ptr<const FileView>> view = inner_->Map(key);
    Count(map_, view.ok());
    if (view.ok()) read_->Add((*view)->bytes().size());
    return view;
  }
  absl::StatusOr<std::vector<ObjectInfo>> List(const std::string& prefix) override {
    absl::StatusOr<std::vector<ObjectInfo>> listed = inner_->List(prefix);
    Count(list_, listed.ok());
    return listed;
  }
  absl::Status Delete(const std::string& key) override {
    const absl::Status status = inner_->Delete(key);
    Count(delete_, status.ok());
    return status;
  }

  absl::StatusOr<std::vector<std::string>> ListFolders(const std::string& folder) override {
    absl::StatusOr<std::vector<std::string>> listed = inner_->ListFolders(folder);
    Count(list_, listed.ok());
    return listed;
  }
  absl::Status DeleteAll(const std::vector<std::string>& keys) override {
    const absl::Status status = inner_->DeleteAll(keys);
    Count(delete_, status.ok());
    return status;
  }
  void Prefetch(const std::vector<std::string>& keys) override { inner_->Prefetch(keys); }
  absl::StatusOr<bool> Distrust(const std::string& key) override { return inner_->Distrust(key); }

 private:
  struct Outcomes {
    Counter* ok = nullptr;
    Counter* error = nullptr;
  };
  static void Count(const Outcomes& outcomes, bool ok) { (ok ? outcomes.ok : outcomes.error)->Add(); }

  ObjectStore* inner_;
  Outcomes put_;
  Outcomes get_;
  Outcomes map_;
  Outcomes list_;
  Outcomes delete_;
  Counter* read_;
  Counter* written_;
};

}  // namespace

std::unique_ptr<ObjectStore> CountObjects(ObjectStore* inner, MetricsRegistry* registry) {
  return std::make_unique<CountingObjectStore>(inner, registry);
}

}  // namespace strata
