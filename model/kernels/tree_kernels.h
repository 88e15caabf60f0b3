// The inner loops of boosted trees. All widths give equal bits: gradients are of one row a lane, rounded to whole
// numbers; what follows is integers. Arrays have no room behind n. Pure functions; thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>

namespace strata {

// Gradients and Hessians that choose splits. Coarser gradients rank worse: on a million rows 2^-11 costs 0.001 of AUC,
// 2^-15 gains nothing more.
inline constexpr int kSplitGradientBits = 13;
inline constexpr int kSplitHessianBits = 16;
inline constexpr int kLeafGridBits = 30;  // those that make leaf values
// Where gradient and count begin in a word of packed sums: 26 bits each for Hessian and gradient of kPackedRowsMax
// rows.
inline constexpr int kPackedGradientShift = 26;
inline constexpr int kPackedCountShift = 52;
inline constexpr size_t kPackedRowsMax = 4000;  // whose packed words may be added
inline constexpr size_t kLeafTableBins = 256;   // entries of a table by bin

// First and second derivative of a row's log-loss: g = P - outcome, h = P (1 - P).
struct GradientRow {
  // 2^52 + round(g 2^13), at most 8191 in magnitude, times 2^26 + max(1, round(h 2^16)); sums are modulo 2^64.
  uint64_t packed = 0;
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
