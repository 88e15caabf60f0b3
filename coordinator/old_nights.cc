#include "coordinator/old_nights.h"

#include <fmt/format.h>

#include <map>
#include <vector>

#include "coordinator/lead_keeper.h"
#include "coordinator/removal.h"
#include "coordinator/retention.h"
#include "coordinator/sure_commit.h"
#include "data/snapshot/snapshot.h"
#include "run/current.h"
#include "run/keys.h"
#include "run/run_state.h"
#include "run/snapshot_record.h"

namespace strata {
namespace {

absl::StatusOr<std::vector<ObjectInfo>> ListAll(ObjectStore& objects, const std::vector<std::string>& folders,
                                                LeadKeeper* lead) {
  std::vector<ObjectInfo> all;
  for (const std::string& folder : folders) {
    STRATA_RETURN_IF_ERROR(lead->Keep());
    STRATA_ASSIGN_OR_RETURN(const auto listed, objects.List(folder));
    all.insert(all.end(), listed.begin(), listed.end());
  }
  return all;
}

void Count(const std::vector<ObjectInfo>& objects, RemovedByRetention* removed) {
  removed->objects += static_cast<int64_t>(objects.size());
  for (const ObjectInfo& object : objects) removed->size_bytes += static_cast<int64_t>(object.size_bytes);
}

std::vector<std::string> KeysOf(const std::vector<ObjectInfo>& objects) {
  std::vector<std::string> keys;
  for (const ObjectInfo& object : objects) keys.push_back(object.key);
  return keys;
}

bool IsConflict(const absl::Status& status) {
  const auto detail = DetailOf(status);
  return detail.has_value() && detail->reason == "COMMIT_CONFLICT";
}

class Collection {
 public:
  Collection(const StateSeams& seams, const Leadership& leadership, const Retention& retention, RunSummary* run)
      : seams_(seams),
        leadership_(leadership),
        retention_(retention),
        job_(run->job),
        run_(run),
        lead_(seams.metadata, seams.clock, leadership) {}

  absl::Status Run() {
    STRATA_RETURN_IF_ERROR(ReadFacts());
    const RetentionChoice choice = ChooseRemovals(retention_, facts_);
    if (run_->published) {
      for (const int64_t number : choice.snapshots) STRATA_RETURN_IF_ERROR(RemoveOne(number));
    }
    return RemoveRuns(choice.runs);
  }

 private:
  absl::Status ReadFacts() {
    facts_.now_ms = seams_.clock->WallMs();
    facts_.active_run = run_->run;
    facts_.followed_by_active = run_->follows;
    STRATA_ASSIGN_OR_RETURN(const auto current, seams_.metadata->Get(CurrentKey(job_)));
    if (current.has_value()) {
      STRATA_ASSIGN_OR_RETURN(const CurrentPointer pointer, CurrentPointer::FromJson(current->value));
      facts_.current = pointer.snapshot;
      current_revision_ = current->revision;
    }
    STRATA_ASSIGN_OR_RETURN(const auto snapshots, seams_.metadata->List(SnapshotRecordsPrefix(job_)));
    for (const KeyValue& record : snapshots) {
      STRATA_ASSIGN_OR_RETURN(SnapshotRecord snapshot, SnapshotRecord::FromJson(record.value));
      snapshots_.emplace(snapshot.number, record.revision);
      facts_.snapshots.push_back(std::move(snapshot));
    }
    STRATA_ASSIGN_OR_RETURN(const auto runs, seams_.metadata->List(RunsPrefix(job_)));
    for (const KeyValue& record : runs) {
      STRATA_ASSIGN_OR_RETURN(RunSummary run, RunSummary::FromJson(record.value));
      if (run.state != RunState::kRunning) facts_.runs.push_back({.run = run.run, .ended_ms = run.finished_ms});
      runs_.emplace(run.run, std::move(run));
    }
    return absl::OkStatus();
  }

  absl::Status RemoveOne(int64_t number) {
    STRATA_RETURN_IF_ERROR(lead_.Keep());
    const auto removed = RemoveSnapshot(seams_, leadership_, job_, number,
                                        {.record = snapshots_.at(number), .current = current_revision_});
    if (IsConflict(removed.status())) return absl::OkStatus();
    STRATA_RETURN_IF_ERROR(removed.status());
    run_->removed.snapshots.push_back(number);
    run_->removed.objects += removed->objects;
    run_->removed.size_bytes += removed->size_bytes;
    return absl::OkStatus();
  }

  absl::Status RemoveRuns(const std::vector<int64_t>& numbers) {
    if (numbers.empty()) return absl::OkStatus();
    Removal removal;
    std::vector<std::string> folders;
    for (const int64_t number : numbers) {
      removal.records.push_back(RunKey(job_, number));
      folders.push_back(RunFolder(job_, number) + "/");
      const std::string& request_id = runs_.at(number).request_id;
      if (request_id.empty()) continue;
      // The id may have begun a later run since; then it is that one's.
      STRATA_ASSIGN_OR_RETURN(const auto begun, seams_.metadata->Get(RequestKey(job_, request_id)));
      if (begun.has_value() && begun->value == std::to_string(number))
        removal.records.push_back(RequestKey(job_, request_id));
    }
    STRATA_ASSIGN_OR_RETURN(const auto objects, ListAll(*seams_.objects, folders, &lead_));
    removal.objects = KeysOf(objects);
    STRATA_RETURN_IF_ERROR(Remove(seams_, leadership_, removal, "removing the records of old runs"));
    run_->removed.runs += static_cast<int64_t>(numbers.size());
    Count(objects, &run_->removed);
    return absl::OkStatus();
  }

  const StateSeams& seams_;
  const Leadership& leadership_;
  const Retention& retention_;
  const std::string job_;
  RunSummary* run_;
  LeadKeeper lead_;  // deleting takes a remote store long, and the driver renews only while it runs
  RetentionFacts facts_;
  int64_t current_revision_ = 0;
  std::map<int64_t, int64_t> snapshots_;  // revision of the record by number
  std::map<int64_t, RunSummary> runs_;    // by number
};

}  // namespace

absl::StatusOr<RemovedObjects> RemoveSnapshot(const StateSeams& seams, const Leadership& leadership,
                                              const std::string& job, int64_t number,
                                              const SnapshotRevisions& revisions) {
  const CommitRequest commit{
      .compares = {{SnapshotRecordKey(job, number), revisions.record}, {CurrentKey(job), revisions.current}},
      .puts = {},
      .deletes = {SnapshotRecordKey(job, number)},
      .token = leadership.token};
  STRATA_RETURN_IF_ERROR(CommitSurely(*seams.metadata, commit, fmt::format("deleting snapshot {}", number)));
  // From here on the folder is debris: a crash leaves objects that nobody reads. The manifest goes first, because
  // readers without metadata take it for the snapshot.
  STRATA_ASSIGN_OR_RETURN(const auto objects, seams.objects->List(SnapshotFolder(job, number) + "/"));
  STRATA_RETURN_IF_ERROR(seams.objects->Delete(ManifestKey(job, number)));
  STRATA_RETURN_IF_ERROR(seams.objects->DeleteAll(KeysOf(objects)));
  RemovedByRetention counted;
  Count(objects, &counted);
  return RemovedObjects{.objects = counted.objects, .size_bytes = counted.size_bytes};
}

absl::Status CollectOld(const StateSeams& seams, const Leadership& leadership, const Retention& retention,
                        RunSummary* run) {
  return Collection(seams, leadership, retention, run).Run();
}

}  // namespace strata
