// Points for the tests of clustering, from a seed, and the slowest way to evaluate centres.
#pragma once

#include <cstdint>
#include <vector>

#include "model/clustering/evaluate.h"

namespace strata {

struct DrawnPoints {
  struct Shape {
    size_t n = 1000;
    size_t d = 3;
    size_t categories = 0;
    int64_t range = 1000;  // coordinates are within; small ones make ties and duplicates
    bool weighted = false;
  };
  DrawnPoints(uint64_t seed, const Shape& shape);

  PointBlocks Blocks() const;  // all of them
  // Those with index modulo `shards` = number.
  PointBlocks Shard(size_t number, size_t shards) const;
  Centre point(size_t i) const;
  int32_t weight(size_t i) const { return weights.empty() ? 1 : weights[i]; }

  Shape shape;
  std::vector<int32_t> q;
  std::vector<uint8_t> codes;
  std::vector<uint64_t> hash;
  std::vector<int32_t> weights;
};

// One customer after the other, in 128 bits.
struct SlowEvaluation {
  SlowEvaluation(const DrawnPoints& points, const CentreSet& centres, int64_t trim = 0);
  std::vector<uint8_t> labels;  // kNoSlot: trimmed
  std::vector<int64_t> distances;
  ClusterSums sums;
  Int128 inertia = 0;
};

}  // namespace strata
