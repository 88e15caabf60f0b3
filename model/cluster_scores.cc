#include "model/cluster_scores.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <utility>

#include "model/clustering/feature_values.h"
#include "model/clustering/predict.h"

namespace strata {
namespace {

void TakeColumns(const ClusteringModel& model, const RawValues& raw, std::vector<std::vector<int32_t>> scaled,
                 size_t rows, ClusterColumns* columns) {
  *columns = {};
  for (const FittedCluster& cluster : model.clusters) columns->names[cluster.id] = cluster.name;
  for (size_t f = 0; f < model.space.numeric.size(); ++f) {
    ClusterColumns::Number& number = columns->numbers.emplace_back();
    number.name = model.space.numeric[f].name;
    number.raw.assign(rows, std::numeric_limits<double>::quiet_NaN());
    for (size_t i = 0; i < raw.rows(); ++i) number.raw[raw.row()[i]] = raw.numeric(f)[i];
    number.scaled = std::move(scaled[f]);
  }
  for (size_t f = 0; f < model.space.categories.size(); ++f) {
    ClusterColumns::Category& category = columns->categories.emplace_back();
    category.name = model.space.categories[f].name;
    category.words = model.space.categories[f].words;
    category.code.assign(rows, -1);
    for (size_t i = 0; i < raw.rows(); ++i) category.code[raw.row()[i]] = raw.codes(f)[i];
  }
  if (raw.weights().empty()) return;
  columns->weight.assign(rows, std::numeric_limits<double>::quiet_NaN());
  for (size_t i = 0; i < raw.rows(); ++i) {
    columns->weight[raw.row()[i]] = std::ldexp(static_cast<double>(raw.weights()[i]), -kWeightBits);
  }
}

}  // namespace

absl::Status ScoreClusters(const ClusteringModel& model, const ShardFeatures& shard, const Kernels& kernels,
                           std::vector<CustomerScore>* scores, ClusterColumns* columns) {
  if (model.k == 0) return absl::OkStatus();
  if (const int greatest = model.clusters.back().id; greatest > kMaxClusterId) {
    return MakeError(
        absl::StatusCode::kFailedPrecondition, "CLUSTERING_IDS",
        fmt::format("a cluster would get the number {}, allowed are {}: numbers are not given twice while a "
                    "snapshot follows another; run with --follows none to begin anew",
                    greatest, kMaxClusterId));
  }
  STRATA_ASSIGN_OR_RETURN(ClusterPredictor::Labels labels, ClusterPredictor(model).Of(shard, kernels));
  STRATA_ASSIGN_OR_RETURN(const RawValues raw, RawValues::Of(model.space, shard));
  std::vector<uint8_t> is_clustered(scores->size(), 0);
  for (const uint32_t row : raw.row()) is_clustered[row] = 1;
  for (size_t row = 0; row < scores->size(); ++row) {
    CustomerScore& score = (*scores)[row];
    if (shard.today.purchase_days[row] <= 0) continue;
    if (is_clustered[row] == 0) {
      score.flags |= kFlagClusterMissing;
      continue;
    }
    score.cluster = static_cast<int16_t>(labels.id[row] - 1);
    score.second_cluster = static_cast<int16_t>(labels.second[row] - 1);
    score.cluster_distance = labels.distance[row];
    if (labels.outlier[row] != 0) {
      score.flags |= kFlagOutlier;
    } else if (model.k > 1) {
      score.cluster_silhouette = std::ldexp(static_cast<double>(labels.silhouette[row]), -kClusterSilhouetteBits);
    }
  }
  if (columns != nullptr) TakeColumns(model, raw, std::move(labels.scaled), scores->size(), columns);
  return absl::OkStatus();
}

}  // namespace strata
