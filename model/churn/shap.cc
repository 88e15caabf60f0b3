#include "model/churn/shap.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numbers>
#include <optional>
#include <span>

namespace strata {
namespace {

constexpr double kMarginUnit = 1.0 / static_cast<double>(int64_t{1} << kMarginGridBits);

struct QuadratureNode {
  double t = 0, weight = 0;
};

// Gauss-Legendre on [0, 1]: exact for polynomials below degree 2 `count`. Newton on the Legendre polynomial from the
// usual first guess; a fixed number of steps, so that every run has the same bits.
std::vector<QuadratureNode> LegendreNodes(size_t count) {
  constexpr int kSteps = 12;  // quadratic from two digits on: six would do
  const auto n = static_cast<double>(count);
  std::vector<QuadratureNode> nodes(count);
  for (size_t i = 0; i < count; ++i) {
    double x = std::cos(std::numbers::pi * (static_cast<double>(i) + 0.75) / (n + 0.5));
    double slope = 1;
    for (int step = 0; step < kSteps; ++step) {
      double before = 1, now = x;
      for (size_t k = 2; k <= count; ++k) {
        const auto order = static_cast<double>(k);
        const double next = ((2 * order - 1) * x * now - (order - 1) * before) / order;
        before = now;
        now = next;
      }
      slope = n * (x * now - before) / (x * x - 1);
      x -= now / slope;
    }
    nodes[i] = {.t = (1 + x) / 2, .weight = 1 / ((1 - x * x) * slope * slope)};
  }
  return nodes;
}

}  // namespace

// Follows every way from the root to a leaf, with what its splits ask of each feature.
class TreeShap::PathWalk {
 public:
  PathWalk(const Ensemble& ensemble, const Tree& tree, TreePaths* paths)
      : ensemble_(ensemble), tree_(tree), paths_(*paths) {}

  // The mean of the leaves' values, each by its share of the rows: log-odds.
  double Walk() {
    FindWords();
    Visit(0, 1.0);
    return mean_;
  }

 private:
  struct Condition {
    double share = 1;                      // of the rows that go this way, at every split by the feature
    std::array<bool, kShapBins> passes{};  // by bin
  };

  void FindWords() {
    for (const TreeNode& node : tree_.nodes) {
      if (!node.is_leaf()) word_.emplace(node.feature, uint8_t{0});
    }
    for (auto& [feature, word] : word_) {
      word = static_cast<uint8_t>(paths_.feature.size());
      paths_.feature.push_back(feature);
    }
    paths_.passes.assign(paths_.feature.size() * kShapBins, 0);
  }

  bool GoesLeft(const TreeNode& node, size_t bin) const {
    if (bin == 0) return node.missing_left;
    if (ensemble_.bins[node.feature].is_category) return bin < 64 && ((node.mask >> bin) & 1) != 0;
    return bin <= node.last_bin;
  }

  void Visit(int32_t place, double share) {
    const TreeNode& node = tree_.nodes[static_cast<size_t>(place)];
    if (node.is_leaf()) return AddLeaf(node, share);
    const uint8_t word = word_.at(node.feature);
    for (const bool left : {true, false}) {
      const int32_t child = left ? node.left : node.right;
      const double part =
          static_cast<double>(tree_.nodes[static_cast<size_t>(child)].cover) / static_cast<double>(node.cover);
      const auto found = way_.find(word);
      const std::optional<Condition> before = found == way_.end() ? std::nullopt : std::optional(found->second);
      Condition now = before.value_or(Condition{});
      if (!before.has_value()) now.passes.fill(true);
      now.share *= part;
      for (size_t bin = 0; bin < kShapBins; ++bin) now.passes[bin] = now.passes[bin] && GoesLeft(node, bin) == left;
      way_[word] = now;
      Visit(child, share * part);
      if (before.has_value()) {
        way_[word] = *before;
      } else {
        way_.erase(word);
      }
    }
  }

  void AddLeaf(const TreeNode& node, double share) {
    const double value = static_cast<double>(node.value) * kMarginUnit;
    mean_ += share * value;
    if (way_.empty()) return;  // a tree that does not split says the same of everybody
    const uint64_t bit = uint64_t{1} << leaves_++;
    const auto element = static_cast<uint32_t>(paths_.word.size());
    for (const auto& [word, condition] : way_) {
      paths_.word.push_back(word);
      for (size_t bin = 0; bin < kShapBins; ++bin) {
        if (condition.passes[bin]) paths_.passes[word * kShapBins + bin] |= bit;
      }
    }
    const std::vector<QuadratureNode> nodes = LegendreNodes((way_.size() + 1) / 2);
    for (size_t first = 0; first < nodes.size(); first += kShapNodes) {
      const size_t count = std::min(kShapNodes, nodes.size() - first);
      paths_.leaf.push_back({.bit = bit,
                             .nodes = static_cast<uint32_t>(count),
                             .features = static_cast<uint32_t>(way_.size()),
                             .element = element,
                             .number = static_cast<uint32_t>(paths_.number.size())});
      AddNumbers(value, std::span(nodes).subspan(first, count));
    }
  }

  void AddNumbers(double value, std::span<const QuadratureNode> nodes) {
    std::vector<double>& number = paths_.number;
    for (const QuadratureNode& node : nodes) {
      double product = value * node.weight;
      for (const auto& [word, condition] : way_) product *= condition.share * (1 - node.t);
      number.push_back(product);
    }
    for (const QuadratureNode& node : nodes) number.push_back(1 / (1 - node.t));
    for (const auto& [word, condition] : way_) {
      const double z = condition.share;
      for (const QuadratureNode& node : nodes) number.push_back((z + node.t * (1 - z)) / (z * (1 - node.t)));
      for (const QuadratureNode& node : nodes) number.push_back((1 - z) / (z + node.t * (1 - z)));
    }
  }

  const Ensemble& ensemble_;
  const Tree& tree_;
  TreePaths& paths_;
  std::map<uint16_t, uint8_t> word_;  // by feature
  std::map<uint8_t, Condition> way_;  // by word: what the splits so far ask
  int leaves_ = 0;
  double mean_ = 0;
};

TreeShap::TreeShap(const Ensemble& ensemble)
    : features_(ensemble.bins.size()), base_(static_cast<double>(ensemble.start) * kMarginUnit) {
  trees_.reserve(ensemble.trees.size());
  for (const Tree& tree : ensemble.trees) {
    TreePaths paths;
    base_ += PathWalk(ensemble, tree, &paths).Walk();
    if (!paths.leaf.empty()) trees_.push_back(std::move(paths));
  }
}

void TreeShap::Contributions(const uint8_t* bins, size_t stride, size_t rows, const Kernels& kernels,
                             double* out) const {
  // A block stays in the caches while all trees pass over it; behind its rows there is room for whole lanes.
  std::vector<uint8_t> block_bins(features_ * kKernelBlock);
  std::vector<double> block(features_ * kKernelBlock);
  for (size_t begin = 0; begin < rows; begin += kKernelBlock) {
    const size_t count = std::min(kKernelBlock, rows - begin);
    for (size_t j = 0; j < features_; ++j) {
      std::copy_n(bins + j * stride + begin, count, block_bins.begin() + static_cast<ptrdiff_t>(j * kKernelBlock));
    }
    std::fill(block.begin(), block.end(), 0.0);
    for (const TreePaths& paths : trees_) {
      const ShapTree tree = {.words = paths.feature.size(),
                             .feature = paths.feature.data(),
                             .passes = paths.passes.data(),
                             .leaves = paths.leaf.size(),
                             .leaf = paths.leaf.data(),
                             .word = paths.word.data(),
                             .number = paths.number.data()};
      kernels.shap.tree(tree, block_bins.data(), kKernelBlock, count, block.data());
    }
    for (size_t j = 0; j < features_; ++j) {
      std::copy_n(block.begin() + static_cast<ptrdiff_t>(j * kKernelBlock), count, out + j * rows + begin);
    }
  }
}

}  // namespace strata
