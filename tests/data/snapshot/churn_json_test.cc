// Trees of a churn model in their file, and files that are damaged.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data/snapshot/snapshot.h"
#include "tests/model/churn/drawn_trees.h"

namespace strata {
namespace {

// One split by the second of two features.
FittedModels OneSplit() {
  FittedModels models;
  ChurnModel& churn = models.churn.emplace();
  churn.fitted = true;
  churn.algorithm = ChurnAlgorithm::kTrees;
  churn.plan.features.resize(2);
  Ensemble& ensemble = churn.ensemble.emplace();
  ensemble.bins = {FeatureBins{.last_code = {32'768, 32'800}}, FeatureBins{.is_category = true, .levels = 3}};
  ensemble.start = -5;
  ensemble.rows = 70;
  ensemble.trees.push_back(Tree{.nodes = {{.left = 1, .right = 2, .feature = 1, .mask = 4, .cover = 70, .gain = 0.5},
                                          {.value = -3, .cover = 50},
                                          {.value = 8, .cover = 20}}});
  return models;
}

absl::Status With(const std::string& from, const std::string& to) {
  auto files = ModelsToJson(OneSplit());
  EXPECT_EQ(files[1].first, "churn_trees");
  const size_t at = files[1].second.find(from);
  EXPECT_NE(at, std::string::npos) << from << " in " << files[1].second;
  if (at != std::string::npos) files[1].second.replace(at, from.size(), to);
  return ModelsFromJson(files).status();
}

std::string Message(const absl::Status& status) {
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  return std::string(StdView(status.message()));
}

TEST(ChurnJson, TreesAreListsByNode) {
  const auto files = ModelsToJson(OneSplit());
  ASSERT_EQ(files.size(), 3u);
  EXPECT_EQ(files[0].first, "churn");
  EXPECT_EQ(files[1].first, "churn_trees");
  EXPECT_THAT(files[1].second, testing::HasSubstr("\"left\":[1,-1,-1],\"right\":[2,-1,-1],\"feature\":[1,0,0]"));
  EXPECT_EQ(ModelsFromJson(files)->churn->ensemble, OneSplit().churn->ensemble);
}

TEST(ChurnJson, DrawnTreesComeBack) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    FittedModels models;
    ChurnModel& churn = models.churn.emplace();
    churn.ensemble = TreeDraws(seed).Trees(1 + seed, 1 + seed % 5, kMaxLeaves);
    churn.plan.features.resize(1 + seed);
    const auto read = ModelsFromJson(ModelsToJson(models));
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_EQ(read->churn->ensemble, churn.ensemble) << "seed " << seed;
  }
}

TEST(ChurnJson, TreesThatAreNoneAreRefused) {
  EXPECT_THAT(Message(With("\"right\":[2,-1,-1]", "\"right\":[3,-1,-1]")),
              testing::HasSubstr("models/churn_trees.json: tree 0 node 0: child 3, allowed are 1 to 2"));
  EXPECT_THAT(Message(With("\"right\":[2,-1,-1]", "\"right\":[1,-1,-1]")),
              testing::HasSubstr("child 1 has another parent"));
  EXPECT_THAT(Message(With("\"left\":[1,-1,-1]", "\"left\":[0,-1,-1]")), testing::HasSubstr("child 0"));
  EXPECT_THAT(Message(With("\"left\":[1,-1,-1]", "\"left\":[-1,-1,-1]")),
              testing::HasSubstr("node 1: it has no parent"));
  EXPECT_THAT(Message(With("\"right\":[2,-1,-1]", "\"right\":[2,-1]")),
              testing::HasSubstr("lists of 3 and of 2 nodes"));
  EXPECT_THAT(Message(With("\"feature\":[1,0,0]", "\"feature\":[2,0,0]")),
              testing::HasSubstr("feature 2, there are 2"));
  EXPECT_THAT(Message(With("\"cover\":[70,50,20]", "\"cover\":[70,50,0]")),
              testing::HasSubstr("node 2: cover is 0, allowed is 1 or more"));
  EXPECT_THAT(Message(With("\"last_bin\":[0,0,0]", "\"last_bin\":[0,256,0]")),
              testing::HasSubstr("trees[0]: last_bin[1] is 256"));
  EXPECT_THAT(Message(With("\"levels\":3", "\"levels\":64")), testing::HasSubstr("feature 1: 65 bins, allowed are 64"));
  EXPECT_THAT(Message(With("[32768,32800]", "[32768,32768]")), testing::HasSubstr("last_code does not rise"));
  EXPECT_THAT(Message(With("\"format_version\":5,", "")), testing::HasSubstr("format_version is missing"));
  EXPECT_THAT(Message(With("\"trees\":[{", "\"trees\":[{\"age\":1,")),
              testing::HasSubstr("has 10 fields, known are 9"));
}

TEST(ChurnJson, AModelIsReadWithAllItNeeds) {
  auto files = ModelsToJson(OneSplit());
  auto alone = files;
  alone.erase(alone.begin());
  EXPECT_THAT(Message(ModelsFromJson(alone).status()),
              testing::HasSubstr("models/churn_trees.json is there without models/churn.json"));
  files.erase(files.begin() + 1);
  EXPECT_THAT(Message(ModelsFromJson(files).status()), testing::HasSubstr("models/churn.json: its trees are missing"));
  FittedModels models = OneSplit();
  models.churn->plan.features.resize(3);
  EXPECT_THAT(Message(ModelsFromJson(ModelsToJson(models)).status()),
              testing::HasSubstr("trees of 2 features, the plan has 3"));
  models = FittedModels();
  models.churn.emplace().features = {"recency"};
  EXPECT_THAT(Message(ModelsFromJson(ModelsToJson(models)).status()),
              testing::HasSubstr("1 features with 0 means, 0 deviations and 0 coefficients"));
}

}  // namespace
}  // namespace strata
