#include "model/trees/tree_grower.h"

#include <tbb/parallel_for.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/fixed_point.h"

namespace strata {
namespace {

size_t At(int32_t node) { return static_cast<size_t>(node); }

// Bounds of both children, the left one's first.
std::pair<ValueBounds, ValueBounds> Divided(const ValueBounds& bounds, const Split& split, int8_t monotone) {
  ValueBounds left = bounds, right = bounds;
  const double middle = (split.left_value + split.right_value) / 2;
  if (monotone > 0) left.high = right.low = middle;
  if (monotone < 0) left.low = right.high = middle;
  return {left, right};
}

}  // namespace

TreeGrower::TreeGrower(const TreeSettings& settings, std::span<const FeatureBins> bins,
                       std::span<const uint16_t> used_features)
    : settings_(settings), bins_(bins), used_(used_features), pending_{0} {
  constrained_ =
      std::any_of(bins.begin(), bins.end(), [](const FeatureBins& feature) { return feature.monotone != 0; });
  partial_.nodes.emplace_back();
  parent_.push_back(-1);
  nodes_.emplace_back();
}

TreeGrower::Sequence TreeGrower::Replay() const {
  Sequence sequence;
  std::vector<int32_t> leaves = {0};  // in the order in which the rule makes them
  while (std::ssize(sequence.split) + 1 < settings_.leaves) {
    auto best = leaves.end();
    for (auto leaf = leaves.begin(); leaf != leaves.end(); ++leaf) {
      if (!MaySplit(*leaf)) continue;
      if (best == leaves.end() || nodes_[At(*leaf)].split.gain > nodes_[At(*best)].split.gain) best = leaf;
    }
    if (best == leaves.end()) return sequence;
    const TreeNode& node = partial_.nodes[At(*best)];
    if (node.is_leaf() || !nodes_[At(node.left)].known) {
      sequence.next = *best;
      return sequence;
    }
    sequence.split.push_back(*best);
    leaves.erase(best);
    leaves.insert(leaves.end(), {node.left, node.right});
  }
  return sequence;
}

std::vector<int32_t> TreeGrower::Want(int ahead) {
  if (!pending_.empty()) return pending_;
  const Sequence sequence = Replay();
  if (sequence.next < 0) return {};
  Expand(sequence.next);
  std::vector<int32_t> open;
  for (int32_t node = 0; node < static_cast<int32_t>(nodes_.size()); ++node) {
    if (partial_.nodes[At(node)].is_leaf() && MaySplit(node)) open.push_back(node);
  }
  std::stable_sort(open.begin(), open.end(),
                   [this](int32_t a, int32_t b) { return nodes_[At(a)].split.gain > nodes_[At(b)].split.gain; });
  const auto wanted = std::min(static_cast<size_t>(std::max(ahead, 1)),
                               static_cast<size_t>(settings_.leaves) - 1 - sequence.split.size());
  for (size_t i = 0; i < open.size() && i + 1 < wanted; ++i) Expand(open[i]);
  return pending_;
}

void TreeGrower::Expand(int32_t node) {
  const auto first = static_cast<int32_t>(partial_.nodes.size());
  const Split& split = nodes_[At(node)].split;
  TreeNode& shape = partial_.nodes[At(node)];
  shape.left = first;
  shape.right = first + 1;
  shape.feature = split.feature;
  shape.last_bin = split.last_bin;
  shape.missing_left = split.missing_left;
  shape.mask = split.mask;
  shape.gain = split.gain;
  const auto [left_bounds, right_bounds] = Divided(nodes_[At(node)].bounds, split, bins_[split.feature].monotone);
  const bool left_smaller = 2 * split.left.n <= nodes_[At(node)].total.n;
  const int depth = nodes_[At(node)].depth + 1;
  for (const ValueBounds& bounds : {left_bounds, right_bounds}) {
    partial_.nodes.emplace_back();
    parent_.push_back(node);
    nodes_.emplace_back();
    nodes_.back().depth = depth;
    nodes_.back().bounds = bounds;
  }
  pending_.push_back(left_smaller ? first : first + 1);
}

void TreeGrower::Absorb(int32_t node, NodeHistogram histogram) {
  std::erase(pending_, node);
  const int32_t parent = parent_[At(node)];
  std::vector<int32_t> learned = {node};
  if (parent >= 0) {
    const TreeNode& shape = partial_.nodes[At(parent)];
    const int32_t other = node == shape.left ? shape.right : shape.left;
    Node& sibling = nodes_[At(other)];
    sibling.histogram = std::move(nodes_[At(parent)].histogram);
    sibling.histogram.Subtract(histogram);
    learned.push_back(other);
  }
  nodes_[At(node)].histogram = std::move(histogram);
  Learn(learned);
}

void TreeGrower::Learn(std::span<const int32_t> learned) {
  constexpr size_t kFeaturesAtOnce = 5;  // some microseconds of work
  for (const int32_t place : learned) {
    Node& node = nodes_[At(place)];
    node.total = node.histogram.Total();
    node.g_exact = node.histogram.g_exact;
    node.h_exact = node.histogram.h_exact;
    node.known = true;
  }
  std::vector<Split> splits(learned.size() * used_.size());
  const tbb::blocked_range<size_t> all(0, splits.size(), kFeaturesAtOnce);
  tbb::parallel_for(all, [&](const tbb::blocked_range<size_t>& some) {
    for (size_t i = some.begin(); i < some.end(); ++i) {
      const Node& node = nodes_[At(learned[i / used_.size()])];
      const uint16_t feature = used_[i % used_.size()];
      if (settings_.depth_max > 0 && node.depth >= settings_.depth_max) continue;
      splits[i] =
          BestSplitOf(node.histogram, node.total, feature, bins_[feature], settings_, constrained_, node.bounds);
    }
  });
  for (size_t i = 0; i < splits.size(); ++i) {
    Split& best = nodes_[At(learned[i / used_.size()])].split;
    if (splits[i].Beats(best)) best = splits[i];
  }
  for (const int32_t place : learned) {
    if (!MaySplit(place)) nodes_[At(place)].histogram = {};
  }
}

int64_t TreeGrower::ValueOf(const Node& node) const {
  const double value =
      LeafValue(FromGrid(node.g_exact, kLeafGridBits), FromGrid(node.h_exact, kLeafGridBits), settings_);
  const double rated = settings_.learning_rate * node.bounds.Clip(value);
  const double greatest = FromGrid(kMaxLeafValue, kMarginGridBits);
  return ToGrid(std::clamp(rated, -greatest, greatest), kMarginGridBits);
}

Tree TreeGrower::Take() {
  const Sequence sequence = Replay();
  std::vector<int32_t> order = {0};               // places in partial_ by place in the tree
  std::vector<int32_t> place(nodes_.size(), -1);  // the other way round; the root is no child
  for (const int32_t split : sequence.split) {
    for (const int32_t child : {partial_.nodes[At(split)].left, partial_.nodes[At(split)].right}) {
      place[At(child)] = static_cast<int32_t>(order.size());
      order.push_back(child);
    }
  }
  Tree tree;
  for (const int32_t from : order) {
    TreeNode node = partial_.nodes[At(from)];
    const bool is_leaf = node.is_leaf() || place[At(node.left)] < 0;
    if (is_leaf) {
      node = {};
      node.value = ValueOf(nodes_[At(from)]);
    } else {
      node.left = place[At(node.left)];
      node.right = place[At(node.right)];
    }
    node.cover = nodes_[At(from)].total.n;
    tree.nodes.push_back(node);
  }
  return tree;
}

}  // namespace strata
