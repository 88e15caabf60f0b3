// The comparison of two snapshots against a slow and obvious one: maps, sorted vectors, rational shares.
#include "data/snapshot/snapshot_diff.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

#include "data/snapshot/feature_values.h"
#include "data/snapshot/parquet_bytes.h"
#include "tests/base/status_matchers.h"
#include "tests/data/snapshot/sample_snapshot.h"

namespace strata {
namespace {

using Customers = std::vector<SampleCustomer>;
using MoveMap = std::map<std::pair<std::string, std::string>, int64_t>;

struct OpenSample {
  std::unique_ptr<MemoryObjectStore> store = std::make_unique<MemoryObjectStore>();
  std::shared_ptr<const Snapshot> snapshot;
};

OpenSample Open(const Customers& customers, uint32_t shards, Day as_of = 10000) {
  OpenSample open;
  SampleSnapshot sample(open.store.get(), customers, shards);
  sample.manifest.as_of = as_of;
  const auto snapshot = sample.Open(sample.Publish());
  EXPECT_TRUE(snapshot.ok()) << snapshot.status();
  open.snapshot = *snapshot;
  return open;
}

// Some of `before` again, some changed, and some new ones.
Customers NextNight(const Customers& before, uint64_t seed) {
  std::mt19937_64 random(seed);
  Customers after;
  for (const SampleCustomer& customer : before) {
    if (random() % 8 == 0) continue;
    after.push_back(customer);
    if (random() % 2 == 0) after.back().score = RandomScore(random);
  }
  for (SampleCustomer& fresh : RandomCustomers(seed + 1000, before.size() / 5)) after.push_back(std::move(fresh));
  return after;
}

std::string RfmClass(const CustomerScore& score) {
  if (score.purchase_days == 0) return "no_purchase";
  return score.segment == RfmSegment::kNone ? "none" : Name(score.segment);
}
std::string ClusterClass(const CustomerScore& score) {
  if (score.purchase_days == 0) return "no_purchase";
  return score.cluster < 0 ? "none" : fmt::format("cluster-{}", score.cluster + 1);
}

MoveMap SlowMoves(const Customers& a, const Customers& b, std::string (*class_of)(const CustomerScore&)) {
  std::map<std::string, std::pair<std::string, std::string>> classes;
  for (const SampleCustomer& customer : a) classes[customer.id].first = class_of(customer.score);
  for (const SampleCustomer& customer : b) classes[customer.id].second = class_of(customer.score);
  MoveMap moves;
  for (const auto& [id, pair] : classes) ++moves[pair];
  return moves;
}

MoveMap ToMap(const std::vector<ClassMove>& moves) {
  MoveMap map;
  for (const ClassMove& move : moves) EXPECT_TRUE(map.emplace(std::pair(move.from, move.to), move.customers).second);
  return map;
}

std::vector<double> Values(const Customers& customers, double (*value)(const CustomerScore&)) {
  std::vector<double> values;
  for (const SampleCustomer& customer : customers) {
    const double v = value(customer.score);
    if (!std::isnan(v)) values.push_back(v);
  }
  std::sort(values.begin(), values.end());
  return values;
}

double Decile(const std::vector<double>& sorted, size_t i) {
  return sorted[std::max<size_t>(1, (sorted.size() * i + 9) / 10) - 1];
}

void ExpectDistribution(const Distribution& told, const std::vector<double>& sorted) {
  ASSERT_EQ(told.present, std::ssize(sorted));
  if (sorted.empty()) {
    EXPECT_FALSE(told.mean.has_value());
    EXPECT_TRUE(told.deciles.empty());
    return;
  }
  long double sum = 0;
  for (const double value : sorted) sum += value;
  const auto mean = static_cast<double>(sum / static_cast<long double>(sorted.size()));
  EXPECT_NEAR(*told.mean, mean, 1e-9 * std::max(1.0, std::fabs(mean)));
  ASSERT_EQ(told.deciles.size(), 9u);
  for (size_t i = 1; i <= 9; ++i) EXPECT_EQ(told.deciles[i - 1], Decile(sorted, i)) << i;
}

std::vector<int64_t> SlowBins(const std::vector<double>& base, const std::vector<double>& values, size_t customers) {
  std::set<double> edges;
  for (size_t i = 1; i <= 9; ++i) edges.insert(Decile(base, i));
  std::vector<int64_t> bins(edges.size() + 2, 0);
  for (const double value : values) {
    size_t bin = 0;
    for (const double edge : edges) bin += value > edge;
    ++bins[bin];
  }
  bins.back() = static_cast<int64_t>(customers - values.size());
  return bins;
}

struct SlowColumn {
  const char* name;
  double (*value)(const CustomerScore&);
};
const SlowColumn kSlowColumns[] = {
    {"purchase_days", [](const CustomerScore& s) { return static_cast<double>(s.purchase_days); }},
    {"net", [](const CustomerScore& s) { return static_cast<double>(s.net_micros) / 1e6; }},
    {"monetary_score", [](const CustomerScore& s) { return s.monetary_score == 0 ? kAbsent : s.monetary_score; }},
    {"lifetime_value", [](const CustomerScore& s) { return s.lifetime_value; }},
    {"churn_probability", [](const CustomerScore& s) { return s.churn_probability; }},
};

TEST(SnapshotDiff, SaysWhatASlowComparisonSays) {
  for (uint64_t seed = 1; seed <= 12; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    const Customers a = RandomCustomers(seed, 50 * seed);
    const Customers b = NextNight(a, seed);
    const uint32_t shards = static_cast<uint32_t>(1 + seed % 5);
    const OpenSample base = Open(a, shards);
    const OpenSample other = Open(b, seed % 2 == 0 ? shards : 3);
    const auto diff = DiffSnapshots(*base.store, *base.snapshot, *other.snapshot, nullptr);
    ASSERT_OK(diff);
    EXPECT_EQ(ToMap(diff->rfm_moves), SlowMoves(a, b, RfmClass));
    EXPECT_EQ(ToMap(diff->cluster_moves), SlowMoves(a, b, ClusterClass));
    EXPECT_EQ(diff->customers_in_both + diff->customers_left, std::ssize(a));
    EXPECT_EQ(diff->customers_in_both + diff->customers_entered, std::ssize(b));
    for (const SlowColumn& column : kSlowColumns) {
      SCOPED_TRACE(column.name);
      const auto drift = std::find_if(diff->drifts.begin(), diff->drifts.end(),
                                      [&](const ColumnDrift& d) { return d.column == column.name; });
      ASSERT_NE(drift, diff->drifts.end());
      const std::vector<double> in_a = Values(a, column.value);
      const std::vector<double> in_b = Values(b, column.value);
      ExpectDistribution(drift->base, in_a);
      ExpectDistribution(drift->other, in_b);
      EXPECT_EQ(drift->base_bins, SlowBins(in_a, in_a, a.size()));
      EXPECT_EQ(drift->other_bins, SlowBins(in_a, in_b, b.size()));
    }
    for (const ColumnDrift& drift : diff->drifts) {
      EXPECT_EQ(drift.stability_index.has_value(), drift.base.present > 0) << drift.column;
    }
  }
}

TEST(SnapshotDiff, DaysCountFromEachSnapshotsOwnDate) {
  SampleCustomer customer{.id = "c", .score = {.first_day = 9000, .last_day = 9900, .purchase_days = 2, .rows = 2}};
  const OpenSample base = Open({customer}, 1, 10000);
  const OpenSample other = Open({customer}, 1, 10030);
  const auto diff = DiffSnapshots(*base.store, *base.snapshot, *other.snapshot, nullptr);
  ASSERT_OK(diff);
  const auto mean = [&](const std::string& name) {
    for (const ColumnDrift& drift : diff->drifts) {
      if (drift.column == name) return std::pair(*drift.base.mean, *drift.other.mean);
    }
    return std::pair(-1.0, -1.0);
  };
  EXPECT_EQ(mean("recency_days"), std::pair(100.0, 130.0));
  EXPECT_EQ(mean("tenure_days"), std::pair(1000.0, 1030.0));
  EXPECT_EQ(diff->other.as_of - diff->base.as_of, 30);
}

// A Parquet part with the features of fewer customers than its lookup part has.
TEST(SnapshotDiff, PartsOfDifferentLengthAreRefused) {
  const Customers customers = RandomCustomers(1, 50);
  const OpenSample other = Open(customers, 1);
  OpenSample base;
  SampleSnapshot sample(base.store.get(), customers, 1);
  constexpr size_t kRows = 10;
  TableColumns columns(kRows);
  for (const char* name : kComparedFeatures) {
    columns.Add<arrow::Int64Builder>(name, arrow::int64(), [](size_t i) { return std::optional<int64_t>(i); });
  }
  sample.Add(ParquetName(0), *WriteParquet(*columns.Finish().ValueOrDie(), {}), kRows);
  std::sort(sample.manifest.entries.begin(), sample.manifest.entries.end(),
            [](const ManifestEntry& a, const ManifestEntry& b) { return a.name < b.name; });
  const auto opened = sample.Open(sample.Publish());
  ASSERT_OK(opened);
  const auto diff = DiffSnapshots(*base.store, **opened, *other.snapshot, nullptr);
  EXPECT_THAT(diff, FailsWith(absl::StatusCode::kDataLoss, "SNAPSHOT_CORRUPT"));
  EXPECT_THAT(diff, SaysThat("parts/00000.parquet: the manifest gives it 10 customers, and the lookup part has 50"));
}

TEST(SnapshotDiff, EndsWhenNobodyWaitsForIt) {
  const OpenSample base = Open(RandomCustomers(1, 50), 2);
  const OpenSample other = Open(RandomCustomers(2, 50), 2);
  int asked = 0;
  const auto diff = DiffSnapshots(*base.store, *base.snapshot, *other.snapshot, [&asked] { return ++asked == 9; });
  EXPECT_THAT(diff, FailsWith(absl::StatusCode::kCancelled, "DIFF_CANCELLED"));
  EXPECT_EQ(asked, 9);
}

TEST(StabilityIndex, IsTheSumOverBins) {
  // By hand: (0.5 - 0.25) ln 2 + (0.5 - 0.75) ln (2/3).
  EXPECT_NEAR(StabilityIndex({25, 75}, {50, 50}), 0.25 * std::log(2.0) - 0.25 * std::log(2.0 / 3.0), 1e-15);
  EXPECT_EQ(StabilityIndex({10, 20, 30}, {1, 2, 3}), 0) << "equal shares";
  EXPECT_EQ(StabilityIndex({4, 0, 6}, {2, 0, 3}), 0) << "nobody in either";
  // One of ten leaves the first bin for one that was empty: half a customer stands for it.
  const double half = 0.05;
  EXPECT_NEAR(StabilityIndex({10, 0}, {9, 1}), (0.9 - 1) * std::log(0.9) + (0.1 - half) * std::log(0.1 / half), 1e-15);
}

TEST(ModelParameters, NameEveryFittedModel) {
  FittedModels models;
  models.rfm = RfmModel{.scores = 3, .customers = 9, .recency_cuts_days = {5, 9}, .monetary_cuts_micros = {1'500'000}};
  models.lifetime.emplace().fit = {.fitted = true};
  models.lifetime->fit.estimates = {{.name = "r", .words = "not determined"}, {.name = "alpha", .estimate = 4}};
  models.spend = SpendModel{.fitted = false, .population_mean = 12};
  models.churn = ChurnModel{.fitted = true, .features = {"net"}, .coefficients = {-1}, .intercept = 2, .auc = NAN};
  ClusteringModel& clustering = models.clustering.emplace();
  clustering.k = 1;
  NumericFeature& recency = clustering.space.numeric.emplace_back();
  recency.name = "recency";
  recency.mean = 10;
  recency.deviation = 4;
  clustering.clusters = {{.id = 1, .name = "", .size = 9, .centre = {{2048}, {}}}};
  std::map<std::string, double> parameters;
  for (const auto& [name, value] : ModelParameters(models)) EXPECT_TRUE(parameters.emplace(name, value).second) << name;
  EXPECT_EQ(parameters.at("rfm.recency_cut_days_2"), 9);
  EXPECT_EQ(parameters.at("rfm.monetary_cut_1"), 1.5);
  EXPECT_EQ(parameters.at("lifetime.alpha"), 4);
  EXPECT_FALSE(parameters.contains("lifetime.r")) << "not determined";
  EXPECT_EQ(parameters.at("spend.population_mean"), 12);
  EXPECT_EQ(parameters.at("churn.coefficient.net"), -1);
  EXPECT_EQ(parameters.at("clustering.cluster-1.recency"), 12) << "in the feature's own units";
  EXPECT_FALSE(parameters.contains("spend.p")) << "it was not fitted";
  EXPECT_FALSE(parameters.contains("churn.auc")) << "not known";
}

}  // namespace
}  // namespace strata
