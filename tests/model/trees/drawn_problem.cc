#include "tests/model/trees/drawn_problem.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace strata {
namespace {

FeatureBins DrawBins(Draws* draws) {
  if (draws->OneIn(3)) return CategoryOf(static_cast<uint32_t>(draws->Whole(1, draws->OneIn(2) ? 4 : 63)));
  return NumberOf(static_cast<size_t>(draws->Whole(1, draws->OneIn(2) ? 6 : 255)));
}

TreeSettings DrawSettings(Draws* draws) {
  TreeSettings settings;
  settings.leaves = static_cast<int>(draws->Whole(2, 20));
  settings.depth_max = draws->OneIn(4) ? static_cast<int>(draws->Whole(1, 4)) : 0;
  settings.min_rows = static_cast<int>(draws->OneIn(5) ? 1 : draws->Whole(1, 30));
  settings.category_rows = static_cast<int>(draws->Whole(1, 25));
  settings.lambda = draws->OneIn(4) ? 0 : draws->Uniform(0, 5);
  settings.alpha = draws->OneIn(3) ? draws->Uniform(0, 3) : 0;
  settings.min_gain = draws->OneIn(4) ? draws->Uniform(0, 2) : 0;
  settings.min_hessian = draws->OneIn(4) ? draws->Uniform(0, 5) : 1e-3;
  return settings;
}

}  // namespace

FeatureBins NumberOf(size_t bins) {
  FeatureBins result;
  for (size_t i = 0; i < bins; ++i) result.last_code.push_back(static_cast<uint16_t>(10 * i));
  return result;
}

FeatureBins CategoryOf(uint32_t levels) {
  FeatureBins result;
  result.is_category = true;
  result.levels = levels;
  return result;
}

GradientRow PackedRow(int64_t g, int64_t h, int32_t g_exact, int32_t h_exact) {
  return {static_cast<uint64_t>((int64_t{1} << kPackedCountShift) + g * (int64_t{1} << kPackedGradientShift) + h),
          g_exact, h_exact};
}

BinnedRows DrawRows(const std::vector<FeatureBins>& bins, size_t rows, Draws* draws) {
  BinnedRows result(rows, bins.size());
  for (size_t j = 0; j < bins.size(); ++j) {
    const bool has_missing = draws->OneIn(2);
    const auto last = static_cast<int64_t>(bins[j].bins()) - 1;
    for (uint8_t& bin : result.column(j)) {
      bin = static_cast<uint8_t>(has_missing && draws->OneIn(5) ? 0 : draws->Whole(draws->OneIn(3) ? last : 1, last));
    }
  }
  return result;
}

DrawnProblem::DrawnProblem(uint64_t seed, bool monotone) : settings() {
  Draws draws(seed);
  settings = DrawSettings(&draws);
  bins.resize(static_cast<size_t>(draws.Whole(1, 7)));
  for (FeatureBins& feature : bins) {
    feature = DrawBins(&draws);
    if (monotone && !feature.is_category) feature.monotone = static_cast<int8_t>(draws.Whole(-1, 1));
  }
  rows = DrawRows(bins, static_cast<size_t>(draws.Whole(1, 400)), &draws);
  const bool coarse = draws.OneIn(3);  // many equal gains
  const double slope = draws.Uniform(-20, 20);
  for (size_t i = 0; i < rows.rows(); ++i) {
    const double trend = 4 * slope * (rows.column(0)[i] % 7 - 3.0) + 1200 * draws.Normal();
    const auto g = coarse ? 4096 * draws.Whole(-1, 1) : std::clamp<int64_t>(std::llrint(trend), -8191, 8191);
    const int64_t h = coarse ? 8192 : draws.Whole(1, 16384);
    gradients.push_back(PackedRow(g, h, static_cast<int32_t>(g << 17), static_cast<int32_t>(h << 14)));
  }
  for (size_t j = 0; j < bins.size(); ++j) {
    if (j == 0 || !draws.OneIn(5)) used.push_back(static_cast<uint16_t>(j));
  }
}

std::vector<uint32_t> DrawnProblem::AllRows() const {
  std::vector<uint32_t> all(rows.rows());
  std::iota(all.begin(), all.end(), 0U);
  return all;
}

Ensemble DrawEnsemble(const std::vector<FeatureBins>& bins, int trees, int leaves, Draws* draws) {
  Ensemble result;
  result.bins = bins;
  result.start = draws->Whole(-(int64_t{1} << 41), int64_t{1} << 41);
  for (int t = 0; t < trees; ++t) {
    Tree tree;
    tree.nodes.resize(1);
    for (int64_t splits = draws->Whole(0, leaves - 1); splits > 0; --splits) {
      auto place = static_cast<size_t>(draws->Whole(0, std::ssize(tree.nodes) - 1));
      while (!tree.nodes[place].is_leaf()) place = static_cast<size_t>(draws->Whole(0, std::ssize(tree.nodes) - 1));
      TreeNode& node = tree.nodes[place];
      node.left = static_cast<int32_t>(tree.nodes.size());
      node.right = node.left + 1;
      node.feature = static_cast<uint16_t>(draws->Whole(0, std::ssize(bins) - 1));
      const FeatureBins& feature = bins[node.feature];
      node.missing_left = !feature.is_category && draws->OneIn(2);
      if (feature.is_category) node.mask = static_cast<uint64_t>(draws->Whole(0, INT64_MAX)) << 1;
      if (!feature.is_category) node.last_bin = static_cast<uint8_t>(draws->Whole(0, std::ssize(feature.last_code)));
      tree.nodes.resize(tree.nodes.size() + 2);
    }
    for (TreeNode& node : tree.nodes) {
      if (node.is_leaf()) node.value = draws->Whole(-(int64_t{1} << 42), int64_t{1} << 42);
    }
    result.trees.push_back(std::move(tree));
  }
  return result;
}

}  // namespace strata
