#include "coordinator/run_recovery.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "coordinator/plan/plan.h"
#include "coordinator/removal.h"
#include "coordinator/run_control.h"
#include "coordinator/run_end.h"
#include "coordinator/run_request.h"
#include "coordinator/sure_commit.h"
#include "data/source/ingest.h"
#include "run/current.h"
#include "run/job_file.h"
#include "run/keys.h"
#include "run/snapshot_record.h"

namespace strata {
namespace {

// A read that fails may work the next time, and a run that could go on is not given up for it; damage stays.
absl::Status CheckObject(ObjectStore& objects, const ObjectRef& ref) {
  absl::Status status;
  for (int attempt = 1; attempt <= kMaxAttempts; ++attempt) {
    status = MapVerified(objects, ref.key, ref.checksum).status();
    if (status.ok() || absl::IsDataLoss(status) || absl::IsNotFound(status)) break;
  }
  return status;
}

// The objects that a replay reads first must be as they were written; those of tasks are verified by their readers.
absl::Status CheckIntermediates(const StateSeams& seams, const std::string& job, int64_t run) {
  const std::string prefix = RunStatePrefix(job, run);
  STRATA_ASSIGN_OR_RETURN(const auto records, seams.metadata->List(prefix));
  for (const KeyValue& record : records) {
    const std::string name = record.key.substr(prefix.size());
    ObjectRef ref;
    if (name == SourcesPin::kName) {
      STRATA_ASSIGN_OR_RETURN(const SourcesPin pin, SourcesPin::Decode(record.value));
      ref = pin.listing;
    } else if (name.starts_with("stage-")) {
      STRATA_ASSIGN_OR_RETURN(const StageRecord stage, StageRecord::Decode(record.value));
      ref = stage.plan;
    }
    if (!ref.empty()) STRATA_RETURN_IF_ERROR(CheckObject(*seams.objects, ref));
  }
  return absl::OkStatus();
}

// Folders of snapshots that have no record: of runs that failed late, of deleted snapshots, and what a power cut
// brought back of either (a manifest above all, which readers without metadata take for the snapshot).
absl::Status CollectUnpublished(const StateSeams& seams, const Leadership& leadership, const std::string& job) {
  // Listed before the records are read: a snapshot that is published since then is not among them.
  STRATA_ASSIGN_OR_RETURN(const auto folders, seams.objects->ListFolders(JobPrefix(job) + "snapshots/"));
  std::set<int64_t> numbers;
  for (const std::string& folder : folders) numbers.insert(RunNumberOf(folder));
  STRATA_ASSIGN_OR_RETURN(const auto active, seams.metadata->Get(ActiveRunKey(job)));
  if (active.has_value()) numbers.erase(RunNumberOf(active->value));
  STRATA_ASSIGN_OR_RETURN(const auto records, seams.metadata->List(SnapshotRecordsPrefix(job)));
  for (const KeyValue& record : records) {
    STRATA_ASSIGN_OR_RETURN(const SnapshotRecord snapshot, SnapshotRecord::FromJson(record.value));
    numbers.erase(snapshot.number);
  }
  Removal debris;
  for (const int64_t number : numbers) {
    STRATA_ASSIGN_OR_RETURN(const auto objects, seams.objects->List(SnapshotFolder(job, number) + "/"));
    for (const ObjectInfo& object : objects) debris.objects.push_back(object.key);
  }
  if (debris.objects.empty()) return absl::OkStatus();
  return Remove(seams, leadership, debris, "collecting snapshots that were not published");
}

absl::StatusOr<std::set<int64_t>> RecordedRuns(Metadata& metadata, const std::string& job) {
  const std::string prefix = RunsPrefix(job);
  STRATA_ASSIGN_OR_RETURN(const auto records, metadata.List(prefix));
  std::set<int64_t> runs;
  for (const KeyValue& record : records) runs.insert(RunNumberOf(std::string_view(record.key).substr(prefix.size())));
  return runs;
}

class Recovery {
 public:
  Recovery(const StateSeams& seams, const Leadership& leadership, const RecoverOptions& options)
      : seams_(seams), leadership_(leadership), options_(options) {}

  absl::Status Job(const std::string& job) {
    STRATA_ASSIGN_OR_RETURN(const auto active, seams_.metadata->Get(ActiveRunKey(job)));
    const int64_t run = active.has_value() ? RunNumberOf(active->value) : 0;
    if (run != 0 && !(options_.is_mine && options_.is_mine(job))) STRATA_RETURN_IF_ERROR(Run(job, run));
    return absl::OkStatus();
  }
  std::vector<ResumedRun> Take() {
    std::sort(resumed_.begin(), resumed_.end(), [](const ResumedRun& a, const ResumedRun& b) {
      return std::pair(a.summary.started_ms, a.summary.job) < std::pair(b.summary.started_ms, b.summary.job);
    });
    return std::move(resumed_);
  }

 private:
  absl::Status Run(const std::string& job, int64_t run) {
    STRATA_ASSIGN_OR_RETURN(const auto record, seams_.metadata->Get(RunKey(job, run)));
    if (!record.has_value()) {
      return MakeError(absl::StatusCode::kDataLoss, "RUN_RECORD_CORRUPT",
                       fmt::format("the active run {} of job {} has no record", run, job));
    }
    STRATA_ASSIGN_OR_RETURN(RunSummary summary, RunSummary::FromJson(record->value));
    if (summary.state != RunState::kRunning) {  // cancelled since the active run was read
      STRATA_ASSIGN_OR_RETURN(const auto active, seams_.metadata->Get(ActiveRunKey(job)));
      if (!active.has_value() || RunNumberOf(active->value) != run) return absl::OkStatus();
    }
    STRATA_ASSIGN_OR_RETURN(const auto published, seams_.metadata->Get(SnapshotRecordKey(job, run)));
    if (published.has_value()) {
      if (!summary.published) STRATA_RETURN_IF_ERROR(TakePublished(published->value, &summary));
      return Close(std::move(summary), "");
    }
    NightRequest request;
    absl::StatusOr<std::string> why = WhyNot(summary, &request);
    if (!why.ok() && ClassOf(why.status()) == ErrorClass::kRetryable) return why.status();
    if (!why.ok()) return Close(std::move(summary), std::string(StdView(why.status().message())));
    if (!why->empty()) return Close(std::move(summary), *why);
    // One that only waited in the queue is none of the reasons why coordinators end.
    STRATA_ASSIGN_OR_RETURN(const auto begun, seams_.metadata->Get(RunStateKey(job, run, SourcesPin::kName)));
    summary.resumed += begun.has_value();
    // Compared, because an attempt of unknown outcome may still arrive when the run has ended.
    STRATA_RETURN_IF_ERROR(CommitSurely(*seams_.metadata,
                                        {.compares = {{record->key, record->revision}},
                                         .puts = {{record->key, summary.ToJson()}},
                                         .deletes = {},
                                         .token = leadership_.token},
                                        "resuming a run"));
    resumed_.push_back({.request = std::move(request), .summary = std::move(summary)});
    return absl::OkStatus();
  }

  // Of a record written without the run's own.
  absl::Status TakePublished(const std::string& value, RunSummary* summary) {
    STRATA_ASSIGN_OR_RETURN(const SnapshotRecord record, SnapshotRecord::FromJson(value));
    STRATA_ASSIGN_OR_RETURN(const auto current, seams_.metadata->Get(CurrentKey(summary->job)));
    if (current.has_value()) {
      STRATA_ASSIGN_OR_RETURN(const CurrentPointer pointer, CurrentPointer::FromJson(current->value));
      summary->activated = pointer.snapshot == summary->run;
    }
    summary->published = true;
    summary->snapshot = summary->run;
    summary->digest = record.digest;
    return absl::OkStatus();
  }

  // An error is a reason too, unless it is retryable.
  absl::StatusOr<std::string> WhyNot(const RunSummary& summary, NightRequest* request) {
    STRATA_ASSIGN_OR_RETURN(const auto record, ReadRunRequest(*seams_.metadata, summary.job, summary.run));
    if (!record.has_value()) return "there is no record of what was asked for";
    const RunRequestRecord& asked = *record;
    if (asked.build_id != options_.build_id) {
      return fmt::format("it was begun by build {} and this is build {}", asked.build_id, options_.build_id);
    }
    if (summary.resumed >= kMaxResumptions) return fmt::format("it was resumed {} times already", summary.resumed);
    if (options_.why_not) {
      std::string why = options_.why_not(asked, summary);
      if (!why.empty()) return why;
    }
    STRATA_RETURN_IF_ERROR(CheckIntermediates(seams_, summary.job, summary.run));
    STRATA_ASSIGN_OR_RETURN(request->job, ParseJob(asked.job_yaml, "job_yaml"));
    request->job_yaml = asked.job_yaml;
    request->job_folder = asked.job_folder;
    request->as_of = asked.as_of;
    request->follows = asked.follows;
    request->activation = asked.activation;
    request->rebuild_ledger = asked.rebuild_ledger;
    request->ledger_only = asked.ledger_only;
    request->verify_sources = asked.verify_sources;
    request->ignore_veto = asked.ignore_veto;
    request->backfill = asked.backfill;
    return "";
  }

  absl::Status Close(RunSummary summary, const std::string& why) {
    summary.finished_ms = seams_.clock->WallMs();
    if (why.empty()) {
      summary.state = RunState::kSucceeded;
    } else {
      summary.state = RunState::kFailed;
      SetError(MakeError(absl::StatusCode::kAborted, "COORDINATOR_LOST",
                         fmt::format("the coordinator of this run ended before the run did, and it was not resumed: {}",
                                     why)),
               &summary);
    }
    STRATA_RETURN_IF_ERROR(EndRun(seams_, leadership_, &summary));
    if (options_.on_closed) options_.on_closed(summary);
    return absl::OkStatus();
  }

  const StateSeams& seams_;
  const Leadership& leadership_;
  const RecoverOptions& options_;
  std::vector<ResumedRun> resumed_;
};

}  // namespace

absl::StatusOr<std::set<std::string>> JobsOf(Metadata& metadata) {
  constexpr std::string_view kPrefix = "jobs/";
  STRATA_ASSIGN_OR_RETURN(const auto records, metadata.List(std::string(kPrefix)));
  std::set<std::string> jobs;
  for (const KeyValue& record : records) {
    const size_t slash = record.key.find('/', kPrefix.size());
    if (slash != std::string::npos) jobs.insert(record.key.substr(kPrefix.size(), slash - kPrefix.size()));
  }
  return jobs;
}

RunRequestRecord AskedFor(const NightRequest& request, std::string build_id) {
  return {.build_id = std::move(build_id),
          .job_yaml = request.job_yaml,
          .job_folder = request.job_folder,
          .as_of = request.as_of,
          .follows = request.follows,
          .activation = request.activation,
          .rebuild_ledger = request.rebuild_ledger,
          .ledger_only = request.ledger_only,
          .verify_sources = request.verify_sources,
          .ignore_veto = request.ignore_veto,
          .backfill = request.backfill};
}

absl::StatusOr<std::vector<ResumedRun>> RecoverRuns(const StateSeams& seams, const Leadership& leadership,
                                                    const RecoverOptions& options) {
  STRATA_ASSIGN_OR_RETURN(const std::set<std::string> jobs, JobsOf(*seams.metadata));
  Recovery recovery(seams, leadership, options);
  for (const std::string& job : jobs) STRATA_RETURN_IF_ERROR(recovery.Job(job));
  return recovery.Take();
}

absl::Status CollectLeftovers(const StateSeams& seams, const Leadership& leadership) {
  STRATA_ASSIGN_OR_RETURN(const std::set<std::string> jobs, JobsOf(*seams.metadata));
  for (const std::string& job : jobs) {
    // Objects and records are listed before the active run is read, so that nothing of a run that began in between is
    // taken for left behind.
    const std::string folder = JobPrefix(job) + "runs/";
    STRATA_ASSIGN_OR_RETURN(const auto objects, seams.objects->List(folder));
    std::set<int64_t> runs;
    for (const std::string& prefix : {RunStatePrefix(job), TasksPrefix(job)}) {
      STRATA_ASSIGN_OR_RETURN(const auto records, seams.metadata->List(prefix));
      for (const KeyValue& record : records)
        runs.insert(RunNumberOf(std::string_view(record.key).substr(prefix.size())));
    }
    STRATA_ASSIGN_OR_RETURN(const auto active, seams.metadata->Get(ActiveRunKey(job)));
    if (active.has_value()) runs.erase(RunNumberOf(active->value));
    for (const int64_t run : runs) STRATA_RETURN_IF_ERROR(RemoveLeftovers(seams, leadership, job, run));
    // A worker that was given up may have written after its run had ended; so may a commit of unknown outcome.
    const int64_t in_progress = active.has_value() ? RunNumberOf(active->value) : 0;
    STRATA_ASSIGN_OR_RETURN(const std::set<int64_t> recorded, RecordedRuns(*seams.metadata, job));
    Removal debris;
    for (const ObjectInfo& object : objects) {
      const int64_t run = RunNumberOf(std::string_view(object.key).substr(folder.size()));
      const bool quarantined =
          object.key.find("/quarantine/") != std::string::npos;  // stays as long as its run's record
      if (run != in_progress && !(quarantined && recorded.contains(run))) debris.objects.push_back(object.key);
    }
    if (!debris.objects.empty()) {
      STRATA_RETURN_IF_ERROR(Remove(seams, leadership, debris, "collecting what runs left behind"));
    }
    STRATA_RETURN_IF_ERROR(CollectUnpublished(seams, leadership, job));
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> SourcesAreAsListed(const StateSeams& seams, const NightRequest& request, int64_t run) {
  STRATA_ASSIGN_OR_RETURN(const auto record,
                          seams.metadata->Get(RunStateKey(request.job.name, run, SourcesPin::kName)));
  if (!record.has_value()) return true;
  STRATA_ASSIGN_OR_RETURN(const SourcesPin pin, SourcesPin::Decode(record->value));
  STRATA_ASSIGN_OR_RETURN(const auto then, ReadListing(*seams.objects, pin.listing));
  STRATA_ASSIGN_OR_RETURN(const auto now, ListSources(*seams.sources, request.job, request.job_folder));
  return AreEqual(then, now);
}

}  // namespace strata
