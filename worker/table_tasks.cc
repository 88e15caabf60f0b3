#include "worker/table_tasks.h"

#include <fmt/format.h>

#include <utility>

#include "base/hash.h"
#include "data/ledger/ledger_state.h"
#include "data/ledger/moved_rows.h"
#include "data/source/table_files.h"
#include "run/keys.h"

namespace strata {
namespace {

constexpr uint32_t kPrivateMode = 0600;  // customer data in clear

std::vector<FileInfo> InfosOf(const std::vector<PlannedFile>& planned) {
  std::vector<FileInfo> files;
  for (const PlannedFile& file : planned) {
    files.push_back({.path = file.path, .size_bytes = file.size_bytes, .modified_ns = file.modified_ns});
  }
  return files;
}

absl::StatusOr<ObjectRef> Put(ObjectStore& objects, std::string key, std::string_view bytes) {
  ObjectRef ref{.key = std::move(key), .checksum = Hash64(bytes), .size_bytes = bytes.size()};
  STRATA_RETURN_IF_ERROR(objects.Put(ref.key, bytes, kPrivateMode));
  return ref;
}

absl::StatusOr<ObjectRef> PutTask(ObjectStore& objects, const StagePlan& plan, uint32_t index, std::string_view kind,
                                  std::string_view bytes) {
  return Put(objects, TaskObject(plan.job_name, plan.run, plan.stage, index, kind, Hash64(bytes)), bytes);
}

absl::StatusOr<AliasTable> OpenAliases(ObjectStore& objects, const ObjectRef& ref,
                                       std::vector<std::shared_ptr<const FileView>>* views) {
  STRATA_ASSIGN_OR_RETURN(views->emplace_back(), MapVerified(objects, ref.key, ref.checksum));
  return AliasTable::Open(views->back()->bytes());
}

// Compares the new table with the parent's, where there is one: who moves.
absl::Status CompareAliases(ObjectStore& objects, const StagePlan& plan, const Job& job, std::string_view table,
                            TablesResult* result) {
  STRATA_ASSIGN_OR_RETURN(const AliasTable after, AliasTable::Open(table));
  const std::string none = EncodeAliasTable({});
  STRATA_ASSIGN_OR_RETURN(AliasTable before, AliasTable::Open(none));
  std::vector<std::shared_ptr<const FileView>> views;
  if (!plan.aliases.empty()) {
    STRATA_ASSIGN_OR_RETURN(before, OpenAliases(objects, plan.aliases, &views));
  }
  STRATA_ASSIGN_OR_RETURN(AliasMoves moves, MovesBetween(before, after, job.shards));
  if (moves.entries.empty()) return absl::OkStatus();
  const auto index = static_cast<uint32_t>(plan.files.size());
  STRATA_ASSIGN_OR_RETURN(result->moves,
                          PutTask(objects, plan, index, "moves", EncodeAliasTable(std::move(moves.entries))));
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
  STRATA_ASSIGN_OR_RETURN(result->aliases,
                          Put(objects, AliasesObject(plan.job_name, Hash64(resolved.table)), resolved.table));
  return absl::OkStatus();
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
  STRATA_ASSIGN_OR_RETURN(result->fx, PutTask(objects, plan, index, "fx", table.Encode()));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<OpenTables> OpenTablesOf(ObjectStore& objects, const StagePlan& plan) {
  OpenTables tables;
  if (plan.stage != Stage::kMap && plan.stage != Stage::kLedger) return tables;
  if (!plan.aliases.empty()) {
    STRATA_ASSIGN_OR_RETURN(tables.aliases, OpenAliases(objects, plan.aliases, &tables.views));
  }
  if (!plan.moves.empty()) {
    STRATA_ASSIGN_OR_RETURN(tables.moves, OpenAliases(objects, plan.moves, &tables.views));
  }
  if (!plan.fx.empty()) {
    STRATA_ASSIGN_OR_RETURN(const auto view, MapVerified(objects, plan.fx.key, plan.fx.checksum));
    STRATA_ASSIGN_OR_RETURN(tables.fx, FxTable::Decode(view->bytes()));
  }
  return tables;
}

bool HasTablesTask(const StagePlan& plan) { return !plan.alias_files.empty() || !plan.fx_files.empty(); }

absl::StatusOr<TablesResult> RunTablesTask(FileSystem& sources, ObjectStore& objects, const StagePlan& plan,
                                           const Job& job) {
  TablesResult result;
  if (!plan.alias_files.empty()) STRATA_RETURN_IF_ERROR(ReadAliases(sources, objects, plan, job, &result));
  if (!plan.fx_files.empty()) STRATA_RETURN_IF_ERROR(ReadFx(sources, objects, plan, job, &result));
  return result;
}

absl::StatusOr<MoveResult> RunMoveTask(ObjectStore& objects, const StagePlan& plan, const Job& job,
                                       const OpenTables& tables, uint32_t place) {
  const uint32_t shard = plan.leaving[place];
  if (shard >= plan.segments.size() || !tables.moves.has_value()) {
    return MakeError(absl::StatusCode::kInternal, "TASK_UNKNOWN",
                     fmt::format("rows are to leave shard {}; the plan has {} shards", shard, plan.segments.size()));
  }
  STRATA_ASSIGN_OR_RETURN(const StoredShard stored, OpenShard(objects, plan.segments[shard], plan.removed_files));
  const bool has_transaction_id = !job.transactions.columns.transaction_id.empty();
  STRATA_ASSIGN_OR_RETURN(const MovedRows moved,
                          CollectMoved(stored.shard, *tables.moves, job.shards, has_transaction_id));
  MoveResult result{.moved = {}, .customers = moved.customers};
  if (moved.object.empty()) return result;
  const auto index = static_cast<uint32_t>(plan.splits.size()) + place;
  STRATA_ASSIGN_OR_RETURN(result.moved, PutTask(objects, plan, index, "moved", moved.object));
  return result;
}

absl::StatusOr<ShardMoves> MovesOfShard(ObjectStore& objects, const StagePlan& plan, const OpenTables& tables,
                                        uint32_t shard, std::vector<std::shared_ptr<const FileView>>* views) {
  ShardMoves moves{.leaving = tables.moves.has_value() ? &*tables.moves : nullptr, .arriving = {}};
  for (const ObjectRef& ref : plan.moved) {
    STRATA_ASSIGN_OR_RETURN(auto view, MapVerified(objects, ref.key, ref.checksum));
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
