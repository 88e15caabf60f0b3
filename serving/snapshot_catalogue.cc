#include "serving/snapshot_catalogue.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace strata {
namespace {

absl::Status SnapshotUnknown(const SnapshotName& name, std::string_view why) {
  return MakeError(absl::StatusCode::kNotFound, "SNAPSHOT_UNKNOWN",
                   fmt::format("snapshot {} of job '{}' {}", name.number, name.job, why),
                   {{"job", name.job}, {"snapshot", SnapshotResource(name.job, name.number)}});
}

absl::Status Unavailable(const std::string& job, const std::string& message) {
  return MakeError(absl::StatusCode::kUnavailable, "SNAPSHOT_UNAVAILABLE", message, {{"job", job}});
}

absl::Status NotReady(const std::string& message) {
  return MakeError(absl::StatusCode::kUnavailable, "NOT_READY", message);
}

// The record of a snapshot that may be read.
absl::StatusOr<SnapshotRecord> ReadableRecord(const JobView& job, const SnapshotName& name) {
  const auto record = job.records.find(name.number);
  if (record == job.records.end()) return SnapshotUnknown(name, "was never published, or was deleted");
  if (record->second.state == SnapshotState::kDeleting) return SnapshotUnknown(name, "is being deleted");
  return record->second;
}

// "snapshot 3 of job 'shop' is current"
std::string Described(const JobView& job, const std::string& name) {
  return fmt::format("snapshot {} of job '{}' {}", job.wanted(), name,
                     job.held_at != 0 ? "is the one this server is held at" : "is current");
}

// What a request for the current snapshot gets.
absl::StatusOr<std::shared_ptr<const ServedSnapshot>> CurrentOf(const JobView& job, const std::string& name) {
  if (job.current != nullptr) return job.current;
  if (job.wanted() == 0) {
    return Unavailable(name, fmt::format("job '{}' has no current snapshot: {}", name,
                                         job.problem.ok() ? "none was activated yet" : StdView(job.problem.message())));
  }
  return Unavailable(name,
                     fmt::format("{}, but cannot be served: {}", Described(job, name), StdView(job.problem.message())));
}

}  // namespace

SnapshotCatalogue::SnapshotCatalogue(ObjectStore* objects, std::unique_ptr<PublishedSnapshots> published, HeldJobs held)
    : objects_(objects),
      published_(std::move(published)),
      held_(std::move(held)),
      jobs_read_(std::make_shared<const absl::Status>(NotReady("this server has not read yet what is published"))) {
  CatalogueView view;
  for (const auto& [job, number] : held_) {
    view[job] = std::make_shared<const JobView>(JobView{.held_at = number, .problem = *jobs_read_.load()});
  }
  view_.store(std::make_shared<const CatalogueView>(std::move(view)));
}

absl::Status SnapshotCatalogue::Ready() const {
  STRATA_RETURN_IF_ERROR(JobsRead());
  if (!tried_all_) return NotReady("the snapshots are being opened");
  const std::shared_ptr<const CatalogueView> view = view_.load();
  bool any = false;
  for (const auto& [name, job] : *view) {
    any = any || job->current != nullptr;
    if (job->held_at != 0 && job->current == nullptr)
      return NotReady(std::string(StdView(CurrentOf(*job, name).status().message())));
  }
  if (any) return absl::OkStatus();
  if (view->empty()) return NotReady("nothing is published yet");
  return NotReady(std::string(StdView(CurrentOf(*view->begin()->second, view->begin()->first).status().message())));
}

absl::Status SnapshotCatalogue::JobsRead() const { return *jobs_read_.load(); }

absl::Status SnapshotCatalogue::UnknownJob(const std::string& job) const {
  STRATA_RETURN_IF_ERROR(JobsRead());
  return MakeError(absl::StatusCode::kNotFound, "JOB_UNKNOWN", fmt::format("this server knows no job '{}'", job),
                   {{"job", job}});
}

absl::StatusOr<std::shared_ptr<const ServedSnapshot>> SnapshotCatalogue::Find(const SnapshotName& name) const {
  const std::shared_ptr<const CatalogueView> view = view_.load();
  const auto job = view->find(name.job);
  if (job == view->end()) return UnknownJob(name.job);
  if (name.is_current()) return CurrentOf(*job->second, name.job);
  STRATA_RETURN_IF_ERROR(ReadableRecord(*job->second, name).status());
  const auto open = job->second->open.find(name.number);
  if (open == job->second->open.end()) return nullptr;
  open->second.last_used->store(refreshes_, std::memory_order_relaxed);
  return open->second.served;
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
  next.open[name.number] = Opened(*loaded);
  Pin(name.job, name.number, &next);
  Publish(name.job, std::move(next));
  return *loaded;
}

absl::StatusOr<ServedSnapshot> SnapshotCatalogue::Verify(const SnapshotName& name) {
  const std::shared_ptr<const CatalogueView> view = view_.load();
  const auto job = view->find(name.job);
  if (job == view->end()) return UnknownJob(name.job);
  SnapshotName numbered = name;
  if (name.is_current()) {
    numbered.number = job->second->wanted();
    if (numbered.number == 0) return CurrentOf(*job->second, name.job).status();
  }
  STRATA_ASSIGN_OR_RETURN(const SnapshotRecord record, ReadableRecord(*job->second, numbered));
  STRATA_ASSIGN_OR_RETURN(const auto loaded, Load(name.job, record));
  return *loaded;
}

absl::Status SnapshotCatalogue::Refresh() {
  const std::lock_guard lock(mutex_);
  ++refreshes_;
  absl::Status first;
  if (until_discovery_-- <= 0 || view_.load()->empty()) {
    first = Discover();
    until_discovery_ = first.ok() ? kDiscoverRefreshes - 1 : 0;
  }
  std::string failed = first.ok() ? "" : "the list of jobs";
  const std::shared_ptr<const CatalogueView> before = view_.load();
  for (const auto& [job, view] : *before) {
    const absl::Status status = RefreshLocked(job);
    if (status.ok()) continue;
    if (first.ok()) first = status;
    failed += (failed.empty() ? "" : ", ") + job;
  }
  if (JobsRead().ok() && !tried_all_.exchange(true)) TellListener();
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
  const absl::StatusOr<std::vector<std::string>> jobs = published_->Jobs();
  if (!jobs.ok()) {
    if (!JobsRead().ok()) {
      jobs_read_.store(std::make_shared<const absl::Status>(NotReady(
          fmt::format("this server could not read yet what is published: {}", StdView(jobs.status().message())))));
    }
    return jobs.status();
  }
  CatalogueView next = *view_.load();
  for (const std::string& job : *jobs) next.try_emplace(job, std::make_shared<const JobView>());
  view_.store(std::make_shared<const CatalogueView>(std::move(next)));
  jobs_read_.store(std::make_shared<const absl::Status>());
  return absl::OkStatus();
}

absl::Status SnapshotCatalogue::RefreshLocked(const std::string& job) {
  const absl::Status followed = Follow(job);
  const std::shared_ptr<const CatalogueView> view = view_.load();
  const auto known = view->find(job);
  if (followed.ok() || known == view->end()) return followed;
  if (known->second->problem != followed) {
    JobView next = *known->second;
    next.problem = followed;
    Publish(job, std::move(next));
  }
  return followed;
}

absl::Status SnapshotCatalogue::Follow(const std::string& job) {
  STRATA_ASSIGN_OR_RETURN(PublishedJob published, published_->Read(job));
  const std::shared_ptr<const CatalogueView> before = view_.load();
  const auto known = before->find(job);
  if (known == before->end() && !published.pointer.has_value() && published.records.empty()) return absl::OkStatus();

  JobView next = known == before->end() ? JobView() : *known->second;
  if (next.pointer.has_value()) {
    const int64_t generation = published.pointer.has_value() ? published.pointer->generation : 0;
    const bool other = generation == next.pointer->generation && *published.pointer != *next.pointer;
    if (generation < next.pointer->generation || other) {
      return MakeError(
          absl::StatusCode::kDataLoss, "GENERATION_WENT_BACK",
          fmt::format("the current pointer of job '{}' is {} after generation {}: what is published is older than what "
                      "was served, or cannot be seen",
                      job,
                      generation == 0 ? "gone"
                      : other         ? "another one of the same generation"
                                      : fmt::format("of generation {}", generation),
                      next.pointer->generation),
          {{"job", job}});
    }
  }
  next.pointer = published.pointer;
  next.records = published.records;
  next.problem = absl::OkStatus();
  if (next.wanted() != 0) Switch(job, published, &next);
  if (next.problem.ok()) next.problem = published.remark;
  CloseUnused(job, &next);
  const absl::Status problem = next.problem;
  Publish(job, std::move(next));
  return problem;
}

void SnapshotCatalogue::Switch(const std::string& job, const PublishedJob& published, JobView* next) {
  Target target = next->pointer.value_or(Target());
  if (next->held_at != 0) {
    const auto record = next->records.find(next->held_at);
    target = {.generation = 0,
              .snapshot = next->held_at,
              .manifest_checksum = record == next->records.end() ? 0 : record->second.manifest_checksum};
  }
  const auto is_target = [&target](const ServedSnapshot& served) {
    return served.record.number == target.snapshot && served.record.manifest_checksum == target.manifest_checksum;
  };
  if (next->current != nullptr && is_target(*next->current)) return Serve(job, next->current, next);
  if (const auto open = next->open.find(target.snapshot); open != next->open.end() && is_target(*open->second.served)) {
    return Serve(job, open->second.served, next);
  }
  if (const auto failure = failures_.find(job); failure != failures_.end() && failure->second.target == target) {
    if (failure->second.wait_refreshes-- > 0) {
      next->problem = failure->second.status;
      return;
    }
  }
  const absl::StatusOr<std::shared_ptr<const ServedSnapshot>> loaded = LoadTarget(job, target, published);
  if (loaded.ok()) return Serve(job, *loaded, next);
  if (absl::IsResourceExhausted(loaded.status())) {
    // No room for the one that must answer: those that only may go.
    std::erase_if(next->open, [next](const auto& entry) { return entry.second.served != next->current; });
    pinned_.erase(job);
  }
  const bool may_pass = ClassOf(loaded.status()) == ErrorClass::kRetryable;
  failures_[job] = {target, loaded.status(), may_pass ? 0 : kRetryRefreshes};
  next->problem = loaded.status();
}

void SnapshotCatalogue::Serve(const std::string& job, std::shared_ptr<const ServedSnapshot> served, JobView* next) {
  const int64_t number = served->record.number;
  if (next->current != served) next->open[number] = Opened(served);
  std::erase(pinned_[job], number);
  // The one before stays open among the pinned ones, so that going back is immediate.
  if (next->current != nullptr && next->current->record.number != number) {
    Pin(job, next->current->record.number, next);
  }
  next->current = std::move(served);
  failures_.erase(job);
}

absl::StatusOr<std::shared_ptr<const ServedSnapshot>> SnapshotCatalogue::LoadTarget(const std::string& job,
                                                                                    const Target& target,
                                                                                    const PublishedJob& published) {
  if (const auto why = published.unreadable.find(target.snapshot); why != published.unreadable.end()) {
    return why->second;
  }
  const auto record = published.records.find(target.snapshot);
  const bool held = target.generation == 0;
  if (record == published.records.end()) {
    return Unavailable(
        job, held ? fmt::format("snapshot {}, at which this server is held, is not published", target.snapshot)
                  : fmt::format("snapshot {} is current but has no record", target.snapshot));
  }
  if (record->second.manifest_checksum != target.manifest_checksum) {
    return MakeError(
        absl::StatusCode::kDataLoss, "SNAPSHOT_CORRUPT",
        fmt::format("snapshot {}: the current pointer and its record name different manifests", target.snapshot));
  }
  return Load(job, record->second);
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

void SnapshotCatalogue::CloseUnused(const std::string& job, JobView* next) {
  const int now = refreshes_;
  std::erase_if(next->open, [&](const auto& entry) {
    if (entry.second.served == next->current) return false;
    const bool idle = now - entry.second.last_used->load(std::memory_order_relaxed) >= kIdleRefreshes;
    return idle || !ReadableRecord(*next, {.job = "", .number = entry.first}).ok();
  });
  std::erase_if(pinned_[job], [next](int64_t number) { return !next->open.contains(number); });
}

OpenSnapshot SnapshotCatalogue::Opened(std::shared_ptr<const ServedSnapshot> served) const {
  return {.served = std::move(served), .last_used = std::make_shared<std::atomic<int>>(refreshes_.load())};
}

void SnapshotCatalogue::Pin(const std::string& job, int64_t number, JobView* next) {
  std::deque<int64_t>& pinned = pinned_[job];
  std::erase(pinned, number);
  pinned.push_back(number);
  next->open.at(number).last_used->store(refreshes_);
  if (pinned.size() > kMaxPinnedSnapshots) {
    next->open.erase(pinned.front());
    pinned.pop_front();
  }
}

void SnapshotCatalogue::Publish(const std::string& job, JobView next) {
  CatalogueView view = *view_.load();
  view[job] = std::make_shared<const JobView>(std::move(next));
  view_.store(std::make_shared<const CatalogueView>(std::move(view)));
  TellListener();
}

void SnapshotCatalogue::TellListener() {
  const std::lock_guard lock(listener_mutex_);
  if (listener_) listener_();
}

}  // namespace strata
