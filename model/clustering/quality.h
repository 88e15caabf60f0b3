// How good clusters are: exact sums over customers, and the figures that follow from them. Every customer counts once,
// whatever its weight.
//
// - silhouette: mean of (b - a) / max(a, b) by squared Euclidean distance, a and b the mean distances to the own and to
//   the nearest other cluster (model/kernels/cluster_kernels.h); 0 in a cluster of one
// - Calinski-Harabasz (1974, Comm. Statist. 3, 1-27): (B / (k - 1)) / (W / (n - k)), B = T - W with T the squared
//   distances to the mean of all
// - Davies-Bouldin (1979, IEEE PAMI 1, 224-227): mean over clusters of max (s_i + s_j) / |c_i - c_j|, s the mean
//   distance to the own centre
//
// With categories, a squared distance has gamma times the number of mismatches in it throughout. Plain values and pure
// functions; thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/int128.h"

namespace strata {

inline constexpr int kClusterDistanceGridBits = 20;    // of distances in grid units: 2^22 sqrt(32) 2^20 2^31 < 2^77
inline constexpr int kClusterSilhouetteGridBits = 40;  // |s| <= 1

// By cluster, in the order of the centres.
struct ClusterQuality {
  std::vector<int64_t> count;
  std::vector<Int128> squares;      // of squared distances to the own centre, squared grid units
  std::vector<Int128> distances;    // of distances to the own centre, 2^-20 grid units, each rounded once
  std::vector<Int128> silhouettes;  // 2^-40, each rounded once
  std::vector<int64_t> farthest;    // greatest squared distance

  void Merge(const ClusterQuality& other);
  void Encode(ByteWriter* writer) const;
  static ClusterQuality Decode(ByteReader* reader);
  bool operator==(const ClusterQuality&) const = default;

  int64_t customers() const;
  Int128 within() const;
};

// What is undefined is absent.
struct QualityFigures {
  std::optional<double> silhouette;         // two clusters or more
  std::optional<double> calinski_harabasz;  // 1 < k < n and W > 0
  std::optional<double> davies_bouldin;     // two clusters or more, no two centres on one spot
};
// `total`: squared distances of all to their mean (and modes), squared grid units. `between`: by pair of clusters, k x
// k, squared distances of centres.
QualityFigures FiguresOf(const ClusterQuality& quality, Int128 total, const std::vector<int64_t>& between);

}  // namespace strata
