// The night's second part: the books of the new rows, the error budget, and the new ledger version.
#include <fmt/format.h>

#include <algorithm>

#include "base/hash_sum.h"
#include "coordinator/night/night.h"
#include "coordinator/sure_commit.h"
#include "data/ledger/ledger_state.h"
#include "data/source/ingest.h"
#include "data/source/quarantine.h"
#include "data/source/quarantine_codec.h"
#include "run/error_budget.h"
#include "run/job_file.h"
#include "run/keys.h"
#include "run/stage_plan.h"
#include "store/intermediate.h"

namespace strata {

absl::StatusOr<RunStep> Night::AfterMap(const std::vector<std::string>& results) {
  std::map<int32_t, RegisteredFile*> by_number;
  for (RegisteredFile& file : registry_.files) by_number[file.number] = &file;
  std::map<int32_t, std::vector<ObjectRef>> quarantine;
  for (size_t i = 0; i < splits_.size(); ++i) {
    STRATA_ASSIGN_OR_RETURN(const MapResult result, MapResult::Decode(results[i]));
    if (!result.counts.Balances()) {
      return MakeError(absl::StatusCode::kInternal, "ACCOUNTING",
                       fmt::format("split {} of {}: classes do not add up to the rows read", i, splits_[i].path));
    }
    by_number.at(splits_[i].file_number)->counts.Add(result.counts);
    for (const auto& [reason, count] : result.rejected_by_reason) rejected_by_reason_[reason] += count;
    if (!result.quarantine.empty()) quarantine[splits_[i].file_number].push_back(result.quarantine);
    map_outputs_.push_back(result.output);
    fx_uses_.insert(fx_uses_.end(), result.fx_uses.begin(), result.fx_uses.end());
  }
  STRATA_RETURN_IF_ERROR(TakeMoves(results));
  for (NewFile& added : new_files_) {
    const RowCounts& counts = by_number.at(added.file.number)->counts;
    if (counts.read != added.scan.records) {
      return MakeError(
          absl::StatusCode::kInternal, "ACCOUNTING",
          fmt::format("{}: {} records were found and {} were read", added.file.path, added.scan.records, counts.read));
    }
    summary_->rows_new.Add(counts);
  }
  rows_read_ = summary_->rows_new.read;
  summary_->rejected_by_reason.assign(rejected_by_reason_.begin(), rejected_by_reason_.end());
  STRATA_RETURN_IF_ERROR(KeepQuarantine(quarantine));
  STRATA_RETURN_IF_ERROR(CheckErrorBudget());
  if (map_outputs_.empty() && !rows_removed_ && moved_rows_.empty()) {
    if (!head_.has_value() || rebuild_) {
      return MakeError(absl::StatusCode::kFailedPrecondition, "EMPTY_BASE",
                       fmt::format("job {}: the source has no rows and there is no ledger yet", request_.job.name));
    }
    if (registry_changed_ || head_->aliases != tables_.aliases) STRATA_RETURN_IF_ERROR(CommitLedger());
    return PlanFeatures();
  }
  StagePlan plan = NewPlan(Stage::kLedger);
  plan.map_outputs = map_outputs_;
  plan.segments = SegmentObjects(registry_);
  plan.segments.resize(request_.job.shards);
  plan.removed_files = registry_.RemovedNumbers();
  plan.moved = moved_rows_;
  plan.counts_change = CountsChange();
  if (!moved_rows_.empty()) plan.moves = tables_.moves;
  STRATA_ASSIGN_OR_RETURN(ObjectRef ref, Store(plan));
  return RunStage{.stage = Stage::kLedger, .tasks = request_.job.shards, .plan = std::move(ref)};
}

// Whether ledger tasks count by how much their shards change: not where there is nothing to add to, nor where rows go
// that they would have to look for.
bool Night::CountsChange() const { return head_.has_value() && !rebuild_ && !rows_removed_ && moved_rows_.empty(); }

absl::Status Night::KeepQuarantine(const std::map<int32_t, std::vector<ObjectRef>>& by_file) {
  for (const auto& [number, refs] : by_file) {
    QuarantineMerger merger;
    for (const ObjectRef& ref : refs) {
      STRATA_ASSIGN_OR_RETURN(const auto view, MapVerifiedIntermediate(*seams_.objects, ref.key, ref.checksum));
      STRATA_ASSIGN_OR_RETURN(SplitQuarantine split, DecodeQuarantine(view->bytes()));
      merger.Add(std::move(split.rows), split.rejected_by_reason);
    }
    const FileQuarantine file = merger.Finish();
    if (file.cut > 0) {
      Warn(fmt::format("the quarantine of file {} leaves out {} of {} rejected rows (at most {} a reason are kept)",
                       number, file.cut, file.rejected, kQuarantineRowsPerReason));
    }
    const std::string csv = kQuarantineHeader + QuarantineCsv(file.rows);
    const std::string key = QuarantineObject(request_.job.name, run_, number, Hash64(csv));
    STRATA_RETURN_IF_ERROR(seams_.objects->Put(key, csv, 0600));
    if (summary_->quarantine_objects.size() < kMaxListed) {
      summary_->quarantine_objects.push_back(key);
    } else {
      Warn(fmt::format("the quarantine of file {} is {}", number, key));
    }
  }
  return absl::OkStatus();
}

absl::Status Night::CheckErrorBudget() const {
  const RowCounts& rows = summary_->rows_new;
  const std::string allowed = PassedLimit(request_.job.error_budget, rows.rejected, rows.read);
  if (allowed.empty()) return absl::OkStatus();
  std::string reasons;
  for (const auto& [reason, count] : rejected_by_reason_)
    reasons += fmt::format("{}{} {}", reasons.empty() ? "" : ", ", reason, count);
  return MakeError(
      absl::StatusCode::kInvalidArgument, "ERROR_BUDGET_EXCEEDED",
      fmt::format("{} of {} new rows were rejected ({}); {}. Nothing was committed. The rejected rows are in {}",
                  rows.rejected, rows.read, reasons, allowed, fmt::join(summary_->quarantine_objects, ", ")),
      {{"rejected", std::to_string(rows.rejected)}, {"read", std::to_string(rows.read)}});
}

absl::StatusOr<RunStep> Night::AfterLedger(const std::vector<std::string>& results) {
  std::map<int32_t, int64_t> rows_by_file;
  int64_t conflicts = 0;
  if (CountsChange()) {
    conflicts = registry_.conflicts;
    for (const RegisteredFile& file : registry_.files) rows_by_file[file.number] = file.counts.accepted;
    for (const NewFile& added : new_files_) rows_by_file[added.file.number] = 0;
  } else {
    registry_.rows_by_day.clear();
    registry_.customers = registry_.rows = 0;
    registry_.digests.clear();
  }
  registry_.segments.resize(request_.job.shards);
  registry_.digests.resize(request_.job.shards);
  for (size_t shard = 0; shard < results.size(); ++shard) {
    STRATA_ASSIGN_OR_RETURN(const LedgerResult result, LedgerResult::Decode(results[shard]));
    std::vector<RegisteredSegment>& segments = registry_.segments[shard];
    segments.resize(result.kept);
    if (!result.segment.empty()) segments.push_back({.object = result.segment, .version = NextVersion()});
    registry_.customers += result.customers;
    registry_.rows += result.rows;
    conflicts += result.conflicts;
    registry_.digests[shard] = Plus(registry_.digests[shard], result.digest);
    for (const auto& [day, rows] : result.rows_by_day) registry_.rows_by_day[day] += rows;
    for (const auto& [number, rows] : result.rows_by_file) rows_by_file[number] += rows;
  }
  std::erase_if(registry_.rows_by_day, [](const auto& day_and_rows) { return day_and_rows.second == 0; });
  registry_.ForgetRemoved();
  if (conflicts > registry_.conflicts) {
    Warn(fmt::format("{} transaction(s) came with differing content; the newest version counts",
                     conflicts - registry_.conflicts));
  }
  registry_.conflicts = conflicts;
  // Which of several rows with one transaction id counts can change with every file that comes or goes.
  for (RegisteredFile& file : registry_.files) {
    const int64_t mapped = file.counts.accepted + file.counts.duplicates;
    const auto found = rows_by_file.find(file.number);
    file.counts.accepted = found == rows_by_file.end() ? 0 : found->second;
    file.counts.duplicates = mapped - file.counts.accepted;
  }
  int64_t accepted = 0;
  for (const RegisteredFile& file : registry_.files) accepted += file.counts.accepted;
  if (accepted != registry_.rows) {
    return MakeError(absl::StatusCode::kInternal, "ACCOUNTING",
                     fmt::format("the files have {} accepted rows and the ledger holds {}", accepted, registry_.rows));
  }
  // Books of the new files again, now that duplicates are known.
  RowCounts fresh;
  std::map<int32_t, const RegisteredFile*> by_number;
  for (const RegisteredFile& file : registry_.files) by_number[file.number] = &file;
  for (const NewFile& added : new_files_) fresh.Add(by_number.at(added.file.number)->counts);
  fresh.read += summary_->rows_new.skipped_known_file;
  fresh.skipped_known_file += summary_->rows_new.skipped_known_file;
  summary_->rows_new = fresh;
  summary_->ledger_digest = Hex(LedgerDigest(registry_.digests));
  STRATA_RETURN_IF_ERROR(CommitLedger());
  if (request_.ledger_only) return FinishWithLedger();
  return PlanFeatures();
}

RunStep Night::FinishWithLedger() {
  summary_->ledger_version = head_->version;
  summary_->customers = registry_.customers;
  for (const RegisteredFile& file : registry_.files) summary_->rows.Add(file.counts);
  return RunFinished{};
}

absl::Status Night::CommitLedger() {
  const std::string& job = request_.job.name;
  const std::string bytes = registry_.Encode();
  LedgerVersion version{.version = NextVersion(),
                        .parent = head_.has_value() && !rebuild_ ? head_->version : 0,
                        .fingerprint = LedgerFingerprint(request_.job),
                        .registry = {},
                        .digest = summary_->ledger_digest.empty() ? head_->digest : summary_->ledger_digest,
                        .run = run_,
                        .aliases = tables_.aliases,
                        .fx = {}};
  STRATA_ASSIGN_OR_RETURN(version.fx, StoreFxUses());
  STRATA_ASSIGN_OR_RETURN(version.registry, StoreObject(RegistryObject(job, Hash64(bytes)), bytes));
  if (own_version_.has_value()) {
    if (own_version_->ToJson() != version.ToJson()) {
      return MakeError(absl::StatusCode::kInternal, "RUN_NOT_RESUMABLE",
                       fmt::format("run {} has committed ledger version {} with another content than it has now", run_,
                                   version.version));
    }
    head_ = std::move(version);
    return absl::OkStatus();
  }
  CommitRequest commit{.compares = {{LedgerHeadKey(job), head_revision_}}, .puts = {}, .deletes = {}, .token = token_};
  STRATA_RETURN_IF_ERROR(FenceRun(&commit));
  commit.puts.push_back({LedgerHeadKey(job), std::to_string(version.version)});
  commit.puts.push_back({LedgerVersionKey(job, version.version), version.ToJson()});
  // Dates that cannot be chosen fail the run after its rows are in the ledger, where the next run finds them.
  const bool dated = !request_.ledger_only && ChooseDates(version.version).ok();
  if (dated) commit.puts.push_back({RunStateKey(job, run_, DatesPin::kName), dates_.Encode()});
  STRATA_RETURN_IF_ERROR(CommitSurely(*seams_.metadata, commit, "committing the ledger version"));
  if (dated) dates_pin_ = dates_;
  head_ = std::move(version);
  return absl::OkStatus();
}

}  // namespace strata
