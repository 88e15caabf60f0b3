// Names of clusters: from what sets them apart, given once, never twice.
#include "model/clustering/names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/clustering/cluster_model.h"

namespace strata {
namespace {

using testing::ElementsAre;

// Features recency_days, net_per_purchase_day and a column of the job; a category of two words.
ClusteringModel Model(const std::vector<std::vector<double>>& effects) {
  ClusteringModel model;
  for (const char* column : {"recency_days", "net_per_purchase_day", "usage.active_hours"}) {
    NumericFeature feature;
    feature.name = feature.column = column;
    model.space.numeric.push_back(feature);
  }
  model.space.categories.push_back({.name = "customers.gender", .column = "customers.gender", .words = {"F", "M"}});
  for (const std::vector<double>& of_cluster : effects) {
    FittedCluster cluster;
    cluster.id = static_cast<int>(model.clusters.size()) + 1;
    cluster.centre.modes = {1};
    cluster.effects = of_cluster;
    model.clusters.push_back(cluster);
  }
  model.k = static_cast<int>(effects.size());
  return model;
}

std::vector<std::string> NamesOf(const ClusteringModel& model) {
  std::vector<std::string> names;
  for (const FittedCluster& cluster : model.clusters) names.push_back(cluster.name);
  return names;
}

TEST(WhatSetsApart, AreTheGreatestEffectsFromHalfADeviationOn) {
  const ClusteringModel model = Model({{0.5, -2, 0.49, 0.1}, {1, -1, 1, 0.9}, {0.1, 0.2, 0.3, -0.9}});
  EXPECT_THAT(WhatSetsApart(model, 0), ElementsAre(SetsApart{1, -2, "small baskets"}, SetsApart{0, 0.5, "lapsed"}));
  EXPECT_THAT(WhatSetsApart(model, 1), ElementsAre(SetsApart{0, 1, "lapsed"}, SetsApart{1, -1, "small baskets"},
                                                   SetsApart{2, 1, "high active hours"}));  // three at most
  EXPECT_TRUE(WhatSetsApart(model, 2).empty());  // a commonest word that is rarer than elsewhere says little
}

TEST(NameClusters, TakesTheTwoGreatestEffects) {
  ClusteringModel model = Model({{-1, 2, 0, 0}, {0, 0, -0.7, 0.6}, {0, 0, 0, 0}});
  NameClusters(&model);
  EXPECT_THAT(NamesOf(model), ElementsAre("big baskets, recent", "low active hours, gender = M", "typical"));
}

TEST(NameClusters, AddsAPhraseAndThenTheIdToEqualNames) {
  ClusteringModel model = Model({{-1, 2, 0.6, 0}, {-1, 2, -0.6, 0}, {0, 0, 0, 0}, {0, 0, 0, 0}});
  NameClusters(&model);
  EXPECT_THAT(NamesOf(model), ElementsAre("big baskets, recent, high active hours",
                                          "big baskets, recent, low active hours", "typical 3", "typical 4"));
}

TEST(NameClusters, KeepsNamesThatWereGivenAndGivesNoneTwice) {
  ClusteringModel model = Model({{0, 0, 0, 0}, {2, 0, 0, 0}, {2, 0, 0, 0}});
  model.clusters[0].name = "lapsed";  // of the night on which it appeared
  NameClusters(&model);
  EXPECT_THAT(NamesOf(model), ElementsAre("lapsed", "lapsed 2", "lapsed 3"));
  EXPECT_THAT(NamesNow(model), ElementsAre("typical", "lapsed 2", "lapsed 3"));
}

TEST(NameClusters, HasNothingToNameWithoutClusters) {
  ClusteringModel model;
  NameClusters(&model);
  EXPECT_TRUE(NamesNow(model).empty());
}

}  // namespace
}  // namespace strata
