// The ledger stage's work on tables of rows: what one shard, or the reference shard, makes of the rows that the map
// stage left for it. Results are pure functions of the stage's plan and the objects it names. Thread-safe as far as the
// store is.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/status.h"
#include "data/rows/table_shard.h"
#include "run/stage_plan.h"
#include "run/task_results.h"
#include "store/object_store.h"

namespace strata {

// All tables that the plan has something for. `moves`: who leaves; null: nobody. INTERNAL (TABLE_UNKNOWN) for a
// table that `layouts` does not have. Errors name the table.
absl::StatusOr<std::vector<TableLedgerResult>> RunTableLedger(ObjectStore& objects, const StagePlan& plan,
                                                              std::span<const TableLayout> layouts,
                                                              const AliasTable* moves, uint32_t shard);

// Collects the rows of a shard's customers who moved to others, table by table: of each that has any an object as map
// tasks leave them, kept as intermediate objects of task `index`.
absl::StatusOr<std::vector<TableOutput>> CollectMovedTables(ObjectStore& objects, const StagePlan& plan,
                                                            std::span<const TableLayout> layouts,
                                                            const AliasTable& moves, uint32_t shard, uint32_t index);

}  // namespace strata
