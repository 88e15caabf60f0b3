#include "data/reports/cluster_shard.h"

#include <utility>

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
  STRATA_ASSIGN_OR_RETURN(ClusterPredictor::Labels labels, last.Of(shard, kernels));
  history.by_last_model = std::move(labels.id);
  if (SameFeatures(followed.model->space, model.space)) {
    STRATA_ASSIGN_OR_RETURN(history.by_last_centres, last.IdsWith(model.space, shard, kernels));
  } else {
    history.by_last_centres.assign(shard.today.size(), 0);
  }
  return history;
}

}  // namespace

std::vector<int16_t> FollowedClusters(const LookupPart& followed, const CustomerColumns& today,
                                      const std::function<std::string_view(size_t)>& id) {
  std::vector<int16_t> clusters(today.size(), kNotInBase);
  size_t row = 0;
  for (uint64_t i = 0; i < followed.size() && row < today.size(); ++i) {
    const ScoredCustomer customer = followed.Row(i);
    const auto is_before = [&](size_t at) {
      return today.hash[at] != customer.hash ? today.hash[at] < customer.hash : id(at) < customer.id;
    };
    while (row < today.size() && is_before(row)) ++row;
    if (row == today.size() || today.hash[row] != customer.hash || id(row) != customer.id) continue;
    clusters[row] = static_cast<int16_t>(customer.score.cluster + 1);
  }
  return clusters;
}

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
