// What the snapshot which a run follows has of a shard's customers, for the reports of moves: classes, clusters and the
// models of then. Thread-safe as far as the store is.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "base/status.h"
#include "data/reports/class_history.h"
#include "data/snapshot/lookup_part.h"
#include "model/columns.h"
#include "model/customer_columns.h"
#include "model/fitted_models.h"
#include "run/stage_plan.h"
#include "store/file_system.h"
#include "store/object_store.h"

namespace strata {

// Owns the bytes that `lookup` and `classes.gone` view.
struct OpenFollowed {
  std::shared_ptr<const FileView> part;
  LookupPart lookup;
  FittedModels models;
  Day as_of = 0;
  FollowedClasses classes;
};

// Null where the plan follows nothing. Of `shard`, whose customers are those of `today`. Errors of LookupPart and
// ModelsFromJson.
absl::StatusOr<std::unique_ptr<const OpenFollowed>> OpenFollowedClasses(
    ObjectStore& objects, const StagePlan& plan, uint32_t shard, const FittedModels& models,
    const CustomerColumns& today, const std::function<std::string_view(size_t)>& id, const ColumnSet& profile);

}  // namespace strata
