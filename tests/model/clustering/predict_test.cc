// What a model says of customers, against the space's own transform and the slowest search.
#include "model/clustering/predict.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "model/clustering/feature_values.h"
#include "model/clustering/quality.h"
#include "model/clustering/seeding.h"
#include "tests/model/clustering/made_shards.h"

namespace strata {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

std::vector<MadeCustomer> Customers(uint64_t seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  std::vector<MadeCustomer> customers;
  for (int i = 0; i < 1500; ++i) {
    MadeCustomer& customer = customers.emplace_back();
    customer.x = random() % 20 == 0 ? kNone : normal(random) + static_cast<double>(i % 3) * 4;
    customer.y = random() % 20 == 0 ? kNone : normal(random) * 3 - static_cast<double>(i % 3 == 1);
    customer.g = std::string(1, static_cast<char>('a' + (random() % 3 == 0 ? random() % 4 : i % 3)));
    customer.purchase_days = random() % 10 == 0 ? 0 : 2;
  }
  return customers;
}

ClusterSpace Space() {
  ClusterSpace space;
  for (const char* name : {"x", "y"}) {
    NumericFeature& feature = space.numeric.emplace_back();
    feature.name = feature.column = name;
    feature.missing_value = 1;
    feature.mean = 1.5;
    feature.deviation = 2.25;
  }
  space.numeric[1].missing = MissingRule::kExclude;
  CategoryFeature& category = space.categories.emplace_back();
  category.name = category.column = "g";
  category.words = {"(none)", "(other)", "a", "b", "c"};
  category.counts = {0, 0, 1, 1, 1};
  return space;
}

// A model fitted to one shard of everybody; ids are no slots.
ClusteringModel Fitted(const ShardFeatures& shard, int64_t trim) {
  ClusteringModel model;
  model.space = Space();
  model.gamma = int64_t{1} << 23;
  const RawValues raw = RawValues::Of(model.space, shard).value();
  const PointBlocks points = PointBlocks::Of(model.space, raw, shard.today.hash, WidestKernels());
  SolveOptions options;
  options.lloyd.k = 4;
  options.lloyd.trim = trim;
  options.gamma = model.gamma;
  const Solution fit = SolveInMemory(points, options, WidestKernels()).front();
  if (trim > 0) model.threshold = fit.threshold;
  const ClusterTotals totals(points, fit.labels, fit.centres.size());
  model.k = static_cast<int>(fit.centres.size());
  for (size_t c = 0; c < fit.centres.size(); ++c) {
    FittedCluster cluster;
    cluster.id = 11 - 3 * static_cast<int>(c);
    cluster.size = totals.count[c];
    cluster.centre = fit.centres[c];
    cluster.sums.assign(totals.sums.begin() + static_cast<std::ptrdiff_t>(c * 2),
                        totals.sums.begin() + static_cast<std::ptrdiff_t>(c * 2 + 2));
    cluster.squares = totals.squares[c];
    cluster.customers_by_level = {totals.levels[c]};
    model.clusters.insert(model.clusters.begin(), cluster);  // by id
  }
  return model;
}

TEST(ClusterPredictor, SaysWhatTheFitSaid) {
  for (const int64_t trim : {0, 60}) {
    const MadeShards made(Customers(5), 1);
    const ShardFeatures& shard = made.shards()[0];
    const ClusteringModel model = Fitted(shard, trim);
    const ClusterPredictor predictor(model);
    const ClusterPredictor::Labels labels = predictor.Of(shard, WidestKernels()).value();
    const RawValues raw = RawValues::Of(model.space, shard).value();
    const PointBlocks points = PointBlocks::Of(model.space, raw, shard.today.hash, WidestKernels());
    int64_t outliers = 0;
    std::map<int, int64_t> sizes;
    std::vector<bool> placed(shard.today.size(), false);
    for (size_t i = 0; i < points.size(); ++i) {
      const uint32_t row = points.row(i);
      placed[row] = true;
      const Centre point = points.point(i);
      std::vector<std::pair<int64_t, Centre>> nearest;
      std::map<Centre, int> id;
      for (const FittedCluster& cluster : model.clusters) {
        nearest.emplace_back(SquaredDistance(point, cluster.centre, model.gamma), cluster.centre);
        id[cluster.centre] = cluster.id;
      }
      std::sort(nearest.begin(), nearest.end());
      const bool outlier = labels.outlier[row] != 0;
      outliers += outlier ? 1 : 0;
      ++sizes[labels.id[row]];
      EXPECT_EQ(labels.id[row], outlier ? 0 : id[nearest[0].second]);
      EXPECT_EQ(labels.second[row], id[nearest[outlier ? 0 : 1].second]);
      EXPECT_FLOAT_EQ(labels.distance[row],
                      static_cast<float>(std::sqrt(static_cast<double>(nearest[0].first)) / 4096));
      for (size_t j = 0; j < 2; ++j) EXPECT_EQ(labels.scaled[j][row], point.q[j]);
      EXPECT_TRUE(!outlier || labels.silhouette[row] == 0);
    }
    EXPECT_EQ(outliers, trim);
    for (const FittedCluster& cluster : model.clusters) EXPECT_EQ(sizes[cluster.id], cluster.size);
    for (size_t row = 0; row < placed.size(); ++row) {
      if (placed[row]) continue;
      EXPECT_EQ(labels.id[row], 0);
      EXPECT_EQ(labels.outlier[row], 0);
      EXPECT_EQ(labels.scaled[0][row], ClusterPredictor::kNotOnGrid);
    }
  }
}

// Rousseeuw's definition over all pairs.
TEST(ClusterPredictor, SilhouettesAreThoseOfTheFit) {
  const MadeShards made(Customers(8), 1);
  const ShardFeatures& shard = made.shards()[0];
  const ClusteringModel model = Fitted(shard, 0);
  const ClusterPredictor::Labels labels = ClusterPredictor(model).Of(shard, WidestKernels()).value();
  const RawValues raw = RawValues::Of(model.space, shard).value();
  const PointBlocks points = PointBlocks::Of(model.space, raw, shard.today.hash, WidestKernels());
  for (size_t i = 0; i < points.size(); i += 13) {
    std::map<int, double> sum, count;
    for (size_t j = 0; j < points.size(); ++j) {
      if (i == j) continue;
      sum[labels.id[points.row(j)]] +=
          static_cast<double>(SquaredDistance(points.point(i), points.point(j), model.gamma));
      ++count[labels.id[points.row(j)]];
    }
    const int own = labels.id[points.row(i)];
    const double a = sum[own] / count[own];
    double b = std::numeric_limits<double>::infinity();
    for (const auto& [id, total] : sum) b = id == own ? b : std::min(b, total / count[id]);
    const double made_of = std::ldexp(static_cast<double>(labels.silhouette[points.row(i)]), -kClusterSilhouetteBits);
    EXPECT_NEAR(made_of, (b - a) / std::max(a, b), 1e-9);
  }
}

TEST(ClusterPredictor, ShardsKernelsAndOrderOfClustersDoNotMatter) {
  const std::vector<MadeCustomer> customers = Customers(9);
  const MadeShards one(customers, 1);
  ClusteringModel model = Fitted(one.shards()[0], 60);
  const ClusterPredictor::Labels whole = ClusterPredictor(model).Of(one.shards()[0], WidestKernels()).value();
  std::map<uint64_t, int> id;
  for (size_t row = 0; row < whole.id.size(); ++row) id[one.shards()[0].today.hash[row]] = whole.id[row];
  std::reverse(model.clusters.begin(), model.clusters.end());
  const ClusterPredictor other(model);
  const MadeShards several(customers, 7);
  for (const ShardFeatures& shard : several.shards()) {
    for (const Kernels* kernels : AvailableKernels()) {
      const ClusterPredictor::Labels labels = other.Of(shard, *kernels).value();
      for (size_t row = 0; row < labels.id.size(); ++row) ASSERT_EQ(labels.id[row], id[shard.today.hash[row]]);
      EXPECT_EQ(other.IdsWith(model.space, shard, *kernels).value(), labels.id);
    }
  }
}

TEST(ClusterPredictor, AnotherTransformMovesPeopleAmongTheSameCentres) {
  const MadeShards made(Customers(10), 1);
  const ShardFeatures& shard = made.shards()[0];
  const ClusteringModel model = Fitted(shard, 0);
  ClusterSpace shifted = model.space;
  shifted.grid_bits = 5;  // the centres stay on their own grid
  shifted.numeric[0].mean += 4;
  const std::vector<int16_t> ids = ClusterPredictor(model).IdsWith(shifted, shard, WidestKernels()).value();
  ClusteringModel same = model;
  same.space.numeric[0].mean += 4;
  EXPECT_EQ(ids, ClusterPredictor(same).Of(shard, WidestKernels()).value().id);
  EXPECT_NE(ids, ClusterPredictor(model).Of(shard, WidestKernels()).value().id);
}

TEST(ClusterPredictor, WithoutAModelNobodyHasACluster) {
  const MadeShards made(Customers(11), 1);
  ClusteringModel model;
  model.space = Space();
  const ClusterPredictor::Labels labels = ClusterPredictor(model).Of(made.shards()[0], WidestKernels()).value();
  EXPECT_EQ(labels.id, std::vector<int16_t>(made.shards()[0].today.size(), 0));
}

}  // namespace
}  // namespace strata
