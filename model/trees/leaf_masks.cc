#include "model/trees/leaf_masks.h"

#include <algorithm>
#include <array>

#include "model/trees/feature_bins.h"

namespace strata {
namespace {

constexpr size_t kRowsAtOnce = 2048;  // whose bins and margins stay in the second cache over all trees

size_t At(int32_t node) { return static_cast<size_t>(node); }

bool GoesLeft(const TreeNode& node, const FeatureBins& bins, size_t bin) {
  if (bin == 0) return node.missing_left;
  if (!bins.is_category) return bin <= node.last_bin;
  return bin <= kMaxTreeLevels && (node.mask >> bin & 1) != 0;
}

// Leaves from left to right, and of every node the set of those below it.
struct LeafSets {
  std::vector<uint64_t> below;
  std::vector<int64_t> values;
};

void Descend(const Tree& tree, int32_t place, LeafSets* sets) {
  const TreeNode& node = tree.nodes[At(place)];
  if (node.is_leaf()) {
    sets->below[At(place)] = uint64_t{1} << sets->values.size();
    sets->values.push_back(node.value);
    return;
  }
  Descend(tree, node.left, sets);
  Descend(tree, node.right, sets);
  sets->below[At(place)] = sets->below[At(node.left)] | sets->below[At(node.right)];
}

std::vector<uint16_t> FeaturesOf(const Tree& tree) {
  std::vector<uint16_t> features;
  for (const TreeNode& node : tree.nodes) {
    if (!node.is_leaf()) features.push_back(node.feature);
  }
  std::sort(features.begin(), features.end());
  features.erase(std::unique(features.begin(), features.end()), features.end());
  return features;
}

// The leaves that are possible for every bin of one feature.
std::array<uint64_t, kMaxBins> PossibleLeaves(const Tree& tree, const LeafSets& sets, uint16_t feature,
                                              const FeatureBins& bins) {
  std::array<uint64_t, kMaxBins> possible;
  possible.fill(~uint64_t{0});
  for (const TreeNode& node : tree.nodes) {
    if (node.is_leaf() || node.feature != feature) continue;
    for (size_t bin = 0; bin < kMaxBins; ++bin) {
      possible[bin] &= ~sets.below[At(GoesLeft(node, bins, bin) ? node.right : node.left)];
    }
  }
  return possible;
}

}  // namespace

LeafMasks::LeafMasks(const Ensemble& ensemble) : start_(ensemble.start) {
  for (const Tree& tree : ensemble.trees) {
    LeafSets sets;
    sets.below.resize(tree.nodes.size());
    Descend(tree, 0, &sets);
    TreeTables tables;
    tables.wide = sets.values.size() > 32;
    tables.masks = tables.wide ? wide_.size() : narrow_.size();
    tables.features = FeaturesOf(tree);
    tables.values = std::move(sets.values);
    for (const uint16_t feature : tables.features) {
      for (const uint64_t leaves : PossibleLeaves(tree, sets, feature, ensemble.bins[feature])) {
        if (tables.wide) {
          wide_.push_back(leaves);
        } else {
          narrow_.push_back(static_cast<uint32_t>(leaves));
        }
      }
    }
    trees_.push_back(std::move(tables));
  }
}

void LeafMasks::Margins(const uint8_t* bins, size_t stride, size_t rows, const Kernels& kernels,
                        int64_t* margins) const {
  std::fill(margins, margins + rows, start_);
  for (size_t begin = 0; begin < rows; begin += kRowsAtOnce) {
    const size_t count = std::min(kRowsAtOnce, rows - begin);
    for (const TreeTables& tree : trees_) {
      const size_t features = tree.features.size();
      if (tree.wide) {
        kernels.trees.add_leaves_wide({wide_.data() + tree.masks, tree.features.data(), features, tree.values.data()},
                                      bins + begin, stride, count, margins + begin);
      } else {
        kernels.trees.add_leaves({narrow_.data() + tree.masks, tree.features.data(), features, tree.values.data()},
                                 bins + begin, stride, count, margins + begin);
      }
    }
  }
}

}  // namespace strata
