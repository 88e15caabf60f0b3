// Evaluations of points that are all in memory.
#include <algorithm>

#include "model/clustering/evaluation_chunk.h"

namespace strata {

void BlockDistances(const CentreSet& centres, const BlockView& block, const uint8_t* labels, const Kernels& kernels,
                    int64_t* out) {
  kernels.cluster.squared_distance(centres.view(), block, labels, out);
  if (centres.gamma() == 0) return;
  for (size_t f = 0; f < centres.categories(); ++f) {
    const uint8_t* const codes = block.codes + f * block.stride;
    for (size_t i = 0; i < block.n; ++i) out[i] += codes[i] == centres[labels[i]].modes[f] ? 0 : centres.gamma();
  }
}

std::vector<uint8_t> LabelsOf(const PointBlocks& points, const CentreSet& centres, const Kernels& kernels) {
  std::vector<uint8_t> labels(points.blocks() * kKernelBlock);
  const CentreView view = centres.view();
  BlockReader reader(points, kernels);
  for (size_t b = 0; b < points.blocks(); ++b) {
    kernels.cluster.nearest(view, reader.block(b), labels.data() + b * kKernelBlock, nullptr);
  }
  labels.resize(points.size());
  return labels;
}

std::vector<int64_t> DistancesOf(const PointBlocks& points, const CentreSet& centres, std::span<const uint8_t> labels,
                                 const Kernels& kernels) {
  std::vector<int64_t> distances(points.blocks() * kKernelBlock);
  BlockReader reader(points, kernels);
  for (size_t b = 0; b < points.blocks(); ++b) {
    const size_t begin = b * kKernelBlock;
    BlockDistances(centres, reader.block(b), labels.data() + begin, kernels, distances.data() + begin);
  }
  distances.resize(points.size());
  return distances;
}

TrimmedEvaluation EvaluateTrimmed(const PointBlocks& points, const CentreSet& centres, uint32_t farthest_wanted,
                                  int64_t trim, const Kernels& kernels) {
  TrimmedEvaluation result;
  result.labels = LabelsOf(points, centres, kernels);
  const std::vector<int64_t> distances = DistancesOf(points, centres, result.labels, kernels);
  std::vector<size_t> order(points.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  // Equal in distance and hash: by content.
  const auto before = [&](size_t a, size_t b) {
    const UInt128 key_a = TrimKey(distances[a], points.hash(a));
    const UInt128 key_b = TrimKey(distances[b], points.hash(b));
    if (key_a != key_b) return key_a < key_b;
    return TrimCounts::Row{distances[a], points.hash(a), result.labels[a], points.weight(a), points.point(a)} <
           TrimCounts::Row{distances[b], points.hash(b), result.labels[b], points.weight(b), points.point(b)};
  };
  const auto cut = order.begin() + static_cast<std::ptrdiff_t>(points.size()) - trim;
  std::nth_element(order.begin(), cut - 1, order.end(), before);
  const size_t last = *(cut - 1);
  result.threshold = {distances[last], points.hash(last)};
  for (auto outlier = cut; outlier != order.end(); ++outlier) result.labels[*outlier] = kNoSlot;
  result.kept.farthest.wanted = farthest_wanted;
  result.kept.sums = ClusterSums(centres.size(), points.d(), points.levels());
  const std::vector<uint8_t> nobody(kKernelBlock, kNoSlot);
  BlockReader reader(points, kernels);
  std::vector<uint32_t> all(kKernelBlock);
  for (uint32_t i = 0; i < kKernelBlock; ++i) all[i] = i;
  for (size_t begin = 0; begin < points.blocks(); begin += kChunkBlocks) {
    ChunkSums sums(centres.size(), points);
    for (size_t b = begin; b < std::min(points.blocks(), begin + kChunkBlocks); ++b) {
      const uint8_t* const labels = result.labels.data() + b * kKernelBlock;
      const BlockView block = reader.block(b);
      const std::span<const uint32_t> of_block(all.data(), block.n);
      sums.Move(b, block, of_block, nobody.data(), labels);
      sums.MoveSquares(b, block, of_block, nobody.data(), labels);
      AddFarthest(points, b, distances.data() + b * kKernelBlock, labels, &result.kept.farthest);
    }
    result.kept.sums.Merge(sums.Take());
  }
  return result;
}

}  // namespace strata
