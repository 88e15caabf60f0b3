#include "worker/table_map_task.h"

#include <fmt/format.h>

#include <optional>
#include <string>
#include <vector>

#include "data/ledger/ledger.h"
#include "data/rows/table_batch.h"
#include "data/source/line_sink.h"
#include "data/source/quarantine_codec.h"
#include "data/source/table_mapper.h"
#include "run/table_schema.h"
#include "worker/intermediate.h"

namespace strata {
namespace {

absl::Status NotInJob(TableId table) {
  return MakeError(absl::StatusCode::kInternal, "TASK_UNKNOWN",
                   fmt::format("the plan has files of table {}, which the job does not name", SchemaOf(table).name));
}

// One split on its way to a result.
class MapTask {
 public:
  MapTask(FileSystem& sources, ObjectStore& objects, const StagePlan& plan, const Job& job, const OpenTables& tables,
          uint32_t index)
      : sources_(sources),
        objects_(objects),
        plan_(plan),
        job_(job),
        tables_(tables),
        index_(index),
        split_(plan.splits[index]) {
    scan_.size_bytes = split_.size_bytes;
    scan_.modified_ns = split_.modified_ns;
    scan_.checksum = split_.checksum;
  }

  absl::StatusOr<MapResult> MapTransactions() {
    std::optional<LineSink> lines;
    if (KeepsLines(job_.transactions)) lines.emplace(job_.transactions, job_.shards, split_.file_number);
    STRATA_ASSIGN_OR_RETURN(const MappedRows rows,
                            MapSplit(sources_, split_.path, scan_, Units(), job_, split_.file_number, tables_.ForMap(),
                                     lines.has_value() ? &*lines : nullptr));
    MapResult result;
    result.counts = rows.counts;
    result.fx_uses = rows.fx_uses;
    STRATA_ASSIGN_OR_RETURN(result.output, Put("rows", EncodeMapOutput(rows.shards)));
    if (lines.has_value()) STRATA_RETURN_IF_ERROR(PutRows(TableId::kTransactions, lines->Take(), &result));
    STRATA_RETURN_IF_ERROR(PutRejects(rows.quarantine, rows.rejected_by_reason, &result));
    return result;
  }

  absl::StatusOr<MapResult> MapTable(const TableSource& source) {
    STRATA_ASSIGN_OR_RETURN(const MappedTable rows, MapTableSplit(sources_, split_.path, scan_, Units(), job_, source,
                                                                  split_.file_number, tables_.ForMap()));
    MapResult result;
    result.counts = rows.counts;
    STRATA_RETURN_IF_ERROR(PutRows(source.table, rows.rows, &result));
    STRATA_RETURN_IF_ERROR(PutRows(TableId::kLinks, rows.links, &result));
    STRATA_RETURN_IF_ERROR(PutRejects(rows.quarantine, rows.rejected_by_reason, &result));
    return result;
  }

 private:
  Split Units() const { return {.begin = split_.begin, .end = split_.end, .first_line = split_.first_line}; }

  absl::StatusOr<ObjectRef> Put(std::string_view kind, std::string_view bytes) {
    return PutIntermediate(objects_, plan_, index_, kind, bytes);
  }

  absl::Status PutRows(TableId table, const std::vector<TableBatch>& rows, MapResult* result) {
    int64_t count = 0;
    for (const TableBatch& batch : rows) count += static_cast<int64_t>(batch.size());
    if (count == 0) return absl::OkStatus();
    const std::string kind = fmt::format("table-{}", SchemaOf(table).name);
    STRATA_ASSIGN_OR_RETURN(ObjectRef object, Put(kind, EncodeTableBatches(rows)));
    result->tables.push_back({.table = table, .rows = count, .object = std::move(object)});
    return absl::OkStatus();
  }

  absl::Status PutRejects(const std::vector<QuarantineRow>& rows,
                          const std::vector<std::pair<std::string, int64_t>>& rejected_by_reason, MapResult* result) {
    result->rejected_by_reason = rejected_by_reason;
    if (rows.empty()) return absl::OkStatus();
    STRATA_ASSIGN_OR_RETURN(result->quarantine, Put("quarantine", EncodeQuarantine({rows, rejected_by_reason})));
    return absl::OkStatus();
  }

  FileSystem& sources_;
  ObjectStore& objects_;
  const StagePlan& plan_;
  const Job& job_;
  const OpenTables& tables_;
  const uint32_t index_;
  const PlannedSplit& split_;
  FileScan scan_;  // as far as a mapper must know it
};

}  // namespace

absl::StatusOr<SourceFields> FieldsOfTable(const Job& job, TableId table) {
  if (table == TableId::kTransactions) return FieldsOf(job.transactions);
  const TableSource* source = job.Find(table);
  if (source == nullptr) return NotInJob(table);
  return FieldsOf(*source);
}

absl::StatusOr<MapResult> RunMapTask(FileSystem& sources, ObjectStore& objects, const StagePlan& plan, const Job& job,
                                     const OpenTables& tables, uint32_t index) {
  MapTask task(sources, objects, plan, job, tables, index);
  const TableId table = plan.splits[index].table;
  if (table == TableId::kTransactions) return task.MapTransactions();
  const TableSource* source = job.Find(table);
  if (source == nullptr) return NotInJob(table);
  return task.MapTable(*source);
}

}  // namespace strata
