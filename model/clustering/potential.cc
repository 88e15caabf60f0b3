#include "model/clustering/potential.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace strata {

Potential::Potential(const PointBlocks& points, int64_t gamma, const Kernels& kernels)
    : points_(&points), gamma_(gamma), kernels_(&kernels), distances_(points.blocks() * kKernelBlock, 1.0F) {
  for (size_t b = 0; b < points.blocks(); ++b) {
    UInt128 sum = 0;
    const size_t begin = b * kKernelBlock;
    for (size_t i = 0; i < points.block(b).n; ++i) sum += static_cast<UInt128>(points.weight(begin + i));
    blocks_.push_back(sum);
    total_ += sum;
  }
}

void Potential::Add(const Centre& centre) {
  const CentreSet set({centre}, gamma_);
  if (!placed_) std::fill(distances_.begin(), distances_.end(), std::numeric_limits<float>::infinity());
  placed_ = true;
  total_ = 0;
  for (size_t b = 0; b < blocks_.size(); ++b) {
    float* const distances = distances_.data() + b * kKernelBlock;
    const BlockView block = points_->block(b);
    const int64_t plain = kernels_->cluster.least_distance(set.view(), block, distances, distances);
    UInt128 sum = static_cast<UInt128>(plain);
    if (points_->weighted()) {
      sum = 0;
      for (size_t i = 0; i < block.n; ++i) sum += static_cast<UInt128>(PartOf(b * kKernelBlock + i));
    }
    blocks_[b] = sum;
    total_ += sum;
  }
}

UInt128 Potential::PartOf(size_t point) const {
  const int64_t distance = static_cast<int64_t>(std::rint(static_cast<double>(distances_[point])));
  return static_cast<UInt128>(distance) * static_cast<UInt128>(points_->weight(point));
}

size_t Potential::Draw(uint64_t share) const {
  // floor(share total / 2^64), in parts because the product may have 144 bits.
  const uint64_t low = static_cast<uint64_t>(total_);
  UInt128 target = static_cast<UInt128>(share) * static_cast<uint64_t>(total_ >> 64);
  target += (static_cast<UInt128>(share) * low) >> 64;
  size_t b = 0;
  while (target >= blocks_[b]) target -= blocks_[b++];
  size_t point = b * kKernelBlock;
  for (UInt128 part = PartOf(point); target >= part; part = PartOf(++point)) target -= part;
  return point;
}

}  // namespace strata
