#include "model/trees/boost.h"

#include <tbb/blocked_range.h>
#include <tbb/parallel_for.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/fixed_point.h"
#include "base/hash.h"
#include "model/statistics/keyed_sample.h"
#include "model/trees/grow_in_memory.h"
#include "model/trees/leaf_masks.h"

namespace strata {
namespace {

constexpr size_t kRowsAtOnce = 8192;  // per thread: what they need stays in the second cache

// log(positive / negative) on the margin grid, by the routine that all kernels share.
int64_t LogOdds(double positive, double negative, const Kernels& kernels) {
  std::vector<double> x(kLanesMax, 0.0), log(kLanesMax);
  x[0] = (std::max(positive, negative) - std::min(positive, negative)) / std::min(positive, negative);
  kernels.log1p(x.data(), 1, log.data());
  return ToGrid(positive < negative ? -log[0] : log[0], kMarginGridBits);
}

class Booster {
 public:
  Booster(const BoostRows& rows, std::span<const FeatureBins> bins, const BoostSettings& settings,
          const Kernels& kernels)
      : rows_(rows), settings_(settings), kernels_(kernels), grower_(*rows.bins, bins) {
    result_.ensemble.bins.assign(bins.begin(), bins.end());
    for (size_t i = 0; i < rows.bins->rows(); ++i) {
      const BoostRole role = rows.role.empty() ? BoostRole::kTrain : rows.role[i];
      const auto row = static_cast<uint32_t>(i);
      if (role == BoostRole::kTrain) train_.push_back(row);
      if (role == BoostRole::kValidation) validation_.push_back(row);
      if (role != BoostRole::kTrain) others_.push_back(row);
    }
  }

  BoostResult Fit() {
    if (Start()) {
      gradients_.resize(rows_.bins->rows());
      const int fruitless_max = Samples() ? kFruitlessMax : 1;  // without sampling the next tree would be the same
      while (std::ssize(result_.ensemble.trees) < settings_.trees && !IsEarlyEnough() && fruitless_ < fruitless_max) {
        AddTree();
      }
    }
    KeepBest();
    return std::move(result_);
  }

 private:
  // Trees in a row that found no split, until it is taken that none will: other rows and features may have one.
  static constexpr int kFruitlessMax = 10;

  // False where there is nothing to be learnt.
  bool Start() {
    int64_t positive = 0;
    for (const uint32_t row : train_) positive += rows_.outcome[row];
    const auto all = std::ssize(train_);
    const bool both = positive > 0 && positive < all;
    const double imagined = both ? 0 : 0.5;
    result_.ensemble.rows = all;
    result_.ensemble.start =
        LogOdds(static_cast<double>(positive) + imagined, static_cast<double>(all - positive) + imagined, kernels_);
    result_.margins.assign(rows_.bins->rows(), result_.ensemble.start);
    NoteLoss();
    return both;
  }

  bool Samples() const { return settings_.row_share < 1 || settings_.feature_share < 1; }

  void AddTree() {
    FindGradients();
    DrawRows();
    const std::vector<uint16_t> used = DrawFeatures();
    ++drawn_;
    Tree tree = grower_.Grow(settings_.tree, used, gradients_, counted(), uncounted());
    fruitless_ = tree.nodes.size() == 1 ? fruitless_ + 1 : 0;
    if (fruitless_ > 0) return;
    SetCovers(&tree);
    AddLeaves(tree);
    result_.ensemble.trees.push_back(std::move(tree));
    NoteLoss();
  }

  void FindGradients() {
    ForRows(gradients_.size(), [this](size_t begin, size_t end) {
      kernels_.trees.gradients(result_.margins.data() + begin, rows_.outcome.data() + begin, end - begin,
                               gradients_.data() + begin);
    });
  }

  template <class Work>
  static void ForRows(size_t rows, const Work& work) {
    tbb::parallel_for(size_t{0}, (rows + kRowsAtOnce - 1) / kRowsAtOnce,
                      [&](size_t chunk) { work(chunk * kRowsAtOnce, std::min(rows, (chunk + 1) * kRowsAtOnce)); });
  }

  void DrawRows() {
    if (settings_.row_share >= 1) return;
    const auto limit = static_cast<uint64_t>(std::ldexp(settings_.row_share, 64));
    const uint64_t round = DrawRound(DrawPurpose::kChurnTreeRows, drawn_);
    drawn_rows_.clear();
    undrawn_rows_ = others_;
    for (const uint32_t row : train_) {
      const bool drawn = KeyedDraw(settings_.seed, round, rows_.hash[row]) < limit;
      (drawn ? drawn_rows_ : undrawn_rows_).push_back(row);
    }
    std::inplace_merge(undrawn_rows_.begin(), undrawn_rows_.begin() + std::ssize(others_), undrawn_rows_.end());
  }

  const std::vector<uint32_t>& counted() const { return settings_.row_share < 1 ? drawn_rows_ : train_; }
  const std::vector<uint32_t>& uncounted() const { return settings_.row_share < 1 ? undrawn_rows_ : others_; }

  std::vector<uint16_t> DrawFeatures() const {
    std::vector<uint16_t> features(rows_.bins->features());
    std::iota(features.begin(), features.end(), uint16_t{0});
    if (settings_.feature_share >= 1) return features;
    const uint64_t round = DrawRound(DrawPurpose::kChurnTreeFeatures, drawn_);
    const auto draw = [&](uint16_t feature) { return KeyedDraw(settings_.seed, round, feature); };
    std::sort(features.begin(), features.end(), [&](uint16_t a, uint16_t b) { return draw(a) < draw(b); });
    const double wanted = std::ceil(settings_.feature_share * static_cast<double>(features.size()));
    features.resize(std::min(features.size(), static_cast<size_t>(std::max(wanted, 1.0))));
    std::sort(features.begin(), features.end());
    return features;
  }

  // All training rows, whether the tree saw them or not.
  void SetCovers(Tree* tree) const {
    const auto is_train = [this](uint32_t row) { return rows_.role.empty() || rows_.role[row] == BoostRole::kTrain; };
    for (auto place = std::ssize(tree->nodes) - 1; place >= 0; --place) {
      TreeNode& node = tree->nodes[static_cast<size_t>(place)];
      if (!node.is_leaf()) {
        node.cover =
            tree->nodes[static_cast<size_t>(node.left)].cover + tree->nodes[static_cast<size_t>(node.right)].cover;
        continue;
      }
      const auto leaf = static_cast<int32_t>(place);
      node.cover = std::ssize(grower_.counted(leaf));
      if (settings_.row_share < 1) {
        const std::span<const uint32_t> rest = grower_.others(leaf);
        node.cover += std::count_if(rest.begin(), rest.end(), is_train);
      }
    }
  }

  void AddLeaves(const Tree& tree) {
    tbb::parallel_for(size_t{0}, tree.nodes.size(), [&](size_t place) {
      const TreeNode& node = tree.nodes[place];
      if (!node.is_leaf()) return;
      for (const uint32_t row : grower_.counted(static_cast<int32_t>(place))) result_.margins[row] += node.value;
      for (const uint32_t row : grower_.others(static_cast<int32_t>(place))) result_.margins[row] += node.value;
    });
  }

  void NoteLoss() {
    if (validation_.empty()) return;
    int64_t margins[kKernelBlock];
    uint8_t outcome[kKernelBlock];
    Int128 sum = 0;
    for (size_t begin = 0; begin < validation_.size(); begin += kKernelBlock) {
      const size_t count = std::min(kKernelBlock, validation_.size() - begin);
      for (size_t i = 0; i < count; ++i) {
        margins[i] = result_.margins[validation_[begin + i]];
        outcome[i] = rows_.outcome[validation_[begin + i]];
      }
      sum += kernels_.trees.log_loss(margins, outcome, count);
    }
    result_.validation_losses.push_back(sum);
  }

  int LeastLoss() const {
    const auto& losses = result_.validation_losses;
    return static_cast<int>(std::min_element(losses.begin(), losses.end()) - losses.begin());
  }

  bool IsEarlyEnough() const {
    if (!settings_.early_stopping) return false;
    return std::ssize(result_.ensemble.trees) - LeastLoss() >= *settings_.early_stopping;
  }

  void KeepBest() {
    auto& trees = result_.ensemble.trees;
    result_.best_trees = settings_.early_stopping ? LeastLoss() : static_cast<int>(trees.size());
    if (result_.best_trees == std::ssize(trees)) return;
    trees.resize(static_cast<size_t>(result_.best_trees));
    const LeafMasks masks(result_.ensemble);
    const BinnedRows& bins = *rows_.bins;
    ForRows(bins.rows(), [&](size_t begin, size_t end) {
      masks.Margins(bins.bins() + begin, bins.stride(), end - begin, kernels_, result_.margins.data() + begin);
    });
  }

  const BoostRows& rows_;
  const BoostSettings& settings_;
  const Kernels& kernels_;
  InMemoryGrower grower_;
  std::vector<uint32_t> train_, validation_, others_;  // ascending
  std::vector<uint32_t> drawn_rows_, undrawn_rows_;    // of the newest tree
  std::vector<GradientRow> gradients_;                 // by row
  uint32_t drawn_ = 0;                                 // trees that rows and features were drawn for
  int fruitless_ = 0;
  BoostResult result_;
};

}  // namespace

BoostResult FitTrees(const BoostRows& rows, std::span<const FeatureBins> bins, const BoostSettings& settings,
                     const Kernels& kernels) {
  return Booster(rows, bins, settings, kernels).Fit();
}

}  // namespace strata
