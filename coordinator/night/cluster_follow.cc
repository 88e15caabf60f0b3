// What the fit of clusters starts from: the model of the snapshot that is followed, and who was in which cluster.
#include <fmt/format.h>

#include "coordinator/night/night.h"

namespace strata {

// Lets the fit's tasks see the clusters of then. Without them, because the snapshot has other shards or is of another
// build, clusters keep their ids by their centres alone.
absl::Status Night::PlanFollowedClusters(StagePlan* plan) {
  if (!request_.job.clustering.has_value()) return absl::OkStatus();
  STRATA_ASSIGN_OR_RETURN(const FittedModels* const models, ReadFollowedModels());
  if (models == nullptr || !models->clustering.has_value() || models->clustering->k == 0) return absl::OkStatus();
  StagePlan previous;
  STRATA_ASSIGN_OR_RETURN(const std::string not_followed, PlanPrevious(&previous));
  if (!not_followed.empty()) {
    Warn(fmt::format("who was in which cluster is not known: {}; clusters keep their ids by their centres alone",
                     not_followed));
    return absl::OkStatus();
  }
  plan->previous_snapshot = previous.previous_snapshot;
  plan->previous_as_of = previous.previous_as_of;
  plan->previous_lookups = std::move(previous.previous_lookups);
  return absl::OkStatus();
}

}  // namespace strata
