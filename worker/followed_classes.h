// The classes that a shard's customers had in the snapshot which a run follows, for the reports of moves. Thread-safe
// as far as the store is.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "base/status.h"
#include "data/reports/class_history.h"
#include "model/columns.h"
#include "model/customer_columns.h"
#include "model/fitted_models.h"
#include "run/stage_plan.h"
#include "store/file_system.h"
#include "store/object_store.h"

namespace strata {

// Owns the bytes that `classes.gone` views.
struct OpenFollowed {
  std::shared_ptr<const FileView> part;
  FollowedClasses classes;
};

// Null where the plan follows nothing. Of `shard`, whose customers are those of `today`. Errors of LookupPart and
// ModelsFromJson.
absl::StatusOr<std::unique_ptr<const OpenFollowed>> OpenFollowedClasses(
    ObjectStore& objects, const StagePlan& plan, uint32_t shard, const FittedModels& models,
    const CustomerColumns& today, const std::function<std::string_view(size_t)>& id, const ColumnSet& profile);

}  // namespace strata
