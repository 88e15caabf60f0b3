// What a fitted clustering says of a shard's customers, as part of their scores. Pure; thread-safe.
#pragma once

#include <vector>

#include "base/status.h"
#include "model/cluster_columns.h"
#include "model/clustering/cluster_model.h"
#include "model/customer_columns.h"
#include "model/customer_score.h"
#include "model/kernels/kernels.h"

namespace strata {

// A score keeps a cluster's id in 16 bits: more than 500 fits of 64 clusters, none of which outlives its night.
inline constexpr int kMaxClusterId = 32'767;

// Sets cluster, second_cluster, cluster_distance, cluster_silhouette and the flags of outliers and of customers left
// out, by row; `columns` may be null. Errors of ClusterPredictor::Of, and
// FAILED_PRECONDITION (CLUSTERING_IDS) for an id beyond kMaxClusterId. Precondition: a score for every row of today.
absl::Status ScoreClusters(const ClusteringModel& model, const ShardFeatures& shard, const Kernels& kernels,
                           std::vector<CustomerScore>* scores, ClusterColumns* columns);

}  // namespace strata
