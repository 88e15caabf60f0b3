#include "model/clustering/potential.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <limits>

namespace strata {

Potential::Potential(const PointBlocks& points, int64_t gamma, const Kernels& kernels, int64_t trim)
    : points_(&points),
      gamma_(gamma),
      kernels_(&kernels),
      trim_(trim),
      distances_(points.blocks() * kKernelBlock, 1.0F) {
  for (size_t b = 0; b < points.blocks(); ++b) {
    UInt128 sum = 0;
    const size_t begin = b * kKernelBlock;
    for (size_t i = 0; i < points.block_size(b); ++i) sum += static_cast<UInt128>(points.weight(begin + i));
    blocks_.push_back(sum);
    total_ += sum;
  }
}

void Potential::Add(const Centre& centre) {
  const CentreSet set({centre}, gamma_);
  if (!placed_) std::fill(distances_.begin(), distances_.end(), std::numeric_limits<float>::infinity());
  placed_ = true;
  std::vector<int64_t> plain;
  BlockReader reader(*points_, *kernels_);
  for (size_t b = 0; b < blocks_.size(); ++b) {
    float* const distances = distances_.data() + b * kKernelBlock;
    plain.push_back(kernels_->cluster.least_distance(set.view(), reader.block(b), distances, distances));
  }
  if (trim_ > 0) FindReach();
  total_ = 0;
  for (size_t b = 0; b < blocks_.size(); ++b) {
    UInt128 sum = static_cast<UInt128>(plain[b]);
    if (points_->weighted() || trim_ > 0) {
      sum = 0;
      for (size_t i = 0; i < points_->block_size(b); ++i) sum += static_cast<UInt128>(PartOf(b * kKernelBlock + i));
    }
    blocks_[b] = sum;
    total_ += sum;
  }
}

void Potential::FindReach() {
  std::vector<float> all(distances_.begin(), distances_.begin() + static_cast<std::ptrdiff_t>(points_->size()));
  const auto farthest_kept = all.begin() + static_cast<std::ptrdiff_t>(trim_);
  std::nth_element(all.begin(), farthest_kept, all.end(), std::greater<>());
  reach_ = *farthest_kept;
}

UInt128 Potential::PartOf(size_t point) const {
  if (distances_[point] > reach_) return 0;
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
