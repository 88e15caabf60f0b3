#include "model/clustering/evaluation_chunk.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace strata {

ChunkSums::ChunkSums(size_t k, const PointBlocks& points)
    : points_(points),
      k_(k),
      d_(points.d()),
      rows_((k + 1) * (d_ + 2)),
      levels_((k + 1) * points.categories() * kLevelStride) {}

void ChunkSums::Move(size_t b, const BlockView& block, std::span<const uint32_t> which, const uint8_t* before,
                     const uint8_t* now) {
  if (points_.categories() > 0) MoveCodes(b, block, which, before, now);
  if (points_.weighted()) return MoveWeighted(b, block, which, before, now);
  const size_t d = d_;
  int64_t* const rows = rows_.data();
  for (const uint32_t i : which) {
    int64_t* const left = rows + Row(before[i]) * (d + 2);
    int64_t* const joined = rows + Row(now[i]) * (d + 2);
    for (size_t j = 0; j < d; ++j) {
      const int64_t q = static_cast<int64_t>(block.points[j * kKernelBlock + i]);
      left[j] -= q;
      joined[j] += q;
    }
    --left[d];
    ++joined[d];
  }
}

void ChunkSums::MoveWeighted(size_t b, const BlockView& block, std::span<const uint32_t> which, const uint8_t* before,
                             const uint8_t* now) {
  for (const uint32_t i : which) {
    int64_t* const left = rows_.data() + Row(before[i]) * (d_ + 2);
    int64_t* const joined = rows_.data() + Row(now[i]) * (d_ + 2);
    const int64_t w = points_.weight(b * kKernelBlock + i);
    for (size_t j = 0; j < d_; ++j) {
      const int64_t q = w * static_cast<int64_t>(block.points[j * block.stride + i]);
      left[j] -= q;
      joined[j] += q;
    }
    --left[d_];
    ++joined[d_];
    left[d_ + 1] -= w;
    joined[d_ + 1] += w;
  }
}

void ChunkSums::MoveCodes(size_t b, const BlockView& block, std::span<const uint32_t> which, const uint8_t* before,
                          const uint8_t* now) {
  const size_t categories = points_.categories();
  for (const uint32_t i : which) {
    const int64_t w = points_.weight(b * kKernelBlock + i);
    for (size_t f = 0; f < categories; ++f) {
      const uint8_t code = block.codes[f * block.stride + i];
      levels_[(Row(before[i]) * categories + f) * kLevelStride + code] -= w;
      levels_[(Row(now[i]) * categories + f) * kLevelStride + code] += w;
    }
  }
}

void ChunkSums::MoveSquares(size_t b, const BlockView& block, std::span<const uint32_t> which, const uint8_t* before,
                            const uint8_t* now) {
  for (const uint32_t i : which) {
    if ((before[i] == kNoSlot) == (now[i] == kNoSlot)) continue;
    int64_t square = 0;
    for (size_t j = 0; j < d_; ++j) {
      const int64_t q = static_cast<int64_t>(block.points[j * block.stride + i]);
      square += q * q;
    }
    const int64_t w = points_.weight(b * kKernelBlock + i);
    squares_ += static_cast<Int128>(square) * (before[i] == kNoSlot ? w : -w);
  }
}

ClusterSums ChunkSums::Take() {
  ClusterSums sums(k_, d_, points_.levels());
  const size_t categories = points_.categories();
  for (size_t slot = 0; slot < k_; ++slot) {
    const int64_t* const row = rows_.data() + slot * (d_ + 2);
    std::copy_n(row, d_, sums.sums.begin() + static_cast<std::ptrdiff_t>(slot * d_));
    sums.count[slot] = row[d_];
    sums.weight[slot] = points_.weighted() ? row[d_ + 1] : row[d_];
    for (size_t f = 0; f < categories; ++f) {
      std::vector<int64_t>& of_codes = sums.levels[slot * categories + f];
      std::copy_n(levels_.begin() + static_cast<std::ptrdiff_t>((slot * categories + f) * kLevelStride),
                  of_codes.size(), of_codes.begin());
    }
  }
  sums.squares = squares_;
  return sums;
}

void AddFarthest(const PointBlocks& points, size_t b, const int64_t* distances, const uint8_t* labels,
                 FarthestCustomers* farthest) {
  const size_t n = points.block_size(b);
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

void EvaluationChunk::Add(size_t b, const BlockView& block) {
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
  const std::span<const uint32_t> moving(which.data(), changed);
  sums_.Move(b, block, moving, labels, now.data());
  if (work_.request.bracket.has_value()) sums_.MoveSquares(b, block, moving, labels, now.data());
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
