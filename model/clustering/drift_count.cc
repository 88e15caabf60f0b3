#include <cmath>
#include <utility>

#include "model/clustering/centres.h"
#include "model/clustering/cluster_model.h"
#include "model/clustering/drift.h"
#include "model/clustering/evaluate.h"
#include "model/clustering/feature_space.h"
#include "model/clustering/feature_values.h"
#include "model/clustering/point_blocks.h"
#include "model/statistics/shard_error.h"
#include "model/clustering/trimming.h"

namespace strata {
namespace {

CentreSet CentresOf(const ClusteringModel& model) {
  std::vector<Centre> centres;
  for (const FittedCluster& cluster : model.clusters) centres.push_back(cluster.centre);
  return CentreSet(std::move(centres), model.gamma).Sorted();
}

}  // namespace

std::vector<std::vector<int64_t>> CountBins(const ClusterSpace& space, const RawValues& values) {
  std::vector<std::vector<int64_t>> bins;
  for (size_t feature = 0; feature < space.numeric.size(); ++feature) {
    std::vector<int64_t>& counts = bins.emplace_back(space.numeric[feature].bin_cuts.size() + 2, 0);
    for (const double value : values.numeric(feature)) {
      if (!std::isnan(value)) ++counts[space.numeric[feature].BinOf(value)];
    }
    counts.back() = values.absent(feature);
  }
  for (size_t category = 0; category < space.categories.size(); ++category) {
    std::vector<int64_t>& counts = bins.emplace_back(space.categories[category].words.size(), 0);
    for (const uint8_t code : values.codes(category)) ++counts[code];
  }
  return bins;
}

DriftPartial CountDrift(const ClusteringModel& last, const ShardFeatures& shard, const Kernels& kernels) {
  DriftPartial partial;
  const absl::StatusOr<RawValues> values = RawValues::Of(last.space, shard);
  if (!values.ok()) {
    partial.error = ShardErrorOf(values.status());
    return partial;
  }
  partial.customers = static_cast<int64_t>(values->rows());
  partial.bins = CountBins(last.space, *values);
  const PointBlocks points = PointBlocks::Of(last.space, *values, shard.today.hash, kernels);
  partial.beyond = points.beyond();
  const CentreSet centres = CentresOf(last);
  const std::vector<uint8_t> labels = LabelsOf(points, centres, kernels);
  const std::vector<int64_t> distances = DistancesOf(points, centres, labels, kernels);
  for (size_t i = 0; i < points.size(); ++i) {
    const bool is_outlier = last.threshold.has_value() && TrimThreshold{distances[i], points.hash(i)} > *last.threshold;
    if (is_outlier) continue;
    ++partial.assigned;
    partial.weight += points.weight(i);
    partial.squared_distance += static_cast<Int128>(distances[i]) * points.weight(i);
  }
  return partial;
}

}  // namespace strata
