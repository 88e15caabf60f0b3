// The report stage's part of a job's segments: who is in which of them, as parts of the snapshot, and who entered and
// left since the one that the run follows. A pure function of the stage's plan and the objects that it names.
// Thread-safe as far as the store is.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "base/status.h"
#include "data/segments/shard_members.h"
#include "model/customer_columns.h"
#include "run/frames.h"
#include "run/job.h"
#include "run/stage_plan.h"
#include "store/object_store.h"

namespace strata {

struct StoredMembers {
  ShardMembers of_shard;
  ObjectRef members;  // empty: the job has no segments
  ObjectRef moves;    // empty: nothing is followed, or it has no segments
};

// `columns` and `tables` are of the customers of `today`, in their order. Errors are those of EvaluateSegments, of the
// store, and SNAPSHOT_CORRUPT for objects of the followed snapshot.
absl::StatusOr<StoredMembers> StoreMembers(ObjectStore& objects, const StagePlan& plan, const Job& job, uint32_t shard,
                                           const ColumnSet& columns, const ShardTables& tables,
                                           const CustomerColumns& today,
                                           const std::function<std::string_view(size_t)>& id);

}  // namespace strata
