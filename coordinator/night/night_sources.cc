// The night's first part: which files the sources name, which of them the ledger knows, and how the new ones are split.
#include <fmt/format.h>

#include <algorithm>

#include "coordinator/night/night.h"
#include "data/ledger/ledger_state.h"
#include "data/rows/table_batch.h"
#include "run/job_file.h"
#include "run/stage_plan.h"

namespace strata {

absl::Status Night::LoadLedger() {
  STRATA_ASSIGN_OR_RETURN(auto head, ReadLedgerHead(*seams_.metadata, request_.job.name));
  if (!head.has_value()) return absl::OkStatus();
  head_revision_ = head->revision;
  bool has_parent = true;
  if (sources_pin_.has_value()) STRATA_RETURN_IF_ERROR(GoBackToParent(&*head, &has_parent));
  if (!has_parent) return absl::OkStatus();
  head_ = std::move(head->version);
  if (rebuild_) return absl::OkStatus();
  STRATA_RETURN_IF_ERROR(CheckFingerprint(*head_));
  STRATA_ASSIGN_OR_RETURN(registry_, ReadRegistry(*seams_.objects, *head_));
  STRATA_RETURN_IF_ERROR(CheckDigest(*head_, registry_));
  return CheckDetails();
}

// A ledger of before there were details has days without any.
absl::Status Night::CheckDetails() const {
  if (!KeepsLines(request_.job.transactions) || registry_.rows == 0) return absl::OkStatus();
  if (registry_.Find(TableId::kTransactions) != nullptr) return absl::OkStatus();
  return MakeError(absl::StatusCode::kFailedPrecondition, "LEDGER_FINGERPRINT",
                   fmt::format("the ledger of job {} (version {}) has no details of its transactions: say "
                               "sources.transactions.lines: drop, or build the ledger anew from the sources with "
                               "--rebuild-ledger",
                               request_.job.name, head_->version),
                   {{"job", request_.job.name}, {"fields", "sources.transactions.lines"}});
}

// Of transactions first, then of the job's other tables.
void Night::OpenBooks() {
  std::map<TableId, std::vector<RegisteredFile>> files;
  for (RegisteredFile& file : registry_.files) files[file.table].push_back(std::move(file));
  registry_.files.clear();
  const TransactionSource& transactions = request_.job.transactions;
  books_.emplace_back(TableId::kTransactions, transactions.on_vanished, transactions.on_changed,
                      std::move(files[TableId::kTransactions]));
  for (const TableSource& source : request_.job.tables) {
    books_.emplace_back(source.table, source.on_vanished, source.on_changed, std::move(files[source.table]));
  }
}

void Night::CloseBooks() {
  registry_.files.clear();
  for (const TableFilesBook& book : books_) {
    registry_.files.insert(registry_.files.end(), book.files().begin(), book.files().end());
  }
  std::sort(registry_.files.begin(), registry_.files.end(),
            [](const RegisteredFile& a, const RegisteredFile& b) { return a.number < b.number; });
}

TableFilesBook& Night::BookOf(TableId table) {
  return *std::find_if(books_.begin(), books_.end(),
                       [table](const TableFilesBook& book) { return book.table() == table; });
}

absl::Status Night::CheckFingerprint(const LedgerVersion& head) const {
  const std::vector<std::string> differences =
      FingerprintDifferences(head.fingerprint, FingerprintBeside(head, request_.job));
  if (differences.empty()) return absl::OkStatus();
  return MakeError(
      absl::StatusCode::kFailedPrecondition, "LEDGER_FINGERPRINT",
      fmt::format("job {} does not fit its ledger (version {}): {}. Put the job back, or build the ledger anew "
                  "from the sources with --rebuild-ledger",
                  request_.job.name, head.version, fmt::join(differences, "; ")),
      {{"job", request_.job.name}, {"fields", fmt::format("{}", fmt::join(differences, "; "))}});
}

absl::StatusOr<RunStep> Night::PlanScan() {
  STRATA_ASSIGN_OR_RETURN(const ListedSources listed, ListSourcesOnce());
  OpenBooks();
  StagePlan plan = NewPlan(Stage::kPlan);
  for (TableFilesBook& book : books_) {
    STRATA_RETURN_IF_ERROR(book.Compare(listed.Of(book.table()), request_.verify_sources));
    WarnAll(book.TakeWarnings());
    for (const PlannedFile& file : Planned(book.to_scan(), book.table())) plan.files.push_back(file);
  }
  auto tasks = static_cast<uint32_t>(plan.files.size());
  if (tasks == 0 && !HasTables()) return AfterPlan({});
  if (HasTables()) {
    PlanTables(listed, &plan);
    ++tasks;
  }
  STRATA_ASSIGN_OR_RETURN(ObjectRef ref, Store(plan));
  return RunStage{.stage = Stage::kPlan, .tasks = tasks, .plan = std::move(ref)};
}

absl::StatusOr<RunStep> Night::AfterPlan(const std::vector<std::string>& results) {
  size_t next = 0;
  for (TableFilesBook& book : books_) {
    for (const FileInfo& file : book.to_scan()) {
      STRATA_ASSIGN_OR_RETURN(const ScanResult scan, ScanResult::Decode(results[next++]));
      STRATA_RETURN_IF_ERROR(book.Take(file, scan, &registry_.next_file_number));
      WarnAll(book.TakeWarnings());
    }
  }
  if (HasTables()) STRATA_RETURN_IF_ERROR(TakeTables(results.back()));
  for (TableFilesBook& book : books_) {
    for (const int32_t number : book.Settle()) {
      registry_.removed_files.push_back({.number = number, .version = NextVersion(), .table = book.table()});
      rows_removed_.insert(book.table());
    }
  }
  return PlanMap();
}

absl::StatusOr<RunStep> Night::PlanMap() {
  for (const TableFilesBook& book : books_) {
    for (const TableFilesBook::NewFile& added : book.new_files()) {
      for (const ScannedSplit& split : added.scan.splits) {
        splits_.push_back({.path = added.path,
                           .size_bytes = added.scan.size_bytes,
                           .modified_ns = added.scan.modified_ns,
                           .checksum = added.scan.checksum,
                           .begin = split.begin,
                           .end = split.end,
                           .first_line = split.first_line,
                           .file_number = added.number,
                           .records = split.records,
                           .bytes = split.bytes,
                           .table = book.table()});
      }
    }
  }
  if (splits_.empty() && tables_.leaving.empty()) return AfterMap({});
  StagePlan plan = NewPlan(Stage::kMap);
  plan.splits = splits_;
  PlanMoves(&plan);
  STRATA_ASSIGN_OR_RETURN(ObjectRef ref, Store(plan));
  const auto tasks = static_cast<uint32_t>(plan.splits.size() + plan.leaving.size());
  return RunStage{.stage = Stage::kMap, .tasks = tasks, .plan = std::move(ref)};
}

}  // namespace strata
