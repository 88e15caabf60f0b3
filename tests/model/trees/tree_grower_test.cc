// Trees from histograms beside trees grown the slow way, over drawn problems: the same to the bit, in memory and by any
// supplier of histograms, however far ahead they are asked for.
#include "model/trees/tree_grower.h"

#include <gtest/gtest.h>
#include <tbb/task_arena.h>

#include "model/trees/grow_in_memory.h"
#include "tests/model/trees/slow_tree.h"

namespace strata {
namespace {

constexpr uint64_t kSeeds = 500;

Tree GrowInMemory(const DrawnProblem& problem) {
  InMemoryGrower grower(problem.rows, problem.bins);
  return grower.Grow(problem.settings, problem.used, problem.gradients, problem.AllRows(), {});
}

// As rounds do it: the rows are in parts, every round counts all wanted nodes of a part by walking its rows down the
// partial tree, and the parts' histograms are merged.
Tree GrowByRounds(const DrawnProblem& problem, int ahead, uint32_t parts, int* rounds) {
  TreeGrower grower(problem.settings, problem.bins, problem.used);
  const BinnedRows& rows = problem.rows;
  const RowMajorBins by_row(rows.bins(), rows.stride(), rows.rows(), rows.features());
  for (auto wanted = grower.Want(ahead); !wanted.empty(); wanted = grower.Want(ahead)) {
    ++*rounds;
    for (const int32_t node : wanted) {
      NodeHistogram merged;
      for (uint32_t part = 0; part < parts; ++part) {
        std::vector<uint32_t> which;
        for (uint32_t row = part; row < rows.rows(); row += parts) {
          size_t place = LeafOf(grower.partial(), problem.bins, rows, row);
          if (static_cast<int32_t>(place) == node) which.push_back(row);
        }
        merged.Merge(CountRows(by_row, problem.gradients, which.data(), which.size()));
      }
      grower.Absorb(node, std::move(merged));
    }
  }
  return grower.Take();
}

TEST(TreeGrower, TheTreeIsThatOfTryingEverySplitOnTheRows) {
  int64_t nodes = 0, categories = 0, missing = 0;
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const DrawnProblem problem(seed);
    const Tree slow = GrowSlowly(problem);
    ASSERT_EQ(GrowInMemory(problem), slow) << "seed " << seed;
    nodes += std::ssize(slow.nodes);
    for (const TreeNode& node : slow.nodes) {
      categories += node.mask != 0;
      missing += node.missing_left;
    }
  }
  // The problems are not trivial.
  EXPECT_GT(nodes, 3000);
  EXPECT_GT(categories, 100);
  EXPECT_GT(missing, 300);
}

TEST(TreeGrower, MonotoneFeaturesToo) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const DrawnProblem problem(seed, true);
    ASSERT_EQ(GrowInMemory(problem), GrowSlowly(problem)) << "seed " << seed;
  }
}

TEST(TreeGrower, AskingAheadChangesNothingButTheNumberOfRounds) {
  int one = 0, many = 0;
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const DrawnProblem problem(seed, seed % 3 == 0);
    const Tree in_memory = GrowInMemory(problem);
    ASSERT_EQ(GrowByRounds(problem, 1, 1, &one), in_memory) << "seed " << seed;
    ASSERT_EQ(GrowByRounds(problem, 64, 3, &many), in_memory) << "seed " << seed;
    int few = 0;
    ASSERT_EQ(GrowByRounds(problem, static_cast<int>(2 + seed % 5), 2, &few), in_memory) << "seed " << seed;
  }
  EXPECT_LT(many, one * 4 / 5);
}

TEST(TreeGrower, ThreadsAndRowsThatOnlyPassThroughChangeNothing) {
  Draws draws(8);
  const std::vector<FeatureBins> bins = {NumberOf(200), NumberOf(40), CategoryOf(12)};
  const BinnedRows rows = DrawRows(bins, 60'000, &draws);
  std::vector<GradientRow> gradients;
  for (size_t i = 0; i < rows.rows(); ++i) {
    const int64_t g = draws.Whole(-1000, 1000) + rows.column(0)[i] - 4 * rows.column(1)[i];
    gradients.push_back(PackedRow(g, draws.Whole(1, 16384), static_cast<int32_t>(g << 17), 1 << 20));
  }
  const std::vector<uint16_t> used = {0, 1, 2};
  std::vector<uint32_t> counted, others;
  for (uint32_t i = 0; i < rows.rows(); ++i) (i % 4 == 0 ? others : counted).push_back(i);
  std::vector<Tree> trees;
  for (const int threads : {1, 2}) {
    tbb::task_arena(threads).execute([&] {
      InMemoryGrower grower(rows, bins);
      trees.push_back(grower.Grow({}, used, gradients, counted, others));
      EXPECT_EQ(trees.back(), trees.front());
      EXPECT_EQ(trees.back().nodes.size(), 61U);
      size_t passed = 0;
      for (size_t place = 0; place < trees.back().nodes.size(); ++place) {
        if (!trees.back().nodes[place].is_leaf()) continue;
        EXPECT_EQ(std::ssize(grower.counted(static_cast<int32_t>(place))), trees.back().nodes[place].cover);
        for (const uint32_t row : grower.others(static_cast<int32_t>(place))) {
          EXPECT_EQ(LeafOf(trees.back(), bins, rows, row), place);
          ++passed;
        }
      }
      EXPECT_EQ(passed, others.size());
    });
  }
}

}  // namespace
}  // namespace strata
