// Inside evaluations: the sums of a chunk of blocks, and how a chunk is worked on. For evaluate.cc and
// evaluate_in_memory.cc alone. Not thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "model/clustering/evaluate.h"

namespace strata {

inline constexpr size_t kChunkBlocks = 64;  // 2^14 customers: their weighted sums fit 63 bits

// Sums of a chunk, in 64 bits: |sum of w q| <= 2^14 2^16 2^22, twice where it moves from slot to slot.
class ChunkSums {
 public:
  ChunkSums(size_t k, const PointBlocks& points);

  // The customers `which` of block b leave the slots `before` for those `now`; kNoSlot: outside of all.
  void Move(size_t b, const BlockView& block, std::span<const uint32_t> which, const uint8_t* before,
            const uint8_t* now);
  // The same for their squares, which matter where customers join or leave all slots.
  void MoveSquares(size_t b, const BlockView& block, std::span<const uint32_t> which, const uint8_t* before,
                   const uint8_t* now);
  ClusterSums Take();

 private:
  size_t Row(uint8_t slot) const { return slot == kNoSlot ? k_ : slot; }
  void MoveWeighted(size_t b, const BlockView& block, std::span<const uint32_t> which, const uint8_t* before,
                    const uint8_t* now);
  void MoveCodes(size_t b, const BlockView& block, std::span<const uint32_t> which, const uint8_t* before,
                 const uint8_t* now);

  const PointBlocks& points_;
  size_t k_;
  size_t d_;
  // By slot, the last for nobody's: sums of w q, number, weight.
  std::vector<int64_t> rows_;
  std::vector<int64_t> levels_;  // weight by slot, category and code; kLevelStride a category
  Int128 squares_ = 0;
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
  void Add(size_t b, const BlockView& block);
  Evaluation Take();

 private:
  // Takes what is not certainly kept out of the labels.
  void Trim(size_t b, size_t n, const int64_t* distances, uint8_t* labels);

  const EvaluationWork& work_;
  ChunkSums sums_;
  Evaluation result_;
};

}  // namespace strata
