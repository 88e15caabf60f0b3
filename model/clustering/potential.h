// The potential of k-means++: the sum of w d^2 over points, d^2 to the nearest of the centres added so far, as float32
// and rounded to a whole number: quick, the same for any kernels, and exact to add. A copy is independent. The points
// must outlive it. Not thread-safe.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "base/int128.h"
#include "model/clustering/point_blocks.h"
#include "model/kernels/kernels.h"

namespace strata {

class Potential {
 public:
  // Without centres every distance counts as 1. The `trim` points that are farthest from all centres count as nothing,
  // so that no centre is put on an outlier. Precondition: 0 <= trim < points.size().
  Potential(const PointBlocks& points, int64_t gamma, const Kernels& kernels, int64_t trim = 0);

  void Add(const Centre& centre);
  UInt128 total() const { return total_; }
  // The point at this 64-bit share of the total: each is drawn in proportion to its part. Precondition: total() > 0.
  size_t Draw(uint64_t share) const;
  UInt128 PartOf(size_t point) const;  // its w d^2

 private:
  void FindReach();

  const PointBlocks* points_;
  int64_t gamma_;
  const Kernels* kernels_;
  int64_t trim_;
  float reach_ = std::numeric_limits<float>::infinity();  // distances beyond count as nothing
  std::vector<float> distances_;
  std::vector<UInt128> blocks_;  // sums of the blocks
  UInt128 total_ = 0;
  bool placed_ = false;  // a centre was added
};

}  // namespace strata
