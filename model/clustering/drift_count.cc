#include <cmath>
#include <numeric>
#include <utility>

#include "model/clustering/centres.h"
#include "model/clustering/cluster_model.h"
#include "model/clustering/drift.h"
#include "model/clustering/evaluate.h"
#include "model/clustering/feature_space.h"
#include "model/clustering/feature_values.h"
#include "model/clustering/point_blocks.h"
#include "model/clustering/shard_error.h"
#include "model/clustering/trimming.h"

namespace strata {
namespace {

CentreSet CentresOf(const ClusteringModel& model) {
  std::vector<Centre> centres;
  for (const FittedCluster& cluster : model.clusters) centres.push_back(cluster.centre);
  return CentreSet(std::move(centres), model.gamma).Sorted();
}

double Share(int64_t part, int64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
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

std::vector<std::vector<int64_t>> FrozenBins(const ClusterSpace& space) {
  std::vector<std::vector<int64_t>> bins;
  for (const NumericFeature& feature : space.numeric) {
    bins.push_back(feature.bin_counts);
    bins.back().push_back(feature.absent);
  }
  for (const CategoryFeature& category : space.categories) bins.push_back(category.counts);
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

std::vector<FeatureDrift> DriftOf(const ClusteringModel& last, const DriftPartial& tonight) {
  const std::vector<std::vector<int64_t>> frozen = FrozenBins(last.space);
  std::vector<FeatureDrift> drift;
  for (size_t feature = 0; feature < frozen.size() && feature < tonight.bins.size(); ++feature) {
    const std::vector<int64_t>&then = frozen[feature], &now = tonight.bins[feature];
    FeatureDrift& line = drift.emplace_back();
    line.psi = PopulationStability(then, now);
    line.null_99 = NullStability99(then, now);
    line.flagged = line.psi > line.null_99;
    const bool is_numeric = feature < last.space.numeric.size();
    if (!is_numeric) {
      line.feature = last.space.categories[feature - last.space.numeric.size()].name;
      continue;
    }
    line.feature = last.space.numeric[feature].name;
    line.missing_then = Share(then.back(), std::reduce(then.begin(), then.end(), int64_t{0}));
    line.missing_now = Share(now.back(), std::reduce(now.begin(), now.end(), int64_t{0}));
    line.beyond_grid = Share(tonight.beyond[feature], tonight.customers);
  }
  return drift;
}

double InertiaRatio(const ClusteringModel& last, const DriftPartial& tonight) {
  if (tonight.weight == 0 || last.fitted_mean_square <= 0) return 1;
  const double mean = ToDouble(tonight.squared_distance) / ToDouble(tonight.weight);
  return std::ldexp(mean, -2 * last.space.grid_bits) / last.fitted_mean_square;
}

}  // namespace strata
