// Clustering from columns to clusters: what is planted is found, labels agree, nothing depends on shards or caches, and
// every odd base has a defined answer.
#include "model/clustering/clustering_fitter.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

#include "model/clustering/predict.h"
#include "tests/model/customer_table.h"

namespace strata {
namespace {

constexpr Day kAsOf = 10400;

ClusterFitSettings Quick() {
  ClusterFitSettings settings;
  settings.k_max = 6;
  settings.references = 5;
  settings.as_of = kAsOf;
  return settings;
}

ClusterFitSettings WithK(int k) {
  ClusterFitSettings settings = Quick();
  settings.k = k;
  return settings;
}

ClusteringModel Fit(const std::vector<ShardFeatures>& shards, const ClusterFitSettings& settings) {
  ClusteringFitter fitter(settings);
  RunFit(&fitter, shards);
  return fitter.result();
}

ClusteringModel Fit(const std::vector<TestRow>& rows, const ClusterFitSettings& settings = Quick(),
                    uint32_t shards = 3) {
  return Fit(TestBase(rows, kAsOf, 0, shards).shards(), settings);
}

ClusterPredictor::Labels LabelsBy(const ClusteringModel& model, const CustomerTable& table) {
  const ShardFeatures shard{.today = table.columns(), .churn_test = {}, .churn_train = {}};
  return *ClusterPredictor(model).Of(shard, WidestKernels());
}

// Three kinds of customers: often and lately, once and long ago, rarely but dearly. The id tells the kind.
std::vector<TestRow> PlantedRows(int per_kind) {
  std::vector<TestRow> rows;
  std::mt19937_64 random(1);
  const auto jitter = [&random](uint64_t range) { return static_cast<int64_t>(random() % range); };
  for (uint64_t customer = 0; customer < static_cast<uint64_t>(per_kind) * 3; ++customer) {
    if (customer % 3 == 0) {
      const Day first = kAsOf - 300 - static_cast<Day>(jitter(60));
      for (Day day = first; day <= kAsOf - 2; day += 10) {
        rows.push_back({customer, day, 20'000'000 + jitter(9'000'000)});
      }
    } else if (customer % 3 == 1) {
      rows.push_back({customer, kAsOf - 320 - static_cast<Day>(jitter(60)), 15'000'000 + jitter(9'000'000)});
    } else {
      for (Day day : {kAsOf - 60, kAsOf - 30}) {
        rows.push_back({customer, day - static_cast<Day>(jitter(25)), 900'000'000 + jitter(500'000'000)});
      }
    }
  }
  return rows;
}

std::vector<int64_t> SizesOf(const ClusteringModel& model) {
  std::vector<int64_t> sizes;
  for (const FittedCluster& cluster : model.clusters) sizes.push_back(cluster.size);
  return sizes;
}

TEST(ClusteringFitter, FindsThePlantedKinds) {
  const std::vector<TestRow> rows = PlantedRows(200);
  ClusterFitSettings settings = WithK(3);
  settings.all_trials = true;
  const ClusteringModel model = Fit(rows, settings);
  EXPECT_EQ(model.k, 3);
  EXPECT_TRUE(model.structure);
  EXPECT_TRUE(model.converged);
  EXPECT_TRUE(model.reason.empty()) << model.reason;
  EXPECT_GT(model.silhouette, 0.8);
  ASSERT_EQ(model.trials.rows.size(), 6u);
  for (const GapRow& row : model.trials.rows) {
    EXPECT_TRUE(row.gap.has_value()) << row.k;
    EXPECT_LE(row.silhouette.value_or(-1), model.silhouette) << row.k;
    EXPECT_LE(row.stability.value_or(-1), 1) << row.k;
  }
  EXPECT_EQ(model.trials.rows[2].stability, 1);
  EXPECT_EQ(model.trials.rows[2].silhouette, model.silhouette) << "the sample is the base";
  EXPECT_EQ(SizesOf(model), (std::vector<int64_t>{200, 200, 200}));

  const CustomerTable table(rows, kAsOf);
  const ClusterPredictor::Labels labels = LabelsBy(model, table);
  std::map<int, std::set<uint64_t>> kinds;  // by cluster
  std::map<uint64_t, uint64_t> kind_of;     // by hash
  for (const TestRow& row : rows) kind_of[HashOfCustomer(row.customer)] = row.customer % 3;
  for (size_t i = 0; i < table.size(); ++i) kinds[labels.id[i]].insert(kind_of[table.hash[i]]);
  EXPECT_EQ(kinds.size(), 3u);
  for (const auto& [cluster, found] : kinds) EXPECT_EQ(found.size(), 1u) << cluster;
}

struct Way {
  const char* name;
  ClusterFitSettings settings;
};

// The searches of a small base, of a large one in rounds, and of both with outliers set aside.
std::vector<Way> Ways() {
  std::vector<Way> ways;
  ways.push_back({"in the sample", WithK(4)});
  ways.push_back({"in rounds", WithK(5)});
  ways.back().settings.sample = 400;
  ways.push_back({"trimmed in the sample", WithK(3)});
  ways.back().settings.trim = 50'000;
  ways.push_back({"trimmed in rounds", WithK(4)});
  ways.back().settings.sample = 400;
  ways.back().settings.trim = 30'000;
  ways.push_back({"weighted in rounds", WithK(4)});
  ways.back().settings.sample = 400;
  ways.back().settings.weight = "net";
  ways.push_back({"with more candidates than slots", WithK(40)});
  ways.back().settings.sample = 400;
  ways.push_back({"one cluster in rounds", WithK(1)});
  ways.back().settings.sample = 400;
  return ways;
}

TEST(ClusteringFitter, LabelsAgreeWithTheModel) {
  for (const Way& way : Ways()) {
    for (uint64_t seed = 0; seed < 3; ++seed) {
      SCOPED_TRACE(testing::Message() << way.name << ", seed " << seed);
      const std::vector<TestRow> rows = RandomRows(seed, 1500, 10000, kAsOf);
      ClusterFitSettings settings = way.settings;
      settings.seed = seed;
      const ClusteringModel model = Fit(rows, settings);
      ASSERT_EQ(model.k, *settings.k);
      EXPECT_TRUE(model.converged);
      const CustomerTable table(rows, kAsOf);
      const ClusterPredictor::Labels labels = LabelsBy(model, table);
      std::map<int, int64_t> sizes;
      int64_t customers = 0, outliers = 0;
      double within = 0, silhouette = 0;
      std::map<int, std::vector<double>> sums;
      for (size_t row = 0; row < table.size(); ++row) {
        if (table.purchase_days[row] == 0) {
          EXPECT_EQ(labels.id[row], 0);
          continue;
        }
        ++customers;
        if (labels.outlier[row] != 0) {
          ++outliers;
          continue;
        }
        ++sizes[labels.id[row]];
        const FittedCluster* cluster = model.Find(labels.id[row]);
        ASSERT_NE(cluster, nullptr);
        sums[labels.id[row]].resize(model.space.d());
        const double weight = settings.weight.empty() ? 1 : model.space.WeightOf(table.net_micros[row] / 1e6) / 256.0;
        for (size_t j = 0; j < model.space.d(); ++j) {
          within += weight * std::pow(labels.scaled[j][row] - cluster->centre.q[j], 2);
          sums[labels.id[row]][j] += labels.scaled[j][row];
        }
        silhouette += std::ldexp(static_cast<double>(labels.silhouette[row]), -40);
      }
      EXPECT_EQ(customers, model.customers);
      EXPECT_EQ(outliers, model.outliers);
      EXPECT_EQ(outliers, customers * settings.trim / 1'000'000);
      for (const FittedCluster& cluster : model.clusters) {
        EXPECT_EQ(cluster.size, sizes[cluster.id]);
        EXPECT_FALSE(cluster.name.empty());
        if (!settings.weight.empty()) continue;
        for (size_t j = 0; j < model.space.d(); ++j) {  // a fixpoint
          EXPECT_NEAR(sums[cluster.id][j] / static_cast<double>(cluster.size), cluster.centre.q[j], 0.5001) << j;
        }
      }
      EXPECT_NEAR(std::ldexp(within, -2 * model.space.grid_bits), model.inertia, 1e-9 * model.inertia);
      EXPECT_NEAR(silhouette / static_cast<double>(customers - outliers), model.silhouette, 1e-9);
    }
  }
}

TEST(ClusteringFitter, IdsGoOnBehindANightWithoutClusters) {
  const std::vector<TestRow> rows = PlantedRows(50);
  ClusterFitSettings settings = WithK(3);
  auto last = std::make_shared<ClusteringModel>();
  last->last_id = 7;
  settings.last = last;
  std::vector<int> ids;
  for (const FittedCluster& cluster : Fit(rows, settings).clusters) ids.push_back(cluster.id);
  EXPECT_EQ(ids, (std::vector<int>{8, 9, 10}));
}

// Beside one whale everybody's weight rounds to nothing, and a sample may have missed the whale.
TEST(ClusteringFitter, ASampleWithoutWeightsIsSaid) {
  std::vector<TestRow> rows = RandomRows(3, 1500, 10000, kAsOf);
  rows.push_back({99'999, kAsOf - 3, int64_t{1} << 60});
  int missed = 0;
  for (uint64_t seed = 1; seed <= 4; ++seed) {
    ClusterFitSettings settings = Quick();
    settings.sample = 400;
    settings.weight = "net";
    settings.seed = seed;
    const ClusteringModel model = Fit(rows, settings);
    if (model.k > 0) continue;
    ++missed;
    EXPECT_NE(model.reason.find("of the sample has a weight"), std::string::npos) << model.reason;
  }
  EXPECT_GT(missed, 0);
}

TEST(ClusteringFitter, TooSmallARangeIsSaid) {
  const std::vector<TestRow> rows = PlantedRows(200);
  const auto is_said = [&rows](const ClusterFitSettings& settings) {
    const ClusteringModel model = Fit(rows, settings);
    EXPECT_EQ(model.k, 2);
    return std::any_of(model.warnings.begin(), model.warnings.end(),
                       [](const std::string& warning) { return warning.find("k_max") != warning.npos; });
  };
  ClusterFitSettings settings = Quick();
  settings.k_max = 2;
  EXPECT_TRUE(is_said(settings));
  EXPECT_FALSE(is_said(WithK(2))) << "nobody asked for a choice";
}

TEST(ClusteringFitter, NothingDependsOnShardsTheirOrderOrCaches) {
  std::vector<Way> ways = Ways();
  ways.push_back({"k chosen", Quick()});
  ways.push_back({"k chosen, trimmed", Quick()});
  ways.back().settings.trim = 20'000;
  for (const Way& way : ways) {
    const std::vector<TestRow> rows = RandomRows(7, 1500, 10000, kAsOf);
    const ClusteringModel expected = Fit(rows, way.settings, 1);
    for (const uint32_t count : {3u, 64u}) {
      SCOPED_TRACE(testing::Message() << way.name << ", " << count << " shards");
      const TestBase base(rows, kAsOf, 0, count);
      EXPECT_EQ(Fit(base.shards(), way.settings), expected);
      std::vector<ShardFeatures> shards = base.shards();
      std::vector<FitCache> caches(shards.size());
      for (size_t i = 0; i < shards.size(); ++i) shards[i].cache = &caches[i];
      EXPECT_EQ(Fit(shards, way.settings), expected) << "with caches";
      ClusterFitSettings plain = way.settings;
      plain.kernels = &PlainKernels();
      EXPECT_EQ(Fit(base.shards(), plain), expected) << "with plain kernels";
    }
  }
}

TEST(ClusteringFitter, RoundsOverTheBaseAreAsGoodAsTheWholeInMemory) {
  for (uint64_t seed = 1; seed <= 4; ++seed) {
    const std::vector<TestRow> rows = RandomRows(seed, 2500, 10000, kAsOf);
    ClusterFitSettings settings = WithK(6);
    settings.seed = seed;
    const ClusteringModel whole = Fit(rows, settings);
    settings.sample = 600;
    const ClusteringModel sampled = Fit(rows, settings);
    EXPECT_LE(sampled.inertia, 1.02 * whole.inertia) << "seed " << seed;
  }
}

TEST(ClusteringFitter, ABaseOfNobodyOrOneIsNotClustered) {
  EXPECT_EQ(Fit(std::vector<TestRow>{}).k, 0);
  const ClusteringModel nobody = Fit({{1, kAsOf, -1'000'000, true}});
  EXPECT_EQ(nobody.k, 0);
  EXPECT_FALSE(nobody.reason.empty());
  const std::vector<TestRow> one = {{1, kAsOf, 1'000'000}};
  EXPECT_EQ(Fit(one).k, 0);
  EXPECT_EQ(LabelsBy(Fit(one), CustomerTable(one, kAsOf)).id, std::vector<int16_t>{0});
}

TEST(ClusteringFitter, EqualCustomersMakeOneCluster) {
  std::vector<TestRow> rows;
  for (uint64_t customer = 0; customer < 40; ++customer) rows.push_back({customer, kAsOf - 9, 5'000'000});
  for (const ClusterFitSettings& settings : {Quick(), WithK(5)}) {
    const ClusteringModel model = Fit(rows, settings);
    EXPECT_EQ(model.k, 1);
    EXPECT_EQ(SizesOf(model), std::vector<int64_t>{40});
    EXPECT_EQ(model.silhouette, 0);
    EXPECT_EQ(model.inertia, 0);
    EXPECT_NE(model.reason.find("distinct points"), std::string::npos) << model.reason;
    for (const NumericFeature& feature : model.space.numeric) EXPECT_TRUE(feature.constant);
  }
}

TEST(ClusteringFitter, FewerKindsThanClustersGiveFewerClusters) {
  std::vector<TestRow> rows;
  for (uint64_t customer = 0; customer < 60; ++customer) {
    rows.push_back({customer, kAsOf - 9 - static_cast<Day>(customer % 4) * 30, 5'000'000});
  }
  for (const ClusterFitSettings& settings : {Quick(), WithK(9)}) {
    const ClusteringModel model = Fit(rows, settings);
    EXPECT_EQ(model.k, 4);
    EXPECT_EQ(SizesOf(model), (std::vector<int64_t>{15, 15, 15, 15}));
    EXPECT_NEAR(model.silhouette, 1, 1e-9);
    EXPECT_NE(model.reason.find("distinct points"), std::string::npos) << model.reason;
  }
}

TEST(ClusteringFitter, AnotherSeedIsAnotherStartButTheSameBlobs) {
  const std::vector<TestRow> rows = PlantedRows(100);
  ClusterFitSettings settings = WithK(3);
  const ClusteringModel one = Fit(rows, settings);
  settings.seed = 2;
  const ClusteringModel two = Fit(rows, settings);
  EXPECT_EQ(one.clusters, two.clusters);
}

// The labels of a model as the next night's rounds see them.
std::vector<ShardFeatures> Followed(const TestBase& base, const ClusteringModel& last,
                                    std::vector<std::vector<int16_t>>* labels) {
  std::vector<ShardFeatures> shards = base.shards();
  for (const ShardFeatures& shard : shards) {
    labels->push_back(ClusterPredictor(last).Of(shard, WidestKernels())->id);
  }
  for (size_t i = 0; i < shards.size(); ++i) shards[i].followed_cluster = (*labels)[i];
  return shards;
}

TEST(ClusteringFitter, AModelIsKeptUntilItIsOldOrTheBaseMoves) {
  const std::vector<TestRow> rows = PlantedRows(120);
  const TestBase base(rows, kAsOf, 0, 5);
  const auto last = std::make_shared<const ClusteringModel>(Fit(base.shards(), WithK(3)));
  std::vector<std::vector<int16_t>> labels;
  const std::vector<ShardFeatures> shards = Followed(base, *last, &labels);
  ClusterFitSettings settings = WithK(3);
  settings.last = last;
  settings.as_of = kAsOf + 7;
  const ClusteringModel kept = Fit(shards, settings);
  EXPECT_FALSE(kept.refit.refit) << kept.refit.why;
  EXPECT_EQ(kept.clusters, last->clusters);
  EXPECT_EQ(kept.fitted_as_of, kAsOf);
  EXPECT_EQ(kept.silhouette, last->silhouette);
  ASSERT_TRUE(kept.matching.has_value());
  EXPECT_EQ(kept.matching->adjusted_rand, 1);
  EXPECT_EQ(kept.matching->shift, std::vector<double>(3, 0)) << "no centre moved";
  EXPECT_EQ(kept.matching->overlap, std::vector<double>(3, 1));
  ASSERT_EQ(kept.drift.size(), 5u);
  for (const FeatureDrift& drift : kept.drift) EXPECT_NEAR(drift.psi, 0, 1e-12) << drift.feature;
  EXPECT_NEAR(kept.inertia_ratio, 1, 1e-12);

  settings.as_of = kAsOf + 30;
  settings.sample = 150;  // the search in rounds starts from the last centres, too
  for (const uint32_t sample : {32'768u, 150u}) {
    settings.sample = sample;
    const ClusteringModel refitted = Fit(shards, settings);
    EXPECT_TRUE(refitted.refit.refit) << refitted.refit.why;
    EXPECT_EQ(refitted.fitted_as_of, kAsOf + 30);
    EXPECT_EQ(refitted.k, 3);
    for (size_t c = 0; c < 3; ++c) {
      EXPECT_EQ(refitted.clusters[c].id, last->clusters[c].id);
      EXPECT_EQ(refitted.clusters[c].name, last->clusters[c].name);
      EXPECT_EQ(refitted.clusters[c].centre, last->clusters[c].centre);
    }
  }

  settings.k = 4;  // another setting, another model
  settings.as_of = kAsOf + 1;
  const ClusteringModel other = Fit(shards, settings);
  EXPECT_TRUE(other.refit.refit) << other.refit.why;
  EXPECT_EQ(other.k, 4);
  EXPECT_EQ(other.last_id, 4 + (other.matching->vanished.empty() ? 0 : 1));
}

TEST(ClusteringFitter, WhatDoesNotBelongToARoundIsRefused) {
  const TestBase base(RandomRows(1, 200, 10000, kAsOf), kAsOf, 0, 1);
  ClusteringFitter fitter(Quick());
  EXPECT_FALSE(fitter.Absorb({}).ok());
  EXPECT_FALSE(fitter.Absorb({.drift = {}, .space = {}, .trials = TrialsPartial()}).ok());
  RunFit(&fitter, base.shards());
  EXPECT_FALSE(fitter.Absorb({}).ok());
}

}  // namespace
}  // namespace strata
