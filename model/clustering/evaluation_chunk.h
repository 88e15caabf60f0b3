// Inside evaluations: the sums of a chunk of blocks, and how a chunk is worked on. For evaluate.cc and
// evaluate_in_memory.cc alone. Not thread-safe.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "model/clustering/evaluate.h"

namespace strata {

inline constexpr size_t kChunkBlocks = 64;  // 2^14 customers: their weighted sums fit 63 bits

// Sums of a chunk, in 64 bits: |sum of w q| <= 2^14 2^16 2^22, twice where it moves from slot to slot.
struct ChunkSums {
  ChunkSums(size_t k, const PointBlocks& points) : sums(k, points.d(), points.levels()), rows(k * points.d()) {}

  // Of a customer that leaves `before` for `now`; kNoSlot: outside of all.
  void Move(const PointBlocks& points, const BlockView& block, size_t b, size_t i, uint8_t before, uint8_t now) {
    const int64_t w = points.weight(b * kKernelBlock + i);
    if (before != kNoSlot) Count(block, i, before, -1, -w);
    if (now != kNoSlot) Count(block, i, now, 1, w);
  }
  // The same for its square, which matters where customers join or leave all slots.
  void MoveSquare(const PointBlocks& points, const BlockView& block, size_t b, size_t i, uint8_t before, uint8_t now) {
    if ((before == kNoSlot) == (now == kNoSlot)) return;
    Int128 square = 0;
    for (size_t j = 0; j < points.d(); ++j) {
      const int64_t q = static_cast<int64_t>(block.points[j * block.stride + i]);
      square += q * q;
    }
    const int64_t w = points.weight(b * kKernelBlock + i);
    sums.squares += square * (before == kNoSlot ? w : -w);
  }

  ClusterSums Take() {
    for (size_t i = 0; i < rows.size(); ++i) sums.sums[i] += rows[i];
    return std::move(sums);
  }

  ClusterSums sums;
  std::vector<int64_t> rows;

 private:
  void Count(const BlockView& block, size_t i, uint8_t slot, int64_t customers, int64_t w) {
    sums.count[slot] += customers;
    sums.weight[slot] += w;
    int64_t* const row = rows.data() + slot * sums.d;
    for (size_t j = 0; j < sums.d; ++j) row[j] += w * static_cast<int64_t>(block.points[j * block.stride + i]);
    const size_t width = sums.categories();
    for (size_t f = 0; f < width; ++f) sums.levels[slot * width + f][block.codes[f * block.stride + i]] += w;
  }
};

// Customers of block b that may be the farthest. Labels kNoSlot are left out.
void AddFarthest(const PointBlocks& points, size_t b, const int64_t* distances, const uint8_t* labels,
                 FarthestCustomers* farthest);

// How an evaluation is carried out; the same for every chunk.
struct EvaluationWork {
  const PointBlocks& points;
  const EvaluationRequest& request;
  const Kernels& kernels;
  CentreView view;
  uint8_t* labels;  // of the last evaluation, or all kNoSlot; then of this one
  float* best;      // null: ranks are not kept
  bool assign;      // else the labels hold already
  bool prune;       // only `moved` differ from the centres that labels and best belong to
  std::vector<uint8_t> moved;
};

class EvaluationChunk {
 public:
  explicit EvaluationChunk(const EvaluationWork& work);
  void Add(size_t b);
  Evaluation Take();

 private:
  // Takes what is not certainly kept out of the labels.
  void Trim(size_t b, size_t n, const int64_t* distances, uint8_t* labels);

  const EvaluationWork& work_;
  ChunkSums sums_;
  Evaluation result_;
};

}  // namespace strata
