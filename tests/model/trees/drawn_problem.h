// Problems of growing a tree, drawn from a seed: numbers with and without missing values, of few and of many bins,
// categories of few and of many levels, gradients with a trend and with extremes; and ensembles and rows at random.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "model/kernels/tree_kernels.h"
#include "model/trees/binned_rows.h"
#include "model/trees/ensemble.h"
#include "model/trees/tree_settings.h"

namespace strata {

class Draws {
 public:
  explicit Draws(uint64_t seed) : random_(seed) {}

  int64_t Whole(int64_t low, int64_t high) { return std::uniform_int_distribution<int64_t>(low, high)(random_); }
  double Uniform(double low, double high) { return std::uniform_real_distribution<double>(low, high)(random_); }
  double Normal() { return std::normal_distribution<double>()(random_); }
  bool OneIn(int n) { return Whole(1, n) == 1; }

 private:
  std::mt19937_64 random_;
};

struct DrawnProblem {
  explicit DrawnProblem(uint64_t seed, bool monotone = false);

  std::vector<FeatureBins> bins;
  BinnedRows rows{0, 0};
  std::vector<GradientRow> gradients;
  TreeSettings settings;
  std::vector<uint16_t> used;  // features

  std::vector<uint32_t> AllRows() const;
};

// A row's gradient and Hessian as the kernels pack them.
GradientRow PackedRow(int64_t g, int64_t h, int32_t g_exact, int32_t h_exact);

// Bins of a number with so many of them (without that of missing values), and of a category.
FeatureBins NumberOf(size_t bins);
FeatureBins CategoryOf(uint32_t levels);

// Trees that no fit made, over some of the features, of up to `leaves` leaves.
Ensemble DrawEnsemble(const std::vector<FeatureBins>& bins, int trees, int leaves, Draws* draws);
BinnedRows DrawRows(const std::vector<FeatureBins>& bins, size_t rows, Draws* draws);

}  // namespace strata
