// Clustering from columns to clusters: what is planted is found, labels agree, and every odd base has a defined answer.
#include "model/clustering/clustering_fitter.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

#include "tests/model/customer_table.h"

namespace strata {
namespace {

constexpr Day kAsOf = 10400;

ClusteringModel Fit(const std::vector<TestRow>& rows, const ClusteringFitter::Settings& settings = {},
                    uint32_t shards = 3) {
  ClusteringFitter fitter(settings);
  RunFit(&fitter, TestBase(rows, kAsOf, 0, shards).shards());
  return fitter.result();
}

// Three kinds of customers: often and lately, once and long ago, rarely but dearly. The id tells the kind.
std::vector<TestRow> PlantedRows(int per_kind) {
  std::vector<TestRow> rows;
  std::mt19937_64 random(1);
  const auto jitter = [&random](uint64_t range) { return static_cast<int64_t>(random() % range); };
  for (uint64_t customer = 0; customer < static_cast<uint64_t>(per_kind) * 3; ++customer) {
    if (customer % 3 == 0) {
      const Day first = kAsOf - 300 - static_cast<Day>(jitter(20));
      for (Day day = first; day <= kAsOf - 2; day += 10)
        rows.push_back({customer, day, 20'000'000 + jitter(1'000'000)});
    } else if (customer % 3 == 1) {
      rows.push_back({customer, kAsOf - 320 - static_cast<Day>(jitter(20)), 15'000'000 + jitter(1'000'000)});
    } else {
      for (Day day : {kAsOf - 60, kAsOf - 30}) {
        rows.push_back({customer, day - static_cast<Day>(jitter(5)), 900'000'000 + jitter(50'000'000)});
      }
    }
  }
  return rows;
}

double CentreOf(const ClusteringModel& model, size_t cluster, size_t feature) {
  return std::ldexp(model.clusters[cluster].centre.q[feature], -kScaledGridBits);
}

std::vector<int64_t> SizesOf(const ClusteringModel& model) {
  std::vector<int64_t> sizes;
  for (const FittedCluster& cluster : model.clusters) sizes.push_back(cluster.size);
  return sizes;
}

TEST(ClusteringFitter, FindsThePlantedKinds) {
  const std::vector<TestRow> rows = PlantedRows(200);
  const ClusteringModel model = Fit(rows);
  EXPECT_EQ(model.k, 3);
  EXPECT_TRUE(model.converged);
  EXPECT_TRUE(model.reason.empty()) << model.reason;
  EXPECT_GT(model.silhouette, 0.8);
  ASSERT_EQ(model.trials.rows.size(), 11u);
  for (const GapRow& row : model.trials.rows) EXPECT_LE(*row.silhouette, model.silhouette) << row.k;

  const CustomerTable table(rows, kAsOf);
  const std::vector<int> clusters = Predict(model, table.columns(), WidestKernels());
  std::map<int, std::set<uint64_t>> kinds;  // by cluster
  std::map<uint64_t, uint64_t> kind_of;     // by hash
  for (const TestRow& row : rows) kind_of[HashOfCustomer(row.customer)] = row.customer % 3;
  for (size_t i = 0; i < table.size(); ++i) kinds[clusters[i]].insert(kind_of[table.hash[i]]);
  EXPECT_EQ(kinds.size(), 3u);
  for (const auto& [cluster, found] : kinds) EXPECT_EQ(found.size(), 1u) << cluster;
}

TEST(ClusteringFitter, FeaturesAreWhatTheHeaderSays) {
  const CustomerTable table({{1, kAsOf - 100, 10'000'000},
                             {1, kAsOf - 40, 30'000'000},
                             {1, kAsOf - 7, -70'000'000, true},
                             {2, kAsOf - 5000, 1'000'000}},
                            kAsOf);
  const CustomerColumns columns = table.columns();
  for (size_t row = 0; row < columns.size(); ++row) {
    const bool first = columns.hash[row] == HashOfCustomer(1);
    const std::vector<long double> expected =
        first ? std::vector<long double>{std::log(41.0L), std::log(3.0L), -std::log(16.0L), std::log(101.0L), 1 / 3.0L}
              : std::vector<long double>{std::log(5001.0L), std::log(2.0L), std::log(2.0L), std::log(5001.0L), 0};
    const TransformedPoint point = TransformCustomer(columns, row);
    for (size_t j = 0; j < kClusterFeatures; ++j) {
      EXPECT_NEAR(std::ldexp(static_cast<double>(point[j]), -20), static_cast<double>(expected[j]), 0x1.01p-21) << j;
    }
  }
  EXPECT_EQ(ClusterFeatureNames().size(), kClusterFeatures);
}

TEST(ClusteringFitter, LabelsAgreeWithTheModel) {
  for (uint64_t seed = 0; seed < 8; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    // The start comes from a sample of 4096, so only a larger base can be cut short.
    const bool cut_short = seed % 4 == 3;
    const std::vector<TestRow> rows = RandomRows(seed, cut_short ? 6000 : 900, 10000, kAsOf);
    ClusteringFitter::Settings settings{.k = 2 + static_cast<int>(seed), .seed = seed};
    settings.iterations_max = cut_short ? 1 : 100;
    const ClusteringModel model = Fit(rows, settings);
    const CustomerTable table(rows, kAsOf);
    const CustomerColumns columns = table.columns();
    const std::vector<int> clusters = Predict(model, columns, WidestKernels());
    std::vector<int64_t> sizes(static_cast<size_t>(model.k), 0);
    std::vector<std::vector<double>> sums(static_cast<size_t>(model.k), std::vector<double>(kClusterFeatures, 0));
    double inertia = 0;
    for (size_t row = 0; row < columns.size(); ++row) {
      EXPECT_EQ(Predict(model, columns, row), clusters[row]);
      if (columns.purchase_days[row] == 0) {
        EXPECT_EQ(clusters[row], -1);
        continue;
      }
      const size_t cluster = static_cast<size_t>(clusters[row]);
      ++sizes[cluster];
      const GridPoint point = ScalingOf(model).Scale(TransformCustomer(columns, row));
      for (size_t j = 0; j < kClusterFeatures; ++j) {
        const double z = std::ldexp(static_cast<double>(point[j]), -kScaledGridBits);
        sums[cluster][j] += z;
        inertia += (z - CentreOf(model, cluster, j)) * (z - CentreOf(model, cluster, j));
      }
    }
    EXPECT_EQ(sizes, SizesOf(model));
    EXPECT_TRUE(std::is_sorted(sizes.rbegin(), sizes.rend())) << "largest first";
    EXPECT_NEAR(inertia, model.inertia, 1e-6 * inertia);
    EXPECT_EQ(model.converged, !cut_short);
    if (!model.converged) continue;
    for (size_t c = 0; c < sizes.size(); ++c) {
      for (size_t j = 0; j < kClusterFeatures; ++j) {
        EXPECT_NEAR(sums[c][j] / static_cast<double>(sizes[c]), CentreOf(model, c, j), 0x1.01p-13);
      }
    }
  }
}

TEST(ClusteringFitter, FeaturesAreStandardised) {
  const std::vector<TestRow> rows = RandomRows(2, 500, 10000, kAsOf);
  const ClusteringModel model = Fit(rows, {.k = 3});
  const CustomerTable table(rows, kAsOf);
  for (size_t j = 0; j < kClusterFeatures; ++j) {
    double sum = 0, squares = 0, n = 0;
    for (size_t row = 0; row < table.size(); ++row) {
      if (table.purchase_days[row] == 0) continue;
      const double z =
          std::ldexp(static_cast<double>(ScalingOf(model).Scale(TransformCustomer(table.columns(), row))[j]), -12);
      sum += z;
      squares += z * z;
      n += 1;
    }
    EXPECT_NEAR(sum / n, 0, 1e-3) << j;
    EXPECT_NEAR(squares / n, 1, 1e-3) << j;
  }
}

TEST(ClusteringFitter, ABaseOfNobodyOrOneIsNotClustered) {
  EXPECT_EQ(Fit({}).k, 0);
  const ClusteringModel nobody = Fit({{1, kAsOf, -1'000'000, true}});
  EXPECT_EQ(nobody.k, 0);
  EXPECT_NE(nobody.reason.find("at least 2 customers"), std::string::npos) << nobody.reason;
  const std::vector<TestRow> one = {{1, kAsOf, 1'000'000}};
  EXPECT_EQ(Fit(one).k, 0);
  const CustomerTable table(one, kAsOf);
  EXPECT_EQ(Predict(Fit(one), table.columns(), WidestKernels()), std::vector<int>{-1});
}

TEST(ClusteringFitter, EqualCustomersMakeOneCluster) {
  std::vector<TestRow> rows;
  for (uint64_t customer = 0; customer < 40; ++customer) rows.push_back({customer, kAsOf - 9, 5'000'000});
  const ClusteringModel model = Fit(rows);
  EXPECT_EQ(model.k, 1);
  EXPECT_EQ(SizesOf(model), std::vector<int64_t>{40});
  EXPECT_EQ(model.silhouette, 0);
  EXPECT_EQ(model.inertia, 0);
  EXPECT_NE(model.reason.find("distinct points"), std::string::npos) << model.reason;
  for (const NumericFeature& feature : model.space.numeric) EXPECT_EQ(feature.deviation, 1);
}

TEST(ClusteringFitter, FewerKindsThanClustersGiveFewerClusters) {
  std::vector<TestRow> rows;
  for (uint64_t customer = 0; customer < 60; ++customer) {
    rows.push_back({customer, kAsOf - 9 - static_cast<Day>(customer % 4) * 30, 5'000'000});
  }
  const ClusteringModel model = Fit(rows, {.k = 9});
  EXPECT_EQ(model.k, 4);
  EXPECT_EQ(SizesOf(model), (std::vector<int64_t>{15, 15, 15, 15}));
  EXPECT_NEAR(model.silhouette, 1, 1e-9);
  EXPECT_NE(model.reason.find("instead of 9"), std::string::npos) << model.reason;
  const ClusteringModel automatic = Fit(rows);
  EXPECT_EQ(automatic.k, 4);
  EXPECT_EQ(automatic.trials.rows.size(), 3u) << "2, 3 and 4 are possible";
}

TEST(ClusteringFitter, AnotherSeedIsAnotherStartButTheSameBlobs) {
  const std::vector<TestRow> rows = PlantedRows(100);
  const ClusteringModel one = Fit(rows, {.seed = 1});
  const ClusteringModel two = Fit(rows, {.seed = 2});
  EXPECT_EQ(one.clusters, two.clusters);
}

}  // namespace
}  // namespace strata
