// Customers as points on the grid, laid out for the kernels: blocks of kKernelBlock, features apart, one customer a
// lane. The one form that fits, confirmations and predictions work on. Immutable once made; thread-safe. Movable only:
// a base may be large. Many points whose coordinates all fit 16 bits are kept in these, which is half of the memory to
// stream in every pass; a BlockReader shows any points as the kernels want them, so no result depends on it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <span>
#include <vector>

#include "base/int128.h"
#include "base/status.h"
#include "model/clustering/centres.h"
#include "model/kernels/kernels.h"

namespace strata {

struct ClusterSpace;  // model/clustering/feature_space.h
class RawValues;      // model/clustering/feature_values.h

inline constexpr int32_t kCoordinateMax = int32_t{1} << 22;  // of points and centres: exact in float32
inline constexpr int32_t kCustomerWeightMax = int32_t{1} << 16;

// How float32 rows lie on the grid: q = round((x - middle) * 2^bits) by feature, half to even.
struct FloatGrid {
  int bits = 0;
  std::vector<float> middle;
  Centre Of(std::span<const float> row) const;
};

class PointBlocks {
 public:
  // The customers that `raw` has values of. hash: of the shard's columns, by row.
  static PointBlocks Of(const ClusterSpace& space, const RawValues& raw, std::span<const uint64_t> hash,
                        const Kernels& kernels);
  // Rows of d coordinates and of `categories` codes, one after another. weights: empty for all 1, else 0 to
  // kCustomerWeightMax. Row i is customer i.
  static PointBlocks OfGrid(size_t d, size_t categories, std::span<const int32_t> rows_q,
                            std::span<const uint8_t> rows_codes, std::span<const uint64_t> hash,
                            std::span<const int32_t> weights = {});
  // Row-major float32 with d columns: the middle of a column's extremes becomes 0, and the grid is so fine that the
  // widest column reaches 2^14 to 2^15. Uses the threads of the calling TBB arena. INVALID_ARGUMENT:
  // CLUSTERING_NOT_FINITE for NaN and infinities, naming the column; CLUSTERING_COLUMNS for what are no rows.
  static absl::StatusOr<PointBlocks> OfFloats(std::span<const float> rows, size_t d, FloatGrid* grid);

  PointBlocks(PointBlocks&&) noexcept = default;
  PointBlocks& operator=(PointBlocks&&) noexcept = default;

  size_t size() const { return size_; }
  size_t d() const { return d_; }
  size_t categories() const { return levels_.size(); }
  size_t levels(size_t category) const { return levels_[category]; }  // its codes are below
  const std::vector<size_t>& levels() const { return levels_; }
  size_t blocks() const { return (size_ + kKernelBlock - 1) / kKernelBlock; }
  size_t block_size(size_t b) const { return std::min(kKernelBlock, size_ - b * kKernelBlock); }

  uint32_t row(size_t i) const {
    return rows_.empty() ? static_cast<uint32_t>(i) : rows_[i];
  }                                                     // of the shard's columns
  uint64_t hash(size_t i) const { return hashes_[i]; }  // precondition: not OfFloats
  int32_t weight(size_t i) const { return weights_.empty() ? 1 : weights_[i]; }
  bool weighted() const { return !weights_.empty(); }
  Centre point(size_t i) const;
  int32_t coordinate(size_t i, size_t feature) const;
  uint8_t code(size_t i, size_t category) const;

  Int128 total_weight() const { return total_weight_; }
  Int128 total_squares() const { return total_squares_; }         // sum of w |q|^2
  const std::vector<int64_t>& beyond() const { return beyond_; }  // values cut at the end of the grid, by feature
  size_t bytes() const;                                           // of memory

 private:
  friend class BlockReader;
  struct Free {
    void operator()(void* memory) const;
  };
  // Fewer points stay in a core's own cache as they are.
  static constexpr size_t kNarrowFrom = (size_t{1} << 16) + 1;
  static constexpr int32_t kNarrowMax = 32'767;

  PointBlocks(size_t size, size_t d, std::vector<size_t> levels, bool narrow = false);
  // Once all points are there.
  void Finish();
  void AddTotals();
  void Narrow();
  float* points(size_t b) { return points_.get() + b * d_ * kKernelBlock; }
  uint8_t* codes(size_t b) { return codes_.get() + b * levels_.size() * kKernelBlock; }

  size_t size_ = 0;
  size_t d_ = 0;
  std::vector<size_t> levels_;
  std::unique_ptr<float[], Free> points_;    // by block, then feature
  std::unique_ptr<int16_t[], Free> narrow_;  // the same, instead
  std::unique_ptr<uint8_t[], Free> codes_;   // by block, then category
  std::vector<uint32_t> rows_;               // empty: row i is i
  std::vector<uint64_t> hashes_;
  std::vector<int32_t> weights_;  // empty: all 1
  std::vector<int64_t> beyond_;
  Int128 total_weight_ = 0;
  Int128 total_squares_ = 0;
};

// Blocks as the kernels want them. A view is valid until the next block is asked for. The points must outlive it. Not
// thread-safe: one for every thread.
class BlockReader {
 public:
  BlockReader(const PointBlocks& points, const Kernels& kernels);
  BlockView block(size_t b);

 private:
  const PointBlocks* points_;
  const Kernels* kernels_;
  std::unique_ptr<float[], PointBlocks::Free> room_;  // where the points are narrow
};

}  // namespace strata
