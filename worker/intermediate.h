// How a task leaves an object for other tasks of its run. Thread-safe as far as the store is.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/status.h"
#include "run/frames.h"
#include "run/stage_plan.h"
#include "store/object_store.h"

namespace strata {

inline constexpr uint32_t kPrivateMode = 0600;  // customer data in clear: readable by the owner alone

// The object `kind` of task `index` of the plan's stage; its key ends in its checksum. Not durable
// (ObjectStore::PutVolatile): map it by store/intermediate.h.
absl::StatusOr<ObjectRef> PutIntermediate(ObjectStore& objects, const StagePlan& plan, uint32_t index,
                                          std::string_view kind, std::string_view bytes);

}  // namespace strata
