#include "model/trees/leaf_masks.h"

#include <gtest/gtest.h>

#include "tests/model/trees/slow_tree.h"

namespace strata {
namespace {

TEST(LeafMasks, MarginsAreThoseOfWalkingDownEveryTreeOnAnyWidth) {
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    Draws draws(seed);
    std::vector<FeatureBins> bins;
    for (int64_t j = draws.Whole(1, 12); j > 0; --j) {
      bins.push_back(draws.OneIn(3) ? CategoryOf(static_cast<uint32_t>(draws.Whole(1, 63)))
                                    : NumberOf(static_cast<size_t>(draws.Whole(1, 255))));
    }
    const auto leaves = static_cast<int>(draws.OneIn(2) ? draws.Whole(1, 32) : draws.Whole(33, 64));
    const Ensemble ensemble = DrawEnsemble(bins, static_cast<int>(draws.Whole(0, 20)), leaves, &draws);
    const BinnedRows rows = DrawRows(bins, static_cast<size_t>(draws.Whole(0, draws.OneIn(20) ? 5000 : 100)), &draws);
    const LeafMasks masks(ensemble);
    for (const Kernels* kernels : AvailableKernels()) {
      std::vector<int64_t> margins(rows.rows(), -1);
      masks.Margins(rows.bins(), rows.stride(), rows.rows(), *kernels, margins.data());
      for (size_t i = 0; i < rows.rows(); ++i) {
        ASSERT_EQ(margins[i], WalkedMargin(ensemble, rows, i)) << kernels->name << " seed " << seed << " row " << i;
      }
    }
  }
}

TEST(LeafMasks, FullTreesOf64LeavesReachEveryLeaf) {
  const std::vector<FeatureBins> bins = {NumberOf(63)};
  Ensemble ensemble{.bins = bins};
  Tree chain;  // bin b leaves at depth b
  chain.nodes.resize(127);
  for (size_t i = 0; i < 63; ++i) {
    chain.nodes[2 * i] = {.left = static_cast<int32_t>(2 * i + 1),
                          .right = static_cast<int32_t>(2 * i + 2),
                          .last_bin = static_cast<uint8_t>(i + 1),
                          .missing_left = false};
    chain.nodes[2 * i + 1].value = static_cast<int64_t>(i) + 1;
  }
  chain.nodes[126].value = 1000;
  ensemble.trees = {chain};
  BinnedRows rows(64, 1);
  for (size_t i = 0; i < 64; ++i) rows.column(0)[i] = static_cast<uint8_t>(i);
  std::vector<int64_t> margins(64);
  LeafMasks(ensemble).Margins(rows.bins(), rows.stride(), 64, WidestKernels(), margins.data());
  EXPECT_EQ(margins[0], 1000) << "missing values go right, always";
  for (size_t i = 1; i < 64; ++i) EXPECT_EQ(margins[i], static_cast<int64_t>(i));
}

}  // namespace
}  // namespace strata
