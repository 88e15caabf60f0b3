#include "data/snapshot/churn_fields.h"

#include <algorithm>

namespace strata {
namespace {

absl::Status Corrupt(const std::string& place, const std::string& message) {
  return MakeError(absl::StatusCode::kDataLoss, "SNAPSHOT_CORRUPT", fmt::format("{}: {}", place, message));
}

NodeLists ListsOf(const Tree& tree) {
  NodeLists lists;
  for (const TreeNode& node : tree.nodes) {
    lists.left.push_back(node.left);
    lists.right.push_back(node.right);
    lists.feature.push_back(node.feature);
    lists.last_bin.push_back(node.last_bin);
    lists.missing_left.push_back(node.missing_left ? 1 : 0);
    lists.mask.push_back(node.mask);
    lists.value.push_back(node.value);
    lists.cover.push_back(node.cover);
    lists.gain.push_back(node.gain);
  }
  return lists;
}

absl::Status CheckBins(const FeatureBins& bins, const std::string& place) {
  // A category's bins are bits of a word.
  const size_t allowed = bins.is_category ? 64 : kMaxBins;
  if (bins.bins() > allowed) return Corrupt(place, fmt::format("{} bins, allowed are {}", bins.bins(), allowed));
  if (!std::is_sorted(bins.last_code.begin(), bins.last_code.end(), std::less_equal<uint16_t>())) {
    return Corrupt(place, "last_code does not rise");
  }
  return absl::OkStatus();
}

// A node of a tree of `size` nodes; `parents` counts those of every node.
absl::Status CheckNode(const TreeNode& node, size_t number, size_t size, const std::vector<FeatureBins>& bins,
                       const std::string& place, std::vector<int>* parents) {
  if (node.cover < 1) return Corrupt(place, fmt::format("cover is {}, allowed is 1 or more", node.cover));
  if (node.is_leaf()) return absl::OkStatus();
  for (const int32_t child : {node.left, node.right}) {
    if (child <= static_cast<int64_t>(number) || child >= static_cast<int64_t>(size)) {
      return Corrupt(place, fmt::format("child {}, allowed are {} to {}", child, number + 1, size - 1));
    }
    if (++(*parents)[static_cast<size_t>(child)] > 1) {
      return Corrupt(place, fmt::format("child {} has another parent", child));
    }
  }
  if (node.feature >= bins.size()) {
    return Corrupt(place, fmt::format("feature {}, there are {}", node.feature, bins.size()));
  }
  return absl::OkStatus();
}

absl::StatusOr<Tree> TreeOf(const NodeLists& lists, const std::vector<FeatureBins>& bins, const std::string& place) {
  const size_t size = lists.left.size();
  for (const size_t other : {lists.right.size(), lists.feature.size(), lists.last_bin.size(), lists.missing_left.size(),
                             lists.mask.size(), lists.value.size(), lists.cover.size(), lists.gain.size()}) {
    if (other != size) return Corrupt(place, fmt::format("lists of {} and of {} nodes", size, other));
  }
  Tree tree;
  std::vector<int> parents(size);
  size_t leaves = 0;
  for (size_t i = 0; i < size; ++i) {
    const TreeNode& node = tree.nodes.emplace_back(TreeNode{.left = lists.left[i],
                                                            .right = lists.right[i],
                                                            .feature = lists.feature[i],
                                                            .last_bin = lists.last_bin[i],
                                                            .missing_left = lists.missing_left[i] != 0,
                                                            .mask = lists.mask[i],
                                                            .value = lists.value[i],
                                                            .cover = lists.cover[i],
                                                            .gain = lists.gain[i]});
    const std::string at = fmt::format("{} node {}", place, i);
    if (lists.missing_left[i] > 1) return Corrupt(at, fmt::format("missing_left is {}", lists.missing_left[i]));
    STRATA_RETURN_IF_ERROR(CheckNode(node, i, size, bins, at, &parents));
    if (i > 0 && parents[i] != 1) return Corrupt(at, "it has no parent");
    if (node.is_leaf()) ++leaves;
  }
  if (leaves < 1 || leaves > kMaxLeaves) {
    return Corrupt(place, fmt::format("{} leaves, allowed are 1 to {}", leaves, kMaxLeaves));
  }
  return tree;
}

}  // namespace

EnsembleLists EnsembleLists::Of(const Ensemble& ensemble) {
  EnsembleLists lists{.bins = ensemble.bins, .start = ensemble.start, .rows = ensemble.rows, .trees = {}};
  for (const Tree& tree : ensemble.trees) lists.trees.push_back(ListsOf(tree));
  return lists;
}

absl::StatusOr<Ensemble> EnsembleLists::Trees(const std::string& place) const {
  Ensemble ensemble{.bins = bins, .start = start, .trees = {}, .rows = rows};
  for (size_t j = 0; j < bins.size(); ++j) {
    STRATA_RETURN_IF_ERROR(CheckBins(bins[j], fmt::format("{}: feature {}", place, j)));
  }
  for (size_t t = 0; t < trees.size(); ++t) {
    STRATA_ASSIGN_OR_RETURN(Tree tree, TreeOf(trees[t], bins, fmt::format("{}: tree {}", place, t)));
    ensemble.trees.push_back(std::move(tree));
  }
  return ensemble;
}

absl::Status CheckChurnModel(const ChurnModel& model, const std::string& place) {
  const size_t columns = model.features.size();
  if (model.mean.size() != columns || model.deviation.size() != columns || model.coefficients.size() != columns) {
    return Corrupt(place, fmt::format("{} features with {} means, {} deviations and {} coefficients", columns,
                                      model.mean.size(), model.deviation.size(), model.coefficients.size()));
  }
  if (model.calibration.places.size() != model.calibration.probabilities.size()) {
    return Corrupt(place, fmt::format("calibration has {} places and {} probabilities", model.calibration.places.size(),
                                      model.calibration.probabilities.size()));
  }
  const size_t features = model.plan.features.size();
  const bool fits = model.ensemble.has_value() ? model.ensemble->bins.size() == features
                                               : !model.fitted || model.algorithm != ChurnAlgorithm::kTrees;
  if (!fits) {
    return Corrupt(place, model.ensemble.has_value() ? fmt::format("trees of {} features, the plan has {}",
                                                                   model.ensemble->bins.size(), features)
                                                     : "its trees are missing");
  }
  return absl::OkStatus();
}

}  // namespace strata
