// SHAP values of trees against the definition, written down as it stands in the papers.
#include "model/churn/shap.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/model/churn/drawn_trees.h"

namespace strata {
namespace {

constexpr double kUnit = 1.0 / static_cast<double>(int64_t{1} << kMarginGridBits);

// The game of algorithm 1 of Lundberg et al. 2020: what the trees say of a row of whose features only those in
// `coalition` (a bit each) are known.
class Game {
 public:
  Game(const Ensemble& ensemble, std::vector<uint8_t> row) : ensemble_(ensemble), row_(std::move(row)) {}

  double Value(uint32_t coalition) const {
    double value = static_cast<double>(ensemble_.start) * kUnit;
    for (const Tree& tree : ensemble_.trees) value += Expectation(tree, 0, coalition);
    return value;
  }
  double Margin() const { return Value(~uint32_t{0}); }

  // Shapley 1953: over all coalitions without the feature.
  double Contribution(size_t feature) const {
    const size_t features = row_.size();
    double sum = 0;
    for (uint32_t coalition = 0; coalition < (1u << features); ++coalition) {
      if ((coalition >> feature) & 1) continue;
      const int size = __builtin_popcount(coalition);
      const double weight = std::tgamma(size + 1) * std::tgamma(static_cast<int>(features) - size) /
                            std::tgamma(static_cast<double>(features) + 1);
      sum += weight * (Value(coalition | (1u << feature)) - Value(coalition));
    }
    return sum;
  }

 private:
  double Expectation(const Tree& tree, int32_t place, uint32_t coalition) const {
    const TreeNode& node = tree.nodes[static_cast<size_t>(place)];
    if (node.is_leaf()) return static_cast<double>(node.value) * kUnit;
    if ((coalition >> node.feature) & 1) return Expectation(tree, GoesLeft(node) ? node.left : node.right, coalition);
    double sum = 0;
    for (const int32_t child : {node.left, node.right}) {
      sum += static_cast<double>(tree.nodes[static_cast<size_t>(child)].cover) * Expectation(tree, child, coalition);
    }
    return sum / static_cast<double>(node.cover);
  }
  bool GoesLeft(const TreeNode& node) const {
    const uint8_t bin = row_[node.feature];
    if (bin == 0) return node.missing_left;
    if (ensemble_.bins[node.feature].is_category) return ((node.mask >> bin) & 1) != 0;
    return bin <= node.last_bin;
  }

  const Ensemble& ensemble_;
  std::vector<uint8_t> row_;
};

std::vector<uint8_t> RowOf(const std::vector<uint8_t>& bins, size_t features, size_t rows, size_t i) {
  std::vector<uint8_t> row;
  for (size_t j = 0; j < features; ++j) row.push_back(bins[j * rows + i]);
  return row;
}

TEST(TreeShap, IsTheShapleyValueOfTheGameOfCoalitions) {
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    TreeDraws draws(seed);
    const size_t features = 1 + seed % 8;
    const size_t rows = 1 + seed % 40;
    const Ensemble ensemble = draws.Trees(features, 1 + seed % 4, 1 + seed % 40);
    const std::vector<uint8_t> bins = draws.Bins(ensemble, rows);
    const TreeShap shap(ensemble);
    std::vector<double> found(features * rows);
    shap.Contributions(bins.data(), rows, rows, PlainKernels(), found.data());
    for (size_t i = 0; i < std::min<size_t>(rows, 4); ++i) {
      const Game game(ensemble, RowOf(bins, features, rows, i));
      EXPECT_NEAR(shap.base(), game.Value(0), 1e-12) << "seed " << seed;
      for (size_t j = 0; j < features; ++j) {
        EXPECT_NEAR(found[j * rows + i], game.Contribution(j), 1e-12) << "seed " << seed << " feature " << j;
      }
    }
  }
}

TEST(TreeShap, SumsToTheMargin) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    TreeDraws draws(seed);
    const size_t features = 1 + draws.Below(30);
    const size_t rows = 1 + draws.Below(600);
    const Ensemble ensemble = draws.Trees(features, 60, kMaxLeaves);
    const std::vector<uint8_t> bins = draws.Bins(ensemble, rows);
    const TreeShap shap(ensemble);
    std::vector<double> found(features * rows);
    shap.Contributions(bins.data(), rows, rows, WidestKernels(), found.data());
    for (size_t i = 0; i < rows; ++i) {
      double sum = shap.base();
      for (size_t j = 0; j < features; ++j) sum += found[j * rows + i];
      ASSERT_NEAR(sum, Game(ensemble, RowOf(bins, features, rows, i)).Margin(), 1e-9) << "seed " << seed;
    }
  }
}

// A path that asks 63 different features: the longest that a tree of 64 leaves has.
TEST(TreeShap, TakesTheLongestPaths) {
  Ensemble ensemble;
  Tree tree;
  tree.nodes.push_back({.value = 0, .cover = 1 << 20});
  for (uint16_t feature = 0; feature < 63; ++feature) {
    ensemble.bins.push_back({.last_code = {5, 9}});
    TreeNode& node = tree.nodes.back();
    node.feature = feature;
    node.last_bin = 1;
    node.left = static_cast<int32_t>(tree.nodes.size());
    node.right = node.left + 1;
    const int64_t right = std::max<int64_t>(node.cover - node.cover / 3, 1);
    tree.nodes.push_back({.value = (int64_t{feature} - 30) << 30, .cover = std::max<int64_t>(node.cover - right, 1)});
    tree.nodes.push_back({.value = int64_t{1} << kMarginGridBits, .cover = right});
    // The one that goes on is last.
  }
  ensemble.trees.push_back(tree);
  const TreeShap shap(ensemble);
  const std::vector<uint8_t> bins(63, 2);  // right at every split
  std::vector<double> found(63);
  shap.Contributions(bins.data(), 1, 1, PlainKernels(), found.data());
  double sum = shap.base();
  for (const double value : found) sum += value;
  EXPECT_NEAR(sum, 1.0, 1e-9);
}

TEST(TreeShap, HasEqualBitsAtEveryWidthAndDivision) {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    TreeDraws draws(seed);
    const size_t features = 1 + draws.Below(20);
    const size_t rows = 300 + draws.Below(300);
    const Ensemble ensemble = draws.Trees(features, 10, 31);
    const std::vector<uint8_t> bins = draws.Bins(ensemble, rows);
    const TreeShap shap(ensemble);
    std::vector<double> expected(features * rows);
    shap.Contributions(bins.data(), rows, rows, PlainKernels(), expected.data());
    for (const Kernels* kernels : AvailableKernels()) {
      std::vector<double> found(features * rows);
      shap.Contributions(bins.data(), rows, rows, *kernels, found.data());
      EXPECT_EQ(found, expected) << "seed " << seed << ' ' << kernels->name;
      const size_t from = draws.Below(rows);
      std::vector<double> rest(features * (rows - from));
      shap.Contributions(bins.data() + from, rows, rows - from, *kernels, rest.data());
      for (size_t j = 0; j < features; ++j) {
        EXPECT_EQ(rest[j * (rows - from)], expected[j * rows + from]) << "seed " << seed << ' ' << kernels->name;
      }
    }
  }
}

TEST(TreeShap, WithoutASplitNothingHasAReason) {
  Ensemble ensemble{.bins = {FeatureBins{.last_code = {1}}}, .start = int64_t{1} << kMarginGridBits};
  ensemble.trees.push_back(Tree{.nodes = {{.value = int64_t{1} << (kMarginGridBits - 1), .cover = 10}}});
  const TreeShap shap(ensemble);
  const uint8_t bin = 1;
  double found = 7;
  shap.Contributions(&bin, 1, 1, PlainKernels(), &found);
  EXPECT_EQ(shap.base(), 1.5);
  EXPECT_EQ(found, 0);
}

}  // namespace
}  // namespace strata
