#include <set>
#include <utility>

#include "run/keys.h"
#include "serving/published_snapshots.h"

namespace strata {
namespace {

constexpr std::string_view kJobsPrefix = "jobs/";

class PublishedInMetadata final : public PublishedSnapshots {
 public:
  explicit PublishedInMetadata(Metadata* metadata) : metadata_(metadata) {}

  absl::StatusOr<std::vector<std::string>> Jobs() override {
    STRATA_ASSIGN_OR_RETURN(const std::vector<KeyValue> keys, metadata_->List(std::string(kJobsPrefix)));
    std::set<std::string> jobs;
    for (const KeyValue& entry : keys) {
      const std::string_view rest = std::string_view(entry.key).substr(kJobsPrefix.size());
      if (const size_t slash = rest.find('/'); slash != std::string_view::npos) jobs.emplace(rest.substr(0, slash));
    }
    return std::vector<std::string>(jobs.begin(), jobs.end());
  }

  absl::StatusOr<PublishedJob> Read(const std::string& job) override {
    PublishedJob published;
    // The pointer first: the record it needs was written with it or before it.
    STRATA_ASSIGN_OR_RETURN(const auto pointer, metadata_->Get(CurrentKey(job)));
    STRATA_ASSIGN_OR_RETURN(const auto records, metadata_->List(SnapshotRecordsPrefix(job)));
    for (const KeyValue& entry : records) {
      absl::StatusOr<SnapshotRecord> record = SnapshotRecord::FromJson(entry.value);
      if (!record.ok()) return WithContext(record.status(), entry.key);
      published.records[record->number] = *std::move(record);
    }
    if (pointer.has_value()) {
      const absl::StatusOr<CurrentPointer> current = CurrentPointer::FromJson(pointer->value);
      if (!current.ok()) return WithContext(current.status(), pointer->key);
      published.pointer = *current;
    }
    return published;
  }

 private:
  Metadata* metadata_;
};

}  // namespace

std::unique_ptr<PublishedSnapshots> NewPublishedInMetadata(Metadata* metadata) {
  return std::make_unique<PublishedInMetadata>(metadata);
}

}  // namespace strata
