// The night's second part: the books of the new rows, the error budget, and the new ledger version.
#include <fmt/format.h>

#include <algorithm>
#include <limits>

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
#include "run/table_schema.h"
#include "store/intermediate.h"

namespace strata {

absl::StatusOr<RunStep> Night::AfterMap(const std::vector<std::string>& results) {
  std::map<int32_t, std::vector<ObjectRef>> quarantine;
  for (size_t i = 0; i < splits_.size(); ++i) {
    STRATA_ASSIGN_OR_RETURN(MapResult result, MapResult::Decode(results[i]));
    const PlannedSplit& split = splits_[i];
    STRATA_RETURN_IF_ERROR(BookOf(split.table).AddMapped(split.file_number, result.counts, result.rejected_by_reason));
    if (!result.quarantine.empty()) quarantine[split.file_number].push_back(std::move(result.quarantine));
    if (!result.output.empty()) map_outputs_.push_back(std::move(result.output));
    TakeOutputs(std::move(result.tables));
    fx_uses_.insert(fx_uses_.end(), result.fx_uses.begin(), result.fx_uses.end());
  }
  STRATA_RETURN_IF_ERROR(TakeMoves(results));
  int64_t read = 0;
  for (const TableFilesBook& book : books_) {
    STRATA_RETURN_IF_ERROR(book.CheckRead());
    read += book.NewRows().read;
  }
  rows_read_ = read;
  SumUpNewRows();
  STRATA_RETURN_IF_ERROR(KeepQuarantine(quarantine));
  for (const TableFilesBook& book : books_) STRATA_RETURN_IF_ERROR(CheckErrorBudget(book));
  CloseBooks();
  const std::vector<PlannedTable> tables = PlanTableRows();
  if (map_outputs_.empty() && !RowsRemoved(TableId::kTransactions) && moved_rows_.empty() && tables.empty()) {
    if (!head_.has_value() || rebuild_) return NoRows();
    const bool changed = std::any_of(books_.begin(), books_.end(), [](const auto& book) { return book.changed(); });
    if (changed || head_->aliases != tables_.aliases) STRATA_RETURN_IF_ERROR(CommitLedger());
    return PlanFeatures();
  }
  if (map_outputs_.empty() && (!head_.has_value() || rebuild_)) return NoRows();
  StagePlan plan = NewPlan(Stage::kLedger);
  plan.map_outputs = map_outputs_;
  plan.segments = SegmentObjects(registry_);
  plan.segments.resize(request_.job.shards);
  plan.removed_files = registry_.RemovedNumbers(TableId::kTransactions);
  plan.moved = moved_rows_;
  plan.counts_change = CountsChange();
  plan.tables = tables;
  if (!moved_rows_.empty() || !moved_tables_.empty()) plan.moves = tables_.moves;
  STRATA_ASSIGN_OR_RETURN(ObjectRef ref, Store(plan));
  const uint32_t tasks = request_.job.shards + (tables.empty() ? 0 : 1);
  return RunStage{.stage = Stage::kLedger, .tasks = tasks, .plan = std::move(ref)};
}

absl::Status Night::NoRows() const {
  return MakeError(absl::StatusCode::kFailedPrecondition, "EMPTY_BASE",
                   fmt::format("job {}: the source has no rows and there is no ledger yet", request_.job.name));
}

// Whether ledger tasks count by how much their shards change: not where there is nothing to add to, nor where rows go
// that they would have to look for.
bool Night::CountsChange() const {
  return head_.has_value() && !rebuild_ && !RowsRemoved(TableId::kTransactions) && moved_rows_.empty();
}

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

absl::Status Night::CheckErrorBudget(const TableFilesBook& book) const {
  const RowCounts rows = book.NewRows();
  const TableSource* source = request_.job.Find(book.table());
  const ErrorBudget& budget =
      source != nullptr && source->error_budget.has_value() ? *source->error_budget : request_.job.error_budget;
  const std::string allowed = PassedLimit(budget, rows.rejected, rows.read);
  if (allowed.empty()) return absl::OkStatus();
  std::string reasons;
  for (const auto& [reason, count] : book.NewRejects())
    reasons += fmt::format("{}{} {}", reasons.empty() ? "" : ", ", reason, count);
  const std::string_view table = SchemaOf(book.table()).name;
  return MakeError(
      absl::StatusCode::kInvalidArgument, "ERROR_BUDGET_EXCEEDED",
      fmt::format("sources.{}: {} of {} new rows were rejected ({}); {}. Nothing was committed. The "
                  "rejected rows are in {}",
                  table, rows.rejected, rows.read, reasons, allowed, fmt::join(summary_->quarantine_objects, ", ")),
      {{"table", std::string(table)},
       {"rejected", std::to_string(rows.rejected)},
       {"read", std::to_string(rows.read)}});
}

absl::StatusOr<RunStep> Night::AfterLedger(const std::vector<std::string>& results) {
  std::vector<LedgerResult> shards;
  for (const std::string& result : results) {
    STRATA_ASSIGN_OR_RETURN(shards.emplace_back(), LedgerResult::Decode(result));
  }
  STRATA_RETURN_IF_ERROR(TakeDays(shards));
  STRATA_RETURN_IF_ERROR(TakeTableRows(shards));
  registry_.ForgetRemoved();
  CloseBooks();
  SumUpNewRows();  // again, now that duplicates are known
  summary_->ledger_digest = Hex(LedgerDigest(registry_));
  STRATA_RETURN_IF_ERROR(CommitLedger());
  if (request_.ledger_only) return FinishWithLedger();
  return PlanFeatures();
}

absl::Status Night::TakeDays(const std::vector<LedgerResult>& results) {
  TableFilesBook& book = BookOf(TableId::kTransactions);
  std::map<int32_t, int64_t> rows_by_file;
  int64_t conflicts = 0;
  if (CountsChange()) {
    conflicts = registry_.conflicts;
    rows_by_file = book.AcceptedBefore();
  } else {
    registry_.rows_by_day.clear();
    registry_.customers = registry_.rows = 0;
    registry_.digests.clear();
  }
  registry_.segments.resize(request_.job.shards);
  registry_.digests.resize(request_.job.shards);
  for (size_t shard = 0; shard < request_.job.shards; ++shard) {
    const LedgerResult& result = results[shard];
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
  if (conflicts > registry_.conflicts) {
    Warn(fmt::format("{} transaction(s) came with differing content; the newest version counts",
                     conflicts - registry_.conflicts));
  }
  registry_.conflicts = conflicts;
  return book.SetAccepted(rows_by_file, registry_.rows);
}

RunStep Night::FinishWithLedger() {
  summary_->ledger_version = head_->version;
  summary_->customers = registry_.customers;
  summary_->rows = BookOf(TableId::kTransactions).AllRows();
  SumUpTables(std::numeric_limits<Day>::max());
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
