// What the map stage makes of a split of any table: rows for the ledger, by shard, and what was rejected. Results are
// pure functions of the stage's plan and the files it names. Thread-safe as far as the seams are.
#pragma once

#include <cstdint>

#include "base/status.h"
#include "data/source/ingest.h"
#include "run/job.h"
#include "run/source_fields.h"
#include "run/stage_plan.h"
#include "run/task_results.h"
#include "store/file_system.h"
#include "store/object_store.h"
#include "worker/table_tasks.h"

namespace strata {

// What a reader looks for in the files of a table. INTERNAL (TASK_UNKNOWN) when the job has no such table.
absl::StatusOr<SourceFields> FieldsOfTable(const Job& job, TableId table);

// Maps split `index` of the plan. Transactions leave their days and, where the job keeps them, details; customers
// leave links where they name others. Errors: those of MapSplit and MapTableSplit.
absl::StatusOr<MapResult> RunMapTask(FileSystem& sources, ObjectStore& objects, const StagePlan& plan, const Job& job,
                                     const OpenTables& tables, uint32_t index);

}  // namespace strata
