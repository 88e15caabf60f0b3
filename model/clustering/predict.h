// The one path from a fitted clustering to what it says of customers: used by the scores, the reports and the causes of
// moves, so labels agree. Immutable; thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/status.h"
#include "model/clustering/centres.h"
#include "model/customer_columns.h"
#include "model/fitted_models.h"
#include "model/kernels/kernels.h"

namespace strata {

struct ClusterSpace;

class ClusterPredictor {
 public:
  explicit ClusterPredictor(const ClusteringModel& model);  // a copy is kept
  ~ClusterPredictor();
  ClusterPredictor(ClusterPredictor&&) noexcept;

  // By row of the shard.
  struct Labels {
    std::vector<int16_t> id;          // of the cluster; 0: none (no purchase day, excluded, an outlier, no model)
    std::vector<int16_t> second;      // of the second nearest; the nearest of an outlier; 0: none
    std::vector<float> distance;      // to the nearest centre, scaled units; 0 without a place in the space
    std::vector<int64_t> silhouette;  // units of 2^-40; 0 without a cluster
    std::vector<uint8_t> outlier;     // 1: set aside by the trimming
    std::vector<std::vector<int32_t>>
        scaled;  // by numeric feature: grid units; kNotOnGrid without a place in the space
  };
  static constexpr int32_t kNotOnGrid = INT32_MIN;

  // CLUSTERING_COLUMN where the shard lacks a column, CLUSTERING_NOT_FINITE.
  absl::StatusOr<Labels> Of(const ShardFeatures& shard, const Kernels& kernels) const;
  // Ids by these centres where other_space, by features of the same name, has transformed and scaled, by row; 0: none.
  absl::StatusOr<std::vector<int16_t>> IdsWith(const ClusterSpace& other_space, const ShardFeatures& shard,
                                               const Kernels& kernels) const;

 private:
  struct State;
  std::unique_ptr<const State> state_;
};

}  // namespace strata
