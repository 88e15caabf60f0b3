// From raw to grid values and back: against the formulas as they stand in the header, worked out with the C library.
#include "model/clustering/feature_space.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "model/clustering/yeo_johnson.h"

namespace strata {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

double SlowYeoJohnson(double v, double lambda) {
  if (v >= 0) return lambda == 0 ? std::log(v + 1) : (std::pow(v + 1, lambda) - 1) / lambda;
  return lambda == 2 ? -std::log(1 - v) : -(std::pow(1 - v, 2 - lambda) - 1) / (2 - lambda);
}

// Steps 1 to 3, off the grid.
double SlowTransform(const NumericFeature& feature, double raw) {
  double v = std::isnan(raw) ? feature.missing_value : raw;
  if (feature.winsor.has_value()) v = std::min(std::max(v, (*feature.winsor)[0]), (*feature.winsor)[1]);
  v /= feature.unit;
  if (feature.transform == Transform::kLog1p) return std::copysign(std::log(1 + std::fabs(v)), v);
  return feature.transform == Transform::kYeoJohnson ? SlowYeoJohnson(v, feature.lambda) : v;
}

std::vector<double> DrawnValues(uint64_t seed, size_t n) {
  std::mt19937_64 random(seed);
  std::lognormal_distribution<double> spread(1, 2);
  std::vector<double> values;
  for (size_t i = 0; i < n; ++i) {
    const double sign = random() % 4 == 0 ? -1 : 1;
    values.push_back(random() % 10 == 0 ? kNone : random() % 10 == 0 ? 0.0 : sign * spread(random));
  }
  return values;
}

std::vector<NumericFeature> Features() {
  std::vector<NumericFeature> features;
  for (const Transform transform : {Transform::kNone, Transform::kLog1p}) {
    NumericFeature& feature = features.emplace_back();
    feature.transform = transform;
    feature.missing_value = 3.5;
    feature.mean = 1.25;
    feature.deviation = 0.75;
  }
  features[0].unit = 4;
  features[0].weight = 2.5;
  features[1].winsor = {-10.0, 40.0};
  for (const double lambda : {-2.0, -0.5, 0.0, 0.25, 1.0, 1.75, 2.0, 2.5}) {
    NumericFeature& feature = features.emplace_back();
    feature.transform = Transform::kYeoJohnson;
    feature.lambda = lambda;
    feature.unit = 2;
    feature.winsor = {-60.0, 200.0};
    feature.mean = -0.5;
    feature.deviation = 3;
  }
  return features;
}

TEST(FeatureSpace, TransformsAsTheFormulasSay) {
  const std::vector<double> raw = DrawnValues(1, 1000);
  for (const NumericFeature& feature : Features()) {
    SCOPED_TRACE(testing::Message() << Name(feature.transform) << " lambda " << feature.lambda);
    std::vector<double> y(raw.size());
    TransformOnGrid(feature, raw, PlainKernels(), y);
    for (size_t i = 0; i < raw.size(); ++i) {
      const double slow = SlowTransform(feature, raw[i]) * 0x1p20;
      EXPECT_NEAR(y[i], slow, 0.5 + 1e-9 * std::fabs(slow)) << "of " << raw[i];
      EXPECT_EQ(y[i], std::rint(y[i]));
    }
  }
}

TEST(FeatureSpace, ScalesAsTheFormulaSaysWithAnyKernels) {
  const std::vector<double> raw = DrawnValues(2, 777);
  for (const NumericFeature& feature : Features()) {
    SCOPED_TRACE(testing::Message() << Name(feature.transform) << " lambda " << feature.lambda);
    std::vector<int32_t> plain(raw.size());
    int64_t beyond = 0;
    ScaleOnGrid(feature, 10, raw, PlainKernels(), plain, &beyond);
    int64_t slow_beyond = 0;
    for (size_t i = 0; i < raw.size(); ++i) {
      const double z = feature.weight * (SlowTransform(feature, raw[i]) - feature.mean) / feature.deviation;
      slow_beyond += std::fabs(z * 1024) > static_cast<double>(kGridEnd) ? 1 : 0;
      const double end = static_cast<double>(kGridEnd);
      EXPECT_NEAR(plain[i], std::clamp(z * 1024, -end, end), 0.6) << "of " << raw[i];
    }
    EXPECT_EQ(beyond, slow_beyond);
    for (const Kernels* kernels : AvailableKernels()) {
      std::vector<int32_t> grid(raw.size());
      ScaleOnGrid(feature, 10, raw, *kernels, grid, &beyond);
      EXPECT_EQ(grid, plain) << kernels->name;
    }
  }
}

TEST(FeatureSpace, CountsWhatIsBeyondTheGridAndTakesItAsItsEnd) {
  NumericFeature feature;
  feature.deviation = 0x1p-8;
  const std::vector<double> raw = {0, 4, -4, 5, -1e18, 0x1p62};
  std::vector<int32_t> grid(raw.size());
  int64_t beyond = 0;
  ScaleOnGrid(feature, 12, raw, WidestKernels(), grid, &beyond);
  EXPECT_EQ(grid, (std::vector<int32_t>{0, 1 << 22, -(1 << 22), 1 << 22, -(1 << 22), 1 << 22}));
  EXPECT_EQ(beyond, 3);
}

TEST(FeatureSpace, AConstantFeatureTellsNobodyApartOnLaterNightsEither) {
  NumericFeature feature;
  feature.constant = true;
  feature.mean = 7;
  std::vector<int32_t> grid(3, 99);
  int64_t beyond = 0;
  ScaleOnGrid(feature, 12, std::vector<double>{7, 1e30, kNone}, WidestKernels(), grid, &beyond);
  EXPECT_EQ(grid, (std::vector<int32_t>{0, 0, 0}));
  EXPECT_EQ(beyond, 0);
  EXPECT_EQ(Unscale(feature, 12, 0), 7);
}

TEST(FeatureSpace, UnscalesToTheRawValue) {
  for (const NumericFeature& feature : Features()) {
    SCOPED_TRACE(testing::Message() << Name(feature.transform) << " lambda " << feature.lambda);
    for (const double raw : {-9.0, -1.0, 0.0, 0.5, 1.0, 12.0, 39.0}) {
      std::vector<int32_t> grid(1);
      int64_t beyond = 0;
      ScaleOnGrid(feature, 12, std::vector<double>{raw}, PlainKernels(), grid, &beyond);
      const double back = Unscale(feature, 12, grid[0]);
      // A lambda of -2 presses great values into a step of the grid: what comes back must land on the same point.
      std::vector<int32_t> again(1);
      ScaleOnGrid(feature, 12, std::vector<double>{back}, PlainKernels(), again, &beyond);
      EXPECT_NEAR(again[0], grid[0], 1) << "of " << raw << ", back " << back;
    }
  }
}

TEST(FeatureSpace, UnscalesWhatNoValueReachesToTheGreatest) {
  NumericFeature feature;
  feature.transform = Transform::kYeoJohnson;
  feature.lambda = -1;  // y is below 1
  EXPECT_EQ(Unscale(feature, 12, 2 << 12), kRawMax);
  feature.lambda = 3;  // and above -1
  EXPECT_EQ(Unscale(feature, 12, -(2 << 12)), -kRawMax);
}

// The likelihood of every lambda there is, with the C library.
double SlowLambda(const std::vector<double>& values) {
  double best = 0;
  double best_likelihood = -std::numeric_limits<double>::infinity();
  for (int units = -2 * 1024; units <= 4 * 1024; ++units) {
    const double lambda = units / 1024.0;
    double sum = 0, squares = 0, jacobian = 0;
    for (const double v : values) {
      sum += SlowYeoJohnson(v, lambda);
      jacobian += std::copysign(std::log1p(std::fabs(v)), v);
    }
    const double n = static_cast<double>(values.size());
    for (const double v : values) squares += std::pow(SlowYeoJohnson(v, lambda) - sum / n, 2);
    const double likelihood = -n / 2 * std::log(squares / n) + (lambda - 1) * jacobian;
    if (likelihood > best_likelihood) {
      best = lambda;
      best_likelihood = likelihood;
    }
  }
  return best;
}

TEST(YeoJohnson, FindsTheLambdaThatASlowSearchFinds) {
  for (uint64_t seed = 1; seed <= 12; ++seed) {
    std::mt19937_64 random(seed);
    std::normal_distribution<double> normal;
    std::vector<double> values;
    for (int i = 0; i < 150; ++i) {
      const double x = normal(random);
      values.push_back(seed % 4 == 0   ? std::exp(x)
                       : seed % 4 == 1 ? std::exp(2 * x) - 1
                       : seed % 4 == 2 ? -std::exp(x)
                                       : x * x * x + 2);
    }
    const double lambda = FitLambda(values, WidestKernels());
    EXPECT_NEAR(lambda, SlowLambda(values), 1.0 / 1024) << "seed " << seed;
    for (const Kernels* kernels : AvailableKernels()) EXPECT_EQ(FitLambda(values, *kernels), lambda) << "seed " << seed;
  }
}

// scipy.stats.yeojohnson of SciPy 1.17.1.
TEST(YeoJohnson, FindsTheLambdaThatSciPyFinds) {
  std::vector<double> squares, residues, powers, negatives;
  for (int i = 0; i < 30; ++i) squares.push_back(i * i);
  for (int i = 0; i < 60; ++i) residues.push_back(i * 7919 % 101 / 10.0 - 3);
  for (int i = 0; i < 25; ++i) powers.push_back(std::pow(1.3, i));
  for (int i = 0; i < 25; ++i) negatives.push_back(-powers[static_cast<size_t>(i)]);
  EXPECT_NEAR(FitLambda(squares, WidestKernels()), 0.3422581, 0.001);
  EXPECT_NEAR(FitLambda(residues, WidestKernels()), 0.9063830, 0.001);
  EXPECT_NEAR(FitLambda(powers, WidestKernels()), -0.0538664, 0.001);
  EXPECT_NEAR(FitLambda(negatives, WidestKernels()), 2.0538664, 0.001);
}

TEST(YeoJohnson, LeavesEqualValuesAlone) {
  EXPECT_EQ(FitLambda(std::vector<double>{}, WidestKernels()), 1);
  EXPECT_EQ(FitLambda(std::vector<double>{5, 5, 5}, WidestKernels()), 1);
}

TEST(FeatureSpace, KnowsWordsAndTheRest) {
  CategoryFeature category;
  EXPECT_EQ(category.CodeOf("red"), 0);  // not known yet
  category.words = {"(none)", "(other)", "blue", "red"};
  EXPECT_EQ(category.CodeOf("red"), 3);
  EXPECT_EQ(category.CodeOf("blue"), 2);
  EXPECT_EQ(category.CodeOf("green"), 1);
  EXPECT_EQ(category.CodeOf(kNoWord), 0);
}

TEST(FeatureSpace, WeighsCustomers) {
  ClusterSpace space;
  space.weight_unit = 40;
  EXPECT_EQ(space.WeightOf(40), 256);
  EXPECT_EQ(space.WeightOf(10), 64);
  EXPECT_EQ(space.WeightOf(0), 0);
  EXPECT_EQ(space.WeightOf(-3), 0);
  EXPECT_EQ(space.WeightOf(kNone), 0);
  EXPECT_EQ(space.WeightOf(1e15), kMaxCustomerWeight);
}

TEST(FeatureSpace, BinsTakeTheirUpperEnd) {
  NumericFeature feature;
  EXPECT_EQ(feature.BinOf(3), 0U);
  feature.bin_cuts = {1, 5};
  EXPECT_EQ(feature.BinOf(-2), 0U);
  EXPECT_EQ(feature.BinOf(1), 0U);
  EXPECT_EQ(feature.BinOf(1.5), 1U);
  EXPECT_EQ(feature.BinOf(5), 1U);
  EXPECT_EQ(feature.BinOf(5.5), 2U);
}

TEST(FeatureSpace, ComesBackFromItsBytes) {
  ClusterSpace space;
  space.grid_bits = 9;
  space.numeric = Features();
  space.numeric[0].winsor_shares = {5'000, 995'000};
  space.numeric[1].bin_cuts = {1, 2.5};
  space.numeric[1].bin_counts = {4, 5, 6};
  space.numeric[2].missing = MissingRule::kExclude;
  space.numeric[2].scale = Scale::kMinMax;
  space.categories.push_back({.name = "g", .column = "customers.g", .words = {"a", "b"}, .counts = {1, 2}});
  space.weight_column = "net";
  space.weight_unit = 12.5;
  ByteWriter writer;
  space.Encode(&writer);
  ByteReader reader(writer.bytes());
  EXPECT_EQ(ClusterSpace::Decode(&reader), space);
  EXPECT_TRUE(reader.Finish("a space").ok());
  ClusterSpace other = space;
  other.numeric[0].lambda = 0.5;
  EXPECT_NE(other.Checksum(), space.Checksum());
}

}  // namespace
}  // namespace strata
