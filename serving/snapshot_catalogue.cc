#include "serving/snapshot_catalogue.h"

#include <fmt/format.h>

#include <set>
#include <utility>
#include <vector>

#include "run/keys.h"

namespace strata {
namespace {

constexpr std::string_view kJobsPrefix = "jobs/";

absl::Status JobUnknown(const std::string& job) {
  return MakeError(absl::StatusCode::kNotFound, "JOB_UNKNOWN", fmt::format("this server knows no job '{}'", job),
                   {{"job", job}});
}

absl::Status SnapshotUnknown(const SnapshotName& name, std::string_view why) {
  return MakeError(absl::StatusCode::kNotFound, "SNAPSHOT_UNKNOWN",
                   fmt::format("snapshot {} of job '{}' {}", name.number, name.job, why),
                   {{"job", name.job}, {"snapshot", SnapshotResource(name.job, name.number)}});
}

absl::Status Unavailable(const std::string& job, const std::string& message) {
  return MakeError(absl::StatusCode::kUnavailable, "SNAPSHOT_UNAVAILABLE", message, {{"job", job}});
}

// The record of a snapshot that may be read.
absl::StatusOr<SnapshotRecord> ReadableRecord(const JobView& job, const SnapshotName& name) {
  const auto record = job.records.find(name.number);
  if (record == job.records.end()) return SnapshotUnknown(name, "was never published, or was deleted");
  if (record->second.state == SnapshotState::kDeleting) return SnapshotUnknown(name, "is being deleted");
  return record->second;
}

// What a request for the current snapshot gets.
absl::StatusOr<std::shared_ptr<const ServedSnapshot>> CurrentOf(const JobView& job, const std::string& name) {
  if (job.current != nullptr) return job.current;
  if (!job.pointer.has_value()) {
    return Unavailable(name, fmt::format("job '{}' has no current snapshot: none was activated yet", name));
  }
  return Unavailable(name, fmt::format("snapshot {} of job '{}' is current, but cannot be served: {}",
                                       job.pointer->snapshot, name, StdView(job.problem.message())));
}

}  // namespace

SnapshotCatalogue::SnapshotCatalogue(ObjectStore* objects, Metadata* metadata)
    : objects_(objects), metadata_(metadata), view_(std::make_shared<const CatalogueView>()) {}

absl::StatusOr<std::shared_ptr<const ServedSnapshot>> SnapshotCatalogue::Find(const SnapshotName& name) const {
  const std::shared_ptr<const CatalogueView> view = view_.load();
  const auto job = view->find(name.job);
  if (job == view->end()) return JobUnknown(name.job);
  if (name.is_current()) return CurrentOf(*job->second, name.job);
  STRATA_RETURN_IF_ERROR(ReadableRecord(*job->second, name).status());
  const auto open = job->second->open.find(name.number);
  return open == job->second->open.end() ? nullptr : open->second;
}

absl::StatusOr<std::shared_ptr<const ServedSnapshot>> SnapshotCatalogue::Open(const SnapshotName& name) {
  const std::lock_guard lock(mutex_);
  STRATA_ASSIGN_OR_RETURN(const auto found, Find(name));
  if (found != nullptr) return found;
  JobView next = *view_.load()->find(name.job)->second;
  STRATA_ASSIGN_OR_RETURN(const SnapshotRecord record, ReadableRecord(next, name));
  const auto loaded = Load(name.job, record);
  if (!loaded.ok()) {
    return Unavailable(name.job, fmt::format("snapshot {} of job '{}' cannot be served: {}", name.number, name.job,
                                             StdView(loaded.status().message())));
  }
  next.open[name.number] = *loaded;
  Pin(name.job, name.number, &next);
  Publish(name.job, std::move(next));
  return *loaded;
}

absl::StatusOr<ServedSnapshot> SnapshotCatalogue::Verify(const SnapshotName& name) {
  const std::shared_ptr<const CatalogueView> view = view_.load();
  const auto job = view->find(name.job);
  if (job == view->end()) return JobUnknown(name.job);
  SnapshotName numbered = name;
  if (name.is_current()) {
    if (!job->second->pointer.has_value()) return CurrentOf(*job->second, name.job).status();
    numbered.number = job->second->pointer->snapshot;
  }
  STRATA_ASSIGN_OR_RETURN(const SnapshotRecord record, ReadableRecord(*job->second, numbered));
  STRATA_ASSIGN_OR_RETURN(const auto loaded, Load(name.job, record));
  return *loaded;
}

absl::Status SnapshotCatalogue::Refresh() {
  const std::lock_guard lock(mutex_);
  if (refreshes_++ % kDiscoverRefreshes == 0) {
    if (absl::Status status = Discover(); !status.ok()) {
      --refreshes_;
      return status;
    }
  }
  absl::Status first;
  std::string failed;
  const std::shared_ptr<const CatalogueView> before = view_.load();
  for (const auto& [job, view] : *before) {
    const absl::Status status = RefreshLocked(job);
    if (status.ok()) continue;
    if (first.ok()) first = status;
    failed += (failed.empty() ? "" : ", ") + job;
  }
  return WithContext(first, "refreshing " + failed);
}

absl::Status SnapshotCatalogue::RefreshJob(const std::string& job) {
  const std::lock_guard lock(mutex_);
  return RefreshLocked(job);
}

void SnapshotCatalogue::SetListener(std::function<void()> listener) {
  const std::lock_guard lock(listener_mutex_);
  listener_ = std::move(listener);
}

absl::Status SnapshotCatalogue::Discover() {
  STRATA_ASSIGN_OR_RETURN(const std::vector<KeyValue> keys, metadata_->List(std::string(kJobsPrefix)));
  std::set<std::string> jobs;
  for (const KeyValue& entry : keys) {
    const std::string_view rest = std::string_view(entry.key).substr(kJobsPrefix.size());
    if (const size_t slash = rest.find('/'); slash != std::string_view::npos) jobs.emplace(rest.substr(0, slash));
  }
  CatalogueView next = *view_.load();
  for (const std::string& job : jobs) next.try_emplace(job, std::make_shared<const JobView>());
  view_.store(std::make_shared<const CatalogueView>(std::move(next)));
  return absl::OkStatus();
}

absl::Status SnapshotCatalogue::RefreshLocked(const std::string& job) {
  // The pointer first: the record it needs was written with it or before it.
  STRATA_ASSIGN_OR_RETURN(const auto pointer, metadata_->Get(CurrentKey(job)));
  STRATA_ASSIGN_OR_RETURN(const auto records, metadata_->List(SnapshotRecordsPrefix(job)));
  const std::shared_ptr<const CatalogueView> before = view_.load();
  const auto known = before->find(job);
  if (known == before->end() && !pointer.has_value() && records.empty()) return absl::OkStatus();

  JobView next = known == before->end() ? JobView() : *known->second;
  next.records.clear();
  for (const KeyValue& entry : records) {
    absl::StatusOr<SnapshotRecord> record = SnapshotRecord::FromJson(entry.value);
    if (!record.ok()) return WithContext(record.status(), entry.key);
    next.records[record->number] = *std::move(record);
  }
  if (pointer.has_value()) {
    absl::StatusOr<CurrentPointer> current = CurrentPointer::FromJson(pointer->value);
    if (!current.ok()) return WithContext(current.status(), pointer->key);
    if (next.pointer.has_value() && current->generation < next.pointer->generation) {
      return MakeError(absl::StatusCode::kDataLoss, "GENERATION_WENT_BACK",
                       fmt::format("{}: generation {} after generation {}: the metadata is older than what was served",
                                   pointer->key, current->generation, next.pointer->generation));
    }
    next.pointer = *current;
    Switch(job, &next);
  }
  std::erase_if(next.open, [&next](const auto& entry) {
    return entry.second != next.current && !ReadableRecord(next, {.job = "", .number = entry.first}).ok();
  });
  const absl::Status problem = next.problem;
  Publish(job, std::move(next));
  return problem;
}

void SnapshotCatalogue::Switch(const std::string& job, JobView* next) {
  const CurrentPointer& pointer = *next->pointer;
  const auto is_target = [&pointer](const ServedSnapshot& served) {
    return served.record.number == pointer.snapshot && served.record.manifest_checksum == pointer.manifest_checksum;
  };
  const auto serve = [&](std::shared_ptr<const ServedSnapshot> served) {
    next->open[pointer.snapshot] = served;
    std::erase(pinned_[job], pointer.snapshot);
    // The one before stays open among the pinned ones, so that going back is immediate.
    if (next->current != nullptr && next->current->record.number != pointer.snapshot) {
      Pin(job, next->current->record.number, next);
    }
    next->current = std::move(served);
    next->problem = absl::OkStatus();
    failures_.erase(job);
  };
  if (next->current != nullptr && is_target(*next->current)) return serve(next->current);
  if (const auto open = next->open.find(pointer.snapshot); open != next->open.end() && is_target(*open->second)) {
    return serve(open->second);
  }
  if (const auto failure = failures_.find(job); failure != failures_.end() && failure->second.pointer == pointer) {
    if (failure->second.wait_refreshes-- > 0) return;
  }
  absl::StatusOr<std::shared_ptr<const ServedSnapshot>> loaded;
  if (const auto record = next->records.find(pointer.snapshot); record == next->records.end()) {
    loaded = Unavailable(job, fmt::format("snapshot {} is current but has no record", pointer.snapshot));
  } else if (record->second.manifest_checksum != pointer.manifest_checksum) {
    loaded = MakeError(
        absl::StatusCode::kDataLoss, "SNAPSHOT_CORRUPT",
        fmt::format("snapshot {}: the current pointer and its record name different manifests", pointer.snapshot));
  } else {
    loaded = Load(job, record->second);
  }
  if (loaded.ok()) return serve(*loaded);
  const bool may_pass = ClassOf(loaded.status()) == ErrorClass::kRetryable;
  failures_[job] = {pointer, loaded.status(), may_pass ? 0 : kRetryRefreshes};
  next->problem = loaded.status();
}

absl::StatusOr<std::shared_ptr<const ServedSnapshot>> SnapshotCatalogue::Load(const std::string& job,
                                                                              const SnapshotRecord& record) {
  absl::StatusOr<std::shared_ptr<const Snapshot>> opened =
      Snapshot::Open(*objects_, job, record.number, record.manifest_checksum);
  if (!opened.ok()) return WithContext(opened.status(), SnapshotResource(job, record.number));
  const Manifest& manifest = (*opened)->manifest();
  if (manifest.digest != record.digest || manifest.as_of != record.as_of || manifest.customers != record.customers) {
    return MakeError(
        absl::StatusCode::kDataLoss, "SNAPSHOT_CORRUPT",
        fmt::format("{}: its manifest and its record disagree (digest {} and {}, as of {} and {}, {} and {} "
                    "customers)",
                    SnapshotResource(job, record.number), manifest.digest, record.digest, FormatDay(manifest.as_of),
                    FormatDay(record.as_of), manifest.customers, record.customers));
  }
  return std::make_shared<const ServedSnapshot>(ServedSnapshot{job, record, *std::move(opened)});
}

void SnapshotCatalogue::Pin(const std::string& job, int64_t number, JobView* next) {
  std::deque<int64_t>& pinned = pinned_[job];
  std::erase(pinned, number);
  pinned.push_back(number);
  if (pinned.size() > kMaxPinnedSnapshots) {
    next->open.erase(pinned.front());
    pinned.pop_front();
  }
}

void SnapshotCatalogue::Publish(const std::string& job, JobView next) {
  CatalogueView view = *view_.load();
  view[job] = std::make_shared<const JobView>(std::move(next));
  view_.store(std::make_shared<const CatalogueView>(std::move(view)));
  const std::lock_guard lock(listener_mutex_);
  if (listener_) listener_();
}

}  // namespace strata
