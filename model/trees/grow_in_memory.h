// Grows trees over rows in memory: counts the histograms that a TreeGrower wants and keeps every node's rows together.
// Rows of a node are ascending, so that reading them is nearly sequential. Works on the TBB threads of the calling
// arena; not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "model/kernels/tree_kernels.h"
#include "model/trees/binned_rows.h"
#include "model/trees/ensemble.h"
#include "model/trees/node_histogram.h"
#include "model/trees/tree_settings.h"

namespace strata {

// Some rows, by the node of a growing tree that they are in.
class RowLists {
 public:
  // All in the root. `rows` ascending.
  void Reset(std::span<const uint32_t> rows);
  // Those of `node` whose goes_left[column[row]] is 1 to `left`, the others to `right`. Precondition: nodes are split
  // after they were made.
  void Split(int32_t node, int32_t left, int32_t right, const uint8_t* column, const uint8_t* goes_left);
  std::span<const uint32_t> rows(int32_t node) const;

 private:
  struct Range {
    size_t begin = 0, end = 0;
  };

  std::vector<uint32_t> rows_, left_, right_;
  std::vector<Range> ranges_;  // by node
};

class InMemoryGrower {
 public:
  // Both must outlive it.
  InMemoryGrower(const BinnedRows& rows, std::span<const FeatureBins> bins);

  // A tree of the rows `counted` by their gradients (by row; others' are not looked at). The rows `others` find their
  // leaves too. Either ascending. Covers are those of `counted`.
  Tree Grow(const TreeSettings& settings, std::span<const uint16_t> used_features,
            std::span<const GradientRow> gradients, std::span<const uint32_t> counted,
            std::span<const uint32_t> others);

  // Of a node of the last tree.
  std::span<const uint32_t> counted(int32_t node) const { return counted_.rows(node); }
  std::span<const uint32_t> others(int32_t node) const { return others_.rows(node); }

 private:
  void SplitRows(const Tree& partial, int32_t node);

  const BinnedRows& rows_;
  const std::span<const FeatureBins> bins_;
  RowMajorBins by_row_;
  RowLists counted_, others_;
};

}  // namespace strata
