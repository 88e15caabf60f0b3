#include "model/clustering/point_blocks.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <numeric>
#include <utility>

#include "model/clustering/feature_space.h"
#include "model/clustering/feature_values.h"

namespace strata {
namespace {

constexpr size_t kCacheLine = 64;

template <typename T>
T* Allocate(size_t count) {
  if (count == 0) return nullptr;
  const size_t bytes = (count * sizeof(T) + kCacheLine - 1) / kCacheLine * kCacheLine;
  void* const memory = std::aligned_alloc(kCacheLine, bytes);
  if (memory == nullptr) throw std::bad_alloc();
  return static_cast<T*>(memory);
}

}  // namespace

void PointBlocks::Free::operator()(void* memory) const { std::free(memory); }

PointBlocks::PointBlocks(size_t size, size_t d, std::vector<size_t> levels)
    : size_(size), d_(d), levels_(std::move(levels)), beyond_(d) {
  points_.reset(Allocate<float>(blocks() * d_ * kKernelBlock));
  codes_.reset(Allocate<uint8_t>(blocks() * levels_.size() * kKernelBlock));
  if (blocks() == 0) return;
  // Behind the last point are zeros.
  std::fill_n(points_.get() + (blocks() - 1) * d_ * kKernelBlock, d_ * kKernelBlock, 0.0F);
  std::fill_n(codes_.get() + (blocks() - 1) * levels_.size() * kKernelBlock, levels_.size() * kKernelBlock, uint8_t{0});
}

PointBlocks PointBlocks::Of(const ClusterSpace& space, const RawValues& raw, std::span<const uint64_t> hash,
                            const Kernels& kernels) {
  std::vector<size_t> levels;
  for (const CategoryFeature& category : space.categories) levels.push_back(category.words.size());
  PointBlocks made(raw.rows(), space.d(), std::move(levels));
  made.rows_.assign(raw.row().begin(), raw.row().end());
  for (const uint32_t row : made.rows_) made.hashes_.push_back(hash[row]);
  made.weights_.assign(raw.weights().begin(), raw.weights().end());
  std::vector<int32_t> grid(made.size_);
  for (size_t j = 0; j < made.d_; ++j) {
    ScaleOnGrid(space.numeric[j], space.grid_bits, raw.numeric(j), kernels, grid, &made.beyond_[j]);
    for (size_t i = 0; i < made.size_; ++i) {
      made.points(i / kKernelBlock)[j * kKernelBlock + i % kKernelBlock] = static_cast<float>(grid[i]);
    }
  }
  for (size_t f = 0; f < made.levels_.size(); ++f) {
    const std::span<const uint8_t> codes = raw.codes(f);
    for (size_t i = 0; i < made.size_; ++i) {
      made.codes(i / kKernelBlock)[f * kKernelBlock + i % kKernelBlock] = codes[i];
    }
  }
  made.AddTotals();
  return made;
}

PointBlocks PointBlocks::OfGrid(size_t d, size_t categories, std::span<const int32_t> rows_q,
                                std::span<const uint8_t> rows_codes, std::span<const uint64_t> hash,
                                std::span<const int32_t> weights) {
  std::vector<size_t> levels(categories, 1);
  for (size_t i = 0; i < rows_codes.size(); ++i) {
    size_t& of_category = levels[i % categories];
    of_category = std::max(of_category, size_t{rows_codes[i]} + 1);
  }
  PointBlocks made(hash.size(), d, std::move(levels));
  made.hashes_.assign(hash.begin(), hash.end());
  made.weights_.assign(weights.begin(), weights.end());
  for (size_t i = 0; i < made.size_; ++i) {
    const size_t b = i / kKernelBlock;
    const size_t lane = i % kKernelBlock;
    float* const points = made.points(b) + lane;
    for (size_t j = 0; j < d; ++j) points[j * kKernelBlock] = static_cast<float>(rows_q[i * d + j]);
    uint8_t* const codes = made.codes(b) + lane;
    for (size_t f = 0; f < categories; ++f) codes[f * kKernelBlock] = rows_codes[i * categories + f];
  }
  made.AddTotals();
  return made;
}

void PointBlocks::AddTotals() {
  total_weight_ = 0;
  total_squares_ = 0;
  for (size_t b = 0; b < blocks(); ++b) {
    const BlockView view = block(b);
    for (size_t i = 0; i < view.n; ++i) {
      int64_t square = 0;
      for (size_t j = 0; j < d_; ++j) {
        const int64_t q = static_cast<int64_t>(view.points[j * kKernelBlock + i]);
        square += q * q;
      }
      const Int128 w = weight(b * kKernelBlock + i);
      total_weight_ += w;
      total_squares_ += w * square;
    }
  }
}

BlockView PointBlocks::block(size_t b) const {
  return {.points = points_.get() + b * d_ * kKernelBlock,
          .codes = codes_.get() + b * levels_.size() * kKernelBlock,
          .n = std::min(kKernelBlock, size_ - b * kKernelBlock),
          .stride = kKernelBlock};
}

int32_t PointBlocks::coordinate(size_t i, size_t feature) const {
  const size_t at = (i / kKernelBlock * d_ + feature) * kKernelBlock + i % kKernelBlock;
  return static_cast<int32_t>(points_[at]);
}

uint8_t PointBlocks::code(size_t i, size_t category) const {
  return codes_[(i / kKernelBlock * levels_.size() + category) * kKernelBlock + i % kKernelBlock];
}

Centre PointBlocks::point(size_t i) const {
  Centre point;
  for (size_t j = 0; j < d_; ++j) point.q.push_back(coordinate(i, j));
  for (size_t f = 0; f < levels_.size(); ++f) point.modes.push_back(code(i, f));
  return point;
}

size_t PointBlocks::bytes() const {
  return blocks() * kKernelBlock * (d_ * sizeof(float) + levels_.size()) + rows_.size() * sizeof(uint32_t) +
         hashes_.size() * sizeof(uint64_t) + weights_.size() * sizeof(int32_t);
}

}  // namespace strata
