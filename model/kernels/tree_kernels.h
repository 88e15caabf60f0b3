// The inner loops of boosted trees. All widths give equal bits: gradients are of one row a lane, rounded to whole
// numbers; what follows is integers. Arrays have no room behind n. Pure functions; thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>

namespace strata {

inline constexpr int kSplitGradientBits = 11;  // gradients and Hessians that choose splits: units of 2^-11 and 2^-13
inline constexpr int kSplitHessianBits = 13;
inline constexpr int kLeafGridBits = 30;  // those that make leaf values
// Where count, gradient and Hessian of a row begin in one word: 2^14 rows, 25 bits each for 2^11 times 8,192 rows.
inline constexpr int kPackedGradientShift = 25;
inline constexpr int kPackedCountShift = 50;
inline constexpr size_t kPackedRowsMax = 8000;  // whose packed words may be added
inline constexpr size_t kLeafTableBins = 256;   // entries of a table by bin

// First and second derivative of a row's log-loss: g = P - outcome, h = P (1 - P).
struct GradientRow {
  int64_t packed = 0;    // (1 << 50) + (round(g 2^11), at most 2047 in magnitude, << 25) + max(1, round(h 2^13))
  int32_t g = 0, h = 0;  // units of 2^-30
};

// A tree as its leaves' sets: bit l of masks[j * kLeafTableBins + bin] says that leaf l is possible for that bin of
// features[j]. All features together leave one leaf.
template <typename Word>
struct LeafTables {
  const Word* masks;
  const uint16_t* features;
  size_t count;           // of features
  const int64_t* values;  // by leaf
};

struct TreeKernels {
  // `margins` in units of 2^-40, `outcome` 0 or 1.
  void (*gradients)(const int64_t* margins, const uint8_t* outcome, size_t n, GradientRow* out);
  // The sum of log-losses in units of 2^-40, a row's rounded once, and at most 1,024 a row. n <= kKernelBlock.
  int64_t (*log_loss)(const int64_t* margins, const uint8_t* outcome, size_t n);
  // margins[i] += the value of the leaf of row i; feature j's bins begin at bins + j * stride.
  void (*add_leaves)(const LeafTables<uint32_t>& tree, const uint8_t* bins, size_t stride, size_t n, int64_t* margins);
  void (*add_leaves_wide)(const LeafTables<uint64_t>& tree, const uint8_t* bins, size_t stride, size_t n,
                          int64_t* margins);
};

}  // namespace strata
