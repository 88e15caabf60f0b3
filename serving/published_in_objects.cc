#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>
#include <utility>

#include "base/hash.h"
#include "data/snapshot/current_objects.h"
#include "data/snapshot/snapshot.h"
#include "run/keys.h"
#include "serving/published_snapshots.h"
#include "wire/names.h"

namespace strata {
namespace {

constexpr std::string_view kJobsFolder = "jobs/";

// The number of a folder of a snapshot; nullopt where it is none.
std::optional<int64_t> SnapshotNumber(std::string_view folder) {
  int64_t number = 0;
  std::from_chars(folder.data(), folder.data() + folder.size(), number);
  if (number < 1 || std::to_string(number) != folder) return std::nullopt;
  return number;
}

// What the record in the metadata says, from the manifest, whose run has the snapshot's number.
SnapshotRecord RecordOf(const Manifest& manifest, std::string_view bytes) {
  return {.number = manifest.number,
          .state = SnapshotState::kPublished,
          .manifest_checksum = Hash64(bytes),
          .digest = manifest.digest,
          .as_of = manifest.as_of,
          .customers = manifest.customers,
          .published_ms = manifest.created_ms,
          .run = manifest.number,
          .follows = manifest.follows,
          .ledger_version = manifest.ledger_version};
}

class PublishedInObjects final : public PublishedSnapshots {
 public:
  explicit PublishedInObjects(ObjectStore* objects) : objects_(*objects) {}

  absl::StatusOr<std::vector<std::string>> Jobs() override {
    STRATA_ASSIGN_OR_RETURN(std::vector<std::string> jobs, objects_.ListFolders(std::string(kJobsFolder)));
    std::erase_if(jobs, [](const std::string& job) { return !ParseJobName("job", JobResource(job)).ok(); });
    return jobs;
  }

  absl::StatusOr<PublishedJob> Read(const std::string& job) override {
    PublishedJob published;
    STRATA_ASSIGN_OR_RETURN(FoundPointer found, FindCurrentObject(objects_, job));
    Known& known = known_[job];
    published.pointer = found.pointer;
    std::vector<std::string> ignored = std::move(found.ignored);
    // An emptied folder, as of a file system that is not mounted, says nothing of snapshots.
    const bool vanished = known.saw_pointer && !found.pointer.has_value();
    known.saw_pointer = known.saw_pointer || found.pointer.has_value();
    if (!vanished && known.reads_until_listing-- <= 0) {
      const absl::Status listed = ListSnapshots(job, &known, &known.foreign);
      known.reads_until_listing = listed.ok() && !MayPass(known.unreadable) ? kSnapshotListingReads - 1 : 0;
      if (!listed.ok()) ignored.emplace_back(StdView(listed.message()));
    }
    if (found.pointer.has_value()) {
      const auto record = known.records.find(found.pointer->snapshot);
      const bool as_named =
          record != known.records.end() && record->second.manifest_checksum == found.pointer->manifest_checksum;
      if (!as_named) ReadManifestOf(job, found.pointer->snapshot, found.pointer->manifest_checksum, &known);
    }
    ignored.insert(ignored.end(), known.foreign.begin(), known.foreign.end());
    published.records = known.records;
    published.unreadable = known.unreadable;
    for (const auto& [number, why] : known.unreadable) ignored.emplace_back(StdView(why.message()));
    published.remark = RemarkOn(job, ignored);
    return published;
  }

 private:
  struct Known {
    std::map<int64_t, SnapshotRecord> records;
    std::map<int64_t, absl::Status> unreadable;
    std::vector<std::string> foreign;  // folders that are none of a snapshot
    int reads_until_listing = 0;
    bool saw_pointer = false;
  };

  static bool MayPass(const std::map<int64_t, absl::Status>& unreadable) {
    return std::any_of(unreadable.begin(), unreadable.end(),
                       [](const auto& entry) { return ClassOf(entry.second) == ErrorClass::kRetryable; });
  }

  static absl::Status RemarkOn(const std::string& job, const std::vector<std::string>& ignored) {
    if (ignored.empty()) return absl::OkStatus();
    std::string text;
    for (size_t i = 0; i < ignored.size() && i <= kMaxIgnoredObjectsNamed; ++i) {
      text += (i == 0 ? "" : "; ") + ignored[i];
    }
    if (ignored.size() > kMaxIgnoredObjectsNamed + 1) {
      text += fmt::format("; and {} more", ignored.size() - kMaxIgnoredObjectsNamed - 1);
    }
    return MakeError(absl::StatusCode::kDataLoss, "OBJECTS_IGNORED", fmt::format("ignored objects: {}", text),
                     {{"job", job}});
  }

  absl::Status ListSnapshots(const std::string& job, Known* known, std::vector<std::string>* foreign) {
    const std::string folder = SnapshotRecordsPrefix(job);
    STRATA_ASSIGN_OR_RETURN(const std::vector<std::string> names, objects_.ListFolders(folder));
    std::set<int64_t> numbers;
    foreign->clear();
    for (const std::string& name : names) {
      if (const auto number = SnapshotNumber(name); number.has_value()) {
        numbers.insert(*number);
      } else {
        foreign->push_back(fmt::format("{}{}: no number of a snapshot", folder, name));
      }
    }
    const auto gone = [&numbers](const auto& entry) { return !numbers.contains(entry.first); };
    std::erase_if(known->records, gone);
    std::erase_if(known->unreadable, gone);
    for (const int64_t number : numbers) {
      if (!known->records.contains(number)) {
        ReadManifestOf(job, number, std::nullopt, known);
      } else if (absl::IsNotFound(objects_.Get(ManifestKey(job, number), 0, 1).status())) {
        known->records.erase(number);  // deleted: the manifest goes first
      }
    }
    return absl::OkStatus();
  }

  // A folder without a manifest is of a run under way, or debris. The pointer knows the checksum; of other manifests
  // only opening the snapshot says whether they are what was published.
  void ReadManifestOf(const std::string& job, int64_t number, std::optional<uint64_t> checksum, Known* known) {
    known->records.erase(number);
    known->unreadable.erase(number);
    const std::string key = ManifestKey(job, number);
    const auto view = checksum.has_value() ? MapVerified(objects_, key, *checksum) : objects_.Map(key);
    if (absl::IsNotFound(view.status())) return;
    absl::StatusOr<Manifest> manifest = view.ok() ? DecodeManifest((*view)->bytes()) : view.status();
    if (manifest.ok() && (manifest->job != job || manifest->number != number)) {
      manifest = MakeError(absl::StatusCode::kDataLoss, "SNAPSHOT_CORRUPT",
                           fmt::format("is of snapshot {} of job '{}'", manifest->number, manifest->job));
    }
    if (manifest.ok()) {
      known->records[number] = RecordOf(*manifest, (*view)->bytes());
    } else {
      known->unreadable[number] = view.ok() ? WithContext(manifest.status(), key) : manifest.status();
    }
  }

  ObjectStore& objects_;
  std::map<std::string, Known> known_;  // by job
};

}  // namespace

std::unique_ptr<PublishedSnapshots> NewPublishedInObjects(ObjectStore* objects) {
  return std::make_unique<PublishedInObjects>(objects);
}

}  // namespace strata
