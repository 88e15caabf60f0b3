#include "model/clustering/quality.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/fixed_point.h"
#include "model/statistics/integer_sums.h"

namespace strata {
namespace {

std::optional<double> CalinskiHarabasz(double customers, double clusters, Int128 total, Int128 within) {
  if (clusters < 2 || customers <= clusters || within <= 0 || total < within) return std::nullopt;
  return (ToDouble(total - within) / (clusters - 1)) / (ToDouble(within) / (customers - clusters));
}

std::optional<double> DaviesBouldin(const ClusterQuality& quality, const std::vector<int64_t>& between) {
  const size_t k = quality.count.size();
  std::vector<double> spread;
  for (size_t c = 0; c < k; ++c) {
    if (quality.count[c] == 0) return std::nullopt;
    spread.push_back(FromGrid(quality.distances[c], kClusterDistanceGridBits) / static_cast<double>(quality.count[c]));
  }
  double sum = 0;
  for (size_t i = 0; i < k; ++i) {
    double worst = 0;
    for (size_t j = 0; j < k; ++j) {
      if (i == j) continue;
      if (between[i * k + j] <= 0) return std::nullopt;
      worst = std::max(worst, (spread[i] + spread[j]) / std::sqrt(static_cast<double>(between[i * k + j])));
    }
    sum += worst;
  }
  return sum / static_cast<double>(k);
}

}  // namespace

void ClusterQuality::Merge(const ClusterQuality& other) {
  AddInto(&count, other.count);
  AddInto(&squares, other.squares);
  AddInto(&distances, other.distances);
  AddInto(&silhouettes, other.silhouettes);
  if (farthest.size() < other.farthest.size()) farthest.resize(other.farthest.size());
  for (size_t c = 0; c < other.farthest.size(); ++c) farthest[c] = std::max(farthest[c], other.farthest[c]);
}

void ClusterQuality::Encode(ByteWriter* writer) const {
  writer->Array(count);
  writer->Array(squares);
  writer->Array(distances);
  writer->Array(silhouettes);
  writer->Array(farthest);
}

ClusterQuality ClusterQuality::Decode(ByteReader* reader) {
  ClusterQuality quality;
  quality.count = reader->Array<int64_t>();
  quality.squares = reader->Array<Int128>();
  quality.distances = reader->Array<Int128>();
  quality.silhouettes = reader->Array<Int128>();
  quality.farthest = reader->Array<int64_t>();
  return quality;
}

int64_t ClusterQuality::customers() const { return std::accumulate(count.begin(), count.end(), int64_t{0}); }

Int128 ClusterQuality::within() const { return std::accumulate(squares.begin(), squares.end(), Int128{0}); }

QualityFigures FiguresOf(const ClusterQuality& quality, Int128 total, const std::vector<int64_t>& between) {
  QualityFigures figures;
  const size_t k = quality.count.size();
  if (k < 2 || quality.customers() == 0) return figures;
  const auto customers = static_cast<double>(quality.customers());
  const Int128 sum = std::accumulate(quality.silhouettes.begin(), quality.silhouettes.end(), Int128{0});
  figures.silhouette = FromGrid(sum, kClusterSilhouetteGridBits) / customers;
  figures.calinski_harabasz = CalinskiHarabasz(customers, static_cast<double>(k), total, quality.within());
  figures.davies_bouldin = DaviesBouldin(quality, between);
  return figures;
}

}  // namespace strata
