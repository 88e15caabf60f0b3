#include "model/trees/ensemble.h"

#include <gtest/gtest.h>

#include "model/trees/leaf_masks.h"
#include "tests/model/trees/slow_tree.h"

namespace strata {
namespace {

std::string BytesOf(const Ensemble& ensemble) {
  ByteWriter writer;
  ensemble.Encode(&writer);
  return writer.bytes();
}

bool IsRefused(const Ensemble& ensemble) {
  const std::string bytes = BytesOf(ensemble);
  ByteReader reader(bytes);
  return Ensemble::Decode(&reader) == Ensemble() && !reader.Finish("an ensemble").ok();
}

Ensemble Drawn(uint64_t seed) {
  Draws draws(seed);
  return DrawEnsemble({NumberOf(20), CategoryOf(9), NumberOf(255)}, 5, 12, &draws);
}

TEST(Ensemble, EncodingLosesNothing) {
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    const std::string bytes = BytesOf(Drawn(seed));
    ByteReader reader(bytes);
    EXPECT_EQ(Ensemble::Decode(&reader), Drawn(seed));
    EXPECT_TRUE(reader.Finish("an ensemble").ok());
  }
}

TEST(Ensemble, WhatIsCutOffIsRefused) {
  const std::string bytes = BytesOf(Drawn(4));
  for (size_t length = 0; length < bytes.size(); ++length) {
    ByteReader reader(std::string_view(bytes).substr(0, length));
    Ensemble::Decode(&reader);
    EXPECT_FALSE(reader.Finish("an ensemble").ok()) << length;
  }
}

TEST(Ensemble, WhatIsDamagedIsRefusedOrStillScores) {
  const std::string bytes = BytesOf(Drawn(4));
  Draws draws(9);
  int refused = 0;
  for (int turn = 0; turn < 20'000; ++turn) {
    std::string damaged = bytes;
    damaged[static_cast<size_t>(draws.Whole(0, std::ssize(bytes) - 1))] = static_cast<char>(draws.Whole(-128, 127));
    ByteReader reader(damaged);
    const Ensemble ensemble = Ensemble::Decode(&reader);
    if (!reader.Finish("an ensemble").ok()) {
      ++refused;
      continue;
    }
    const BinnedRows rows = DrawRows(ensemble.bins, 3, &draws);
    std::vector<int64_t> margins(3);
    LeafMasks(ensemble).Margins(rows.bins(), rows.stride(), 3, WidestKernels(), margins.data());
    for (size_t i = 0; i < 3; ++i) ASSERT_EQ(margins[i], WalkedMargin(ensemble, rows, i));
  }
  EXPECT_GT(refused, 5000);
}

TEST(Ensemble, TreesThatAreNoneAreRefused) {
  Ensemble good{.bins = {NumberOf(5), CategoryOf(3)}};
  Tree tree;
  tree.nodes.resize(5);
  tree.nodes[0] = {.left = 1, .right = 2, .feature = 0, .last_bin = 2};
  tree.nodes[2] = {.left = 3, .right = 4, .feature = 1, .mask = 2};
  good.trees = {tree};
  ASSERT_FALSE(IsRefused(good));
  const auto refused_with = [&good](auto change) {
    Ensemble changed = good;
    change(&changed);
    return IsRefused(changed);
  };
  EXPECT_TRUE(refused_with([](Ensemble* e) { e->trees[0].nodes[2].left = 0; })) << "a circle";
  EXPECT_TRUE(refused_with([](Ensemble* e) { e->trees[0].nodes[2].left = 4; })) << "one node twice, one never";
  EXPECT_TRUE(refused_with([](Ensemble* e) { e->trees[0].nodes[0].right = 7; })) << "a node that is not there";
  EXPECT_TRUE(refused_with([](Ensemble* e) { e->trees[0].nodes[0].right = -1; })) << "one child";
  EXPECT_TRUE(refused_with([](Ensemble* e) { e->trees[0].nodes[0].feature = 2; })) << "a feature that is not there";
  EXPECT_TRUE(refused_with([](Ensemble* e) { e->trees[0].nodes[0].last_bin = 6; })) << "a bin that is not there";
  EXPECT_TRUE(refused_with([](Ensemble* e) { e->trees[0].nodes.clear(); })) << "no root";
  EXPECT_TRUE(refused_with([](Ensemble* e) { e->trees[0].nodes[1].cover = -1; })) << "fewer rows than none";
  EXPECT_TRUE(refused_with([](Ensemble* e) { e->bins[1].levels = 64; })) << "more levels than a set holds";
  EXPECT_TRUE(refused_with([](Ensemble* e) { e->bins[0].last_code[2] = 0; })) << "bins out of order";
  EXPECT_TRUE(refused_with([](Ensemble* e) { e->bins[0].monotone = 2; })) << "neither up nor down";
}

}  // namespace
}  // namespace strata
