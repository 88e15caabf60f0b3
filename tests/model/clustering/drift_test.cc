// The population stability index: against the definition, and against chance.
#include "model/clustering/drift.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "model/clustering/cluster_model.h"

namespace strata {
namespace {

double SlowIndex(const std::vector<int64_t>& then, const std::vector<int64_t>& now) {
  long double n = 0, m = 0, index = 0;
  for (const int64_t count : then) n += static_cast<long double>(count);
  for (const int64_t count : now) m += static_cast<long double>(count);
  for (size_t bin = 0; bin < then.size(); ++bin) {
    if (then[bin] == 0 && now[bin] == 0) continue;
    const long double r = (then[bin] == 0 ? 0.5L : static_cast<long double>(then[bin])) / n;
    const long double p = (now[bin] == 0 ? 0.5L : static_cast<long double>(now[bin])) / m;
    index += (p - r) * (std::log(p) - std::log(r));
  }
  return static_cast<double>(index);
}

TEST(PopulationStability, IsTheSumOfItsDefinition) {
  for (uint64_t seed = 1; seed <= 100; ++seed) {
    std::mt19937_64 random(seed);
    std::vector<int64_t> then(2 + random() % 20), now(then.size());
    for (int64_t& count : then) count = static_cast<int64_t>(random() % 5 == 0 ? 0 : random() % 100'000);
    for (int64_t& count : now) count = static_cast<int64_t>(random() % 5 == 0 ? 0 : random() % 100'000);
    then[0] = now[0] = 1;
    EXPECT_NEAR(PopulationStability(then, now), SlowIndex(then, now), 1e-12) << "seed " << seed;
    EXPECT_GE(PopulationStability(then, now), 0) << "seed " << seed;
  }
}

TEST(PopulationStability, IsNothingWithoutCustomersOrBins) {
  EXPECT_EQ(PopulationStability(std::vector<int64_t>{1, 2}, std::vector<int64_t>{0, 0}), 0);
  EXPECT_EQ(NullStability99(std::vector<int64_t>{0, 0}, std::vector<int64_t>{1, 1}), 0);
  EXPECT_EQ(NullStability99(std::vector<int64_t>{9, 0}, std::vector<int64_t>{4, 0}), 0);  // one bin in use
}

// Two samples of one base, bins at the deciles of the first: how a fit and a later night see a base that did not
// change.
struct TwoNights {
  static constexpr size_t kBins = 10;
  std::vector<int64_t> then, now;
  std::vector<double> cuts;

  size_t BinOf(double value) const {
    return static_cast<size_t>(std::lower_bound(cuts.begin(), cuts.end(), value) - cuts.begin());
  }
  TwoNights(std::mt19937_64* random, size_t n, size_t m) {
    std::lognormal_distribution<double> value(2, 1);
    std::vector<double> first(n), second(m);
    for (double& x : first) x = value(*random);
    for (double& x : second) x = value(*random);
    std::sort(first.begin(), first.end());
    for (size_t decile = 1; decile < kBins; ++decile) cuts.push_back(first[(n * decile + 9) / kBins - 1]);
    then.assign(cuts.size() + 1, 0);
    now = then;
    for (const double x : first) ++then[BinOf(x)];
    for (const double x : second) ++now[BinOf(x)];
  }
};

TEST(NullStability, IsExceededOnceInAHundredNightsWithoutDrift) {
  constexpr uint64_t kSeed = 20;
  constexpr int kDraws = 2000;
  std::mt19937_64 random(kSeed);
  int flagged = 0;
  for (int draw = 0; draw < kDraws; ++draw) {
    const TwoNights nights(&random, 1000, 1500);
    flagged += PopulationStability(nights.then, nights.now) > NullStability99(nights.then, nights.now) ? 1 : 0;
  }
  // 20 expected, with a standard deviation of 4.4.
  EXPECT_GE(flagged, 7) << "seed " << kSeed;
  EXPECT_LE(flagged, 33) << "seed " << kSeed;
}

TEST(NullStability, SeesASmallDriftInALargeBaseAndNoneInASmallOne) {
  const std::vector<int64_t> then = {1000, 1000, 1000, 1000}, now = {1060, 1020, 980, 940};
  EXPECT_LT(PopulationStability(then, now), NullStability99(then, now));
  std::vector<int64_t> large_then = then, large_now = now;
  for (int64_t& count : large_then) count *= 100;
  for (int64_t& count : large_now) count *= 100;
  EXPECT_GT(PopulationStability(large_then, large_now), NullStability99(large_then, large_now));
  EXPECT_NEAR(PopulationStability(large_then, large_now), PopulationStability(then, now), 1e-12);
}

// --- A night against the model it follows
// --------------------------------------------------------------------------------

// A feature with four bins and 100 customers in each, 100 of 500 without a value; a category.
ClusteringModel LastModel() {
  ClusteringModel model;
  model.k = 1;
  model.space.grid_bits = 10;
  NumericFeature net;
  net.name = "net";
  net.bin_cuts = {1, 2, 3};
  net.bin_counts = {100, 100, 100, 100};
  net.absent = 100;
  model.space.numeric = {net};
  model.space.categories = {
      {.name = "plan", .column = "plan", .words = {"(none)", "(other)", "gold"}, .counts = {200, 0, 300}}};
  model.fitted_mean_square = 2;
  return model;
}

TEST(DriftOf, ComparesEveryFeatureWithTheNightOfTheFit) {
  DriftPartial tonight;
  tonight.customers = 1000;
  tonight.bins = {{400, 200, 100, 100, 200}, {400, 0, 600}};
  tonight.beyond = {5};
  const std::vector<FeatureDrift> drift = DriftOf(LastModel(), tonight);
  ASSERT_EQ(drift.size(), 2u);
  EXPECT_EQ(drift[0].feature, "net");
  EXPECT_DOUBLE_EQ(drift[0].psi, SlowIndex({100, 100, 100, 100, 100}, {400, 200, 100, 100, 200}));
  EXPECT_TRUE(drift[0].flagged);
  EXPECT_EQ(drift[0].missing_then, 0.2);
  EXPECT_EQ(drift[0].missing_now, 0.2);
  EXPECT_EQ(drift[0].beyond_grid, 0.005);
  EXPECT_EQ(drift[1].feature, "plan");
  EXPECT_EQ(drift[1].psi, 0);
  EXPECT_FALSE(drift[1].flagged);
}

TEST(InertiaRatio, IsTonightsMeanSquareOverThatOfTheFit) {
  DriftPartial tonight;
  tonight.weight = 10;
  tonight.squared_distance = static_cast<Int128>(30) << 20;  // mean square 3
  EXPECT_DOUBLE_EQ(InertiaRatio(LastModel(), tonight), 1.5);
  EXPECT_EQ(InertiaRatio(LastModel(), {}), 1);
  EXPECT_EQ(InertiaRatio({}, tonight), 1);
}

DriftPartial DrawnPartial(uint64_t seed) {
  std::mt19937_64 random(seed);
  DriftPartial partial;
  partial.customers = static_cast<int64_t>(random() % 1000);
  partial.assigned = partial.customers - static_cast<int64_t>(random() % 10);
  partial.weight = static_cast<Int128>(random()) * 256;
  partial.squared_distance = static_cast<Int128>(random()) * static_cast<Int128>(random() % 1000);
  partial.bins = {{1, static_cast<int64_t>(random() % 9)}, {static_cast<int64_t>(random() % 9), 2, 3}};
  partial.beyond = {static_cast<int64_t>(random() % 3)};
  if (seed % 2 == 0) partial.error = "what shard " + std::to_string(seed) + " could not do";
  return partial;
}

TEST(DriftPartial, KeepsTheLawsOfPartials) {
  const DriftPartial a = DrawnPartial(1), b = DrawnPartial(2), c = DrawnPartial(4);
  DriftPartial left = a, right = b, back = c, with_none = a, none;
  left.Merge(b);
  left.Merge(c);
  right.Merge(c);
  DriftPartial grouped = a;
  grouped.Merge(right);
  back.Merge(b);
  back.Merge(a);
  EXPECT_EQ(left, grouped);
  EXPECT_EQ(left, back);
  with_none.Merge(DriftPartial());
  none.Merge(a);
  EXPECT_EQ(with_none, a);
  EXPECT_EQ(none, a);
  ByteWriter writer;
  left.Encode(&writer);
  ByteReader reader(writer.bytes());
  EXPECT_EQ(DriftPartial::Decode(&reader), left);
  EXPECT_TRUE(reader.Finish("a partial of drift").ok());
}

}  // namespace
}  // namespace strata
