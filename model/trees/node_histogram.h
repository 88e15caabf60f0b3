// What a tree's growth has to know of the rows in a node: by feature and bin their number and the sums of their
// gradients and Hessians, as integers. Histograms of disjoint rows merge exactly, and that of one child is the parent's
// less the other's, to the bit. Plain values; not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/int128.h"
#include "model/kernels/tree_kernels.h"
#include "model/trees/ensemble.h"

namespace strata {

// Units of 2^-kSplitGradientBits and 2^-kSplitHessianBits.
struct GradientSums {
  int64_t n = 0, g = 0, h = 0;

  void Add(const GradientSums& other) { n += other.n, g += other.g, h += other.h; }
  void Subtract(const GradientSums& other) { n -= other.n, g -= other.g, h -= other.h; }
  bool operator==(const GradientSums&) const = default;
};

struct NodeHistogram {
  std::vector<int64_t> n, g, h;     // by feature * kMaxBins + bin; all of one length; empty: no rows
  Int128 g_exact = 0, h_exact = 0;  // units of 2^-kLeafGridBits

  NodeHistogram() = default;
  explicit NodeHistogram(size_t features);

  size_t features() const { return n.size() / kMaxBins; }
  GradientSums at(size_t feature, size_t bin) const;
  GradientSums Total() const;  // over the bins of any feature: every row is in one of them
  void Merge(const NodeHistogram& other);
  // Precondition: the child's rows are among these.
  void Subtract(const NodeHistogram& child);
  void Encode(ByteWriter* writer) const;
  static NodeHistogram Decode(ByteReader* reader);
  bool operator==(const NodeHistogram&) const = default;
};

// Rows of bins side by side, as histograms are quickest to count from: a row's bins are in one or two cache lines.
class RowMajorBins {
 public:
  RowMajorBins() = default;
  // Column by column: feature j begins at j * stride.
  RowMajorBins(const uint8_t* bins, size_t stride, size_t rows, size_t features);

  const uint8_t* row(size_t i) const { return bins_.data() + i * width_; }
  size_t width() const { return width_; }  // bytes a row: the features and up to three zeros
  size_t features() const { return features_; }

 private:
  size_t width_ = 0;
  size_t features_ = 0;
  std::vector<uint8_t> bins_;
};

// The histogram of the rows `which`, or of the first `count` ones where `which` is null. Works on the TBB threads of
// the calling arena.
NodeHistogram CountRows(const RowMajorBins& bins, std::span<const GradientRow> gradients, const uint32_t* which,
                        size_t count);

}  // namespace strata
