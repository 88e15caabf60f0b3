// Covariates through a night's rounds: the coding, recovery of what was planted in users' units, the same bits for any
// sharding, both ways of searching, and columns that cannot be covariates.
#include "model/lifetime/covariate_fitter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tbb/global_control.h>

#include <cmath>
#include <map>

#include "model/lifetime/purchase_table.h"
#include "tests/base/status_matchers.h"
#include "tests/model/customer_table.h"
#include "tests/model/lifetime/covariate_shoppers.h"

namespace strata {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr Day kAsOf = 18'000;

ShopperWorld World(LifetimeKind kind) {
  const LifetimeParameters base{.kind = kind, .value = {0.8, 9, 0.8, kind == LifetimeKind::kParetoNbd ? 12.0 : 2.4}};
  return {.base = base,
          .north_rate = 0.5,
          .decade_rate = -0.3,
          .north_dropout = kind == LifetimeKind::kParetoNbd ? 0 : -0.6};
}

CovariateSettings Wanted() {
  CovariateSettings wanted;
  wanted.rate = {"region", "age"};
  wanted.dropout = {"region"};
  wanted.told_per = {{"age", 10}};
  return wanted;
}

LifetimeFit Without(LifetimeKind kind, const ShopperShards& shards) {
  PurchaseTable table;
  for (const ShardFeatures& shard : shards.views()) table.Merge(PurchaseTable::Of(shard.today));
  return FitLifetime(kind, std::nullopt, HistoryTable::Of(*table.Rows(), 7), {});
}

CovariateModel Fit(const CovariateFitter::Settings& settings, const ShopperShards& shards, uint64_t order = 0) {
  CovariateFitter fitter(settings);
  RunFit(&fitter, shards.views(), order);
  return fitter.result();
}

std::map<std::string, ParameterEstimate> Told(const CovariateModel& model) {
  std::map<std::string, ParameterEstimate> told;
  for (const CovariateCoefficient& coefficient : model.coefficients) {
    told.emplace(coefficient.told.name, coefficient.told);
  }
  return told;
}

TEST(CovariateFitter, AColumnOfOneLevelIsNamedAndWhatWasAskedIsKept) {
  std::vector<Shopper> shoppers = DrawShoppers(World(LifetimeKind::kBgNbd), 2000, kAsOf, 8);
  for (Shopper& shopper : shoppers) shopper.region = 3;
  const ShopperShards shards(shoppers, kAsOf, 2);
  const CovariateModel model = Fit({.covariates = Wanted(), .without = Without(LifetimeKind::kBgNbd, shards)}, shards);
  ASSERT_TRUE(model.fit.fitted) << model.fit.reason;
  EXPECT_THAT(model.fit.warnings, Contains(HasSubstr("region is left out: all customers")));
  EXPECT_EQ(model.effects.dropout.size(), 0u);
  EXPECT_EQ(model.asked, Wanted());
}

TEST(CovariateFitter, TellsWhatWasPlantedInTheUnitsOfTheData) {
  for (const LifetimeKind kind : {LifetimeKind::kBgNbd, LifetimeKind::kParetoNbd}) {
    const ShopperWorld world = World(kind);
    const ShopperShards shards(DrawShoppers(world, 6000, kAsOf, 11), kAsOf, 3);
    const LifetimeFit without = Without(kind, shards);
    const CovariateModel model = Fit({.covariates = Wanted(), .without = without}, shards);
    ASSERT_TRUE(model.fit.fitted) << Name(kind) << ": " << model.fit.reason;
    EXPECT_EQ(model.sources[0].reference, "south") << "the most frequent";
    EXPECT_THAT(model.sources[0].levels, ElementsAre("east", "north"));
    EXPECT_TRUE(model.sources[0].has_other) << "a hamlet of twelve";
    EXPECT_TRUE(model.sources[0].has_missing && model.sources[1].has_missing);
    const auto told = Told(model);
    const std::map<std::string, double> truths = {{"region = north on rate", world.north_rate},
                                                  {"region = east on rate", 0},
                                                  {"region (missing) on rate", 0},
                                                  {"age per 10 on rate", world.decade_rate},
                                                  {"age (missing) on rate", 0},
                                                  {"region = north on drop-out", world.north_dropout}};
    for (const auto& [name, truth] : truths) {
      ASSERT_TRUE(told.contains(name)) << name;
      const ParameterEstimate& estimate = told.at(name);
      EXPECT_NEAR(*estimate.estimate, truth, 4 * *estimate.standard_error) << Name(kind) << " " << name;
      EXPECT_LT(*estimate.standard_error, 0.5) << name;
    }
    EXPECT_GT(model.fit.log_likelihood, without.log_likelihood + 30);
  }
}

void ExpectSameBits(const CovariateModel& a, const CovariateModel& b) {
  EXPECT_EQ(a.sources, b.sources);
  EXPECT_EQ(a.traits, b.traits);
  EXPECT_EQ(a.fit.base, b.fit.base);
  EXPECT_EQ(a.fit.rate, b.fit.rate);
  EXPECT_EQ(a.fit.dropout, b.fit.dropout);
  EXPECT_EQ(a.fit.covariance, b.fit.covariance);
  EXPECT_EQ(a.fit.evaluations, b.fit.evaluations);
}

TEST(CovariateFitter, GivesTheSameBitsForAnyShardsAndThreadsAndEitherWayOfSearching) {
  const std::vector<Shopper> shoppers = DrawShoppers(World(LifetimeKind::kBgNbd), 1500, kAsOf, 5);
  const ShopperShards whole(shoppers, kAsOf, 1);
  const LifetimeFit without = Without(LifetimeKind::kBgNbd, whole);
  const CovariateFitter::Settings by_table{.covariates = Wanted(), .without = without};
  CovariateFitter::Settings by_rounds = by_table;
  by_rounds.rows_max = 200;  // so that the table overflows
  const CovariateModel table = Fit(by_table, whole);
  const CovariateModel rounds = Fit(by_rounds, whole);
  ASSERT_TRUE(table.fit.fitted && rounds.fit.fitted) << rounds.fit.reason;
  for (const size_t count : {3, 64}) {
    const ShopperShards shards(shoppers, kAsOf, count);
    for (const size_t threads : {1, 2, 7}) {
      const tbb::global_control limit(tbb::global_control::max_allowed_parallelism, threads);
      ExpectSameBits(Fit(by_table, shards, threads), table);
    }
    ExpectSameBits(Fit(by_rounds, shards, count), rounds);
  }
  for (size_t i = 0; i < table.coefficients.size(); ++i) {
    const ParameterEstimate& a = table.coefficients[i].told;
    const ParameterEstimate& b = rounds.coefficients[i].told;
    EXPECT_NEAR(*a.estimate, *b.estimate, 1e-5 * *a.standard_error) << a.name;
    EXPECT_NEAR(*a.standard_error, *b.standard_error, 1e-5 * *a.standard_error) << a.name;
  }
}

TEST(CovariateFitter, APriorIsInTheUnitsOfTheData) {
  const ShopperShards shards(DrawShoppers(World(LifetimeKind::kBgNbd), 1500, kAsOf, 5), kAsOf, 1);
  CovariateFitter::Settings settings{.covariates = Wanted(), .without = Without(LifetimeKind::kBgNbd, shards)};
  settings.covariates.prior_deviation = 0.001;
  const auto tight = Told(Fit(settings, shards));
  EXPECT_LT(std::fabs(*tight.at("age per 10 on rate").estimate), 0.01);
  // A coefficient for one year, which is a tenth: the same belief says ten times as much of it.
  settings.covariates.told_per.clear();
  settings.covariates.prior_deviation = 0.1;
  const auto loose = Told(Fit(settings, shards));
  EXPECT_NEAR(*loose.at("age on rate").estimate, -0.03, 0.01);
}

TEST(CovariateFitter, ScoresCodeCustomersAsTheFitDid) {
  const ShopperWorld world = World(LifetimeKind::kBgNbd);
  const ShopperShards shards(DrawShoppers(world, 3000, kAsOf, 8), kAsOf, 1);
  const CovariateModel model = Fit({.covariates = Wanted(), .without = Without(LifetimeKind::kBgNbd, shards)}, shards);
  ASSERT_TRUE(model.fit.fitted);
  // Another shard: a region that the fit has not seen, one that it saw too rarely, and a missing one.
  const std::vector<std::string> words = {"hamlet", "moon", "north", "south"};
  const std::vector<int32_t> codes = {3, 2, 1, 0, -1, 3};
  const std::vector<int64_t> ages = {45, 45, 45, 45, 45, kNoWhole};
  Column region{.name = "region", .type = ColumnType::kText};
  region.code = codes;
  region.words = words;
  Column age{.name = "age"};
  age.whole = ages;
  ColumnSet profile;
  profile.Add(region);
  profile.Add(age);
  const auto coded = CodeCustomers(model.sources, &profile);
  ASSERT_THAT(coded.status(), IsOk());
  const auto traits = [&](size_t row) {
    return TraitsOfPattern(model.sources, coded->pattern(coded->pattern_of[row]));
  };
  const double age_45 = (45 - model.sources[1].centre) / model.sources[1].deviation;
  // east, north, other, missing; age, missing.
  const std::vector<std::vector<double>> expected = {{0, 0, 0, 0, age_45, 0}, {0, 1, 0, 0, age_45, 0},
                                                     {0, 0, 1, 0, age_45, 0}, {0, 0, 1, 0, age_45, 0},
                                                     {0, 0, 0, 1, age_45, 0}, {0, 0, 0, 0, 0, 1}};
  for (size_t row = 0; row < expected.size(); ++row) {
    EXPECT_THAT(traits(row), testing::Pointwise(testing::DoubleNear(1e-6), expected[row])) << row;
  }
  const LifetimeFit south = FitForTraits(model, traits(0)), north = FitForTraits(model, traits(1));
  const auto told = Told(model);
  EXPECT_NEAR(std::log(south.parameters.value[1] / north.parameters.value[1]),
              *told.at("region = north on rate").estimate, 1e-12);
  EXPECT_NEAR(std::log(north.parameters.value[2] / south.parameters.value[2]),
              *told.at("region = north on drop-out").estimate, 1e-12);
  EXPECT_EQ(south.parameters.value[0], north.parameters.value[0]);
  EXPECT_EQ(south.covariance[0][0], model.fit.covariance[0]);
  // ln alpha of the north is ln alpha - g: the sum of both variances less twice their covariance, were age at its mean.
  const std::vector<double> only_north = {0, 1, 0, 0, 0, 0};
  const size_t n = model.fit.estimates.size();
  const auto at = [&](size_t i, size_t j) { return model.fit.covariance[i * n + j]; };
  ASSERT_EQ(model.fit.estimates[5].name, "region = north on rate");
  EXPECT_NEAR(FitForTraits(model, only_north).covariance[1][1], at(1, 1) - 2 * at(1, 5) + at(5, 5), 1e-12);
}

TEST(CovariateFitter, SaysWhyItCannotUseAColumn) {
  const std::vector<Shopper> shoppers = DrawShoppers(World(LifetimeKind::kBgNbd), 300, kAsOf, 5);
  const ShopperShards shards(shoppers, kAsOf, 2);
  const LifetimeFit without{.fitted = true, .parameters = World(LifetimeKind::kBgNbd).base, .customers = 300};
  const auto absorbed = [&](const CovariateSettings& wanted) {
    CovariateFitter fitter({.covariates = wanted, .without = without});
    CovariateFitter::Partial merged;
    for (const ShardFeatures& shard : shards.views()) {
      merged.Merge(CovariateFitter::Accumulate(*fitter.Next(), shard, WidestKernels()));
    }
    return fitter.Absorb(merged);
  };
  CovariateSettings wanted = Wanted();
  wanted.reference["region"] = "hamlet";
  EXPECT_THAT(absorbed(wanted), AllOf(FailsWith(absl::StatusCode::kInvalidArgument, "COVARIATE_REFERENCE"),
                                      SaysThat("those are: east, north, south")));
  wanted = Wanted();
  wanted.dropout = {"shoe_size"};
  EXPECT_THAT(absorbed(wanted),
              AllOf(FailsWith(absl::StatusCode::kInternal, "COVARIATE_COLUMN"), SaysThat("shoe_size")));
  LifetimeFit unsure = without;
  unsure.identified = false;
  CovariateFitter idle({.covariates = Wanted(), .without = unsure});
  EXPECT_FALSE(idle.Next().has_value());
  EXPECT_THAT(idle.result().fit.reason, HasSubstr("not identified"));
}

TEST(CovariateFitter, ANumberThatIsTheSameForAllIsLeftOutAndNamed) {
  std::vector<Shopper> shoppers = DrawShoppers(World(LifetimeKind::kBgNbd), 2000, kAsOf, 5);
  for (Shopper& shopper : shoppers) shopper.age = 40;
  const ShopperShards shards(shoppers, kAsOf, 2);
  for (const size_t rows_max : {kCovariateRows, size_t{100}}) {
    const CovariateModel model =
        Fit({.covariates = Wanted(), .without = Without(LifetimeKind::kBgNbd, shards), .rows_max = rows_max}, shards);
    ASSERT_TRUE(model.fit.fitted) << model.fit.reason;
    EXPECT_THAT(model.fit.warnings, Contains(HasSubstr("age per 10 is left out")));
    const ParameterEstimate age = Told(model).at("age per 10 on rate");
    EXPECT_FALSE(age.estimate.has_value());
    EXPECT_THAT(age.words, HasSubstr("constant"));
  }
}

TEST(CovariateEffects, AreThoseThatTheModelHas) {
  const std::vector<CovariateSource> sources = {{.column = "region", .is_category = true, .levels = {"east", "north"}},
                                                {.column = "age"}};
  const std::vector<CovariateTrait> traits = TraitsOf(sources);
  CovariateSettings wanted;
  wanted.rate = {"age", "region"};
  wanted.dropout = {"region"};
  wanted.strength = true;
  const CovariateEffects coins = EffectsOf(wanted, sources, traits, LifetimeKind::kMbgNbd);
  EXPECT_THAT(coins.rate, ElementsAre(2, 0, 1));
  EXPECT_THAT(coins.dropout, ElementsAre(0, 1));
  EXPECT_THAT(coins.strength, ElementsAre(0, 1));
  EXPECT_THAT(EffectsOf(wanted, sources, traits, LifetimeKind::kParetoNbd).strength, ElementsAre());
  EXPECT_THAT(EffectsOf(wanted, sources, traits, LifetimeKind::kNbd).dropout, ElementsAre());
  wanted.common_factor = true;
  EXPECT_TRUE(EffectsOf(wanted, sources, traits, LifetimeKind::kBgCnbd).common_factor);
  EXPECT_THAT(EffectsOf(wanted, sources, traits, LifetimeKind::kBgCnbd).strength, ElementsAre());
}

TEST(CovariateFitter, SaysThatOneFactorCannotMoveTheMeanDropOut) {
  const ShopperShards shards(DrawShoppers(World(LifetimeKind::kBgNbd), 1500, kAsOf, 5), kAsOf, 1);
  CovariateFitter::Settings settings{.covariates = Wanted(), .without = Without(LifetimeKind::kBgNbd, shards)};
  settings.covariates.common_factor = true;
  const CovariateModel model = Fit(settings, shards);
  ASSERT_TRUE(model.fit.fitted) << model.fit.reason;
  EXPECT_THAT(model.fit.warnings, Contains(HasSubstr("cannot move the mean drop-out")));
  const auto mean = [&](const std::vector<double>& traits) {
    const auto value = FitForTraits(model, traits).parameters.value;
    return value[2] / (value[2] + value[3]);
  };
  EXPECT_NEAR(mean({0, 1, 0, 0, 0, 0}), mean({0, 0, 0, 0, 0, 0}), 1e-15);
}

TEST(CovariateTable, NoticesTablesThatNoShardMakes) {
  const ShopperShards shards(DrawShoppers(World(LifetimeKind::kBgNbd), 60, kAsOf, 5), kAsOf, 1);
  const std::vector<CovariateSource> both = {{.column = "region", .is_category = true}, {.column = "age"}};
  const std::vector<CovariateSource> one = {{.column = "age"}};
  const CovariateTable wide = CovariateTable::Of(both, shards.views()[0], {});
  const CovariateTable narrow = CovariateTable::Of(one, shards.views()[0], {});
  EXPECT_THAT(wide.Check(2), IsOk());
  EXPECT_THAT(wide.Check(1), FailsWith(absl::StatusCode::kDataLoss, "COVARIATE_TABLE_CORRUPT"));
  CovariateTable mixed = wide;
  mixed.Merge(narrow);
  mixed.Merge(wide);
  EXPECT_THAT(mixed.Check(2), SaysThat("different widths"));
  // Every byte changed once: an error or another table, and never a row beyond the patterns.
  ByteWriter writer;
  wide.Encode(&writer);
  for (size_t i = 0; i < writer.bytes().size(); ++i) {
    std::string bytes = writer.bytes();
    bytes[i] = static_cast<char>(bytes[i] ^ 0x41);
    ByteReader reader(bytes);
    CovariateTable damaged = CovariateTable::Decode(&reader);
    if (!reader.ok()) continue;
    damaged.Merge(wide);
    if (!damaged.Check(2).ok()) continue;
    for (const CovariateRow& row : damaged.rows()) ASSERT_LT(row.pattern, damaged.patterns()) << "byte " << i;
  }
}

TEST(CovariateCensus, ATextWithTenThousandWordsIsNoCategory) {
  std::vector<std::string> words;
  std::vector<int32_t> codes;
  for (int i = 0; i <= static_cast<int>(kLevelsCounted); ++i) {
    words.push_back(std::to_string(100'000 + i));
    codes.push_back(i);
  }
  const std::vector<int32_t> days(words.size(), 1);
  const std::vector<uint64_t> hashes(words.size(), 7);
  Column name{.name = "name", .type = ColumnType::kText};
  name.code = codes;
  name.words = words;
  ColumnSet profile;
  profile.Add(name);
  ShardFeatures shard;
  shard.today.hash = hashes;
  shard.today.purchase_days = days;
  shard.profile = &profile;
  CovariateSettings wanted;
  wanted.rate = {"name"};
  EXPECT_THAT(
      CovariateCensus::Of({"name"}, shard).Sources(wanted).status(),
      AllOf(FailsWith(absl::StatusCode::kInvalidArgument, "COVARIATE_LEVELS"), SaysThat("a name, not a category")));
}

}  // namespace
}  // namespace strata
