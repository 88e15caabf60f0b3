#include "data/reports/cluster_shard.h"

#include <utility>

#include "data/snapshot/followed_clusters.h"

namespace strata {
namespace {

// Whether the last centres can be asked after today's transform: features of the same names in the same order.
bool SameFeatures(const ClusterSpace& a, const ClusterSpace& b) {
  if (a.numeric.size() != b.numeric.size() || a.categories.size() != b.categories.size()) return false;
  for (size_t i = 0; i < a.numeric.size(); ++i) {
    if (a.numeric[i].name != b.numeric[i].name) return false;
  }
  for (size_t i = 0; i < a.categories.size(); ++i) {
    if (a.categories[i].name != b.categories[i].name) return false;
  }
  return true;
}

absl::StatusOr<ClusterHistory> MakeHistory(const ClusteringModel& model, const FollowedClustering& followed,
                                           const ShardFeatures& shard,
                                           const std::function<std::string_view(size_t)>& id, const Kernels& kernels) {
  ClusterHistory history;
  history.previous_as_of = followed.as_of;
  history.then = FollowedClusters(*followed.part, shard.today, id);
  const ClusterPredictor last(*followed.model);
  absl::StatusOr<ClusterPredictor::Labels> labels = last.Of(shard, kernels);
  if (!labels.ok() && labels.status().code() != absl::StatusCode::kInvalidArgument) return labels.status();
  history.by_last_model = labels.ok() ? std::move(labels->id) : history.then;
  if (SameFeatures(followed.model->space, model.space)) {
    STRATA_ASSIGN_OR_RETURN(history.by_last_centres, last.IdsWith(model.space, shard, kernels));
  } else {
    history.by_last_centres.assign(shard.today.size(), 0);
  }
  return history;
}

}  // namespace

absl::StatusOr<ClusterShard> MakeClusterShard(const ClusteringModel& model, const FollowedClustering* followed,
                                              const ShardFeatures& shard,
                                              const std::function<std::string_view(size_t)>& id,
                                              const Kernels& kernels) {
  ClusterShard made;
  STRATA_ASSIGN_OR_RETURN(made.labels, ClusterPredictor(model).Of(shard, kernels));
  STRATA_ASSIGN_OR_RETURN(made.values, RawValues::Of(model.space, shard));
  if (followed == nullptr) return made;
  STRATA_ASSIGN_OR_RETURN(made.history, MakeHistory(model, *followed, shard, id, kernels));
  return made;
}

}  // namespace strata
