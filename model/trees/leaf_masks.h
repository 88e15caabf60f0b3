// An ensemble made ready to score many rows: of every tree and feature a table from bin to the set of leaves that stay
// possible; a row's leaf is what all of its tables leave (QuickScorer: Lucchese et al., SIGIR 2015, here over bins). No
// branches; missing values and categories cost nothing extra. Margins are sums of integers: the same bits in any order
// of trees, on any width of registers. About 1 KB a tree and feature. Immutable; thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "model/kernels/kernels.h"
#include "model/trees/ensemble.h"

namespace strata {

class LeafMasks {
 public:
  // Precondition: a valid ensemble (as fits and Ensemble::Decode give it).
  explicit LeafMasks(const Ensemble& ensemble);

  // margins[i], units of 2^-kMarginGridBits, of rows whose bins stand column by column: feature j at j * stride, bins
  // below the feature's number of them. Replaces margins. Works in the calling thread.
  void Margins(const uint8_t* bins, size_t stride, size_t rows, const Kernels& kernels, int64_t* margins) const;

 private:
  struct TreeTables {
    bool wide = false;               // more than 32 leaves
    size_t masks = 0;                // place of its tables in narrow_ or wide_, of kMaxBins each
    std::vector<uint16_t> features;  // that it asks for, ascending
    std::vector<int64_t> values;     // by leaf, from left to right
  };

  int64_t start_;
  std::vector<TreeTables> trees_;
  std::vector<uint32_t> narrow_;
  std::vector<uint64_t> wide_;
};

}  // namespace strata
