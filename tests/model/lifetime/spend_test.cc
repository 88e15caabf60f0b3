// Gamma-Gamma: golden values, derivatives, and a fit whose bits do not depend on the sharding.
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

TEST(GammaGamma, ExpectedSpendIsThatOfThePapers) {
  for (const char* name :
       {"vector.gamma_gamma.expected_spend_published_parameters", "vector.gamma_gamma.expected_spend_at_mle_B"}) {
    const GoldenEntry entry = Golden(name);
    const std::vector<double> params = entry.Inputs("params");
    const GammaGammaParameters model{.p = params[0], .q = params[1], .v = params[2]};
    std::vector<double> found;
    for (size_t i = 0; i < entry.value.size(); ++i) {
      found.push_back(ExpectedSpend(model, static_cast<int64_t>(entry.Inputs("x")[i]), entry.Inputs("m")[i]));
    }
    ExpectGolden(entry, found);
    EXPECT_DOUBLE_EQ(PopulationSpend(model), ExpectedSpend(model, 0, 0));
  }
}

Derivatives<3> At(const std::array<double, 3>& logs, int64_t x, double m) {
  return GammaGammaLogLikelihood({.p = std::exp(logs[0]), .q = std::exp(logs[1]), .v = std::exp(logs[2])}, x, m);
}

TEST(GammaGamma, LogLikelihoodIsTheFormulaOfNote025) {
  const double p = 6.25, q = 3.74, v = 15.44, x = 3, m = 20;
  const double formula = std::lgamma(p * x + q) - std::lgamma(p * x) - std::lgamma(q) + q * std::log(v) +
                         (p * x - 1) * std::log(m) + p * x * std::log(x) - (p * x + q) * std::log(v + x * m);
  EXPECT_NEAR(GammaGammaLogLikelihood({.p = p, .q = q, .v = v}, 3, m).value, formula, 1e-12);
}

TEST(GammaGamma, RisesOfLogGammaAreDifferencesAlsoWhereTheSeriesTakesOver) {
  for (const double d : {1e-3, 0.7, 3.74, 40.0}) {
    for (const double z : {0.01, 1.0, 19.9, 20.0, 21.0, 60.0, 500.0}) {
      const LogGammaJet rise = LogGammaRise(z, d);
      const LogGammaJet high = LogGamma(z + d);
      const LogGammaJet low = LogGamma(z);
      const double noise = 1e-14 * (1 + std::fabs(low.value) + std::fabs(high.value));
      EXPECT_NEAR(rise.value, high.value - low.value, noise) << z << " + " << d;
      EXPECT_NEAR(rise.first, high.first - low.first, 1e-14 * (1 + std::fabs(low.first))) << z << " + " << d;
      EXPECT_NEAR(rise.second, high.second - low.second, 1e-14 * (1 + low.second)) << z << " + " << d;
    }
  }
  // The gamma function's own recurrence: a rise by one is a logarithm, far beyond where differences have digits left.
  EXPECT_NEAR(LogGammaRise(1e8, 1).value, std::log(1e8), 1e-13);
  EXPECT_NEAR(LogGammaRise(1e8, 1).first, 1e-8, 1e-22);
}

TEST(GammaGamma, GradientAndHessianAreThoseOfCentralDifferences) {
  constexpr double kStep = 1e-5;
  for (const auto& [x, m] : {std::pair<int64_t, double>{1, 11.77}, {7, 73.74}, {200, 0.5}, {10000, 30}}) {
    for (const std::array<double, 3>& point : {std::array{1.8, 1.3, 2.7}, std::array{-1.0, -0.5, 6.0}}) {
      const Derivatives<3> found = At(point, x, m);
      for (size_t i = 0; i < 3; ++i) {
        std::array<double, 3> up = point;
        std::array<double, 3> down = point;
        up[i] += kStep;
        down[i] -= kStep;
        const Derivatives<3> above = At(up, x, m);
        const Derivatives<3> below = At(down, x, m);
        EXPECT_NEAR(found.gradient[i], (above.value - below.value) / (2 * kStep), 1e-5 * (1 + std::fabs(found.value)));
        for (size_t j = 0; j < 3; ++j) {
          const double curve = (above.gradient[j] - below.gradient[j]) / (2 * kStep);
          EXPECT_NEAR(found.hessian[i][j], curve, 1e-6 * (1 + std::fabs(curve))) << "x " << x << " of " << i << j;
        }
      }
    }
  }
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
  const SpendModel model = Fit(CustomerBase(10));
  EXPECT_FALSE(model.fitted);
  EXPECT_EQ(model.population_mean, 0);
  EXPECT_FALSE(model.reason.empty());
}

TEST(SpendFitter, EqualSpendOfAllHasNoOptimumAndKeepsThePlainMean) {
  CustomerBase base(1000);
  for (int i = 0; i < 100; ++i) base.Add(static_cast<uint64_t>(i), 3, 0, 100, 20'000'000);
  const SpendModel model = Fit(base);
  EXPECT_FALSE(model.fitted);
  EXPECT_FALSE(model.reason.empty());
  EXPECT_DOUBLE_EQ(model.population_mean, 10);
}

TEST(SpendFitter, SpendTooUnevenForAMeanIsRefused) {
  CustomerBase base(1000);
  for (int i = 0; i < 300; ++i) {  // log-spend spread evenly over twelve powers of ten
    base.Add(static_cast<uint64_t>(i), 3, 0, 100, static_cast<int64_t>(2 * std::pow(10.0, 1 + i / 25.0)));
  }
  const SpendModel model = Fit(base);
  EXPECT_FALSE(model.fitted);
  EXPECT_THAT(model.reason, HasSubstr("q ="));
  EXPECT_GT(model.population_mean, 0);
}

TEST(SpendFitter, SpendThatGrowsWithFrequencyIsWarnedOf) {
  CustomerBase base(1000);
  for (int i = 0; i < 300; ++i) {
    const int64_t x = 1 + i % 10;
    base.Add(static_cast<uint64_t>(i), static_cast<int32_t>(x) + 1, 0, 100, x * x * (1'000'000 + 1'000 * i));
  }
  const SpendModel model = Fit(base);
  ASSERT_FALSE(model.warnings.empty());
  EXPECT_THAT(model.warnings[0], HasSubstr("correlated"));
}

TEST(SpendFitter, ATermBeyondTheGridRejectsThePointAndNothingElse) {
  const CustomerBase base = CdnowCalibration();
  const SpendFitter::Parameters wild{.stage = SpendFitter::Stage::kEvaluate, .at = {.p = 1e300, .q = 1, .v = 1}};
  EXPECT_GT(SpendFitter::Accumulate(wild, base.Features(), WidestKernels()).misfits, 0);
  SpendFitter fitter;
  bool disturbed = false;
  while (const auto next = fitter.Next()) {
    SpendFitter::Partial partial = SpendFitter::Accumulate(*next, base.Features(), WidestKernels());
    if (fitter.result().customers > 0 && fitter.Next()->at.p != next->at.p) FAIL();
    if (next->stage == SpendFitter::Stage::kEvaluate && !disturbed && next->at.q < 4) {
      partial.misfits = 1;  // as if this trial had not fitted the grid
      disturbed = true;
    }
    ASSERT_TRUE(fitter.Absorb(partial).ok());
  }
  ASSERT_TRUE(disturbed);
  ASSERT_TRUE(fitter.result().fitted) << fitter.result().reason;
  EXPECT_NEAR(fitter.result().p, Fit(base).p, 1e-6);
}

// Feeds a fitter with the rounds of a base, as they are or as `disturb` makes them; counts rounds by whether they look
// at all customers.
struct RoundsSeen {
  int of_share = 0;
  int of_all = 0;
};
template <typename Disturb>
RoundsSeen RunDisturbed(const CustomerBase& base, SpendFitter* fitter, const Disturb& disturb) {
  RoundsSeen seen;
  while (const auto next = fitter->Next()) {
    SpendFitter::Partial partial = SpendFitter::Accumulate(*next, base.Features(), PlainKernels());
    disturb(seen, *next, &partial);
    (next->share.all() ? seen.of_all : seen.of_share) += 1;
    EXPECT_TRUE(fitter->Absorb(partial).ok());
  }
  return seen;
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
  const RoundsSeen with_share = RunDisturbed(base, &led, [](const RoundsSeen&, const auto&, auto*) {});
  EXPECT_GT(with_share.of_share, 0);
  EXPECT_LE(with_share.of_all, 1 + 4);  // the moments, and a few steps
  ASSERT_TRUE(led.result().fitted) << led.result().reason;
  EXPECT_EQ(led.result().customers, kShareTimesMin * kShareCustomers);

  SpendFitter unled;  // every point of the share is of no use, so the search begins anew with all
  const RoundsSeen without = RunDisturbed(
      base, &unled, [](const RoundsSeen&, const auto& next, auto* partial) { partial->misfits = !next.share.all(); });
  EXPECT_EQ(without.of_share, 1);
  ASSERT_TRUE(unled.result().fitted) << unled.result().reason;
  EXPECT_GT(without.of_all, with_share.of_all);
  EXPECT_NEAR(led.result().p, unled.result().p, 1e-8 * unled.result().p);
  EXPECT_NEAR(led.result().q, unled.result().q, 1e-8 * unled.result().q);
  EXPECT_NEAR(led.result().v, unled.result().v, 1e-8 * unled.result().v);
  EXPECT_NEAR(led.result().log_likelihood, unled.result().log_likelihood,
              1e-12 * std::fabs(unled.result().log_likelihood));

  SpendFitter misled;  // the first point that all customers see is of no use: the share led nowhere
  bool done = false;
  const RoundsSeen both = RunDisturbed(base, &misled, [&done](const RoundsSeen& seen, const auto& next, auto* partial) {
    if (done || seen.of_share == 0 || !next.share.all()) return;
    partial->misfits = 1;
    done = true;
  });
  EXPECT_TRUE(done);
  EXPECT_EQ(both.of_share, with_share.of_share);
  EXPECT_EQ(both.of_all, without.of_all + 1);
  EXPECT_EQ(misled.result().p, unled.result().p);
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
