#include "model/clustering/predict.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <utility>

#include "model/clustering/evaluate.h"
#include "model/clustering/feature_values.h"
#include "model/clustering/point_blocks.h"
#include "model/clustering/quality.h"

namespace strata {
namespace {

ClusterTotals TotalsOf(const ClusteringModel& model, const std::vector<const FittedCluster*>& clusters) {
  ClusterTotals totals;
  totals.d = model.space.d();
  for (const FittedCluster* cluster : clusters) {
    totals.count.push_back(cluster->size);
    totals.squares.push_back(cluster->squares);
    totals.sums.insert(totals.sums.end(), cluster->sums.begin(), cluster->sums.end());
    totals.levels.insert(totals.levels.end(), cluster->customers_by_level.begin(), cluster->customers_by_level.end());
  }
  totals.sums.resize(totals.count.size() * totals.d);
  totals.levels.resize(totals.count.size() * model.space.categories.size());
  return totals;
}

}  // namespace

struct ClusterPredictor::State {
  explicit State(const ClusteringModel& of) : model(of) {
    std::vector<const FittedCluster*> clusters;
    for (const FittedCluster& cluster : model.clusters) clusters.push_back(&cluster);
    // Ties go to the lower centre, as in every confirmed fit.
    std::stable_sort(clusters.begin(), clusters.end(),
                     [](const auto* a, const auto* b) { return a->centre < b->centre; });
    std::vector<Centre> sorted;
    for (const FittedCluster* cluster : clusters) {
      sorted.push_back(cluster->centre);
      id.push_back(static_cast<int16_t>(cluster->id));
    }
    centres = CentreSet(std::move(sorted), model.gamma);
    silhouettes.emplace(TotalsOf(model, clusters), model.gamma);
  }

  int16_t IdOf(uint8_t slot) const { return slot < id.size() ? id[slot] : int16_t{0}; }
  bool IsOutlier(int64_t distance, uint64_t hash) const {
    return model.threshold.has_value() && TrimThreshold{distance, hash} > *model.threshold;
  }

  ClusteringModel model;
  CentreSet centres;
  std::vector<int16_t> id;  // by slot
  std::optional<SilhouetteTable> silhouettes;
};

ClusterPredictor::ClusterPredictor(const ClusteringModel& model) : state_(std::make_unique<State>(model)) {}
ClusterPredictor::~ClusterPredictor() = default;
ClusterPredictor::ClusterPredictor(ClusterPredictor&&) noexcept = default;

namespace {

// The labels of nobody.
ClusterPredictor::Labels NoLabels(size_t rows, size_t features) {
  ClusterPredictor::Labels labels;
  labels.id.assign(rows, 0);
  labels.second.assign(rows, 0);
  labels.distance.assign(rows, 0);
  labels.silhouette.assign(rows, 0);
  labels.outlier.assign(rows, 0);
  labels.scaled.assign(features, std::vector<int32_t>(rows, ClusterPredictor::kNotOnGrid));
  return labels;
}

}  // namespace

absl::StatusOr<ClusterPredictor::Labels> ClusterPredictor::Of(const ShardFeatures& shard,
                                                              const Kernels& kernels) const {
  const State& state = *state_;
  const size_t d = state.model.space.d();
  Labels labels = NoLabels(shard.today.size(), d);
  if (state.centres.size() == 0) return labels;
  STRATA_ASSIGN_OR_RETURN(const RawValues raw, RawValues::Of(state.model.space, shard));
  const PointBlocks points = PointBlocks::Of(state.model.space, raw, shard.today.hash, kernels);
  const double unit = std::ldexp(1.0, -state.model.space.grid_bits);
  alignas(64) std::array<uint8_t, kKernelBlock> first;
  alignas(64) std::array<uint8_t, kKernelBlock> second;
  alignas(64) std::array<int64_t, kKernelBlock> distances;
  alignas(64) std::array<int64_t, kKernelBlock> silhouettes;
  BlockReader reader(points, kernels);
  for (size_t b = 0; b < points.blocks(); ++b) {
    const BlockView block = reader.block(b);
    kernels.cluster.two_nearest(state.centres.view(), block, first.data(), second.data());
    BlockDistances(state.centres, block, first.data(), kernels, distances.data());
    for (size_t i = 0; i < block.n; ++i) {
      const size_t customer = b * kKernelBlock + i;
      const uint32_t row = points.row(customer);
      const bool outlier = state.IsOutlier(distances[i], points.hash(customer));
      labels.outlier[row] = outlier ? 1 : 0;
      labels.distance[row] = static_cast<float>(std::sqrt(static_cast<double>(distances[i])) * unit);
      labels.second[row] = state.IdOf(outlier ? first[i] : second[i]);
      if (outlier) first[i] = kNoSlot;
      labels.id[row] = state.IdOf(first[i]);
      for (size_t j = 0; j < d; ++j) labels.scaled[j][row] = points.coordinate(customer, j);
    }
    kernels.cluster.silhouette(state.silhouettes->view(), block, first.data(), silhouettes.data());
    for (size_t i = 0; i < block.n; ++i) labels.silhouette[points.row(b * kKernelBlock + i)] = silhouettes[i];
  }
  return labels;
}

absl::StatusOr<std::vector<int16_t>> ClusterPredictor::IdsWith(const ClusterSpace& other_space,
                                                               const ShardFeatures& shard,
                                                               const Kernels& kernels) const {
  const State& state = *state_;
  std::vector<int16_t> ids(shard.today.size(), 0);
  if (state.centres.size() == 0) return ids;
  // The centres stay on their grid and know their own words.
  ClusterSpace space = state.model.space;
  for (NumericFeature& feature : space.numeric) {
    for (const NumericFeature& other : other_space.numeric) {
      if (other.name == feature.name) feature = other;
    }
  }
  STRATA_ASSIGN_OR_RETURN(const RawValues raw, RawValues::Of(space, shard));
  const PointBlocks points = PointBlocks::Of(space, raw, shard.today.hash, kernels);
  const std::vector<uint8_t> slots = LabelsOf(points, state.centres, kernels);
  const std::vector<int64_t> distances = DistancesOf(points, state.centres, slots, kernels);
  for (size_t i = 0; i < points.size(); ++i) {
    if (!state.IsOutlier(distances[i], points.hash(i))) ids[points.row(i)] = state.IdOf(slots[i]);
  }
  return ids;
}

}  // namespace strata
