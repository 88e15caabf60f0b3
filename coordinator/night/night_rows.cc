// The night's work on the rows of tables: which of them the ledger stage has something to do for, and what becomes of
// their part of the registry and of the run's books.
#include <fmt/format.h>

#include <algorithm>

#include "base/hash_sum.h"
#include "coordinator/night/night.h"
#include "data/rows/ledger_layouts.h"
#include "run/table_schema.h"

namespace strata {
namespace {

PlannedTable PlanOf(const RegisteredTable& table, uint32_t shards) {
  PlannedTable planned;
  planned.table = table.table;
  for (const std::vector<RegisteredSegment>& shard : table.segments) {
    std::vector<ObjectRef>& objects = planned.segments.emplace_back();
    for (const RegisteredSegment& segment : shard) objects.push_back(segment.object);
  }
  planned.segments.resize(shards + 1);
  return planned;
}

RegisteredTable NoRowsYet(TableId id) {
  RegisteredTable table;
  table.table = id;
  return table;
}

}  // namespace

void Night::TakeOutputs(std::vector<TableOutput> outputs) {
  for (TableOutput& output : outputs) table_outputs_[output.table].push_back(std::move(output.object));
}

bool Night::TableCountsChange(TableId table) const {
  return head_.has_value() && !rebuild_ && registry_.Find(table) != nullptr && !RowsRemoved(FilesOf(table)) &&
         !moved_tables_.contains(table);
}

std::vector<PlannedTable> Night::PlanTableRows() const {
  std::vector<PlannedTable> plan;
  for (const TableLayout& layout : LayoutsOf(request_.job.transactions, request_.job.tables)) {
    const TableId table = layout.table;
    const auto outputs = table_outputs_.find(table);
    const RegisteredTable* registered = registry_.Find(table);
    const bool removed = registered != nullptr && RowsRemoved(FilesOf(table));
    if (outputs == table_outputs_.end() && !removed) continue;
    PlannedTable& planned =
        plan.emplace_back(PlanOf(registered != nullptr ? *registered : NoRowsYet(table), request_.job.shards));
    planned.removed_files = registry_.RemovedNumbers(FilesOf(table));
    if (outputs != table_outputs_.end()) planned.outputs = outputs->second;
    planned.counts_change = TableCountsChange(table);
    planned.has_moves = moved_tables_.contains(table);
  }
  return plan;
}

void Night::PlanTableSegments(StagePlan* plan) const {
  for (const RegisteredTable& table : registry_.tables) {
    plan->tables.push_back(PlanOf(table, request_.job.shards));
    plan->tables.back().removed_files = registry_.RemovedNumbers(FilesOf(table.table));
  }
}

absl::Status Night::TakeTableRows(const std::vector<LedgerResult>& results) {
  // Of every table that the stage's plan had: each task has a result for each of them.
  for (const TableLedgerResult& first : results.front().tables) {
    STRATA_RETURN_IF_ERROR(TakeTable(first.table, results));
  }
  const RegisteredTable* lines = registry_.Find(TableId::kTransactions);
  if (lines == nullptr || lines->rows == registry_.rows) return absl::OkStatus();
  return MakeError(
      absl::StatusCode::kInternal, "ACCOUNTING",
      fmt::format("the ledger has {} rows of transactions and details of {}", registry_.rows, lines->rows));
}

absl::Status Night::TakeTable(TableId id, const std::vector<LedgerResult>& results) {
  const bool counts_change = TableCountsChange(id);
  RegisteredTable& table = registry_.TableOf(id);
  const int64_t conflicts_before = table.conflicts;
  std::map<int32_t, int64_t> rows_by_file;
  if (counts_change) {
    rows_by_file = BookOf(FilesOf(id)).AcceptedBefore();
  } else {
    table.rows = table.customers = table.conflicts = 0;
    table.rows_by_day.clear();
    table.digests.clear();
  }
  table.segments.resize(results.size());
  table.digests.resize(results.size());
  for (size_t shard = 0; shard < results.size(); ++shard) {
    const auto& parts = results[shard].tables;
    const auto part = std::find_if(parts.begin(), parts.end(), [id](const auto& one) { return one.table == id; });
    if (part == parts.end()) {
      return MakeError(absl::StatusCode::kInternal, "ACCOUNTING",
                       fmt::format("shard {} has no result for table {}", shard, SchemaOf(id).name));
    }
    std::vector<RegisteredSegment>& segments = table.segments[shard];
    segments.resize(part->kept);
    if (!part->segment.empty()) segments.push_back({.object = part->segment, .version = NextVersion()});
    table.customers += part->customers;
    table.rows += part->rows;
    table.conflicts += part->conflicts;
    table.digests[shard] = Plus(table.digests[shard], part->digest);
    for (const auto& [day, rows] : part->rows_by_day) table.rows_by_day[day] += rows;
    for (const auto& [number, rows] : part->rows_by_file) rows_by_file[number] += rows;
  }
  std::erase_if(table.rows_by_day, [](const auto& day_and_rows) { return day_and_rows.second == 0; });
  if (id == TableId::kTransactions || id == TableId::kLinks) return absl::OkStatus();  // in the books once
  if (table.conflicts > conflicts_before) {
    Warn(fmt::format("{} row(s) of {} came with differing content; the newest version counts",
                     table.conflicts - conflicts_before, SchemaOf(id).name));
  }
  return BookOf(id).SetAccepted(rows_by_file, table.rows);
}

void Night::SumUpNewRows() {
  summary_->tables.clear();
  for (const TableFilesBook& book : books_) {
    const std::map<std::string, int64_t> rejects = book.NewRejects();
    if (book.table() == TableId::kTransactions) {
      summary_->rows_new = book.NewRows();
      summary_->rejected_by_reason.assign(rejects.begin(), rejects.end());
      continue;
    }
    TableSummary& table = summary_->tables.emplace_back();
    table.table = SchemaOf(book.table()).name;
    table.rows_new = book.NewRows();
    table.rejected_by_reason.assign(rejects.begin(), rejects.end());
  }
}

// Rows of later days are in the ledger and in no table of the snapshot.
void Night::SumUpTables(Day as_of) {
  size_t next = 0;
  for (const TableFilesBook& book : books_) {
    if (book.table() == TableId::kTransactions) continue;
    TableSummary& table = summary_->tables[next++];
    table.files = static_cast<int64_t>(book.files().size());
    table.rows = book.AllRows();
    const RegisteredTable* registered = registry_.Find(book.table());
    if (registered == nullptr) continue;
    table.conflicts = registered->conflicts;
    for (auto it = registered->rows_by_day.upper_bound(as_of); it != registered->rows_by_day.end(); ++it) {
      table.rows.accepted -= it->second;
      table.rows.skipped_after_as_of += it->second;
    }
  }
}

}  // namespace strata
