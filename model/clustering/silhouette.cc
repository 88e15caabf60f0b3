#include "model/clustering/silhouette.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace strata {

SilhouetteScorer::SilhouetteScorer(const ClusterSums& sums) {
  for (size_t c = 0; c < sums.rows.size(); ++c) {
    Cluster& cluster = clusters_.emplace_back();
    const double n = static_cast<double>(sums.count(c));
    for (size_t j = 0; j < kClusterFeatures; ++j) {
      cluster.twice_mean[j] = 2 * (static_cast<double>(sums.rows[c][j]) / n);
    }
    cluster.mean_squared_norm = static_cast<double>(sums.squared_norms(c)) / n;
    cluster.own_factor = sums.count(c) > 1 ? n / (n - 1) : 0;
  }
}

int64_t SilhouetteScorer::Sum(const PointBlock& block, const LabelBlock& labels) const {
  if (clusters_.size() < 2) return 0;
  alignas(64) std::array<double, kBlockPoints> norm;
  alignas(64) std::array<double, kBlockPoints> own{};
  alignas(64) std::array<double, kBlockPoints> other;
  other.fill(std::numeric_limits<double>::infinity());
  const auto& x = block.lanes;
  for (size_t i = 0; i < kBlockPoints; ++i) {
    norm[i] =
        std::fma(x[4][i], x[4][i],
                 std::fma(x[3][i], x[3][i], std::fma(x[2][i], x[2][i], std::fma(x[1][i], x[1][i], x[0][i] * x[0][i]))));
  }
  for (size_t c = 0; c < clusters_.size(); ++c) {
    const Cluster cluster = clusters_[c];
    const auto& y = cluster.twice_mean;
    const auto label = static_cast<int64_t>(c);
    for (size_t i = 0; i < kBlockPoints; ++i) {
      double mean = norm[i] + cluster.mean_squared_norm;
      mean = std::fma(
          -y[4], x[4][i],
          std::fma(-y[3], x[3][i], std::fma(-y[2], x[2][i], std::fma(-y[1], x[1][i], std::fma(-y[0], x[0][i], mean)))));
      mean = mean > 0 ? mean : 0;  // rounding may leave a little below a true 0
      const bool mine = labels.labels[i] == label;
      const double least = mean < other[i] ? mean : other[i];
      own[i] = mine ? mean * cluster.own_factor : own[i];
      other[i] = mine ? other[i] : least;
    }
  }
  int64_t sum = 0;
  for (size_t i = 0; i < block.size; ++i) {
    const bool alone = clusters_[static_cast<size_t>(labels.labels[i])].own_factor == 0;
    const double greater = std::max(own[i], other[i]);
    if (alone || !(greater > 0)) continue;
    sum += std::llrint((other[i] - own[i]) / greater * static_cast<double>(int64_t{1} << kSilhouetteGridBits));
  }
  return sum;
}

}  // namespace strata
