#include "model/trees/boost.h"

#include <gtest/gtest.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "base/hash.h"
#include "model/statistics/ranking_metrics.h"
#include "tests/model/trees/slow_tree.h"

namespace strata {
namespace {

// Customers whose outcome depends on two numbers together and on a category.
struct Base {
  explicit Base(size_t size, uint64_t seed = 1) : rows(size, 4) {
    Draws draws(seed);
    for (size_t i = 0; i < size; ++i) {
      const auto a = draws.Whole(1, 40), b = draws.Whole(1, 40), c = draws.Whole(1, 10);
      rows.column(0)[i] = static_cast<uint8_t>(draws.OneIn(10) ? 0 : a);
      rows.column(1)[i] = static_cast<uint8_t>(b);
      rows.column(2)[i] = static_cast<uint8_t>(c);
      rows.column(3)[i] = static_cast<uint8_t>(draws.Whole(1, 40));  // noise
      const double z = (a > 20) != (b > 20) ? 1.5 : -1.5;
      outcome.push_back(draws.Uniform(0, 1) < 1 / (1 + std::exp(-z - (c % 3 == 0 ? 1 : 0))) ? 1 : 0);
      hash.push_back(Mix(i + 1000 * seed));
    }
  }

  BoostRows Rows(std::span<const BoostRole> role = {}) const {
    return {.bins = &rows, .outcome = outcome, .hash = hash, .role = role};
  }

  std::vector<FeatureBins> bins = {NumberOf(40), NumberOf(40), CategoryOf(10), NumberOf(40)};
  BinnedRows rows;
  std::vector<uint8_t> outcome;
  std::vector<uint64_t> hash;
};

std::vector<BoostRole> Roles(size_t size, BoostRole role, size_t every) {
  std::vector<BoostRole> roles(size, BoostRole::kTrain);
  for (size_t i = 0; i < size; i += every) roles[i] = role;
  return roles;
}

double AucOf(const Base& base, std::span<const int64_t> margins) {
  const std::vector<double> scores(margins.begin(), margins.end());
  return Auc(scores, base.outcome);
}

BoostResult Fit(const Base& base, const BoostSettings& settings, std::span<const BoostRole> role = {}) {
  return FitTrees(base.Rows(role), base.bins, settings, WidestKernels());
}

std::vector<int64_t> MarginsOf(const Ensemble& ensemble, const Base& base) {
  std::vector<int64_t> margins;
  for (size_t i = 0; i < base.rows.rows(); ++i) margins.push_back(WalkedMargin(ensemble, base.rows, i));
  return margins;
}

TEST(FitTrees, FindsWhatIsOnlySeenTogether) {
  const Base base(5000), later(5000, 2);
  const BoostResult fit = Fit(base, {.trees = 60});
  EXPECT_EQ(fit.ensemble.trees.size(), 60U);
  EXPECT_EQ(fit.best_trees, 60);
  EXPECT_EQ(fit.margins, MarginsOf(fit.ensemble, base));
  // The truth itself ranks with .80 to .82.
  EXPECT_GT(AucOf(later, MarginsOf(fit.ensemble, later)), 0.79);
}

TEST(FitTrees, TheFirstTreeIsThatOfTheDefinition) {
  const Base base(300);
  DrawnProblem problem(1);
  problem.bins = base.bins;
  problem.rows = base.rows;
  problem.settings = {};
  problem.used = {0, 1, 2, 3};
  problem.gradients.clear();
  const double positive = std::accumulate(base.outcome.begin(), base.outcome.end(), 0.0);
  const double p = positive / 300;
  for (const uint8_t y : base.outcome) {
    const double g = p - y, h = p * (1 - p);
    problem.gradients.push_back(PackedRow(std::llrint(g * 8192), std::llrint(h * 65536),
                                          static_cast<int32_t>(std::llrint(g * 0x1p30)),
                                          static_cast<int32_t>(std::llrint(h * 0x1p30))));
  }
  const BoostResult fit = Fit(base, {.trees = 1});
  EXPECT_NEAR(static_cast<double>(fit.ensemble.start) * 0x1p-40, std::log(positive / (300 - positive)), 1e-12);
  const Tree slow = GrowSlowly(problem);
  ASSERT_EQ(fit.ensemble.trees.size(), 1U);
  ASSERT_EQ(fit.ensemble.trees[0].nodes.size(), slow.nodes.size());
  for (size_t i = 0; i < slow.nodes.size(); ++i) {
    EXPECT_EQ(fit.ensemble.trees[0].nodes[i].feature, slow.nodes[i].feature);
    EXPECT_EQ(fit.ensemble.trees[0].nodes[i].last_bin, slow.nodes[i].last_bin);
    EXPECT_EQ(fit.ensemble.trees[0].nodes[i].mask, slow.nodes[i].mask);
    EXPECT_EQ(fit.ensemble.trees[0].nodes[i].cover, slow.nodes[i].cover);
    EXPECT_NEAR(static_cast<double>(fit.ensemble.trees[0].nodes[i].value - slow.nodes[i].value) * 0x1p-40, 0, 1e-8);
  }
}

TEST(FitTrees, ThreadsKernelsAndTheOrderOfRowsChangeNoBit) {
  const Base base(20'000);
  Base shuffled(20'000);
  std::vector<size_t> order(20'000);
  std::iota(order.begin(), order.end(), size_t{0});
  std::shuffle(order.begin(), order.end(), std::mt19937_64(5));
  for (size_t i = 0; i < order.size(); ++i) {
    for (size_t j = 0; j < 4; ++j) shuffled.rows.column(j)[i] = base.rows.column(j)[order[i]];
    shuffled.outcome[i] = base.outcome[order[i]];
    shuffled.hash[i] = base.hash[order[i]];
  }
  const std::vector<BoostRole> roles = Roles(20'000, BoostRole::kValidation, 10);
  std::vector<BoostRole> shuffled_roles;
  for (const size_t i : order) shuffled_roles.push_back(roles[i]);
  const BoostSettings settings{.trees = 30, .early_stopping = 5, .row_share = 0.7, .feature_share = 0.6, .seed = 9};
  const BoostResult first = Fit(base, settings, roles);
  for (const Kernels* kernels : AvailableKernels()) {
    for (const int threads : {1, 2}) {
      tbb::task_arena(threads).execute([&] {
        const BoostResult same = FitTrees(base.Rows(roles), base.bins, settings, *kernels);
        EXPECT_EQ(same.ensemble, first.ensemble) << kernels->name << " " << threads;
        EXPECT_EQ(same.margins, first.margins);
        EXPECT_EQ(same.validation_losses, first.validation_losses);
      });
    }
  }
  const BoostResult other = Fit(shuffled, settings, shuffled_roles);
  EXPECT_EQ(other.ensemble, first.ensemble);
  EXPECT_EQ(other.validation_losses, first.validation_losses);
}

TEST(FitTrees, StopsEarlyAtTheLeastValidationLoss) {
  const Base base(2000);
  const std::vector<BoostRole> roles = Roles(2000, BoostRole::kValidation, 5);
  const BoostResult fit = Fit(base, {.trees = 300, .early_stopping = 10}, roles);
  const std::vector<Int128>& losses = fit.validation_losses;
  ASSERT_LT(losses.size(), 301U) << "never stopped";
  EXPECT_EQ(std::ssize(losses), fit.best_trees + 10 + 1);
  EXPECT_EQ(std::min_element(losses.begin(), losses.end()) - losses.begin(), fit.best_trees)
      << "the first of the least";
  EXPECT_EQ(std::ssize(fit.ensemble.trees), fit.best_trees);
  EXPECT_EQ(fit.margins, MarginsOf(fit.ensemble, base));
  long double loss = 0;
  for (size_t i = 0; i < 2000; i += 5) {
    const long double margin = static_cast<long double>(fit.margins[i]) * 0x1p-40L;
    loss += std::log1p(std::exp(base.outcome[i] == 1 ? -margin : margin));
  }
  EXPECT_NEAR(static_cast<double>(static_cast<long double>(losses[static_cast<size_t>(fit.best_trees)]) * 0x1p-40L),
              static_cast<double>(loss), 1e-8);
  // A fit of that many trees without stopping is the same, and rows of neither role count for nothing.
  EXPECT_EQ(Fit(base, {.trees = fit.best_trees}, roles).ensemble, fit.ensemble);
  EXPECT_EQ(Fit(base, {.trees = fit.best_trees}, Roles(2000, BoostRole::kNeither, 5)).ensemble, fit.ensemble);
}

TEST(FitTrees, SamplesRowsByCustomerAndFeaturesByTree) {
  const Base base(3000);
  const BoostResult all = Fit(base, {.trees = 8});
  const BoostResult half = Fit(base, {.trees = 8, .row_share = 0.5, .seed = 3});
  EXPECT_NE(half.ensemble, all.ensemble);
  for (const Tree& tree : half.ensemble.trees) EXPECT_EQ(tree.nodes[0].cover, 3000) << "covers count all rows";
  EXPECT_NE(Fit(base, {.trees = 8, .row_share = 0.5, .seed = 4}).ensemble, half.ensemble);
  EXPECT_EQ(half.margins, MarginsOf(half.ensemble, base));

  const BoostResult few = Fit(base, {.trees = 20, .feature_share = 0.3});  // two of four
  std::set<uint16_t> seen;
  for (const Tree& tree : few.ensemble.trees) {
    std::set<uint16_t> features;
    for (const TreeNode& node : tree.nodes) {
      if (!node.is_leaf()) features.insert(node.feature);
    }
    EXPECT_LE(features.size(), 2U);
    seen.insert(features.begin(), features.end());
  }
  EXPECT_EQ(seen.size(), 4U);
}

TEST(FitTrees, MarginsRiseWithAMonotoneFeature) {
  Base base(4000);
  base.bins[0].monotone = 1;
  base.bins[3].monotone = -1;
  const BoostResult fit = Fit(base, {.trees = 40});
  Draws draws(2);
  for (int turn = 0; turn < 200; ++turn) {
    BinnedRows rows(40, 4);
    for (size_t i = 0; i < 40; ++i) {
      for (size_t j = 0; j < 4; ++j)
        rows.column(j)[i] = i == 0 ? static_cast<uint8_t>(draws.Whole(1, 10)) : rows.column(j)[0];
    }
    const size_t feature = turn % 2 == 0 ? 0 : 3;
    for (size_t i = 0; i < 40; ++i) rows.column(feature)[i] = static_cast<uint8_t>(i + 1);
    for (size_t i = 1; i < 40; ++i) {
      const int64_t rise = WalkedMargin(fit.ensemble, rows, i) - WalkedMargin(fit.ensemble, rows, i - 1);
      EXPECT_GE(feature == 0 ? rise : -rise, 0);
    }
  }
}

TEST(FitTrees, NothingToLearnGivesTheStartAlone) {
  Base base(100);
  std::fill(base.outcome.begin(), base.outcome.end(), uint8_t{1});
  const BoostResult one_class = Fit(base, {});
  EXPECT_TRUE(one_class.ensemble.trees.empty());
  EXPECT_NEAR(static_cast<double>(one_class.ensemble.start) * 0x1p-40, std::log(100.5 / 0.5), 1e-12);

  Base constant(100, 3);
  for (size_t j = 0; j < 4; ++j) std::fill(constant.rows.column(j).begin(), constant.rows.column(j).end(), uint8_t{1});
  EXPECT_TRUE(Fit(constant, {}).ensemble.trees.empty());

  const std::vector<BoostRole> nobody(100, BoostRole::kNeither);
  const BoostResult empty = Fit(constant, {}, nobody);
  EXPECT_EQ(empty.ensemble.start, 0);
  EXPECT_EQ(empty.margins, std::vector<int64_t>(100, 0));
  EXPECT_TRUE(Fit(constant, {.row_share = 0.5}).ensemble.trees.empty()) << "and ends";
}

}  // namespace
}  // namespace strata
