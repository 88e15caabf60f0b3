#include "coordinator/run_end.h"

#include <fmt/format.h>

#include "coordinator/removal.h"
#include "coordinator/run_request.h"
#include "coordinator/sure_commit.h"
#include "data/snapshot/snapshot.h"
#include "run/job_file.h"
#include "run/keys.h"
#include "run/on_finish.h"
#include "run/run_state.h"

namespace strata {
namespace {

bool Wants(const OnFinish& on_finish, RunState state) {
  return on_finish.any() && ((state == RunState::kSucceeded && on_finish.on_succeeded) ||
                             (state == RunState::kFailed && on_finish.on_failed) ||
                             (state == RunState::kCancelled && on_finish.on_cancelled));
}

// What the end of the run brings about, as the job said when the run began; nothing for a run without such a record.
absl::StatusOr<FinishRecord> FinishOf(Metadata& metadata, const std::string& job, int64_t run) {
  STRATA_ASSIGN_OR_RETURN(auto asked, ReadRunRequest(metadata, job, run));
  if (!asked.has_value()) return FinishRecord{};
  STRATA_ASSIGN_OR_RETURN(Job parsed, ParseJob(asked->job_yaml, "job_yaml"));
  return FinishRecord{.on_finish = std::move(parsed.on_finish), .folder = std::move(asked->job_folder)};
}

absl::Status RecordEnd(const StateSeams& seams, const Leadership& leadership, const FinishRecord& finish,
                       const RunSummary& summary) {
  const std::string active_key = ActiveRunKey(summary.job);
  STRATA_ASSIGN_OR_RETURN(const auto active, seams.metadata->Get(active_key));
  if (!active.has_value() || active->value != std::to_string(summary.run)) {
    return MakeError(absl::StatusCode::kAborted, "LEADERSHIP_LOST",
                     fmt::format("run {} of job {} was ended by somebody else", summary.run, summary.job));
  }
  CommitRequest commit{.compares = {{active_key, active->revision}},
                       .puts = {{RunKey(summary.job, summary.run), summary.ToJson()}},
                       .deletes = {active_key},
                       .token = leadership.token};
  if (Wants(finish.on_finish, summary.state)) {
    commit.puts.push_back({FinishKey(summary.job, summary.run), finish.Encode()});
  }
  // A publication whose outcome was unknown may have taken effect since: then the run has not failed.
  if (!summary.published) commit.compares.push_back({SnapshotRecordKey(summary.job, summary.run), 0});
  return CommitSurely(*seams.metadata, commit, "recording the end of the run");
}

}  // namespace

absl::Status RemoveLeftovers(const StateSeams& seams, const Leadership& leadership, const std::string& job,
                             int64_t run) {
  constexpr std::string_view kWhat = "removing the records of a run that has ended";
  STRATA_RETURN_IF_ERROR(RemoveRecordsBelow(*seams.metadata, leadership, TasksPrefix(job, run), kWhat));
  // Readers without metadata would take a manifest for a published snapshot.
  STRATA_ASSIGN_OR_RETURN(const auto published, seams.metadata->Get(SnapshotRecordKey(job, run)));
  if (!published.has_value()) STRATA_RETURN_IF_ERROR(seams.objects->Delete(ManifestKey(job, run)));
  for (const Stage stage : kStageOrder) {
    STRATA_RETURN_IF_ERROR(RemoveObjectsBelow(*seams.objects, fmt::format("{}/{}/", RunFolder(job, run), Name(stage))));
  }
  STRATA_RETURN_IF_ERROR(RemoveObjectsBelow(*seams.objects, RunFolder(job, run) + "/blobs/"));
  // Last, because they tell the next lead that there may be something left.
  return RemoveRecordsBelow(*seams.metadata, leadership, RunStatePrefix(job, run), kWhat);
}

absl::Status EndRun(const StateSeams& seams, const Leadership& leadership, RunSummary* summary) {
  auto finish = FinishOf(*seams.metadata, summary->job, summary->run);
  if (!finish.ok() && ClassOf(finish.status()) == ErrorClass::kRetryable) return finish.status();
  if (!finish.ok()) {  // a run of another version, which this one can close and not read
    summary->warnings.push_back(
        fmt::format("what on_finish asks for was not done: {}", StdView(finish.status().message())));
    finish = FinishRecord{};
  }
  absl::Status recorded = RecordEnd(seams, leadership, *finish, *summary);
  const auto detail = DetailOf(recorded);
  if (detail.has_value() && detail->reason == "COMMIT_CONFLICT" && !summary->published) {
    STRATA_ASSIGN_OR_RETURN(const auto record, seams.metadata->Get(RunKey(summary->job, summary->run)));
    if (!record.has_value()) return recorded;
    STRATA_ASSIGN_OR_RETURN(RunSummary published, RunSummary::FromJson(record->value));
    if (!published.published) return recorded;
    published.state = RunState::kSucceeded;
    published.finished_ms = summary->finished_ms;
    *summary = std::move(published);
    recorded = RecordEnd(seams, leadership, *finish, *summary);
  }
  STRATA_RETURN_IF_ERROR(recorded);
  const absl::Status removed = RemoveLeftovers(seams, leadership, summary->job, summary->run);
  if (!removed.ok()) {
    summary->warnings.push_back(fmt::format("intermediate objects were left behind: {}", StdView(removed.message())));
  }
  return absl::OkStatus();
}

}  // namespace strata
