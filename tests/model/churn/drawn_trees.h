// Ensembles drawn from a seed, with categories, missing values and repeated features, for what reads trees rather than
// fits them.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "model/trees/ensemble.h"

namespace strata {

class TreeDraws {
 public:
  explicit TreeDraws(uint64_t seed) : random_(seed) {}

  // Some features are categories; every tree has 1 to leaves_max leaves, each with at least one training row.
  Ensemble Trees(size_t features, size_t trees, size_t leaves_max) {
    Ensemble ensemble;
    for (size_t j = 0; j < features; ++j) {
      FeatureBins bins;
      bins.is_category = Below(3) == 0;
      if (bins.is_category) {
        bins.levels = static_cast<uint32_t>(2 + Below(20));
      } else {
        for (uint64_t i = 0, last = 1 + Below(30); i < last; ++i)
          bins.last_code.push_back(static_cast<uint16_t>(10 * i));
      }
      ensemble.bins.push_back(bins);
    }
    ensemble.start = Value();
    ensemble.rows = 100'000;
    for (size_t t = 0; t < trees; ++t) ensemble.trees.push_back(OneTree(ensemble.bins, 1 + Below(leaves_max)));
    return ensemble;
  }

  // Column by column, the missing bin included.
  std::vector<uint8_t> Bins(const Ensemble& ensemble, size_t rows) {
    std::vector<uint8_t> bins;
    for (const FeatureBins& feature : ensemble.bins) {
      for (size_t i = 0; i < rows; ++i) bins.push_back(static_cast<uint8_t>(Below(feature.bins())));
    }
    return bins;
  }

  uint64_t Below(uint64_t n) { return std::uniform_int_distribution<uint64_t>(0, n - 1)(random_); }

 private:
  int64_t Value() {
    return std::uniform_int_distribution<int64_t>(-(int64_t{1} << kMarginGridBits),
                                                  int64_t{1} << kMarginGridBits)(random_);
  }

  // Leaves are split one after another, any of them, as long as they have rows.
  Tree OneTree(const std::vector<FeatureBins>& bins, size_t leaves) {
    Tree tree;
    tree.nodes.push_back({.value = Value(), .cover = 100'000});
    for (size_t split = 1; split < leaves; ++split) {
      std::vector<size_t> open;
      for (size_t i = 0; i < tree.nodes.size(); ++i) {
        if (tree.nodes[i].is_leaf() && tree.nodes[i].cover >= 2) open.push_back(i);
      }
      if (open.empty()) break;
      const size_t place = open[Below(open.size())];
      TreeNode& node = tree.nodes[place];
      node.feature = static_cast<uint16_t>(Below(bins.size()));
      node.missing_left = Below(2) == 0;
      if (bins[node.feature].is_category) {
        node.mask = random_() & ~uint64_t{1};
      } else {
        node.last_bin = static_cast<uint8_t>(1 + Below(bins[node.feature].last_code.size()));
      }
      node.left = static_cast<int32_t>(tree.nodes.size());
      node.right = node.left + 1;
      const int64_t left = 1 + static_cast<int64_t>(Below(static_cast<uint64_t>(node.cover - 1)));
      const int64_t right = node.cover - left;
      tree.nodes.push_back({.value = Value(), .cover = left});
      tree.nodes.push_back({.value = Value(), .cover = right});
    }
    return tree;
  }

  std::mt19937_64 random_;
};

}  // namespace strata
