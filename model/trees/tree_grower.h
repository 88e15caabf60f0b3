// Decides how a tree grows, from histograms that others count: in memory (model/trees/grow_in_memory.h), or over
// shards. Growth is leaf by leaf: of all leaves that there are the one whose split gains most is split next (ties: the
// leaf that came first), until there are settings.leaves or nothing gains more than min_gain (Shi 2007; LightGBM).
//
// A node's histogram does not depend on when it is asked for, so histograms may be asked for ahead of knowing that they
// are needed: the tree is that of the rule, whoever counts, in whatever order, however far ahead. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "model/trees/ensemble.h"
#include "model/trees/node_histogram.h"
#include "model/trees/split.h"
#include "model/trees/tree_settings.h"

namespace strata {

class TreeGrower {
 public:
  // `used_features` may be asked for, ascending. The spans must outlive the grower.
  TreeGrower(const TreeSettings& settings, std::span<const FeatureBins> bins, std::span<const uint16_t> used_features);

  // The nodes of partial() whose histograms are wanted; empty: done. At first the root. Then the smaller child of every
  // leaf that may be split next, of up to `ahead` (at least 1) leaves of greatest gain; until all of them are there,
  // the same ones.
  std::vector<int32_t> Want(int ahead);
  // The tree as far as anything was wanted of it, so that rows know their nodes; nodes keep their places. With
  // `ahead` 1 throughout it is the tree of Take(), but for values and covers.
  const Tree& partial() const { return partial_; }
  // Precondition: `node` is wanted. May work on the TBB threads of the calling arena.
  void Absorb(int32_t node, NodeHistogram histogram);
  // Precondition: Want() gave none. Nodes stand in the order of the rule; covers are the rows of the histograms, gains
  // and leaf values set.
  Tree Take();

 private:
  struct Node {
    bool known = false;  // sums and split are
    int depth = 0;
    GradientSums total;
    ValueBounds bounds;
    Split split;
    NodeHistogram histogram;  // until children are known
    Int128 g_exact = 0, h_exact = 0;
  };
  struct Sequence {
    std::vector<int32_t> split;  // nodes that the rule splits, in its order
    int32_t next = -1;           // that it splits next, where its children are not known; -1: none
  };

  Sequence Replay() const;
  bool MaySplit(int32_t node) const { return nodes_[static_cast<size_t>(node)].split.found; }
  void Expand(int32_t node);
  void Learn(std::span<const int32_t> learned);
  int64_t ValueOf(const Node& node) const;

  const TreeSettings settings_;
  const std::span<const FeatureBins> bins_;
  const std::span<const uint16_t> used_;
  bool constrained_ = false;
  Tree partial_;
  std::vector<int32_t> parent_;
  std::vector<Node> nodes_;       // by place in partial_
  std::vector<int32_t> pending_;  // wanted and not there
};

}  // namespace strata
