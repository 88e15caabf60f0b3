#include "bench/churn/lightgbm_model.h"

#include <absl/strings/numbers.h>
#include <absl/strings/str_split.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <string>

#include "base/fixed_point.h"

namespace strata {
namespace {

constexpr size_t kThresholdsMax = kMaxBins - 2;
// Bits of a decision: a category, missing values go left, and what counts as missing.
constexpr int kCategory = 1, kMissingLeft = 2, kMissingShift = 2, kMissingMask = 3;
constexpr int kZeroIsMissing = 1, kNanIsMissing = 2;

absl::Status Bad(std::string_view what) {
  return MakeError(absl::StatusCode::kInvalidArgument, "LIGHTGBM_MODEL", fmt::format("model of LightGBM: {}", what));
}

using Block = std::map<std::string, std::string, std::less<>>;  // "key=value" lines

Block BlockOf(std::string_view text) {
  Block block;
  for (const absl::string_view line : absl::StrSplit(absl::string_view(text.data(), text.size()), '\n')) {
    const std::pair<std::string, std::string> pair = absl::StrSplit(line, absl::MaxSplits('=', 1));
    block[pair.first] = pair.second;
  }
  return block;
}

absl::StatusOr<std::vector<double>> NumbersOf(const Block& block, std::string_view key) {
  const auto found = block.find(key);
  if (found == block.end()) return Bad(fmt::format("no {}", key));
  std::vector<double> numbers;
  for (const absl::string_view word : absl::StrSplit(found->second, ' ', absl::SkipEmpty())) {
    double number = 0;
    if (!absl::SimpleAtod(word, &number)) return Bad(fmt::format("{}: no number", key));
    numbers.push_back(number);
  }
  return numbers;
}

// The greatest float32 not above: float32 rows cannot tell it from the threshold.
float FloatNotAbove(double threshold) {
  const auto nearest = static_cast<float>(threshold);
  return static_cast<double>(nearest) > threshold ? std::nextafter(nearest, -std::numeric_limits<float>::infinity())
                                                  : nearest;
}

// One tree as LightGBM writes it: by inner node, and by leaf; a child below 0 is leaf -1 - child.
struct Written {
  std::vector<double> feature, threshold, decision, left, right, gain, count;
  std::vector<double> leaf_value, leaf_count;
};

absl::StatusOr<Written> WrittenOf(const Block& block) {
  Written written;
  STRATA_ASSIGN_OR_RETURN(written.leaf_value, NumbersOf(block, "leaf_value"));
  if (written.leaf_value.empty() || written.leaf_value.size() > kMaxLeaves)
    return Bad("a tree of too many leaves, or none");
  if (written.leaf_value.size() == 1) {
    written.leaf_count = {0};
    return written;
  }
  STRATA_ASSIGN_OR_RETURN(written.leaf_count, NumbersOf(block, "leaf_count"));
  STRATA_ASSIGN_OR_RETURN(written.feature, NumbersOf(block, "split_feature"));
  STRATA_ASSIGN_OR_RETURN(written.threshold, NumbersOf(block, "threshold"));
  STRATA_ASSIGN_OR_RETURN(written.decision, NumbersOf(block, "decision_type"));
  STRATA_ASSIGN_OR_RETURN(written.left, NumbersOf(block, "left_child"));
  STRATA_ASSIGN_OR_RETURN(written.right, NumbersOf(block, "right_child"));
  STRATA_ASSIGN_OR_RETURN(written.gain, NumbersOf(block, "split_gain"));
  STRATA_ASSIGN_OR_RETURN(written.count, NumbersOf(block, "internal_count"));
  const size_t inner = written.leaf_value.size() - 1;
  for (const auto* column : {&written.feature, &written.threshold, &written.decision, &written.left, &written.right,
                             &written.gain, &written.count}) {
    if (column->size() != inner) return Bad("a tree whose columns differ in length");
  }
  if (written.leaf_count.size() != inner + 1) return Bad("a tree whose columns differ in length");
  for (const double decision : written.decision) {
    const int bits = static_cast<int>(decision);
    if ((bits & kCategory) != 0) return Bad("a split of a category, which is not read here");
    if ((bits >> kMissingShift & kMissingMask) == kZeroIsMissing)
      return Bad("zero as missing value, which is not read here");
  }
  return written;
}

class Converter {
 public:
  Converter(const Written& written, const std::vector<FloatBins>& bins) : written_(written), bins_(bins) {}

  absl::StatusOr<Tree> Convert() {
    STRATA_RETURN_IF_ERROR(Add(written_.feature.empty() ? -1 : 0));
    return std::move(tree_);
  }

 private:
  // A node (or leaf -1 - node) and everything below it.
  absl::Status Add(int node) {
    const size_t place = tree_.nodes.size();
    if (place >= 2 * kMaxLeaves) return Bad("nodes in a circle");
    tree_.nodes.emplace_back();
    if (node < 0) {
      const auto leaf = static_cast<size_t>(-1 - node);
      if (leaf >= written_.leaf_value.size()) return Bad("a leaf that is not there");
      if (!(std::fabs(written_.leaf_value[leaf]) < 1024)) return Bad("a leaf value that is none");
      tree_.nodes[place].value = ToGrid(written_.leaf_value[leaf], kMarginGridBits);
      tree_.nodes[place].cover = std::llrint(written_.leaf_count[leaf]);
      return absl::OkStatus();
    }
    const auto i = static_cast<size_t>(node);
    if (i >= written_.feature.size()) return Bad("a node that is not there");
    tree_.nodes[place] = Split(i);
    tree_.nodes[place].left = static_cast<int32_t>(tree_.nodes.size());
    STRATA_RETURN_IF_ERROR(Add(static_cast<int>(written_.left[i])));
    tree_.nodes[place].right = static_cast<int32_t>(tree_.nodes.size());
    return Add(static_cast<int>(written_.right[i]));
  }

  TreeNode Split(size_t i) const {
    TreeNode node;
    node.feature = static_cast<uint16_t>(written_.feature[i]);
    node.last_bin = bins_[node.feature].BinOf(FloatNotAbove(written_.threshold[i]));
    const int bits = static_cast<int>(written_.decision[i]);
    // Where the feature had no missing values LightGBM takes them for 0.
    const bool nan = (bits >> kMissingShift & kMissingMask) == kNanIsMissing;
    node.missing_left = nan ? (bits & kMissingLeft) != 0 : 0 <= written_.threshold[i];
    node.cover = std::llrint(written_.count[i]);
    node.gain = written_.gain[i];
    return node;
  }

  const Written& written_;
  const std::vector<FloatBins>& bins_;
  Tree tree_;
};

// A bin ends at every threshold; the last one has no end.
absl::StatusOr<std::vector<FloatBins>> BinsOf(const std::vector<Written>& trees, size_t features) {
  std::vector<FloatBins> bins(features);
  for (const Written& tree : trees) {
    for (size_t i = 0; i < tree.feature.size(); ++i) {
      if (!(tree.feature[i] >= 0) || tree.feature[i] >= static_cast<double>(features))
        return Bad("a feature that is not there");
      bins[static_cast<size_t>(tree.feature[i])].last.push_back(FloatNotAbove(tree.threshold[i]));
    }
  }
  for (FloatBins& feature : bins) {
    std::sort(feature.last.begin(), feature.last.end());
    feature.last.erase(std::unique(feature.last.begin(), feature.last.end()), feature.last.end());
    if (feature.last.size() > kThresholdsMax) return Bad("a feature of more than 254 thresholds");
    feature.last.push_back(std::numeric_limits<float>::infinity());
  }
  return bins;
}

}  // namespace

absl::StatusOr<LightGbmModel> ReadLightGbmModel(std::string_view text) {
  const size_t end = std::min(text.find("\nend of trees"), text.size());
  std::vector<std::string> parts = absl::StrSplit(absl::string_view(text.data(), end), "\nTree=");
  const Block head = BlockOf(parts.front());
  STRATA_ASSIGN_OR_RETURN(const auto feature_max, NumbersOf(head, "max_feature_idx"));
  if (feature_max.size() != 1 || !(feature_max[0] >= 0 && feature_max[0] < 65535)) return Bad("max_feature_idx");
  std::vector<Written> trees;
  for (size_t i = 1; i < parts.size(); ++i) {
    STRATA_ASSIGN_OR_RETURN(Written written, WrittenOf(BlockOf(parts[i])));
    trees.push_back(std::move(written));
  }
  LightGbmModel model;
  STRATA_ASSIGN_OR_RETURN(model.bins, BinsOf(trees, static_cast<size_t>(feature_max[0]) + 1));
  for (const FloatBins& bins : model.bins) model.ensemble.bins.push_back(bins.feature_bins());
  for (const Written& written : trees) {
    STRATA_ASSIGN_OR_RETURN(Tree tree, Converter(written, model.bins).Convert());
    model.ensemble.trees.push_back(std::move(tree));
  }
  if (!model.ensemble.trees.empty()) model.ensemble.rows = model.ensemble.trees.front().nodes.front().cover;
  return model;
}

}  // namespace strata
