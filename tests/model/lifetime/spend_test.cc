// The spend fit of a night: what it says of bases of every kind, and that its bits do not depend on the sharding.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "base/fixed_point.h"
#include "base/hash.h"
#include "model/lifetime/gamma_gamma.h"
#include "model/lifetime/spend_fitter.h"
#include "tests/model/lifetime/customer_base.h"
#include "tests/model/lifetime/golden.h"

namespace strata {
namespace {

using testing::HasSubstr;

Derivatives<3> At(const std::array<double, 3>& logs, int64_t x, double m) {
  return GammaGammaLogLikelihood({.p = std::exp(logs[0]), .q = std::exp(logs[1]), .v = std::exp(logs[2])}, x, m);
}

SpendModel Fit(const CustomerBase& base, size_t shards = 1) {
  SpendFitter fitter;
  RunFitter(&fitter, base.Shards(shards));
  return fitter.result();
}

TEST(SpendFitter, BitsAreTheSameForAnySharding) {
  const CustomerBase base = CdnowCalibration();
  const SpendModel one = Fit(base, 1);
  for (const size_t shards : {3, 7}) {
    const SpendModel other = Fit(base, shards);
    EXPECT_EQ(other.p, one.p);
    EXPECT_EQ(other.q, one.q);
    EXPECT_EQ(other.v, one.v);
    EXPECT_EQ(other.log_likelihood, one.log_likelihood);
    EXPECT_EQ(other.population_mean, one.population_mean);
    EXPECT_EQ(other.standard_errors, one.standard_errors);
    EXPECT_EQ(other.iterations, one.iterations);
  }
}

TEST(SpendFitter, FindsTheTruthOfASimulatedBase) {
  for (const uint64_t seed : {1, 2, 3}) {
    const SpendModel model = Fit(Simulate({.r = 0.8, .alpha = 4, .a = 0.5, .b = 3}, 10000, 80, seed));
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    ASSERT_TRUE(model.fitted) << model.reason;
    EXPECT_NEAR(model.p, 6, 4 * model.standard_errors[0]);
    EXPECT_NEAR(model.q, 4, 4 * model.standard_errors[1]);
    EXPECT_NEAR(model.v, 15, 4 * model.standard_errors[2]);
    EXPECT_NEAR(model.population_mean, 30, 1.5);
    EXPECT_TRUE(model.warnings.empty());
  }
}

TEST(SpendFitter, AmountsOfAnySizeAreFitted) {
  for (const int64_t factor : {int64_t{1}, int64_t{1000000}}) {  // hundredths, and hundreds of thousands
    CustomerBase base(1000);
    for (int i = 0; i < 500; ++i) {
      const double noise = std::sin(i * 12.9898) + std::cos(i * 4.1414);
      const int32_t x = 1 + i % 4;
      base.Add(static_cast<uint64_t>(i), x + 1, 0, 500, factor * x * static_cast<int64_t>(3e5 * std::exp(0.4 * noise)));
    }
    const SpendModel model = Fit(base);
    ASSERT_TRUE(model.fitted) << factor << ": " << model.reason;
    EXPECT_NEAR(model.population_mean, 0.35 * static_cast<double>(factor), 0.05 * static_cast<double>(factor));
  }
}

TEST(SpendFitter, CustomersWhoseSpendIsNotPositiveAreLeftOutAndCounted) {
  CustomerBase base(1000);
  for (int i = 0; i < 9; ++i) base.Add(static_cast<uint64_t>(i), 3, 0, 100, 20'000'000);  // 10 a day
  base.Add(100, 2, 0, 100, 0);
  base.Add(101, 2, 0, 100, -5'000'000);
  base.Add(102, 1, 0, 0, 0);  // no repeat purchase: neither in the fit nor left out
  const SpendModel model = Fit(base);
  EXPECT_FALSE(model.fitted);
  EXPECT_THAT(model.reason, HasSubstr("only 9 customers"));
  EXPECT_EQ(model.customers, 9);
  EXPECT_EQ(model.left_out_not_positive, 2);
  EXPECT_DOUBLE_EQ(model.population_mean, 10);
}

TEST(SpendFitter, NobodyWithRepeatSpendIsAReasonAndAMeanOfZero) {
  const std::string needs = "a repeat purchase and a positive mean repeat spend; a fit needs at least 10";
  const SpendModel model = Fit(CustomerBase(10));
  EXPECT_FALSE(model.fitted);
  EXPECT_EQ(model.population_mean, 0);
  EXPECT_EQ(model.reason, "no customer has " + needs);
  CustomerBase one(1000);
  one.Add(1, 3, 0, 100, 20'000'000);
  EXPECT_EQ(Fit(one).reason, "only 1 customer has " + needs);
}

// Gamma with a whole shape.
double Erlang(int shape, uint64_t seed, uint64_t key) {
  double product = 1;
  for (int i = 0; i < shape; ++i) product *= UnitInterval(KeyedDraw(seed, static_cast<uint64_t>(i), key));
  return -std::log(product);
}

// 600 customers with 1 to 4 repeat purchases; spend(i, x) is the sum of them in units of currency.
template <class Spend>
CustomerBase BaseOf(const Spend& spend) {
  CustomerBase base(1000);
  for (int i = 0; i < 600; ++i) {
    const int32_t x = 1 + i % 4;
    base.Add(Mix(static_cast<uint64_t>(i)), x + 1, 0, 500, static_cast<int64_t>(std::llround(1e6 * spend(i, x))));
  }
  return base;
}

TEST(SpendFitter, EqualSpendOfAllLeavesTheMeanAlone) {
  const SpendModel model = Fit(BaseOf([](int, int32_t x) { return 10.0 * x; }));
  ASSERT_TRUE(model.fitted) << model.reason;
  EXPECT_EQ(model.boundary, "equal_purchases, equal_customers");
  EXPECT_FALSE(model.identified);
  EXPECT_FALSE(model.has_standard_errors);
  ASSERT_EQ(model.estimates.size(), 4u);
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_FALSE(model.estimates[i].estimate) << model.estimates[i].name;
    EXPECT_FALSE(model.estimates[i].words.empty());
  }
  EXPECT_EQ(model.estimates[3].name, "p v / q");
  EXPECT_NEAR(*model.estimates[3].estimate, 10, 1e-4);
  EXPECT_NEAR(model.population_mean, 10, 1e-4);
  EXPECT_NEAR(ExpectedSpend({.p = model.p, .q = model.q, .v = model.v}, 2, 10), 10, 1e-4);
}

TEST(SpendFitter, CustomersWhoAlwaysSpendTheSameAreToldTheirOwnMean) {
  // A customer's purchases are all of 100 / nu, with nu from Gamma(4, 1).
  const SpendModel model =
      Fit(BaseOf([](int i, int32_t x) { return x * 100 / Erlang(4, 1, static_cast<uint64_t>(i)); }));
  ASSERT_TRUE(model.fitted) << model.reason;
  EXPECT_EQ(model.boundary, "equal_purchases");
  EXPECT_FALSE(model.estimates[0].estimate);
  EXPECT_FALSE(model.estimates[2].estimate);
  EXPECT_NEAR(*model.estimates[1].estimate, 4, 4 * *model.estimates[1].standard_error);
  ASSERT_EQ(model.estimates.size(), 4u);
  EXPECT_EQ(model.estimates[3].name, "p v");
  EXPECT_NEAR(*model.estimates[3].estimate, 100, 4 * *model.estimates[3].standard_error);
  EXPECT_LT(*model.estimates[3].low, *model.estimates[3].estimate);
  EXPECT_NEAR(ExpectedSpend({.p = model.p, .q = model.q, .v = model.v}, 3, 70), 70, 1e-3);
  EXPECT_THAT(model.warnings, testing::ElementsAre(HasSubstr("about the same at every purchase")));
}

TEST(SpendFitter, CustomersWhoDoNotDifferAreToldTheMeanOfAll) {
  // Every purchase is from Gamma(3, 0.1), whoever makes it.
  const SpendModel model =
      Fit(BaseOf([](int i, int32_t x) { return 10 * Erlang(3 * x, 2, static_cast<uint64_t>(i)); }));
  ASSERT_TRUE(model.fitted) << model.reason;
  EXPECT_EQ(model.boundary, "equal_customers");
  EXPECT_NEAR(*model.estimates[0].estimate, 3, 4 * *model.estimates[0].standard_error);
  EXPECT_FALSE(model.estimates[1].estimate);
  ASSERT_EQ(model.estimates.size(), 4u);
  EXPECT_EQ(model.estimates[3].name, "q / v");
  EXPECT_NEAR(*model.estimates[3].estimate, 0.1, 4 * *model.estimates[3].standard_error);
  EXPECT_NEAR(ExpectedSpend({.p = model.p, .q = model.q, .v = model.v}, 3, 70), model.population_mean, 1e-2);
  EXPECT_NEAR(model.population_mean, 30, 3);
}

TEST(SpendFitter, SpendTooUnevenForAMeanIsSaidAndTheMedianGiven) {
  // p = 2, q = 1/2 (half the square of a normal number), v = 1.
  const SpendModel model = Fit(BaseOf([](int i, int32_t x) {
    const auto key = static_cast<uint64_t>(i);
    const double normal = std::sqrt(2 * Erlang(1, 3, key)) * std::cos(2 * M_PI * UnitInterval(KeyedDraw(4, 0, key)));
    return Erlang(2 * x, 5, key) / (0.5 * normal * normal);
  }));
  ASSERT_TRUE(model.fitted) << model.reason;
  EXPECT_FALSE(model.identified);
  EXPECT_EQ(model.boundary, "infinite_mean");
  EXPECT_NEAR(model.q, 0.5, 4 * model.standard_errors[1]);
  EXPECT_LT(model.standard_errors[1], 0.1);
  EXPECT_THAT(model.warnings, testing::ElementsAre(HasSubstr("is not above 1")));
  EXPECT_GT(model.population_mean, 0);                   // the plain mean
  EXPECT_NEAR(*model.population_median, 2 / 0.2275, 2);  // the median of chi-squared with one degree of freedom, halved
}

TEST(SpendFitter, ErrorsAreThoseOfTheCurvatureAndIntervalsFollow) {
  const SpendModel model = Fit(CdnowCalibration());
  ASSERT_EQ(model.estimates.size(), 3u);
  for (size_t i = 0; i < 3; ++i) {
    const ParameterEstimate& estimate = model.estimates[i];
    EXPECT_DOUBLE_EQ(*estimate.standard_error, model.standard_errors[i]);
    const double of_log = std::sqrt(model.covariance[i][i]);
    EXPECT_NEAR(of_log * *estimate.estimate, *estimate.standard_error, 1e-12);
    EXPECT_NEAR(*estimate.low, *estimate.estimate * std::exp(-1.959964 * of_log), 1e-5);
    EXPECT_NEAR(*estimate.high, *estimate.estimate * std::exp(1.959964 * of_log), 1e-5);
    EXPECT_EQ(estimate.by, "hessian");
  }
}

TEST(SpendFitter, FewCustomersHaveIntervalsByTheProfileLikelihood) {
  CustomerBase base(1000);
  for (int i = 0; i < 40; ++i) {
    const auto key = static_cast<uint64_t>(9000 + i);
    const int32_t x = 1 + i % 2;
    base.Add(Mix(key), x + 1, 0, 500, static_cast<int64_t>(1e6 * 15 * Erlang(2 * x, 5, key) / Erlang(3, 6, key)));
  }
  const SpendModel model = Fit(base);
  ASSERT_TRUE(model.fitted) << model.reason;
  ASSERT_TRUE(model.boundary.empty()) << model.boundary;
  const ParameterEstimate& v = model.estimates[2];
  EXPECT_EQ(v.by, "profile");
  ASSERT_TRUE(v.low && v.high);
  EXPECT_LT(*v.low, model.v);
  EXPECT_GT(*v.high, model.v);
  // Twice the fall of the likelihood at the ends, the others fitted anew by trying, is the 5 % point.
  const CustomerColumns columns = base.Columns();
  for (const double end : {*v.low, *v.high}) {
    std::array<double, 2> best_at = {1, 1.5};
    double best = -HUGE_VAL;
    for (const double step : {0.1, 0.01}) {
      const std::array<double, 2> centre = best_at;
      for (int p = -25; p <= 25; ++p) {
        for (int q = -25; q <= 25; ++q) {
          const std::array<double, 2> point = {centre[0] + p * step, centre[1] + q * step};
          double value = 0;
          for (size_t i = 0; i < columns.size(); ++i) {
            const int64_t x = columns.purchase_days[i] - 1;
            value += At({point[0], point[1], std::log(end)}, x, MeanSpend(columns.repeat_net_micros[i], x)).value;
          }
          if (value > best) best_at = point;
          best = std::max(best, value);
        }
      }
    }
    EXPECT_NEAR(2 * (model.log_likelihood - best), 3.8415, 0.01) << end;
  }
}

TEST(SpendFitter, SpendThatGrowsWithFrequencyIsWarnedOf) {
  CustomerBase base(1000);
  for (int i = 0; i < 300; ++i) {
    const int64_t x = 1 + i % 10;
    base.Add(static_cast<uint64_t>(i), static_cast<int32_t>(x) + 1, 0, 100, x * x * (1'000'000 + 1'000 * i));
  }
  const SpendModel model = Fit(base);
  EXPECT_GT(model.correlation.value_or(0), kSpendCorrelationMax);
  ASSERT_FALSE(model.warnings.empty());
  EXPECT_THAT(model.warnings.back(), HasSubstr("correlated"));
}

TEST(SpendFitter, MeansOfManyPurchasesAreNoCorrelation) {
  // Purchases scatter so much (p = 1) that the logarithm of a mean of ten is well above that of one.
  CustomerBase base(1000);
  for (int i = 0; i < 20000; ++i) {
    const auto key = static_cast<uint64_t>(i);
    const int32_t x = 1 + i % 10;
    base.Add(Mix(key), x + 1, 0, 500, static_cast<int64_t>(1e8 * Erlang(x, 7, key) / Erlang(5, 8, key)));
  }
  const SpendModel model = Fit(base);
  ASSERT_TRUE(model.fitted) << model.reason;
  EXPECT_NEAR(*model.correlation, 0, 0.02);
  EXPECT_TRUE(model.warnings.empty());
}

// Feeds a fitter with the rounds of a base, as they are or as `disturb` makes them; counts them by stage.
template <typename Disturb>
std::array<int, 3> RunDisturbed(const CustomerBase& base, SpendFitter* fitter, const Disturb& disturb) {
  std::array<int, 3> rounds{};
  while (const auto next = fitter->Next()) {
    SpendFitter::Partial partial = SpendFitter::Accumulate(*next, base.Features(), PlainKernels());
    const auto stage = static_cast<size_t>(next->stage);
    disturb(rounds[stage], next->stage, &partial);
    ++rounds[stage];
    EXPECT_TRUE(fitter->Absorb(partial).ok());
  }
  return rounds;
}

// Large enough for a share: about kShareTimesMin times kShareCustomers repeat buyers with log-normal spend.
CustomerBase LargeBase() {
  CustomerBase base(1000);
  for (int i = 0; i < kShareTimesMin * kShareCustomers; ++i) {
    const uint64_t draw = KeyedDraw(1, 0, static_cast<uint64_t>(i));
    const int64_t x = 1 + static_cast<int64_t>(draw % 7);
    const double noise = UnitInterval(KeyedDraw(2, 0, draw)) + UnitInterval(KeyedDraw(3, 0, draw)) - 1;
    base.Add(Mix(draw), static_cast<int32_t>(x) + 1, 0, 500, x * static_cast<int64_t>(2e7 * std::exp(1.5 * noise)));
  }
  return base;
}

TEST(SpendFitter, AShareLeadsToTheOptimumOfAllCustomers) {
  const CustomerBase base = LargeBase();
  SpendFitter led;
  const std::array<int, 3> rounds = RunDisturbed(base, &led, [](auto&&...) {});
  EXPECT_EQ(rounds[0], 1);
  EXPECT_EQ(rounds[1], 1);
  EXPECT_LE(rounds[2], 4);
  ASSERT_TRUE(led.result().fitted) << led.result().reason;
  EXPECT_EQ(led.result().customers, kShareTimesMin * kShareCustomers);

  const SpendModel sharded = Fit(base, 3);  // every partial through its encoding
  EXPECT_EQ(sharded.p, led.result().p);
  EXPECT_EQ(sharded.log_likelihood, led.result().log_likelihood);

  // The same customers in memory, without a share.
  std::vector<SpendRow> rows;
  const CustomerColumns columns = base.Columns();
  for (size_t i = 0; i < columns.size(); ++i) {
    rows.push_back({.net_micros = columns.repeat_net_micros[i], .x = columns.purchase_days[i] - 1});
  }
  const SpendModel at_once = FitSpend(rows, WidestKernels());
  SpendFitter misled;  // the first point that all customers see is of no use: the share led nowhere
  const auto disturb = [](int round, SpendFitter::Stage stage, SpendFitter::Partial* partial) {
    if (stage == SpendFitter::Stage::kSums && round == 0) partial->sums.misfits = 1;
  };
  EXPECT_GT(RunDisturbed(base, &misled, disturb)[2], rounds[2]);
  for (const SpendModel& other : {at_once, misled.result()}) {
    ASSERT_TRUE(other.fitted) << other.reason;
    EXPECT_NEAR(led.result().p, other.p, 1e-8 * other.p);
    EXPECT_NEAR(led.result().q, other.q, 1e-8 * other.q);
    EXPECT_NEAR(led.result().v, other.v, 1e-8 * other.v);
    EXPECT_NEAR(led.result().log_likelihood, other.log_likelihood, 1e-12 * std::fabs(other.log_likelihood));
  }
}

TEST(SpendFitter, TheViewBeforeTheHoldOutIsFittedAlone) {
  const CustomerBase cdnow = CdnowCalibration();
  const CustomerBase other(10);
  ShardFeatures shard = other.Features();
  shard.holdout = cdnow.Columns();
  SpendFitter fitter(SpendFitter::View::kHoldout);
  while (const auto next = fitter.Next()) {
    ASSERT_TRUE(fitter.Absorb(SpendFitter::Accumulate(*next, shard, PlainKernels())).ok());
  }
  EXPECT_EQ(fitter.result().p, Fit(cdnow).p);
}

TEST(SpendFitter, TheShareIsEvenAndTheSameHoweverCustomersAreSharded) {
  const CustomerShare share = CustomerShare::Of(kShareTimesMin * kShareCustomers);
  EXPECT_FALSE(share.all());
  EXPECT_TRUE(CustomerShare::Of(kShareTimesMin * kShareCustomers - 1).all());
  constexpr uint64_t kShards = 4;
  std::array<int64_t, kShards> chosen{};
  for (uint64_t i = 0; i < kShareTimesMin * kShareCustomers; ++i) {
    const uint64_t hash = Mix(i);
    chosen[hash % kShards] += share.Has(hash);
  }
  for (const int64_t of_shard : chosen) {  // within five deviations of the draw
    EXPECT_NEAR(static_cast<double>(of_shard) * kShards, static_cast<double>(kShareCustomers),
                5 * std::sqrt(static_cast<double>(kShareCustomers * kShards)));
  }
}

TEST(SpendFitter, RoundsThatSawDifferentCustomersAreAnError) {
  const CustomerBase base = CdnowCalibration();
  SpendFitter fitter;
  ASSERT_TRUE(fitter.Absorb(SpendFitter::Accumulate(*fitter.Next(), base.Features(), WidestKernels())).ok());
  EXPECT_EQ(
      fitter.Absorb(SpendFitter::Accumulate(*fitter.Next(), base.Shards(2)[0].Features(), WidestKernels())).code(),
      absl::StatusCode::kInternal);
}

}  // namespace
}  // namespace strata
