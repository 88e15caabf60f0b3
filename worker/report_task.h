// The report stage's task: what the reports of a job need of one shard, or of the rows of no customer. A pure function
// of the stage's plan and the objects that it names. Thread-safe as far as the store is.
#pragma once

#include <cstdint>

#include "base/status.h"
#include "data/ledger/features.h"
#include "model/columns.h"
#include "model/kernels/kernels.h"
#include "run/job.h"
#include "run/stage_plan.h"
#include "run/task_results.h"
#include "store/object_store.h"

namespace strata {

// How many tasks the stage has: one a shard, and where the job keeps rows of tables one more for those of no customer.
uint32_t ReportTasks(const StagePlan& plan);

// Of task `index` < ReportTasks(plan); `features` are the shard's, null for the rows of no customer;
// `profile` has the columns beside them, null where the job has none. Errors are those of the reports and segments, of
// what is read, and INTERNAL (TASK_UNKNOWN) for a report that is not there.
absl::StatusOr<ReportResult> RunReportTask(ObjectStore& objects, const StagePlan& plan, const Job& job, uint32_t index,
                                           const FeatureFile* features, const ColumnSet* profile,
                                           const Kernels& kernels);

}  // namespace strata
