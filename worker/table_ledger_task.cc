#include "worker/table_ledger_task.h"

#include <fmt/format.h>

#include <string>

#include "base/hash.h"
#include "data/rows/ledger_layouts.h"
#include "data/rows/stored_table.h"
#include "run/keys.h"
#include "run/table_schema.h"
#include "store/intermediate.h"
#include "worker/intermediate.h"

namespace strata {
namespace {

// What map tasks left for the shard. Verified block by block inside the objects: reading all of them for one shard
// would read everything once per shard.
absl::StatusOr<std::vector<TableBatch>> FreshRows(ObjectStore& objects, const TableLayout& layout,
                                                  std::span<const ObjectRef> outputs, uint32_t shard) {
  std::vector<std::string> keys;
  for (const ObjectRef& ref : outputs) keys.push_back(ref.key);
  objects.Prefetch(keys);
  std::vector<TableBatch> fresh;
  for (const std::string& key : keys) {
    STRATA_ASSIGN_OR_RETURN(const auto view, MapIntermediate(objects, key));
    auto batch = DecodeTableBatch(view->bytes(), shard, layout);
    if (!batch.ok()) return WithContext(batch.status(), key);
    if (batch->size() > 0) fresh.push_back(*std::move(batch));
  }
  return fresh;
}

absl::StatusOr<TableLedgerResult> UpdatePlanned(ObjectStore& objects, const StagePlan& plan,
                                                const PlannedTable& planned, const TableLayout& layout,
                                                const AliasTable* moves, uint32_t shard) {
  const std::vector<ObjectRef>& segments = planned.segments[shard];
  STRATA_ASSIGN_OR_RETURN(const std::vector<TableBatch> fresh, FreshRows(objects, layout, planned.outputs, shard));
  if (planned.counts_change && fresh.empty()) {
    TableLedgerResult unchanged;
    unchanged.table = planned.table;
    unchanged.kept = static_cast<uint32_t>(segments.size());
    return unchanged;
  }
  STRATA_ASSIGN_OR_RETURN(const StoredTable stored, OpenTable(objects, layout, segments));
  STRATA_ASSIGN_OR_RETURN(
      TableUpdate update,
      UpdateTableShard(layout, stored.segments, planned.removed_files, fresh, planned.has_moves ? moves : nullptr,
                       Compaction::kWhenItPays, planned.counts_change ? Counting::kChange : Counting::kAllRows));
  TableLedgerResult result{.table = planned.table,
                           .kept = static_cast<uint32_t>(update.kept),
                           .segment = {},
                           .customers = update.totals.customers,
                           .rows = update.totals.rows,
                           .conflicts = update.totals.conflicts,
                           .digest = update.totals.digest,
                           .rows_by_file = std::move(update.totals.rows_by_file),
                           .rows_by_day = std::move(update.totals.rows_by_day)};
  if (update.segment.empty()) return result;
  result.segment = {.key = {}, .checksum = Hash64(update.segment), .size_bytes = update.segment.size()};
  result.segment.key = TableSegmentObject(plan.job_name, planned.table, shard, result.segment.checksum);
  STRATA_RETURN_IF_ERROR(objects.Put(result.segment.key, update.segment, kPrivateMode));
  return result;
}

}  // namespace

absl::StatusOr<std::vector<TableLedgerResult>> RunTableLedger(ObjectStore& objects, const StagePlan& plan,
                                                              std::span<const TableLayout> layouts,
                                                              const AliasTable* moves, uint32_t shard) {
  std::vector<TableLedgerResult> results;
  for (const PlannedTable& planned : plan.tables) {
    STRATA_ASSIGN_OR_RETURN(const TableLayout* layout, FindLayout(layouts, planned.table));
    auto result = UpdatePlanned(objects, plan, planned, *layout, moves, shard);
    if (!result.ok()) return WithContext(result.status(), fmt::format("table {}", SchemaOf(planned.table).name));
    results.push_back(*std::move(result));
  }
  return results;
}

absl::StatusOr<std::vector<TableOutput>> CollectMovedTables(ObjectStore& objects, const StagePlan& plan,
                                                            std::span<const TableLayout> layouts,
                                                            const AliasTable& moves, uint32_t shard, uint32_t index) {
  std::vector<TableOutput> moved;
  for (const PlannedTable& planned : plan.tables) {
    STRATA_ASSIGN_OR_RETURN(const TableLayout* layout, FindLayout(layouts, planned.table));
    STRATA_ASSIGN_OR_RETURN(const StoredTable stored, OpenTable(objects, *layout, planned.segments[shard]));
    const auto shards = static_cast<uint32_t>(planned.segments.size() - 1);
    const std::vector<TableBatch> rows =
        CollectMovedRows(*layout, stored.segments, planned.removed_files, moves, shards);
    int64_t count = 0;
    for (const TableBatch& batch : rows) count += static_cast<int64_t>(batch.size());
    if (count == 0) continue;
    const std::string kind = fmt::format("moved-{}", SchemaOf(planned.table).name);
    STRATA_ASSIGN_OR_RETURN(ObjectRef ref, PutIntermediate(objects, plan, index, kind, EncodeTableBatches(rows)));
    moved.push_back({.table = planned.table, .rows = count, .object = std::move(ref)});
  }
  return moved;
}

}  // namespace strata
