// The tasks around merged identities and rates, and what other tasks need of them. Results are pure functions of the
// stage's plan and the files it names. Thread-safe as far as the seams are.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/status.h"
#include "data/ledger/shard.h"
#include "data/rows/table_batch.h"
#include "data/source/table_files.h"
#include "data/tables/map_tables.h"
#include "run/job.h"
#include "run/stage_plan.h"
#include "run/table_results.h"
#include "store/file_system.h"
#include "store/object_store.h"

namespace strata {

// The tables that a stage's plan names, open.
struct OpenTables {
  std::vector<std::shared_ptr<const FileView>> views;
  std::optional<AliasTable> aliases;
  std::optional<AliasTable> moves;
  std::optional<FxTable> fx;

  MapTables ForMap() const {
    return {.aliases = aliases.has_value() ? &*aliases : nullptr, .fx = fx.has_value() ? &*fx : nullptr};
  }
};
// Of a plan of the map or ledger stage.
absl::StatusOr<OpenTables> OpenTablesOf(ObjectStore& objects, const StagePlan& plan);

// Whether a plan of the plan stage has the task below, after those of its files.
bool HasTablesTask(const StagePlan& plan);

// What that task will hold. Errors: those of data/source/table_files.h.
absl::StatusOr<std::vector<TableFileSize>> SizeTables(FileSystem& sources, const StagePlan& plan, const Job& job);

// Reads the files of both tables, checks them against what the parent version holds, and writes them as objects.
// Errors: those of data/source/table_files.h, ALIASES_CHANGED and FX_CHANGED.
absl::StatusOr<TablesResult> RunTablesTask(FileSystem& sources, ObjectStore& objects, const StagePlan& plan,
                                           const Job& job);

// Collects the rows of shard `plan.leaving[place]` that belong to customers merged into others.
absl::StatusOr<MoveResult> RunMoveTask(ObjectStore& objects, const StagePlan& plan, const Job& job,
                                       std::span<const TableLayout> layouts, const OpenTables& tables, uint32_t place);

// What moves into and out of a shard; `views` hold what the result views.
absl::StatusOr<ShardMoves> MovesOfShard(ObjectStore& objects, const StagePlan& plan, const OpenTables& tables,
                                        uint32_t shard, std::vector<std::shared_ptr<const FileView>>* views);

}  // namespace strata
