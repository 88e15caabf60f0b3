// What a clustering fit left, on the wire. Pure functions; thread-safe.
#pragma once

#include "base/status.h"
#include "model/clustering/cluster_model.h"

namespace strata {
namespace v1 {
class ClusteringModel;
}  // namespace v1

// All that tells a person what the clusters are and how good. What only a next fit needs (bins, counts of words, the
// threshold of outliers, how clusters were matched) is not sent. `message` must be empty.
void FillClustering(const ClusteringModel& model, v1::ClusteringModel* message);
// INTERNAL (ANSWER_INVALID) for a message whose lists do not fit one another, or that names what this program does not
// know. Effects of clusters are those that set them apart; others are 0.
absl::StatusOr<ClusteringModel> ReadClustering(const v1::ClusteringModel& message);

}  // namespace strata
