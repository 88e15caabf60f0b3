#include "model/clustering/quality.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/fixed_point.h"
#include "model/clustering/evaluate.h"
#include "model/statistics/integer_sums.h"

namespace strata {
namespace {

// The mean distance to a cluster without customers: nobody's nearest other one.
constexpr double kFarFromEverybody = std::numeric_limits<double>::infinity();

std::optional<double> CalinskiHarabasz(double customers, double clusters, Int128 total, Int128 within) {
  if (clusters < 2 || customers <= clusters || within <= 0 || total < within) return std::nullopt;
  return (ToDouble(total - within) / (clusters - 1)) / (ToDouble(within) / (customers - clusters));
}

std::optional<double> DaviesBouldin(const ClusterQuality& quality, const CentreSet& centres) {
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
      const int64_t apart = SquaredDistance(centres[i], centres[j], centres.gamma());
      if (apart <= 0) return std::nullopt;
      worst = std::max(worst, (spread[i] + spread[j]) / std::sqrt(static_cast<double>(apart)));
    }
    sum += worst;
  }
  return sum / static_cast<double>(k);
}

}  // namespace

ClusterTotals::ClusterTotals(const PointBlocks& points, std::span<const uint8_t> labels, size_t k, Count by)
    : d(points.d()), count(k, 0), sums(k * points.d(), 0), squares(k, 0) {
  for (size_t c = 0; c < k; ++c) {
    for (const size_t codes : points.levels()) levels.emplace_back(codes, 0);
  }
  std::vector<int64_t> block_sums(k * d);
  BlockReader reader(points, PlainKernels());
  for (size_t b = 0; b < points.blocks(); ++b) {
    std::fill(block_sums.begin(), block_sums.end(), 0);  // 2^8 points, coordinates to 2^22, weights to 2^16
    const BlockView block = reader.block(b);
    for (size_t i = 0; i < block.n; ++i) {
      const size_t c = labels[b * kKernelBlock + i];
      if (c >= k) continue;
      const int64_t weight = by == Count::kWeights ? points.weight(b * kKernelBlock + i) : 1;
      count[c] += weight;
      int64_t squared_norm = 0;
      for (size_t j = 0; j < d; ++j) {
        const auto q = static_cast<int64_t>(block.points[j * block.stride + i]);
        block_sums[c * d + j] += weight * q;
        squared_norm += q * q;
      }
      squares[c] += static_cast<Int128>(weight) * squared_norm;
      for (size_t f = 0; f < points.categories(); ++f) {
        levels[c * points.categories() + f][block.codes[f * block.stride + i]] += weight;
      }
    }
    for (size_t s = 0; s < sums.size(); ++s) sums[s] += block_sums[s];
  }
}

int64_t ClusterTotals::customers() const { return std::accumulate(count.begin(), count.end(), int64_t{0}); }

Int128 ClusterTotals::SquaresAboutMean(int64_t gamma) const {
  const Int128 n = customers();
  if (n == 0) return 0;
  Int128 total = std::accumulate(squares.begin(), squares.end(), Int128{0});
  for (size_t j = 0; j < d; ++j) {
    Int128 sum = 0;  // at most 2^53
    for (size_t c = 0; c < k(); ++c) sum += sums[c * d + j];
    total -= sum * sum / n;
  }
  for (size_t f = 0; f < categories(); ++f) {
    std::vector<int64_t> all;
    for (size_t c = 0; c < k(); ++c) AddInto(&all, levels[c * categories() + f]);
    const int64_t most = all.empty() ? 0 : *std::max_element(all.begin(), all.end());
    total += static_cast<Int128>(gamma) * (n - most);
  }
  return total;
}

void ClusterTotals::Merge(const ClusterTotals& other) {
  d = std::max(d, other.d);
  AddInto(&count, other.count);
  AddInto(&sums, other.sums);
  AddInto(&squares, other.squares);
  if (levels.size() < other.levels.size()) levels.resize(other.levels.size());
  for (size_t i = 0; i < other.levels.size(); ++i) AddInto(&levels[i], other.levels[i]);
}

void ClusterTotals::Encode(ByteWriter* writer) const {
  writer->U32(static_cast<uint32_t>(d));
  writer->Array(count);
  writer->Array(sums);
  writer->Array(squares);
  writer->U32(static_cast<uint32_t>(levels.size()));
  for (const std::vector<int64_t>& of_category : levels) writer->Array(of_category);
}

ClusterTotals ClusterTotals::Decode(ByteReader* reader) {
  ClusterTotals totals;
  totals.d = reader->U32();
  totals.count = reader->Array<int64_t>();
  totals.sums = reader->Array<Int128>();
  totals.squares = reader->Array<Int128>();
  const uint32_t tables = reader->U32();
  for (uint32_t i = 0; i < tables && reader->ok(); ++i) totals.levels.push_back(reader->Array<int64_t>());
  return totals;
}

SilhouetteTable::SilhouetteTable(const ClusterTotals& totals, int64_t gamma)
    : k_(totals.k()), d_(totals.d), categories_(totals.categories()) {
  level_costs_.assign(k_ * categories_ * kLevelStride, 0.0);
  for (size_t c = 0; c < k_; ++c) {
    const auto n = static_cast<double>(std::max<int64_t>(totals.count[c], 1));
    for (size_t j = 0; j < d_; ++j) twice_mean_.push_back(2 * ToDouble(totals.sums[c * d_ + j]) / n);
    mean_squared_norm_.push_back(totals.count[c] > 0 ? ToDouble(totals.squares[c]) / n : kFarFromEverybody);
    own_factor_.push_back(totals.count[c] > 1 ? n / (n - 1) : 0);
    for (size_t f = 0; f < categories_; ++f) {
      const std::vector<int64_t>& of_category = totals.levels[c * categories_ + f];
      double* costs = level_costs_.data() + (c * categories_ + f) * kLevelStride;
      std::fill_n(costs, kLevelStride, static_cast<double>(gamma));
      for (size_t code = 0; code < of_category.size(); ++code) {
        costs[code] = static_cast<double>(gamma) * (1 - static_cast<double>(of_category[code]) / n);
      }
    }
  }
}

SilhouetteView SilhouetteTable::view() const {
  return {.twice_mean = twice_mean_.data(),
          .mean_squared_norm = mean_squared_norm_.data(),
          .own_factor = own_factor_.data(),
          .level_costs = level_costs_.data(),
          .k = k_,
          .d = d_,
          .categories = categories_};
}

ClusterQuality MeasureQuality(const PointBlocks& points, const CentreSet& centres, std::span<const uint8_t> labels,
                              const ClusterTotals& totals, const Kernels& kernels) {
  const size_t k = centres.size();
  ClusterQuality quality{.count = std::vector<int64_t>(k),
                         .squares = std::vector<Int128>(k),
                         .distances = std::vector<Int128>(k),
                         .silhouettes = std::vector<Int128>(k),
                         .farthest = std::vector<int64_t>(k)};
  const SilhouetteTable table(totals, centres.gamma());
  // Who is set aside is at no distance; what is found for them is not looked at.
  std::vector<uint8_t> slots(labels.begin(), labels.end());
  for (uint8_t& slot : slots) slot = slot < k ? slot : 0;
  const std::vector<int64_t> squares = DistancesOf(points, centres, slots, kernels);
  std::vector<uint8_t> block_labels(kKernelBlock + kClusterLanesMax, kNoSlot);
  std::vector<int64_t> silhouettes(kKernelBlock + kClusterLanesMax);
  BlockReader reader(points, kernels);
  for (size_t b = 0; b < points.blocks(); ++b) {
    const BlockView block = reader.block(b);
    std::copy_n(labels.begin() + static_cast<std::ptrdiff_t>(b * kKernelBlock), block.n, block_labels.begin());
    kernels.cluster.silhouette(table.view(), block, block_labels.data(), silhouettes.data());
    for (size_t i = 0; i < block.n; ++i) {
      const size_t c = block_labels[i];
      if (c >= k) continue;
      const int64_t squared = squares[b * kKernelBlock + i];
      ++quality.count[c];
      quality.squares[c] += squared;
      quality.distances[c] += ToGrid(std::sqrt(static_cast<double>(squared)), kClusterDistanceGridBits);
      quality.silhouettes[c] += silhouettes[i];
      quality.farthest[c] = std::max(quality.farthest[c], squared);
    }
  }
  return quality;
}

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

QualityFigures FiguresOf(const ClusterQuality& quality, Int128 total, const CentreSet& centres) {
  QualityFigures figures;
  const size_t k = quality.count.size();
  const auto used = std::count_if(quality.count.begin(), quality.count.end(), [](int64_t n) { return n > 0; });
  if (used < 2) return figures;
  const auto customers = static_cast<double>(quality.customers());
  const Int128 sum = std::accumulate(quality.silhouettes.begin(), quality.silhouettes.end(), Int128{0});
  figures.silhouette = FromGrid(sum, kClusterSilhouetteBits) / customers;
  figures.calinski_harabasz = CalinskiHarabasz(customers, static_cast<double>(k), total, quality.within());
  figures.davies_bouldin = DaviesBouldin(quality, centres);
  return figures;
}

}  // namespace strata
