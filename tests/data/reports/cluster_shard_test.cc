// What reports of clusters see of a shard whose customers had clusters before.
#include "data/reports/cluster_shard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/base/status_matchers.h"

namespace strata {
namespace {

using testing::ElementsAre;

// Two clusters of one column: few (1) and many (2), on both sides of `middle`.
ClusteringModel ModelOf(const std::string& column, double middle) {
  ClusteringModel model;
  model.k = 2;
  NumericFeature feature;
  feature.name = feature.column = column;
  feature.mean = middle;
  model.space.numeric = {feature};
  for (const int id : {1, 2}) {
    FittedCluster cluster;
    cluster.id = id;
    cluster.centre.q = {(id == 1 ? -1 : 1) * 8192};
    model.clusters.push_back(cluster);
  }
  return model;
}

// Four customers with 1, 4, 7 and 10 purchase days, who were in clusters 1, 1 and 2, and not there.
class Shard {
 public:
  Shard() {
    for (size_t i = 0; i < 3; ++i) {
      rows_.push_back({.hash = hashes_[i], .id = ids_[i], .score = {}});
      rows_.back().score.cluster = i == 2 ? 1 : 0;
    }
    bytes_ = EncodeLookupPart(rows_);
    features_.today.hash = hashes_;
    features_.today.purchase_days = days_;
    features_.today.net_micros = zeros_;
  }

  ClusterShard Make(const ClusteringModel& now, const ClusteringModel& then) const {
    const LookupPart part = LookupPart::Open(bytes_).value();
    const FollowedClustering followed{.part = &part, .model = &then, .as_of = 9};
    return MakeClusterShard(
               now, &followed, features_, [this](size_t row) { return std::string_view(ids_[row]); }, WidestKernels())
        .value();
  }

 private:
  const std::vector<uint64_t> hashes_ = {10, 20, 30, 40};
  const std::vector<std::string> ids_ = {"a", "b", "c", "d"};
  const std::vector<int32_t> days_ = {1, 4, 7, 10};
  const std::vector<int64_t> zeros_ = {0, 0, 0, 0};
  std::vector<ScoredCustomer> rows_;
  std::string bytes_;
  ShardFeatures features_;
};

TEST(ClusterShard, HasTheClustersOfBothNightsAndOfTheLastModelTonight) {
  const Shard shard;
  const ClusterShard made = shard.Make(ModelOf("purchase_days", 8), ModelOf("purchase_days", 3));
  ASSERT_TRUE(made.history.has_value());
  EXPECT_EQ(made.history->previous_as_of, 9);
  EXPECT_THAT(made.labels.id, ElementsAre(1, 1, 1, 2));
  EXPECT_THAT(made.history->then, ElementsAre(1, 1, 2, kNotInFollowed));
  EXPECT_THAT(made.history->by_last_model, ElementsAre(1, 2, 2, 2));
  EXPECT_THAT(made.history->by_last_centres, ElementsAre(1, 1, 1, 2));  // those of tonight: the centres are the same
  EXPECT_EQ(made.values.rows(), 4u);
}

TEST(ClusterShard, TakesTheClustersOfThenWhereTheLastModelCannotBeAsked) {
  const Shard shard;
  const ClusterShard made = shard.Make(ModelOf("purchase_days", 8), ModelOf("gone", 3));
  ASSERT_TRUE(made.history.has_value());
  EXPECT_THAT(made.history->by_last_model, ElementsAre(1, 1, 2, kNotInFollowed));
  EXPECT_THAT(made.history->by_last_centres, ElementsAre(0, 0, 0, 0));
}

TEST(ClusterShard, HasNoHistoryWhereNothingIsFollowed) {
  const std::vector<uint64_t> hashes = {10};
  const std::vector<int32_t> days = {3};
  ShardFeatures features;
  features.today.hash = hashes;
  features.today.purchase_days = days;
  const auto made = MakeClusterShard(
      ModelOf("purchase_days", 8), nullptr, features, [](size_t) { return std::string_view("a"); }, WidestKernels());
  ASSERT_OK(made);
  EXPECT_FALSE(made->history.has_value());
}

}  // namespace
}  // namespace strata
