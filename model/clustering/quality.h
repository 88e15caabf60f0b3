// How good clusters are: exact sums over customers, and the figures that follow from them. Every customer counts once,
// whatever its weight.
//
// - silhouette: mean of (b - a) / max(a, b) by squared Euclidean distance, a and b the mean distances to the own and to
//   the nearest other cluster (model/kernels/cluster_kernels.h); 0 in a cluster of one. The formula is that of the
//   Spark documentation's ClusteringEvaluator, from the sums of a cluster; the O(n^2) definition is Rousseeuw (1987),
//   J. Comput. Appl. Math. 20, 53-65
// - Calinski-Harabasz (1974, Comm. Statist. 3, 1-27): (B / (k - 1)) / (W / (n - k)), B = T - W with T the squared
//   distances to the mean of all
// - Davies-Bouldin (1979, IEEE PAMI 1, 224-227): mean over clusters of max (s_i + s_j) / |c_i - c_j|, s the mean
//   distance to the own centre
//
// With categories, a squared distance has gamma times the number of mismatches in it throughout. Customers that belong
// to no cluster (kNoSlot) do not count. Plain values and pure functions; thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/int128.h"
#include "model/clustering/centres.h"
#include "model/clustering/point_blocks.h"
#include "model/kernels/kernels.h"

namespace strata {

inline constexpr int kClusterDistanceGridBits = 20;  // of distances in grid units: 2^22 sqrt(32) 2^20 2^31 < 2^77

// What the mean distance of a point to a cluster needs, by cluster.
struct ClusterTotals {
  size_t d = 0;
  std::vector<int64_t> count;
  std::vector<Int128> sums;                  // of q; cluster * d + feature
  std::vector<Int128> squares;               // of |q|^2
  std::vector<std::vector<int64_t>> levels;  // customers by code; cluster * categories + category

  enum class Count : uint8_t { kCustomers, kWeights };
  ClusterTotals() = default;  // the neutral element of Merge
  // Of the points with labels[i] < k.
  ClusterTotals(const PointBlocks& points, std::span<const uint8_t> labels, size_t k, Count by = Count::kCustomers);

  size_t k() const { return count.size(); }
  size_t categories() const { return count.empty() ? 0 : levels.size() / count.size(); }
  int64_t customers() const;
  // Squared distances of all to their mean, and gamma for every category that is not the most frequent of all; less
  // than d below the exact value.
  Int128 SquaresAboutMean(int64_t gamma) const;

  void Merge(const ClusterTotals& other);
  void Encode(ByteWriter* writer) const;
  static ClusterTotals Decode(ByteReader* reader);
  bool operator==(const ClusterTotals&) const = default;
};

// Totals as the kernel wants them. Owns what its view shows; not copied, so that a view stays valid.
class SilhouetteTable {
 public:
  SilhouetteTable(const ClusterTotals& totals, int64_t gamma);
  SilhouetteTable(const SilhouetteTable&) = delete;
  SilhouetteTable& operator=(const SilhouetteTable&) = delete;

  SilhouetteView view() const;

 private:
  size_t k_;
  size_t d_;
  size_t categories_;
  std::vector<double> twice_mean_, mean_squared_norm_, own_factor_, level_costs_;
};

// By cluster, in the order of the centres.
struct ClusterQuality {
  std::vector<int64_t> count;
  std::vector<Int128> squares;      // of squared distances to the own centre, squared grid units
  std::vector<Int128> distances;    // of distances to the own centre, 2^-20 grid units, each rounded once
  std::vector<Int128> silhouettes;  // 2^-kClusterSilhouetteBits, each rounded once
  std::vector<int64_t> farthest;    // greatest squared distance

  void Merge(const ClusterQuality& other);
  void Encode(ByteWriter* writer) const;
  static ClusterQuality Decode(ByteReader* reader);
  bool operator==(const ClusterQuality&) const = default;

  int64_t customers() const;
  Int128 within() const;
};

// Of the points, given where they belong. Precondition: the totals have as many clusters as there are centres.
ClusterQuality MeasureQuality(const PointBlocks& points, const CentreSet& centres, std::span<const uint8_t> labels,
                              const ClusterTotals& totals, const Kernels& kernels);

// What is undefined is absent.
struct QualityFigures {
  std::optional<double> silhouette;         // two clusters or more
  std::optional<double> calinski_harabasz;  // 1 < k < n and W > 0
  std::optional<double> davies_bouldin;     // two clusters or more, no two centres on one spot
};
// `total`: ClusterTotals::SquaresAboutMean.
QualityFigures FiguresOf(const ClusterQuality& quality, Int128 total, const CentreSet& centres);

}  // namespace strata
