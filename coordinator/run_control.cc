#include "coordinator/run_control.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include "coordinator/ledger_collection.h"
#include "coordinator/old_nights.h"
#include "coordinator/run_end.h"
#include "coordinator/run_recovery.h"
#include "coordinator/sure_commit.h"
#include "data/snapshot/current_objects.h"
#include "run/current.h"
#include "run/keys.h"
#include "run/snapshot_record.h"

namespace strata {
namespace {

// Writes the object of the current pointer, which a crash may have left out. Where the objects are ahead, the metadata
// is an older copy that somebody put back: readers never go back in generation, so the pointer goes past what they saw.
absl::Status RestoreCurrentObject(const StateSeams& seams, const Leadership& leadership, const std::string& job,
                                  const KeyValue& record) {
  STRATA_ASSIGN_OR_RETURN(CurrentPointer pointer, CurrentPointer::FromJson(record.value));
  STRATA_ASSIGN_OR_RETURN(const FoundPointer found, FindCurrentObject(*seams.objects, job));
  const bool ahead = found.pointer.has_value() && found.pointer->generation >= pointer.generation;
  if (ahead && *found.pointer != pointer) {
    pointer.generation = found.pointer->generation + 1;
    const CommitRequest commit{.compares = {{record.key, record.revision}},
                               .puts = {{record.key, pointer.ToJson()}},
                               .deletes = {},
                               .token = leadership.token};
    STRATA_RETURN_IF_ERROR(CommitSurely(*seams.metadata, commit, "raising the generation of the current pointer"));
  }
  return WriteCurrentObject(*seams.objects, job, pointer);
}

int64_t PeakRssBytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<int64_t>(usage.ru_maxrss) * 1024;
}

}  // namespace

absl::StatusOr<Leadership> TakeLead(const StateSeams& seams, const std::string& holder,
                                    const std::function<void(int64_t ms)>& pause,
                                    const std::function<void(const std::string&)>& on_wait) {
  constexpr int64_t kRetryMs = 500;
  const int64_t begun_ms = seams.clock->MonotonicMs();
  bool told = false;
  while (true) {
    auto leadership = seams.metadata->Campaign(holder, kLeadershipTimeoutMs);
    if (leadership.ok()) return leadership;
    const auto detail = DetailOf(leadership.status());
    const bool held = detail.has_value() && detail->reason == "STATE_HELD";
    // A holder that was stopped in the middle of a commit locks the others out; it may go on, or end.
    const bool busy = detail.has_value() && detail->reason == "METADATA_BUSY";
    if (!held && !busy) return leadership;
    if (on_wait && !told) {
      on_wait(fmt::format("{}; waiting up to {} s to see whether it lives", StdView(leadership.status().message()),
                          kLeadershipTimeoutMs / 1000));
    }
    told = true;
    // A holder that died is noticed after the time-out of our own clock; one that lives renews within it.
    if (seams.clock->MonotonicMs() - begun_ms > kLeadershipTimeoutMs + 2 * kRetryMs) {
      if (busy) {
        return WithContext(leadership.status(), "a process that does not go on is in the middle of writing; end it");
      }
      return MakeError(absl::StatusCode::kFailedPrecondition, "STATE_HELD",
                       fmt::format("{}. Submit to it with --target ADDRESS, or wait until it ends",
                                   StdView(leadership.status().message())),
                       detail->metadata);
    }
    pause(kRetryMs);
  }
}

absl::Status TakeOver(const StateSeams& seams, const Leadership& leadership, const std::string& objects_folder) {
  STRATA_ASSIGN_OR_RETURN(const auto jobs, JobsOf(*seams.metadata));
  for (const std::string& job : jobs) {
    STRATA_ASSIGN_OR_RETURN(const auto current, seams.metadata->Get(CurrentKey(job)));
    if (current.has_value()) STRATA_RETURN_IF_ERROR(RestoreCurrentObject(seams, leadership, job, *current));
  }
  if (objects_folder.empty()) return absl::OkStatus();
  constexpr int64_t kOldMs = int64_t{24} * 60 * 60 * 1000;  // no Put of a living process takes a day
  return RemoveStaleTemporaries(seams.sources, objects_folder, (seams.clock->WallMs() - kOldMs) * 1'000'000).status();
}

absl::StatusOr<BegunRun> BeginRun(const StateSeams& seams, const Leadership& leadership, const std::string& job,
                                  const std::string& request_id, const RunRequestRecord& asked) {
  if (!request_id.empty()) {
    STRATA_ASSIGN_OR_RETURN(const auto known, seams.metadata->Get(RequestKey(job, request_id)));
    if (known.has_value()) {
      STRATA_ASSIGN_OR_RETURN(RunSummary summary, GetRun(*seams.metadata, job, RunNumberOf(known->value)));
      return BegunRun{.summary = std::move(summary), .existing = true};
    }
  }
  STRATA_ASSIGN_OR_RETURN(const auto next, seams.metadata->Get(NextNumberKey(job)));
  STRATA_ASSIGN_OR_RETURN(const auto active, seams.metadata->Get(ActiveRunKey(job)));
  if (active.has_value()) {
    const std::string name = fmt::format("jobs/{}/runs/{}", job, active->value);
    return MakeError(absl::StatusCode::kFailedPrecondition, "RUN_ACTIVE",
                     fmt::format("job {} has an active run: {}; one at a time", job, name), {{"run", name}});
  }
  const int64_t number = next.has_value() ? RunNumberOf(next->value) : 1;
  CommitRequest commit{
      .compares = {{NextNumberKey(job), next.has_value() ? next->revision : 0}, {ActiveRunKey(job), 0}},
      .puts = {},
      .deletes = {},
      .token = leadership.token};
  RunSummary summary;
  summary.job = job;
  summary.run = number;
  summary.request_id = request_id;
  summary.started_ms = seams.clock->WallMs();
  commit.puts.push_back({NextNumberKey(job), std::to_string(number + 1)});
  commit.puts.push_back({ActiveRunKey(job), std::to_string(number)});
  commit.puts.push_back({RunKey(job, number), summary.ToJson()});
  if (!asked.job_yaml.empty()) {
    for (auto& [name, value] : asked.Pieces()) {
      commit.puts.push_back({RunStateKey(job, number, name), std::move(value)});
    }
  }
  if (!request_id.empty()) commit.puts.push_back({RequestKey(job, request_id), std::to_string(number)});
  STRATA_RETURN_IF_ERROR(CommitSurely(*seams.metadata, commit, "beginning a run"));
  return BegunRun{.summary = std::move(summary), .existing = false};
}

absl::StatusOr<RunSummary> ExecuteRun(const StateSeams& seams, const Leadership& leadership, Driver* driver,
                                      NightRequest request, RunSummary summary,
                                      const std::function<void(const RunProgress&)>& on_progress) {
  const int64_t begun_ms = seams.clock->MonotonicMs();
  const Driver::RunIdentity identity{.job = summary.job, .run = summary.run, .leadership = leadership};
  Night night(std::move(request), {seams.sources, seams.objects, seams.metadata, seams.clock, driver->log()},
              summary.run, leadership.token, &summary);
  const absl::Status status = driver->Execute(identity, &night, on_progress);
  if (LeavesRunOpen(status)) return status;
  std::copy(driver->seconds_by_stage(), driver->seconds_by_stage() + kStages, summary.seconds);
  summary.seconds_total = static_cast<double>(seams.clock->MonotonicMs() - begun_ms) / 1e3;
  summary.finished_ms = seams.clock->WallMs();
  summary.peak_rss_bytes = PeakRssBytes();
  summary.state = RunState::kSucceeded;
  if (!status.ok() && !summary.published) {
    summary.state = status.code() == absl::StatusCode::kCancelled ? RunState::kCancelled : RunState::kFailed;
    SetError(status, &summary);
  } else if (!status.ok()) {
    summary.warnings.push_back(fmt::format("after publishing: {}", StdView(status.message())));
  }
  return summary;
}

absl::Status ConcludeRun(const StateSeams& seams, const Leadership& leadership, const Retention& retention,
                         RunSummary* summary) {
  // Before the end is recorded, so that the record says what was removed.
  if (const absl::Status collected = CollectOld(seams, leadership, retention, summary); !collected.ok()) {
    summary->warnings.push_back(fmt::format("retention was not carried out: {}", StdView(collected.message())));
  }
  STRATA_RETURN_IF_ERROR(EndRun(seams, leadership, summary));
  const bool new_ledger = summary->published || (summary->ledger_only && summary->state == RunState::kSucceeded);
  if (!new_ledger) return absl::OkStatus();
  // Only now: a run without an end may be replayed, and then reads the ledger version that it began on.
  if (const absl::Status collected = CollectLedger(seams, leadership, summary->job); !collected.ok()) {
    summary->warnings.push_back(fmt::format("the ledger was not cleaned up: {}", StdView(collected.message())));
  }
  return absl::OkStatus();
}

absl::StatusOr<RunSummary> RecordCancelled(const StateSeams& seams, const Leadership& leadership, RunSummary summary) {
  summary.state = RunState::kCancelled;
  summary.finished_ms = seams.clock->WallMs();
  SetError(MakeError(absl::StatusCode::kCancelled, "RUN_CANCELLED", "cancelled on request"), &summary);
  STRATA_RETURN_IF_ERROR(EndRun(seams, leadership, &summary));
  return summary;
}

absl::StatusOr<RunSummary> GetRun(Metadata& metadata, const std::string& job, int64_t run) {
  STRATA_ASSIGN_OR_RETURN(const auto record, metadata.Get(RunKey(job, run)));
  if (!record.has_value()) {
    return MakeError(absl::StatusCode::kNotFound, "RUN_UNKNOWN", fmt::format("job {} has no run {}", job, run));
  }
  return RunSummary::FromJson(record->value);
}

absl::StatusOr<std::vector<RunSummary>> ListRuns(Metadata& metadata, const std::string& job) {
  STRATA_ASSIGN_OR_RETURN(const auto records, metadata.List(RunsPrefix(job)));
  std::vector<RunSummary> runs;
  for (const KeyValue& record : records) {
    STRATA_ASSIGN_OR_RETURN(RunSummary summary, RunSummary::FromJson(record.value));
    runs.push_back(std::move(summary));
  }
  return runs;
}

absl::Status ActivateSnapshot(const StateSeams& seams, const Leadership& leadership, const std::string& job,
                              int64_t number) {
  STRATA_ASSIGN_OR_RETURN(const auto record, seams.metadata->Get(SnapshotRecordKey(job, number)));
  if (!record.has_value()) {
    return MakeError(absl::StatusCode::kNotFound, "SNAPSHOT_UNKNOWN",
                     fmt::format("job {} has no snapshot {}", job, number));
  }
  STRATA_ASSIGN_OR_RETURN(const SnapshotRecord snapshot, SnapshotRecord::FromJson(record->value));
  // A snapshot that is damaged must not become the one that answers.
  STRATA_ASSIGN_OR_RETURN(const auto opened, Snapshot::Open(*seams.objects, job, number, snapshot.manifest_checksum));
  STRATA_ASSIGN_OR_RETURN(const auto current, seams.metadata->Get(CurrentKey(job)));
  CurrentPointer pointer;
  if (current.has_value()) {
    STRATA_ASSIGN_OR_RETURN(pointer, CurrentPointer::FromJson(current->value));
    // Whoever could not write the object the last time has another try.
    if (pointer.snapshot == number) return WriteCurrentObject(*seams.objects, job, pointer);
  }
  pointer = {.generation = pointer.generation + 1, .snapshot = number, .manifest_checksum = snapshot.manifest_checksum};
  const CommitRequest commit{.compares = {{SnapshotRecordKey(job, number), record->revision},
                                          {CurrentKey(job), current.has_value() ? current->revision : 0}},
                             .puts = {{CurrentKey(job), pointer.ToJson()}},
                             .deletes = {},
                             .token = leadership.token};
  STRATA_RETURN_IF_ERROR(CommitSurely(*seams.metadata, commit, fmt::format("activating snapshot {}", number)));
  return WithContext(WriteCurrentObject(*seams.objects, job, pointer),
                     fmt::format("snapshot {} is active, but replicas do not know yet: activate it again", number));
}

absl::Status DeleteSnapshot(const StateSeams& seams, const Leadership& leadership, const std::string& job,
                            int64_t number) {
  STRATA_ASSIGN_OR_RETURN(const auto record, seams.metadata->Get(SnapshotRecordKey(job, number)));
  if (!record.has_value()) {
    return MakeError(absl::StatusCode::kNotFound, "SNAPSHOT_UNKNOWN",
                     fmt::format("job {} has no snapshot {}", job, number));
  }
  const auto in_use = [&](const std::string& why) {
    return MakeError(absl::StatusCode::kFailedPrecondition, "SNAPSHOT_IN_USE",
                     fmt::format("snapshot {} of job {} {}", number, job, why));
  };
  STRATA_ASSIGN_OR_RETURN(const auto current, seams.metadata->Get(CurrentKey(job)));
  if (current.has_value()) {
    STRATA_ASSIGN_OR_RETURN(const CurrentPointer pointer, CurrentPointer::FromJson(current->value));
    if (pointer.snapshot == number) return in_use("is the current one");
  }
  STRATA_ASSIGN_OR_RETURN(const auto others, seams.metadata->List(SnapshotRecordsPrefix(job)));
  for (const KeyValue& other : others) {
    STRATA_ASSIGN_OR_RETURN(const SnapshotRecord snapshot, SnapshotRecord::FromJson(other.value));
    if (snapshot.follows == number) return in_use(fmt::format("is followed by snapshot {}", snapshot.number));
  }
  STRATA_ASSIGN_OR_RETURN(const auto active, seams.metadata->Get(ActiveRunKey(job)));
  if (active.has_value()) {
    STRATA_ASSIGN_OR_RETURN(const auto pin,
                            seams.metadata->Get(RunStateKey(job, RunNumberOf(active->value), DatesPin::kName)));
    if (pin.has_value()) {
      STRATA_ASSIGN_OR_RETURN(const DatesPin dates, DatesPin::Decode(pin->value));
      if (dates.follows == number)
        return in_use(fmt::format("is followed by run {}, which is in progress", active->value));
    }
  }
  return RemoveSnapshot(seams, leadership, job, number,
                        {.record = record->revision, .current = current.has_value() ? current->revision : 0})
      .status();
}

}  // namespace strata
