#include "tests/model/trees/slow_tree.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "base/fixed_point.h"

namespace strata {
namespace {

using Rows = std::vector<size_t>;

struct Candidate {
  TreeNode node;  // of the split
  double gain = 0;
  Rows left, right;
  double left_value = 0, right_value = 0;
};

struct Leaf {
  int32_t place = 0;
  int depth = 0;
  Rows rows;
  double low = -std::numeric_limits<double>::infinity(), high = std::numeric_limits<double>::infinity();
  std::optional<Candidate> best;
};

bool GoesLeft(const TreeNode& node, const FeatureBins& bins, uint8_t bin) {
  if (bin == 0) return node.missing_left;
  if (bins.is_category) return (node.mask & (uint64_t{1} << bin)) != 0;
  return bin <= node.last_bin;
}

class SlowGrower {
 public:
  explicit SlowGrower(const DrawnProblem& problem) : problem_(problem) {
    for (const FeatureBins& bins : problem.bins) constrained_ |= bins.monotone != 0;
  }

  Tree Grow() {
    tree_.nodes.resize(1);
    Leaf root;
    for (size_t i = 0; i < problem_.rows.rows(); ++i) root.rows.push_back(i);
    leaves_.push_back(Searched(root));
    while (std::ssize(leaves_) < problem_.settings.leaves) {
      size_t best = leaves_.size();
      for (size_t i = 0; i < leaves_.size(); ++i) {
        if (!leaves_[i].best) continue;
        if (best == leaves_.size() || leaves_[i].best->gain > leaves_[best].best->gain) best = i;
      }
      if (best == leaves_.size()) break;
      SplitLeaf(best);
    }
    for (const Leaf& leaf : leaves_) {
      TreeNode& node = tree_.nodes[static_cast<size_t>(leaf.place)];
      node.cover = std::ssize(leaf.rows);
      node.value = Value(leaf);
    }
    return tree_;
  }

 private:
  double G(const Rows& rows) const {
    int64_t sum = 0;
    for (const size_t i : rows) sum += static_cast<int64_t>(problem_.gradients[i].packed >> 26) - (1 << 26);
    return static_cast<double>(sum) / 8192;
  }
  double H(const Rows& rows) const {
    int64_t sum = 0;
    for (const size_t i : rows) sum += static_cast<int64_t>(problem_.gradients[i].packed % (1 << 26));
    return static_cast<double>(sum) / 65536;
  }
  double T(double g) const { return std::copysign(std::max(std::abs(g) - problem_.settings.alpha, 0.0), g); }
  double Best(double g, double h, const Leaf& leaf) const {
    const double weight = h + problem_.settings.lambda;
    return std::clamp(weight > 0 ? -T(g) / weight : 0, leaf.low, leaf.high);
  }
  double Score(double g, double h, double lambda, const Leaf& leaf) const {
    if (!constrained_) return T(g) * T(g) / (h + lambda);
    const double v = Best(g, h, leaf);
    return -(2 * T(g) * v + (h + lambda) * v * v);
  }

  int64_t Value(const Leaf& leaf) const {
    Int128 g = 0, h = 0;
    for (const size_t i : leaf.rows) g += problem_.gradients[i].g, h += problem_.gradients[i].h;
    const double value = Best(FromGrid(g, 30), FromGrid(h, 30), leaf);
    return ToGrid(problem_.settings.learning_rate * value, 40);
  }

  void Try(const TreeNode& node, double lambda, Leaf* leaf) const {
    const TreeSettings& settings = problem_.settings;
    Candidate candidate;
    candidate.node = node;
    const FeatureBins& bins = problem_.bins[node.feature];
    for (const size_t i : leaf->rows) {
      (GoesLeft(node, bins, problem_.rows.column(node.feature)[i]) ? candidate.left : candidate.right).push_back(i);
    }
    const double gl = G(candidate.left), hl = H(candidate.left), gr = G(candidate.right), hr = H(candidate.right);
    if (std::min(std::ssize(candidate.left), std::ssize(candidate.right)) < settings.min_rows) return;
    if (std::min(hl, hr) < settings.min_hessian) return;
    candidate.left_value = Best(gl, hl, *leaf);
    candidate.right_value = Best(gr, hr, *leaf);
    if (bins.monotone > 0 && candidate.left_value > candidate.right_value) return;
    if (bins.monotone < 0 && candidate.left_value < candidate.right_value) return;
    candidate.gain = Score(gl, hl, lambda, *leaf) + Score(gr, hr, lambda, *leaf) -
                     Score(G(leaf->rows), H(leaf->rows), settings.lambda, *leaf);
    candidate.node.gain = candidate.gain;
    if (candidate.gain > settings.min_gain && (!leaf->best || candidate.gain > leaf->best->gain))
      leaf->best = candidate;
  }

  void TryNumber(uint16_t feature, Leaf* leaf) const {
    const auto column = problem_.rows.column(feature);
    const bool missing = std::any_of(leaf->rows.begin(), leaf->rows.end(), [&](size_t i) { return column[i] == 0; });
    for (size_t bin = 1; bin <= problem_.bins[feature].last_code.size(); ++bin) {
      TreeNode node{.feature = feature, .last_bin = static_cast<uint8_t>(bin)};
      const auto below =
          std::count_if(leaf->rows.begin(), leaf->rows.end(), [&](size_t i) { return column[i] <= bin; });
      node.missing_left = missing || 2 * below >= std::ssize(leaf->rows);
      Try(node, problem_.settings.lambda, leaf);
      node.missing_left = false;
      if (missing) Try(node, problem_.settings.lambda, leaf);
    }
  }

  void TryCategory(uint16_t feature, Leaf* leaf) const {
    struct Level {
      double mean;
      size_t bin;
    };
    std::vector<Level> levels;
    for (size_t bin = 1; bin <= problem_.bins[feature].levels; ++bin) {
      if (problem_.bins[feature].levels <= 4) {
        Try({.feature = feature, .mask = uint64_t{1} << bin}, problem_.settings.lambda, leaf);
        continue;
      }
      Rows of;
      for (const size_t i : leaf->rows) {
        if (problem_.rows.column(feature)[i] == bin) of.push_back(i);
      }
      if (std::ssize(of) >= problem_.settings.category_rows) levels.push_back({G(of) / (H(of) + 10), bin});
    }
    std::stable_sort(levels.begin(), levels.end(), [](const Level& a, const Level& b) { return a.mean < b.mean; });
    for (int turn = 0; turn < 2; ++turn) {
      TreeNode node{.feature = feature};
      for (size_t i = 0; i < std::min<size_t>(levels.size(), 32); ++i) {
        node.mask |= uint64_t{1} << levels[i].bin;
        Try(node, problem_.settings.lambda + 10, leaf);
      }
      std::reverse(levels.begin(), levels.end());
    }
  }

  Leaf Searched(Leaf leaf) const {
    const TreeSettings& settings = problem_.settings;
    if (settings.depth_max > 0 && leaf.depth >= settings.depth_max) return leaf;
    for (const uint16_t feature : problem_.used) {
      problem_.bins[feature].is_category ? TryCategory(feature, &leaf) : TryNumber(feature, &leaf);
    }
    return leaf;
  }

  void SplitLeaf(size_t which) {
    const Leaf leaf = leaves_[which];
    leaves_.erase(leaves_.begin() + static_cast<std::ptrdiff_t>(which));
    const auto first = static_cast<int32_t>(tree_.nodes.size());
    TreeNode node = leaf.best->node;
    node.left = first;
    node.right = first + 1;
    node.cover = std::ssize(leaf.rows);
    tree_.nodes[static_cast<size_t>(leaf.place)] = node;
    tree_.nodes.resize(tree_.nodes.size() + 2);
    const double middle = (leaf.best->left_value + leaf.best->right_value) / 2;
    const int monotone = problem_.bins[node.feature].monotone;
    Leaf left{first, leaf.depth + 1, leaf.best->left, leaf.low, leaf.high, {}};
    Leaf right{first + 1, leaf.depth + 1, leaf.best->right, leaf.low, leaf.high, {}};
    if (monotone > 0) left.high = right.low = middle;
    if (monotone < 0) left.low = right.high = middle;
    leaves_.push_back(Searched(left));
    leaves_.push_back(Searched(right));
  }

  const DrawnProblem& problem_;
  bool constrained_ = false;
  Tree tree_;
  std::vector<Leaf> leaves_;
};

}  // namespace

Tree GrowSlowly(const DrawnProblem& problem) { return SlowGrower(problem).Grow(); }

size_t LeafOf(const Tree& tree, const std::vector<FeatureBins>& bins, const BinnedRows& rows, size_t row) {
  size_t place = 0;
  while (!tree.nodes[place].is_leaf()) {
    const TreeNode& node = tree.nodes[place];
    const bool left = GoesLeft(node, bins[node.feature], rows.column(node.feature)[row]);
    place = static_cast<size_t>(left ? node.left : node.right);
  }
  return place;
}

int64_t WalkedMargin(const Ensemble& ensemble, const BinnedRows& rows, size_t row) {
  int64_t margin = ensemble.start;
  for (const Tree& tree : ensemble.trees) margin += tree.nodes[LeafOf(tree, ensemble.bins, rows, row)].value;
  return margin;
}

}  // namespace strata
