#include "model/clustering/silhouette.h"

namespace strata {

SilhouetteScorer::SilhouetteScorer(const CentroidSums& sums) {
  for (size_t c = 0; c < sums.rows.size(); ++c) {
    SilhouetteCluster& cluster = clusters_.emplace_back();
    const double n = static_cast<double>(sums.count(c));
    for (size_t j = 0; j < kClusterFeatures; ++j) {
      cluster.twice_mean[j] = 2 * (static_cast<double>(sums.rows[c][j]) / n);
    }
    cluster.mean_squared_norm = static_cast<double>(sums.squared_norms(c)) / n;
    cluster.own_factor = sums.count(c) > 1 ? n / (n - 1) : 0;
  }
}

int64_t SilhouetteScorer::Sum(const PointBlock& block, const LabelBlock& labels, const Kernels& kernels) const {
  if (clusters_.size() < 2) return 0;
  return kernels.silhouette(block.lanes[0].data(), block.size, labels.labels.data(), clusters_.data(),
                            clusters_.size());
}

}  // namespace strata
