#include "worker/table_ledger_task.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string>

#include "base/hash.h"
#include "run/keys.h"
#include "run/table_schema.h"
#include "store/intermediate.h"
#include "worker/intermediate.h"

namespace strata {
namespace {

using Views = std::vector<std::shared_ptr<const FileView>>;

absl::StatusOr<const TableLayout*> LayoutOf(std::span<const TableLayout> layouts, TableId table) {
  const auto found = std::find_if(layouts.begin(), layouts.end(),
                                  [table](const TableLayout& layout) { return layout.table == table; });
  if (found != layouts.end()) return &*found;
  return MakeError(absl::StatusCode::kInternal, "TASK_UNKNOWN",
                   fmt::format("the plan has rows of table {}, which the job does not keep", SchemaOf(table).name));
}

absl::StatusOr<std::vector<std::string_view>> MapSegments(ObjectStore& objects, std::span<const ObjectRef> refs,
                                                          Views* views) {
  std::vector<std::string_view> segments;
  for (const ObjectRef& ref : refs) {
    STRATA_ASSIGN_OR_RETURN(auto view, MapVerified(objects, ref.key, ref.checksum));
    segments.push_back(view->bytes());
    views->push_back(std::move(view));
  }
  return segments;
}

// Verified block by block inside the object: reading all of it for one shard would read everything once per shard.
absl::StatusOr<std::vector<std::string_view>> MapOutputs(ObjectStore& objects, std::span<const ObjectRef> refs,
                                                         Views* views) {
  std::vector<std::string> keys;
  for (const ObjectRef& ref : refs) keys.push_back(ref.key);
  objects.Prefetch(keys);
  std::vector<std::string_view> outputs;
  for (const std::string& key : keys) {
    STRATA_ASSIGN_OR_RETURN(auto view, MapIntermediate(objects, key));
    outputs.push_back(view->bytes());
    views->push_back(std::move(view));
  }
  return outputs;
}

absl::StatusOr<std::vector<TableSegment>> OpenSegments(const TableLayout& layout,
                                                       std::span<const std::string_view> bytes) {
  std::vector<TableSegment> segments;
  for (const std::string_view segment : bytes) {
    STRATA_ASSIGN_OR_RETURN(TableSegment open, TableSegment::Open(layout, segment));
    segments.push_back(std::move(open));
  }
  return segments;
}

absl::StatusOr<TableLedgerResult> UpdatePlanned(ObjectStore& objects, const StagePlan& plan,
                                                const PlannedTable& planned, const TableLayout& layout,
                                                const AliasTable* moves, uint32_t shard) {
  Views views;
  TableShardInput input{.layout = &layout,
                        .shard = shard,
                        .segments = {},
                        .removed_files = planned.removed_files,
                        .outputs = {},
                        .leaving = planned.has_moves ? moves : nullptr,
                        .counting = planned.counts_change ? Counting::kChange : Counting::kAllRows};
  STRATA_ASSIGN_OR_RETURN(input.segments, MapSegments(objects, planned.segments[shard], &views));
  STRATA_ASSIGN_OR_RETURN(input.outputs, MapOutputs(objects, planned.outputs, &views));
  STRATA_ASSIGN_OR_RETURN(TableUpdate update, UpdateTable(input));
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

absl::StatusOr<TableUpdate> UpdateTable(const TableShardInput& input) {
  std::vector<TableBatch> fresh;
  for (const std::string_view output : input.outputs) {
    STRATA_ASSIGN_OR_RETURN(TableBatch batch, DecodeTableBatch(output, input.shard, *input.layout));
    if (batch.size() > 0) fresh.push_back(std::move(batch));
  }
  if (fresh.empty() && input.counting == Counting::kChange) {
    return TableUpdate{.kept = input.segments.size(), .segment = {}, .totals = {}};
  }
  STRATA_ASSIGN_OR_RETURN(const std::vector<TableSegment> segments, OpenSegments(*input.layout, input.segments));
  return UpdateTableShard(*input.layout, segments, input.removed_files, fresh, input.leaving, Compaction::kWhenItPays,
                          input.counting);
}

absl::StatusOr<std::vector<TableLedgerResult>> RunTableLedger(ObjectStore& objects, const StagePlan& plan,
                                                              std::span<const TableLayout> layouts,
                                                              const AliasTable* moves, uint32_t shard) {
  std::vector<TableLedgerResult> results;
  for (const PlannedTable& planned : plan.tables) {
    STRATA_ASSIGN_OR_RETURN(const TableLayout* layout, LayoutOf(layouts, planned.table));
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
    STRATA_ASSIGN_OR_RETURN(const TableLayout* layout, LayoutOf(layouts, planned.table));
    Views views;
    STRATA_ASSIGN_OR_RETURN(const auto bytes, MapSegments(objects, planned.segments[shard], &views));
    STRATA_ASSIGN_OR_RETURN(const std::vector<TableSegment> segments, OpenSegments(*layout, bytes));
    const auto shards = static_cast<uint32_t>(planned.segments.size() - 1);
    const std::vector<TableBatch> rows = CollectMovedRows(*layout, segments, planned.removed_files, moves, shards);
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
