// Exact SHAP values of an ensemble of trees: what every feature of a customer adds to the margin, log-odds. The game is
// that of TreeSHAP (Lundberg et al. 2020, Nature Machine Intelligence 2, algorithm 1; path-dependent): where a feature
// is not in the coalition, a split by it sends the row both ways, by the share of training rows that went there (the
// nodes' cover). Its Shapley values are solved leaf by leaf in closed form (model/kernels/shap_kernels.h): leaves *
// path^2 operations instead of 2^features.
//
// Contributions and base() sum to the margin up to rounding (1e-12 of the largest leaf). Equal bits at every width of
// the kernels, for any order or division of the rows. Immutable once made; thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "model/kernels/kernels.h"
#include "model/trees/ensemble.h"

namespace strata {

class TreeShap {
 public:
  // Copies what it needs. Preconditions: at most kMaxLeaves leaves a tree, and every node has rows (cover >= 1).
  explicit TreeShap(const Ensemble& ensemble);

  // Log-odds: the mean of the margin over the training rows.
  double base() const { return base_; }
  size_t features() const { return features_; }

  // Bins column by column, feature j at j * stride. `out` is replaced: feature j of row i at j * rows + i, log-odds.
  void Contributions(const uint8_t* bins, size_t stride, size_t rows, const Kernels& kernels, double* out) const;

 private:
  struct TreePaths {  // ShapTree's arrays
    std::vector<uint16_t> feature;
    std::vector<uint64_t> passes;
    std::vector<ShapLeaf> leaf;
    std::vector<uint8_t> word;
    std::vector<double> number;
  };
  class PathWalk;

  size_t features_ = 0;
  double base_ = 0;
  std::vector<TreePaths> trees_;
};

}  // namespace strata
