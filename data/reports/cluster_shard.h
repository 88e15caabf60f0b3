// What the reports of clusters see of a shard: the clusters and values of its customers, and where they were in the
// snapshot that is followed. Read-only once made, so thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "base/date.h"
#include "base/status.h"
#include "data/snapshot/lookup_part.h"
#include "model/clustering/feature_values.h"
#include "model/clustering/predict.h"
#include "model/customer_columns.h"
#include "model/fitted_models.h"
#include "model/kernels/kernels.h"

namespace strata {

// By today's rows; ids of clusters, 0: none.
struct ClusterHistory {
  Day previous_as_of = 0;
  std::vector<int16_t> then;  // kNotInFollowed: not in the base of the followed snapshot
  // What its model says of today's features; `then` where they lack a column of it, so that moves are the model's.
  std::vector<int16_t> by_last_model;
  std::vector<int16_t> by_last_centres;  // its centres, after today's transform and scale
};

struct ClusterShard {
  ClusterPredictor::Labels labels;
  RawValues values;                       // of the clustered customers
  std::optional<ClusterHistory> history;  // absent where no clusters are followed
};

// What is compared with: the part of the same shard, its snapshot's model and date.
struct FollowedClustering {
  const LookupPart* part = nullptr;
  const ClusteringModel* model = nullptr;
  Day as_of = 0;
};

// `followed` may be null. Errors of RawValues and ClusterPredictor.
absl::StatusOr<ClusterShard> MakeClusterShard(const ClusteringModel& model, const FollowedClustering* followed,
                                              const ShardFeatures& shard,
                                              const std::function<std::string_view(size_t)>& id,
                                              const Kernels& kernels);

}  // namespace strata
