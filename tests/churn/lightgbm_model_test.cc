// Models of LightGBM read as ours: a small one by hand, and what cannot be read is named. Whole models are in
// trees_peers_test.py.
#include "bench/churn/lightgbm_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>

namespace strata {
namespace {

// x1 <= 2.5 ? (x0 <= -1, missing right ? 0.25 : -0.5) : 1, and a tree of one leaf.
constexpr char kModel[] = R"(tree
version=v4
num_class=1
max_feature_idx=1
objective=binary sigmoid:1

Tree=0
num_leaves=3
split_feature=1 0
split_gain=10 4
threshold=2.5 -1
decision_type=2 8
left_child=1 -1
right_child=-2 -3
leaf_value=0.25 1 -0.5
leaf_count=30 50 20
internal_count=100 50

Tree=1
num_leaves=1
leaf_value=0.125

end of trees
)";

std::string Replaced(std::string text, const std::string& from, const std::string& to) {
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(LightGbmModel, IsReadAsItStands) {
  const auto model = ReadLightGbmModel(kModel);
  ASSERT_TRUE(model.ok()) << model.status();
  const Ensemble& ensemble = model->ensemble;
  ASSERT_EQ(ensemble.trees.size(), 2U);
  EXPECT_EQ(ensemble.rows, 100);
  EXPECT_EQ(ensemble.start, 0);
  const std::vector<TreeNode>& nodes = ensemble.trees[0].nodes;
  ASSERT_EQ(nodes.size(), 5U);
  EXPECT_EQ(nodes[0].feature, 1);
  EXPECT_EQ(nodes[0].cover, 100);
  EXPECT_TRUE(nodes[0].missing_left) << "the feature had no missing values: they count as 0, which is below 2.5";
  const TreeNode& inner = nodes[static_cast<size_t>(nodes[0].left)];
  EXPECT_FALSE(inner.missing_left);
  EXPECT_EQ(inner.cover, 50);
  const auto value = [&nodes](int32_t place) {
    return std::ldexp(nodes[static_cast<size_t>(place)].value, -kMarginGridBits);
  };
  EXPECT_EQ(value(inner.left), 0.25);
  EXPECT_EQ(value(inner.right), -0.5);
  EXPECT_EQ(value(nodes[0].right), 1);
  EXPECT_EQ(nodes[static_cast<size_t>(nodes[0].right)].cover, 50);
  EXPECT_EQ(model->bins[1].BinOf(2.5F), nodes[0].last_bin);
  EXPECT_GT(model->bins[1].BinOf(2.50001F), nodes[0].last_bin);
  ASSERT_EQ(ensemble.trees[1].nodes.size(), 1U);
  EXPECT_EQ(ensemble.trees[1].nodes[0].value, int64_t{1} << (kMarginGridBits - 3));
}

TEST(LightGbmModel, WhatIsNotReadIsNamed) {
  using testing::HasSubstr;
  const auto message = [](const std::string& text) { return std::string(ReadLightGbmModel(text).status().message()); };
  EXPECT_THAT(message("tree\n"), HasSubstr("no max_feature_idx"));
  EXPECT_THAT(message(Replaced(kModel, "decision_type=2 8", "decision_type=1 8")), HasSubstr("category"));
  EXPECT_THAT(message(Replaced(kModel, "decision_type=2 8", "decision_type=4 8")), HasSubstr("zero as missing"));
  EXPECT_THAT(message(Replaced(kModel, "split_feature=1 0", "split_feature=2 0")),
              HasSubstr("feature that is not there"));
  EXPECT_THAT(message(Replaced(kModel, "left_child=1 -1", "left_child=0 -1")), HasSubstr("circle"));
  EXPECT_THAT(message(Replaced(kModel, "right_child=-2 -3", "right_child=-2 -4")), HasSubstr("leaf that is not there"));
  EXPECT_THAT(message(Replaced(kModel, "threshold=2.5 -1", "threshold=2.5")), HasSubstr("differ in length"));
  EXPECT_THAT(message(Replaced(kModel, "leaf_value=0.25", "leaf_value=x")), HasSubstr("no number"));
}

}  // namespace
}  // namespace strata
