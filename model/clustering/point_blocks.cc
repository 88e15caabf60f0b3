#include "model/clustering/point_blocks.h"

#include <sys/mman.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <numeric>
#include <utility>

#include "model/clustering/feature_space.h"
#include "model/clustering/feature_values.h"

namespace strata {
namespace {

constexpr size_t kCacheLine = 64;
constexpr size_t kLargePage = size_t{2} << 20;

template <typename T>
T* Allocate(size_t count) {
  const size_t wanted = std::max(count * sizeof(T), kCacheLine);
  const size_t alignment = wanted >= 2 * kLargePage ? kLargePage : kCacheLine;
  const size_t bytes = (wanted + alignment - 1) / alignment * alignment;
  void* const memory = std::aligned_alloc(alignment, bytes);
  if (memory == nullptr) throw std::bad_alloc();
  // A page is touched for the first time as often as there are pages: large ones are few. A hint, which may fail.
  if (alignment == kLargePage) madvise(memory, bytes, MADV_HUGEPAGE);
  return static_cast<T*>(memory);
}

}  // namespace

void PointBlocks::Free::operator()(void* memory) const { std::free(memory); }

PointBlocks::PointBlocks(size_t size, size_t d, std::vector<size_t> levels, bool narrow)
    : size_(size), d_(d), levels_(std::move(levels)), beyond_(d) {
  if (narrow) {
    narrow_.reset(Allocate<int16_t>(blocks() * d_ * kKernelBlock));
  } else {
    points_.reset(Allocate<float>(blocks() * d_ * kKernelBlock));
  }
  codes_.reset(Allocate<uint8_t>(blocks() * levels_.size() * kKernelBlock));
  if (blocks() == 0) return;
  // Behind the last point are zeros.
  const size_t last = (blocks() - 1) * d_ * kKernelBlock;
  if (narrow) {
    std::fill_n(narrow_.get() + last, d_ * kKernelBlock, int16_t{0});
  } else {
    std::fill_n(points_.get() + last, d_ * kKernelBlock, 0.0F);
  }
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
  made.Finish();
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
  made.Finish();
  return made;
}

void PointBlocks::Finish() {
  AddTotals();
  if (size_ < kNarrowFrom) return;
  const float* const begin = points_.get();
  const float* const end = begin + blocks() * d_ * kKernelBlock;
  if (std::all_of(begin, end, [](float q) { return std::abs(q) <= kNarrowMax; })) Narrow();
}

void PointBlocks::Narrow() {
  const size_t count = blocks() * d_ * kKernelBlock;
  narrow_.reset(Allocate<int16_t>(count));
  for (size_t i = 0; i < count; ++i) narrow_[i] = static_cast<int16_t>(points_[i]);
  points_.reset();
}

void PointBlocks::AddTotals() {
  total_weight_ = 0;
  total_squares_ = 0;
  for (size_t b = 0; b < blocks(); ++b) {
    const float* const of_block = points(b);
    for (size_t i = 0; i < block_size(b); ++i) {
      int64_t square = 0;
      for (size_t j = 0; j < d_; ++j) {
        const int64_t q = static_cast<int64_t>(of_block[j * kKernelBlock + i]);
        square += q * q;
      }
      const Int128 w = weight(b * kKernelBlock + i);
      total_weight_ += w;
      total_squares_ += w * square;
    }
  }
}

BlockReader::BlockReader(const PointBlocks& points, const Kernels& kernels) : points_(&points), kernels_(&kernels) {
  if (points.narrow_ != nullptr) room_.reset(Allocate<float>(points.d() * kKernelBlock));
}

BlockView BlockReader::block(size_t b) {
  const size_t begin = b * points_->d_ * kKernelBlock;
  const float* points = room_.get();
  if (points != nullptr) {
    kernels_->cluster.widen(points_->narrow_.get() + begin, points_->d_ * kKernelBlock, room_.get());
  } else {
    points = points_->points_.get() + begin;
  }
  return {.points = points,
          .codes = points_->codes_.get() + b * points_->categories() * kKernelBlock,
          .n = points_->block_size(b),
          .stride = kKernelBlock};
}

int32_t PointBlocks::coordinate(size_t i, size_t feature) const {
  const size_t at = (i / kKernelBlock * d_ + feature) * kKernelBlock + i % kKernelBlock;
  return narrow_ != nullptr ? narrow_[at] : static_cast<int32_t>(points_[at]);
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
  const size_t of_coordinate = narrow_ != nullptr ? sizeof(int16_t) : sizeof(float);
  return blocks() * kKernelBlock * (d_ * of_coordinate + levels_.size()) + rows_.size() * sizeof(uint32_t) +
         hashes_.size() * sizeof(uint64_t) + weights_.size() * sizeof(int32_t);
}

}  // namespace strata
