// Bases at the edge of what can be clustered, from customers to labels: each has a defined model or a clear error, the
// same for any split into shards.
#include <gtest/gtest.h>

#include <limits>
#include <map>
#include <string>
#include <vector>

#include "model/clustering/clustering_fitter.h"
#include "model/clustering/predict.h"
#include "tests/model/clustering/made_shards.h"

namespace strata {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

ClusterFitSettings On(const std::vector<std::string>& columns, std::optional<int> k) {
  ClusterFitSettings settings;
  for (const std::string& column : columns) {
    ClusterFeatureSettings& feature = settings.features.emplace_back();
    feature.column = column;
    feature.transform = column == "g" ? Transform::kCategory : Transform::kNone;
  }
  settings.k = k;
  settings.k_max = 4;
  return settings;
}

absl::StatusOr<ClusteringModel> Fit(const ClusterFitSettings& settings, const std::vector<ShardFeatures>& shards) {
  ClusteringFitter fitter(settings);
  while (const auto parameters = fitter.Next()) {
    ClusteringFitter::Partial merged;
    for (const ShardFeatures& shard : shards) {
      ByteWriter writer;
      ClusteringFitter::Accumulate(*parameters, shard, WidestKernels()).Encode(&writer);
      ByteReader reader(writer.bytes());
      merged.Merge(ClusteringFitter::Partial::Decode(&reader));
      STRATA_RETURN_IF_ERROR(reader.Finish("partial"));
    }
    STRATA_RETURN_IF_ERROR(fitter.Absorb(merged));
  }
  return fitter.result();
}

// Shards that know their place.
std::vector<ShardFeatures> Numbered(const MadeShards& made) {
  std::vector<ShardFeatures> shards = made.shards();
  for (size_t i = 0; i < shards.size(); ++i) {
    shards[i].number = static_cast<uint32_t>(i);
    shards[i].shards = static_cast<uint32_t>(shards.size());
  }
  return shards;
}

// Customers by the number of the cluster that the model says they are in; 0: none.
std::map<int, int64_t> Members(const ClusteringModel& model, const std::vector<ShardFeatures>& shards) {
  std::map<int, int64_t> members;
  const ClusterPredictor predictor(model);
  for (const ShardFeatures& shard : shards) {
    const ClusterPredictor::Labels labels = predictor.Of(shard, WidestKernels()).value();
    for (const int16_t id : labels.id) ++members[id];
  }
  return members;
}

std::vector<MadeCustomer> Times(int n, const std::vector<MadeCustomer>& customers) {
  std::vector<MadeCustomer> all;
  for (int i = 0; i < n; ++i) all.insert(all.end(), customers.begin(), customers.end());
  return all;
}

struct Case {
  std::string name;
  std::vector<MadeCustomer> customers;
  ClusterFitSettings settings;
  int k = 0;                          // of the model
  std::string reason = {};            // a part of it; empty: there is none
  std::map<int, int64_t> sizes = {};  // by id; 0: without a cluster
};

ClusterFitSettings Trimmed(ClusterFitSettings settings, int64_t trim) {
  settings.trim = trim;
  return settings;
}

ClusterFitSettings Weighted(ClusterFitSettings settings) {
  settings.weight = "y";
  return settings;
}

std::vector<Case> Cases() {
  const MadeCustomer gone = {.x = 1, .purchase_days = 0};
  return {
      {"nobody", {}, On({"x"}, 3), 0, "at least 2 customers"},
      {"nobody has bought", {gone, gone}, On({"x"}, 3), 0, "at least 2 customers", {{0, 2}}},
      {"one customer", {{.x = 5}}, On({"x"}, 3), 0, "at least 2 customers", {{0, 1}}},
      {"one customer, any number", {{.x = 5}}, On({"x"}, {}), 0, "at least 2 customers", {{0, 1}}},
      {"two customers", {{.x = 5}, {.x = 7}}, On({"x"}, 2), 2, "", {{1, 1}, {2, 1}}},
      {"two customers, one cluster", {{.x = 5}, {.x = 7}}, On({"x"}, 1), 1, "", {{1, 2}}},
      {"all equal", Times(50, {{.x = 5, .y = 1}}), On({"x", "y"}, 4), 1, "only so many distinct", {{1, 50}}},
      {"all equal, any number", Times(50, {{.x = 5, .y = 1}}), On({"x", "y"}, {}), 1, "only 1 distinct", {{1, 50}}},
      {"fewer distinct rows than clusters",
       Times(20, {{.x = 1}, {.x = 1}, {.x = 9}}),
       On({"x"}, 7),
       2,
       "only so many distinct",
       {{1, 40}, {2, 20}}},
      {"as many distinct rows as clusters",
       Times(9, {{.x = 1}, {.x = 1}, {.x = 5}, {.x = 9}, {.x = 9}, {.x = 9}}),
       On({"x"}, 3),
       3,
       "",
       {{1, 27}, {2, 18}, {3, 9}}},
      {"a constant feature",
       Times(9, {{.x = 1, .y = 4}, {.x = 1, .y = 4}, {.x = 9, .y = 4}}),
       On({"x", "y"}, 2),
       2,
       "",
       {{1, 18}, {2, 9}}},
      {"one word for all",
       Times(9, {{.x = 1, .g = "a"}, {.x = 1, .g = "a"}, {.x = 9, .g = "a"}}),
       On({"x", "g"}, 2),
       2,
       "",
       {{1, 18}, {2, 9}}},
      {"categories alone", Times(9, {{.g = "a"}, {.g = "a"}, {.g = "b"}}), On({"g"}, 2), 2, "", {{1, 18}, {2, 9}}},
      {"missing values",
       Times(9, {{.x = 1}, {.x = 1}, {.x = kNone}, {.x = 9}}),
       On({"x"}, 2),
       2,
       "",
       {{1, 27}, {2, 9}}},
      {"a trim of nobody", {{.x = 1}, {.x = 2}, {.x = 9}}, Trimmed(On({"x"}, 1), 50'000), 1, "", {{1, 3}}},
      {"a trim among equals",
       Times(40, {{.x = 5}}),
       Trimmed(On({"x"}, 2), 250'000),
       1,
       "only so many distinct",
       {{0, 10}, {1, 30}}},
      {"a trim of half",
       Times(10, {{.x = 1}, {.x = 1.5}, {.x = 90}, {.x = -70}}),
       Trimmed(On({"x"}, 1), 500'000),
       1,
       "",
       {{0, 20}, {1, 20}}},
      {"nobody has a weight",
       Times(10, {{.x = 1, .y = -1}, {.x = 2}}),
       Weighted(On({"x"}, 2)),
       2,
       "",
       {{1, 10}, {2, 10}}},  // all count alike, with a warning
      {"some have no weight",
       Times(10, {{.x = 1, .y = 3}, {.x = 9, .y = 3}, {.x = 5.5, .y = 0}}),
       Weighted(On({"x"}, 2)),
       2,
       "",
       {{1, 20}, {2, 10}}},
  };
}

TEST(EdgeCases, HaveADefinedModelForAnySplit) {
  for (const Case& c : Cases()) {
    SCOPED_TRACE(c.name);
    const MadeShards made(c.customers, 1);
    const absl::StatusOr<ClusteringModel> model = Fit(c.settings, Numbered(made));
    ASSERT_TRUE(model.ok()) << model.status();
    EXPECT_EQ(model->k, c.k);
    EXPECT_EQ(model->k, static_cast<int>(model->clusters.size()));
    if (c.reason.empty()) {
      EXPECT_EQ(model->reason, "");
    } else {
      EXPECT_NE(model->reason.find(c.reason), std::string::npos) << model->reason;
    }
    EXPECT_EQ(Members(*model, Numbered(made)), c.sizes);
    int64_t in_clusters = 0;
    for (const FittedCluster& cluster : model->clusters) {
      EXPECT_EQ(cluster.size, c.sizes.at(cluster.id));
      in_clusters += cluster.size;
    }
    EXPECT_TRUE(model->k == 0 || model->customers == in_clusters + model->outliers);
    const MadeShards split(c.customers, 5);
    EXPECT_TRUE(Fit(c.settings, Numbered(split)).value() == *model);
  }
}

TEST(EdgeCases, WhatIsNoNumberIsAnErrorThatNamesTheFeature) {
  for (const double wrong : {kInfinity, -kInfinity, 0x1p63}) {
    for (const uint32_t shards : {1, 4}) {
      std::vector<MadeCustomer> customers = Times(9, {{.x = 1}, {.x = 2}});
      customers[13].y = wrong;
      const MadeShards made(customers, shards);
      const absl::StatusOr<ClusteringModel> model = Fit(On({"x", "y"}, 2), Numbered(made));
      ASSERT_FALSE(model.ok());
      EXPECT_EQ(DetailOf(model.status())->reason, "CLUSTERING_NOT_FINITE");
      EXPECT_EQ(model.status().code(), absl::StatusCode::kInvalidArgument);
      EXPECT_NE(model.status().message().find("y"), absl::string_view::npos) << model.status();
    }
  }
}

// Rows that are there several times change sizes and nothing else.
TEST(EdgeCases, RepeatedRowsHaveTheClustersOfOne) {
  std::vector<MadeCustomer> customers;
  for (int i = 0; i < 300; ++i) {
    customers.push_back({.x = i % 3 * 50 + i * 7 % 11 / 10.0, .y = i % 3 % 2 * 50 + i * 5 % 13 / 10.0});
  }
  const MadeShards once(customers, 3);
  const MadeShards often(Times(7, customers), 3);
  const ClusteringModel model = Fit(On({"x", "y"}, 3), Numbered(once)).value();
  const ClusteringModel repeated = Fit(On({"x", "y"}, 3), Numbered(often)).value();
  ASSERT_EQ(model.k, 3);
  ASSERT_EQ(repeated.k, 3);
  EXPECT_TRUE(repeated.within == model.within * 7);
  std::map<Centre, int64_t> sizes;
  for (const FittedCluster& cluster : model.clusters) sizes[cluster.centre] = cluster.size;
  for (const FittedCluster& cluster : repeated.clusters) EXPECT_EQ(cluster.size, sizes[cluster.centre] * 7);
}

// A base larger than the sample goes through k-means|| and passes over all shards.
TEST(EdgeCases, ABaseLargerThanItsSampleHasAnOptimumOfItsOwn) {
  std::vector<MadeCustomer> customers;
  for (int i = 0; i < 6000; ++i) {
    customers.push_back({.x = i % 4 * 10 + i * 37 % 101 / 20.0, .y = i % 2 * 10 + i * 53 % 97 / 20.0});
  }
  customers.push_back({.x = 500, .y = 500});  // may not be in the sample
  for (const int64_t trim : {0, 10'000}) {
    SCOPED_TRACE(trim);
    ClusterFitSettings settings = Trimmed(On({"x", "y"}, 4), trim);
    const MadeShards made(customers, 3);
    const ClusteringModel whole = Fit(settings, Numbered(made)).value();
    settings.sample = 1024;
    const ClusteringModel sampled = Fit(settings, Numbered(made)).value();
    EXPECT_TRUE(sampled.converged);
    EXPECT_EQ(sampled.k, whole.k);
    // As good as a search of everybody, to one part in a hundred.
    EXPECT_LT(sampled.within * 100, whole.within * 101);
    const MadeShards split(customers, 8);
    EXPECT_TRUE(Fit(settings, Numbered(split)).value() == sampled);
    // What shards keep between rounds changes nothing.
    std::vector<FitCache> caches(8);
    std::vector<ShardFeatures> kept = Numbered(split);
    for (size_t i = 0; i < kept.size(); ++i) kept[i].cache = &caches[i];
    EXPECT_TRUE(Fit(settings, kept).value() == sampled);
    EXPECT_TRUE(caches[0].points.has_value());
    int64_t members = 0;
    for (const auto& [id, size] : Members(sampled, Numbered(split))) members += id == 0 ? 0 : size;
    EXPECT_EQ(members + sampled.outliers, static_cast<int64_t>(customers.size()));
  }
}

}  // namespace
}  // namespace strata
