#include "model/clustering/evaluation_chunk.h"

#include <array>
#include <cstring>

namespace strata {

void AddFarthest(const PointBlocks& points, size_t b, const int64_t* distances, const uint8_t* labels,
                 FarthestCustomers* farthest) {
  const size_t n = points.block(b).n;
  for (size_t i = 0; i < n; ++i) {
    const size_t customer = b * kKernelBlock + i;
    if (labels[i] == kNoSlot || !farthest->Wants(distances[i]) || points.weight(customer) == 0) continue;
    farthest->Insert({distances[i], points.point(customer)});
  }
}

EvaluationChunk::EvaluationChunk(const EvaluationWork& work) : work_(work), sums_(work.view.k, work.points) {
  result_.farthest.wanted = work.request.farthest_wanted;
  if (work.request.bracket.has_value()) result_.trim.bins.assign(work.request.bracket->bins(), 0);
}

void EvaluationChunk::Add(size_t b) {
  const BlockView block = work_.points.block(b);
  uint8_t* const labels = work_.labels + b * kKernelBlock;
  float* const best = work_.best == nullptr ? nullptr : work_.best + b * kKernelBlock;
  const bool measured = work_.request.bracket.has_value() || work_.request.farthest_wanted > 0;
  alignas(64) std::array<uint8_t, kKernelBlock> now;
  alignas(64) std::array<int64_t, kKernelBlock> distances;
  const uint8_t* assigned = labels;
  if (work_.assign) {
    if (work_.prune) {
      std::memcpy(now.data(), labels, kKernelBlock);
      work_.kernels.cluster.nearest_of(work_.view, work_.moved.data(), work_.moved.size(), block, now.data(), best);
    } else {
      work_.kernels.cluster.nearest(work_.view, block, now.data(), best);
    }
    assigned = now.data();
  }
  if (measured) BlockDistances(work_.request.centres, block, assigned, work_.kernels, distances.data());
  if (work_.request.bracket.has_value()) Trim(b, block.n, distances.data(), now.data());
  if (work_.request.farthest_wanted > 0) {
    AddFarthest(work_.points, b, distances.data(), assigned, &result_.farthest);
  }
  if (!work_.assign) return;
  std::array<uint32_t, kKernelBlock> which;
  const size_t changed = work_.kernels.cluster.changed(labels, now.data(), block.n, which.data());
  if (changed == 0) return;
  for (size_t c = 0; c < changed; ++c) {
    const size_t i = which[c];
    sums_.Move(work_.points, block, b, i, labels[i], now[i]);
    if (work_.request.bracket.has_value()) sums_.MoveSquare(work_.points, block, b, i, labels[i], now[i]);
  }
  std::memcpy(labels, now.data(), kKernelBlock);
}

Evaluation EvaluationChunk::Take() {
  result_.sums = sums_.Take();
  std::sort(result_.trim.rows.begin(), result_.trim.rows.end());
  return std::move(result_);
}

void EvaluationChunk::Trim(size_t b, size_t n, const int64_t* distances, uint8_t* labels) {
  const TrimBracket& bracket = *work_.request.bracket;
  TrimCounts& trim = result_.trim;
  for (size_t i = 0; i < n; ++i) {
    const size_t customer = b * kKernelBlock + i;
    const uint64_t hash = work_.points.hash(customer);
    const UInt128 key = TrimKey(distances[i], hash);
    if (key < bracket.low) continue;
    const uint8_t slot = std::exchange(labels[i], kNoSlot);
    if (key >= bracket.high) {
      ++trim.behind;
      continue;
    }
    ++trim.bins[bracket.BinOf(key)];
    if (bracket.octaves) continue;
    trim.rows.push_back({distances[i], hash, slot, work_.points.weight(customer), work_.points.point(customer)});
  }
}

}  // namespace strata
