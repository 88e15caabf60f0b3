#include "worker/table_tasks.h"

#include <fmt/format.h>

#include <utility>

#include "base/hash.h"
#include "data/ledger/ledger_state.h"
#include "data/ledger/moved_rows.h"
#include "data/source/table_files.h"
#include "run/keys.h"
#include "store/intermediate.h"
#include "worker/intermediate.h"
#include "worker/table_ledger_task.h"

namespace strata {
namespace {

std::vector<FileInfo> InfosOf(const std::vector<PlannedFile>& planned) {
  std::vector<FileInfo> files;
  for (const PlannedFile& file : planned) {
    files.push_back({.path = file.path, .size_bytes = file.size_bytes, .modified_ns = file.modified_ns});
  }
  return files;
}

// Compares the new table with the parent's, where there is one: who moves.
absl::Status CompareAliases(ObjectStore& objects, const StagePlan& plan, const Job& job, std::string_view table,
                            TablesResult* result) {
  STRATA_ASSIGN_OR_RETURN(const AliasTable after, AliasTable::Open(table));
  const std::string none = EncodeAliasTable({});
  STRATA_ASSIGN_OR_RETURN(AliasTable before, AliasTable::Open(none));
  std::shared_ptr<const FileView> view;
  if (!plan.aliases.empty()) {
    STRATA_ASSIGN_OR_RETURN(view, MapVerified(objects, plan.aliases.key, plan.aliases.checksum));
    STRATA_ASSIGN_OR_RETURN(before, AliasTable::Open(view->bytes()));
  }
  STRATA_ASSIGN_OR_RETURN(AliasMoves moves, MovesBetween(before, after, job.shards));
  if (moves.entries.empty()) return absl::OkStatus();
  const auto index = static_cast<uint32_t>(plan.files.size());
  STRATA_ASSIGN_OR_RETURN(result->moves,
                          PutIntermediate(objects, plan, index, "moves", EncodeAliasTable(std::move(moves.entries))));
  result->leaving = std::move(moves.shards);
  return absl::OkStatus();
}

absl::Status ReadAliases(FileSystem& sources, ObjectStore& objects, const StagePlan& plan, const Job& job,
                         TablesResult* result) {
  STRATA_ASSIGN_OR_RETURN(const ResolvedAliases resolved, ReadAliasFiles(sources, InfosOf(plan.alias_files), job));
  STRATA_RETURN_IF_ERROR(CompareAliases(objects, plan, job, resolved.table, result));
  if (resolved.conflicts > 0) {
    result->warnings.push_back(
        fmt::format("sources.aliases: {} id(s) have several new ids at one date, chosen by hash; the first: {}",
                    resolved.conflicts, resolved.conflict_examples.front()));
  }
  // The ledger version that comes of it points to them.
  result->aliases = {.key = {}, .checksum = Hash64(resolved.table), .size_bytes = resolved.table.size()};
  result->aliases.key = AliasesObject(plan.job_name, result->aliases.checksum);
  return objects.Put(result->aliases.key, resolved.table, kPrivateMode);
}

absl::Status ReadFx(FileSystem& sources, ObjectStore& objects, const StagePlan& plan, const Job& job,
                    TablesResult* result) {
  STRATA_ASSIGN_OR_RETURN(const FxTable table, ReadFxFiles(sources, InfosOf(plan.fx_files), job));
  if (!plan.fx.empty()) {
    STRATA_ASSIGN_OR_RETURN(const auto view, MapVerified(objects, plan.fx.key, plan.fx.checksum));
    STRATA_ASSIGN_OR_RETURN(const std::vector<FxUse> uses, DecodeFxUsesObject(view->bytes()));
    STRATA_RETURN_IF_ERROR(CheckFxUses(table, uses));
  }
  const auto index = static_cast<uint32_t>(plan.files.size());
  STRATA_ASSIGN_OR_RETURN(result->fx, PutIntermediate(objects, plan, index, "fx", table.Encode()));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<OpenTables> OpenTablesOf(ObjectStore& objects, const StagePlan& plan) {
  OpenTables tables;
  if (plan.stage != Stage::kMap && plan.stage != Stage::kLedger) return tables;
  if (!plan.aliases.empty()) {
    STRATA_ASSIGN_OR_RETURN(auto view, MapVerified(objects, plan.aliases.key, plan.aliases.checksum));
    STRATA_ASSIGN_OR_RETURN(tables.aliases, AliasTable::Open(view->bytes()));
    tables.views.push_back(std::move(view));
  }
  if (!plan.moves.empty()) {
    STRATA_ASSIGN_OR_RETURN(auto view, MapVerifiedIntermediate(objects, plan.moves.key, plan.moves.checksum));
    STRATA_ASSIGN_OR_RETURN(tables.moves, AliasTable::Open(view->bytes()));
    tables.views.push_back(std::move(view));
  }
  if (!plan.fx.empty()) {
    STRATA_ASSIGN_OR_RETURN(const auto view, MapVerifiedIntermediate(objects, plan.fx.key, plan.fx.checksum));
    STRATA_ASSIGN_OR_RETURN(tables.fx, FxTable::Decode(view->bytes()));
  }
  return tables;
}

bool HasTablesTask(const StagePlan& plan) { return !plan.alias_files.empty() || !plan.fx_files.empty(); }

absl::StatusOr<std::vector<TableFileSize>> SizeTables(FileSystem& sources, const StagePlan& plan, const Job& job) {
  return SizeTableFiles(sources, InfosOf(plan.alias_files), InfosOf(plan.fx_files), job);
}

absl::StatusOr<TablesResult> RunTablesTask(FileSystem& sources, ObjectStore& objects, const StagePlan& plan,
                                           const Job& job) {
  TablesResult result;
  if (!plan.alias_files.empty()) STRATA_RETURN_IF_ERROR(ReadAliases(sources, objects, plan, job, &result));
  if (!plan.fx_files.empty()) STRATA_RETURN_IF_ERROR(ReadFx(sources, objects, plan, job, &result));
  return result;
}

absl::StatusOr<MoveResult> RunMoveTask(ObjectStore& objects, const StagePlan& plan, const Job& job,
                                       std::span<const TableLayout> layouts, const OpenTables& tables, uint32_t place) {
  const uint32_t shard = plan.leaving[place];
  if (shard >= plan.segments.size() || !tables.moves.has_value()) {
    return MakeError(absl::StatusCode::kInternal, "TASK_UNKNOWN",
                     fmt::format("rows are to leave shard {}; the plan has {} shards", shard, plan.segments.size()));
  }
  STRATA_ASSIGN_OR_RETURN(const StoredShard stored, OpenShard(objects, plan.segments[shard], plan.removed_files));
  const bool has_transaction_id = !job.transactions.columns.transaction_id.empty();
  STRATA_ASSIGN_OR_RETURN(const MovedRows moved,
                          CollectMoved(stored.shard, *tables.moves, job.shards, has_transaction_id));
  MoveResult result{.moved = {}, .customers = moved.customers, .tables = {}};
  const auto index = static_cast<uint32_t>(plan.splits.size()) + place;
  STRATA_ASSIGN_OR_RETURN(result.tables, CollectMovedTables(objects, plan, layouts, *tables.moves, shard, index));
  if (moved.object.empty()) return result;
  STRATA_ASSIGN_OR_RETURN(result.moved, PutIntermediate(objects, plan, index, "moved", moved.object));
  return result;
}

absl::StatusOr<ShardMoves> MovesOfShard(ObjectStore& objects, const StagePlan& plan, const OpenTables& tables,
                                        uint32_t shard, std::vector<std::shared_ptr<const FileView>>* views) {
  // Where no day of transactions moves, only rows of tables do.
  const bool has_moves = tables.moves.has_value() && !plan.moved.empty();
  ShardMoves moves{.leaving = has_moves ? &*tables.moves : nullptr, .arriving = {}};
  for (const ObjectRef& ref : plan.moved) {
    // As map outputs: the part of one shard is verified, not all of the object once per shard.
    STRATA_ASSIGN_OR_RETURN(auto view, MapIntermediate(objects, ref.key));
    const auto segment = MovedInto(view->bytes(), shard);
    if (!segment.ok()) return WithContext(segment.status(), ref.key);
    if (segment->empty()) continue;
    STRATA_ASSIGN_OR_RETURN(LedgerSegment open, LedgerSegment::Open(*segment));
    moves.arriving.push_back(std::move(open));
    views->push_back(std::move(view));
  }
  return moves;
}

}  // namespace strata
