// Fits: what they say where the data determine everything, something, or nothing.
#include "model/lifetime/fit_lifetime.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/model/lifetime/simulate_histories.h"

namespace strata {
namespace {

using testing::Contains;
using testing::HasSubstr;

constexpr LifetimeParameters kBg{.kind = LifetimeKind::kBgNbd, .value = {0.5, 4.4, 0.8, 2.4}, .k = 1};

LifetimeParameters OfKind(LifetimeKind kind, int k = 1) { return {.kind = kind, .value = {}, .k = k}; }

LifetimeFit Fit(LifetimeKind kind, const HistoryTable& table) { return FitLifetime(kind, std::nullopt, table, {}); }

// Nothing that is printed stands for infinity or for zero.
void ExpectNoNumberIsBoundless(const LifetimeFit& fit) {
  for (const auto* list : {&fit.estimates, &fit.determined}) {
    for (const ParameterEstimate& entry : *list) {
      if (!entry.estimate) {
        EXPECT_FALSE(entry.words.empty()) << entry.name;
        EXPECT_FALSE(entry.low || entry.high || entry.standard_error) << entry.name;
        continue;
      }
      EXPECT_TRUE(*entry.estimate > 1e-5 && *entry.estimate < 1e5) << entry.name << " " << *entry.estimate;
      EXPECT_LE(entry.low.value_or(0), *entry.estimate) << entry.name;
      EXPECT_GE(entry.high.value_or(HUGE_VAL), *entry.estimate) << entry.name;
    }
  }
}

HistoryTable Bg(size_t customers, uint64_t seed) { return SimulateTable(kBg, NatureOf(kBg), customers, 40, 104, seed); }

TEST(Fit, ShowsThatItConverged) {
  const LifetimeFit fit = Fit(LifetimeKind::kBgNbd, Bg(3000, 1));
  ASSERT_TRUE(fit.fitted);
  EXPECT_TRUE(fit.identified);
  EXPECT_EQ(fit.state, MaximiserState::kConverged);
  EXPECT_LE(fit.gradient_norm, kFitGradientTolerance * 3000);
  EXPECT_GT(fit.smallest_eigenvalue, 0);
  EXPECT_GT(fit.condition, 1);
  EXPECT_EQ(fit.customers, 3000);
  EXPECT_EQ(fit.log_posterior, fit.log_likelihood);
  for (const ParameterEstimate& estimate : fit.estimates) {
    EXPECT_EQ(estimate.by, "hessian");
    EXPECT_LT(*estimate.low, *estimate.estimate);
    EXPECT_GT(*estimate.high, *estimate.estimate);
  }
  EXPECT_TRUE(fit.warnings.empty()) << fit.warnings[0];
}

TEST(Fit, GoesByWholeTableHoweverItBegan) {
  const HistoryTable table = Bg(20'000, 2);  // the search begins on a share
  ASSERT_GT(table.rows.size(), 2 * 4096u);
  const LifetimeFit fit = Fit(LifetimeKind::kBgNbd, table);
  FitOptions far;
  far.start = LifetimeParameters{.kind = LifetimeKind::kBgNbd, .value = {2, 40, 0.1, 9}, .k = 1};
  const LifetimeFit other = FitLifetime(LifetimeKind::kBgNbd, std::nullopt, table, far);
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_NEAR(*fit.estimates[i].estimate, *other.estimates[i].estimate, 1e-6 * *fit.estimates[i].estimate);
  }
}

TEST(Fit, TheTimeUnitOnlyScalesAlphaAndBeta) {
  const LifetimeParameters truth{.kind = LifetimeKind::kParetoNbd, .value = {0.8, 6, 0.8, 12}, .k = 1};
  HistoryTable table = SimulateTable(truth, NatureOf(truth), 1500, 40, 104, 3);
  const LifetimeFit weeks = Fit(LifetimeKind::kParetoNbd, table);
  for (double& time : table.times) time *= 7;
  const LifetimeFit days = Fit(LifetimeKind::kParetoNbd, table);
  for (size_t i = 0; i < 4; ++i) {
    const double scale = i % 2 == 1 ? 7 : 1;
    EXPECT_NEAR(*days.estimates[i].estimate, scale * *weeks.estimates[i].estimate, 1e-5 * *days.estimates[i].estimate);
  }
}

TEST(Fit, WithoutAttritionSaysSoAndFallsBack) {
  for (const LifetimeKind kind : {LifetimeKind::kBgNbd, LifetimeKind::kMbgNbd, LifetimeKind::kParetoNbd}) {
    SCOPED_TRACE(Name(kind));
    const DrawNature loyal = [](Random* random) {
      return Nature{std::gamma_distribution<double>(0.8, 1 / 6.0)(*random), 0};
    };
    const LifetimeFit fit = Fit(kind, SimulateTable(OfKind(kind), loyal, 2500, 40, 104, 4));
    ASSERT_TRUE(fit.fitted) << fit.reason;
    EXPECT_FALSE(fit.identified);
    EXPECT_EQ(fit.boundary, "no_drop_out");
    EXPECT_THAT(fit.warnings, Contains(HasSubstr("attrition is not identified")));
    EXPECT_EQ(fit.parameters.kind, LifetimeKind::kNbd);
    EXPECT_FALSE(fit.estimates[2].estimate || fit.estimates[3].estimate);
    EXPECT_NEAR(*fit.estimates[0].estimate, 0.8, 0.1);
    ExpectNoNumberIsBoundless(fit);
  }
}

TEST(Fit, OfOpportunitiesWithoutAttritionIsBetaBernoulli) {
  const DrawNature loyal = [](Random* random) {
    return Nature{std::uniform_real_distribution<double>(0.1, 0.9)(*random), 0};
  };
  const LifetimeFit fit = Fit(LifetimeKind::kBgBb, SimulateTable(OfKind(LifetimeKind::kBgBb), loyal, 2000, 6, 12, 5));
  ASSERT_TRUE(fit.fitted) << fit.reason;
  EXPECT_EQ(fit.boundary, "no_drop_out");
  EXPECT_EQ(fit.parameters.value[2], 0);
  ExpectNoNumberIsBoundless(fit);
}

TEST(Fit, OfEqualRatesPrintsTheMeanRateAlone) {
  const DrawNature alike = [](Random*) { return Nature{0.1, 0}; };
  const LifetimeFit fit = Fit(LifetimeKind::kNbd, SimulateTable(OfKind(LifetimeKind::kNbd), alike, 2000, 40, 104, 6));
  ASSERT_TRUE(fit.fitted) << fit.reason;
  EXPECT_EQ(fit.boundary, "equal_rates");
  ASSERT_EQ(fit.determined.size(), 1u);
  EXPECT_EQ(fit.determined[0].name, "r / alpha");
  EXPECT_NEAR(*fit.determined[0].estimate, 0.1, 4 * *fit.determined[0].standard_error);
  EXPECT_TRUE(*fit.determined[0].low < 0.1 && *fit.determined[0].high > 0.1);
  ExpectNoNumberIsBoundless(fit);
}

TEST(Fit, OfEqualDropOutPrintsTheMeanDropOutAlone) {
  const DrawNature alike = [](Random* random) {
    return Nature{std::gamma_distribution<double>(0.8, 1 / 4.0)(*random), 0.2};
  };
  const LifetimeFit fit =
      Fit(LifetimeKind::kBgNbd, SimulateTable(OfKind(LifetimeKind::kBgNbd), alike, 3000, 40, 104, 7));
  ASSERT_TRUE(fit.fitted) << fit.reason;
  EXPECT_EQ(fit.boundary, "equal_drop_out");
  ASSERT_EQ(fit.determined.size(), 1u);
  EXPECT_EQ(fit.determined[0].name, "a / (a + b)");
  EXPECT_NEAR(*fit.determined[0].estimate, 0.2, 4 * *fit.determined[0].standard_error);
  ExpectNoNumberIsBoundless(fit);

  const DrawNature mortal = [](Random* random) {
    return Nature{std::gamma_distribution<double>(0.8, 1 / 4.0)(*random), 0.02};
  };
  const LifetimeFit deaths =
      Fit(LifetimeKind::kParetoNbd, SimulateTable(OfKind(LifetimeKind::kParetoNbd), mortal, 2000, 40, 104, 8));
  EXPECT_EQ(deaths.boundary, "equal_drop_out");
  ASSERT_EQ(deaths.determined.size(), 1u);
  EXPECT_EQ(deaths.determined[0].name, "s / beta");
  EXPECT_NEAR(*deaths.determined[0].estimate, 0.02, 4 * *deaths.determined[0].standard_error);
  ExpectNoNumberIsBoundless(deaths);
}

TEST(Fit, OfThoseWhoLeaveAtOnceOrNeverPrintsTheShare) {
  const DrawNature split = [](Random* random) {
    const double rate = std::gamma_distribution<double>(2, 1 / 10.0)(*random);
    return Nature{rate, std::uniform_real_distribution<double>()(*random) < 0.4 ? 1.0 : 0.0};
  };
  const LifetimeFit fit =
      Fit(LifetimeKind::kMbgNbd, SimulateTable(OfKind(LifetimeKind::kMbgNbd), split, 3000, 40, 104, 9));
  ASSERT_TRUE(fit.fitted) << fit.reason;
  EXPECT_EQ(fit.boundary, "polarised");
  ASSERT_EQ(fit.determined.size(), 1u);
  EXPECT_NEAR(*fit.determined[0].estimate, 0.4, 4 * *fit.determined[0].standard_error);
  ExpectNoNumberIsBoundless(fit);

  const LifetimeFit deaths =
      Fit(LifetimeKind::kParetoNbd, SimulateTable(OfKind(LifetimeKind::kMbgNbd), split, 3000, 40, 104, 9));
  ASSERT_TRUE(deaths.fitted) << deaths.reason;
  EXPECT_EQ(deaths.boundary, "polarised");
  ASSERT_EQ(deaths.determined.size(), 1u);
  EXPECT_NEAR(*deaths.determined[0].estimate, 0.6, 4 * *deaths.determined[0].standard_error);
  EXPECT_LT(*deaths.determined[0].low, *deaths.determined[0].estimate);
  EXPECT_GT(*deaths.determined[0].high, *deaths.determined[0].estimate);
  ExpectNoNumberIsBoundless(deaths);
}

TEST(Fit, OfBasesThatSayNothingSaysWhy) {
  struct Case {
    const char* what;
    std::vector<PurchaseHistory> histories;
    const char* reason;
    const char* by_opportunities = nullptr;  // where BG/BB says something else
  };
  const std::vector<PurchaseHistory> few(5, {1, 3, 9}), once(50, {0, 0, 30}), today(50, {0, 0, 0}),
      same(50, {2, 7, 30});
  const Case cases[] = {
      {"nobody", {}, "no customer has a purchase day"},
      {"one customer", {{2, 7, 30}}, "only 1 customer has a purchase day; a fit needs at least 10"},
      {"few", few, "only 5 customers"},
      {"no repeat purchase", once, "no customer bought on a second day", "bought at a later opportunity"},
      {"all T = 0", today, "no time has passed", "no customer has had a whole opportunity"},
      {"one history", same, "the same history"}};
  for (const Case& c : cases) {
    for (const LifetimeKind kind : {LifetimeKind::kNbd, LifetimeKind::kBgNbd, LifetimeKind::kParetoNbd,
                                    LifetimeKind::kMbgCnbd, LifetimeKind::kBgBb}) {
      const LifetimeFit fit = Fit(kind, HistoryTable::Of(c.histories, {}));
      EXPECT_FALSE(fit.fitted) << c.what;
      EXPECT_FALSE(fit.identified) << c.what;
      const bool other = kind == LifetimeKind::kBgBb && c.by_opportunities != nullptr;
      EXPECT_THAT(fit.reason, HasSubstr(other ? c.by_opportunities : c.reason)) << c.what;
    }
  }
}

TEST(Fit, OfHardBasesIsAFitOrAReasonAndNeverANumberWithoutBound) {
  std::vector<PurchaseHistory> one_repeater(40, {0, 0, 30});
  one_repeater.push_back({1, 12, 30});
  std::vector<PurchaseHistory> one_fanatic(40, {1, 12, 30});
  one_fanatic.push_back({10'000, 1499, 1500});
  one_fanatic.push_back({0, 0, 0});
  std::vector<PurchaseHistory> equal_times;
  for (int i = 0; i < 200; ++i) equal_times.push_back({i % 5, i % 5 == 0 ? 0.0 : 5.0 + i % 20, 52});
  for (const auto& histories : {one_repeater, one_fanatic, equal_times}) {
    for (const LifetimeKind kind :
         {LifetimeKind::kNbd, LifetimeKind::kBgNbd, LifetimeKind::kMbgNbd, LifetimeKind::kParetoNbd}) {
      const LifetimeFit fit = Fit(kind, HistoryTable::Of(histories, {}));
      EXPECT_TRUE(fit.fitted || !fit.reason.empty()) << Name(kind);
      if (fit.fitted) ExpectNoNumberIsBoundless(fit);
    }
  }
}

TEST(Fit, ChoosesHowRegularPurchasesAre) {
  const LifetimeParameters truth{.kind = LifetimeKind::kMbgCnbd, .value = {0.8, 2.5, 0.9, 2.2}, .k = 3};
  HistoryTable table = SimulateTable(truth, NatureOf(truth), 2000, 40, 104, 10);
  const LifetimeFit fit = Fit(LifetimeKind::kMbgCnbd, table);
  ASSERT_TRUE(fit.fitted) << fit.reason;
  EXPECT_EQ(fit.parameters.k, 3);
  const LifetimeFit poisson = Fit(LifetimeKind::kMbgNbd, table);
  EXPECT_GT(fit.log_likelihood, poisson.log_likelihood + 100);  // the gap term makes them comparable
  // A known k needs no gaps; an unknown one does.
  table.log_gaps.reset();
  EXPECT_EQ(FitLifetime(LifetimeKind::kMbgCnbd, 3, table, {}).parameters, fit.parameters);
  const LifetimeFit unknown = Fit(LifetimeKind::kMbgCnbd, table);
  EXPECT_FALSE(unknown.fitted);
  EXPECT_THAT(unknown.reason, HasSubstr("gaps"));
}

TEST(Fit, PriorsHoldWhatTheDataLeaveOpen) {
  const DrawNature loyal = [](Random* random) {
    return Nature{std::gamma_distribution<double>(0.8, 1 / 6.0)(*random), 0};
  };
  const HistoryTable table = SimulateTable(OfKind(LifetimeKind::kBgNbd), loyal, 1000, 40, 104, 11);
  FitOptions options;
  options.prior.by_parameter[2] = LogPrior::Belief{.median = 0.05, .factor = 2};
  options.prior.by_parameter[3] = LogPrior::Belief{.median = 2, .factor = 2};
  const LifetimeFit fit = FitLifetime(LifetimeKind::kBgNbd, std::nullopt, table, options);
  ASSERT_TRUE(fit.fitted) << fit.reason;
  EXPECT_EQ(fit.state, MaximiserState::kConverged);
  EXPECT_TRUE(fit.estimates[2].estimate && *fit.estimates[2].estimate < 0.05);
  EXPECT_LT(fit.log_posterior, fit.log_likelihood);
}

// Ends of the profile interval of r in a small NBD base: where the best alpha for that r lies 3.84 / 2 below.
TEST(Fit, ProfileIntervalsEndWhereTheLikelihoodHasFallen) {
  std::vector<PurchaseHistory> histories;
  for (int i = 0; i < 25; ++i) histories.push_back({i % 7 == 0 ? 4 : i % 3 == 0 ? 1 : 0, 3, 20.0 + i});
  for (PurchaseHistory& history : histories) history.t_x = history.x == 0 ? 0 : 3;
  const HistoryTable table = HistoryTable::Of(histories, {});
  const auto likelihood = MakeLikelihood(LifetimeKind::kNbd, table);
  const SearchProblem problem{
      .likelihood = likelihood.get(), .customers = 25, .free = {true, true, false, false}, .prior = {}};
  const Climb top = ClimbFrom(problem, {.kind = LifetimeKind::kNbd, .value = {0.5, 5, 0, 0}, .k = 1});
  ASSERT_TRUE(top.converged());
  const ProfileInterval found = ProfileOf(problem, top, 0);
  ASSERT_TRUE(found.low && found.high);
  for (const double r : {*found.low, *found.high}) {
    double best = -HUGE_VAL;
    for (double log_alpha = -3; log_alpha < 12; log_alpha += 1e-4) {
      best = std::max(
          best,
          likelihood->Evaluate({.kind = LifetimeKind::kNbd, .value = {r, std::exp(log_alpha), 0, 0}, .k = 1}).value);
    }
    EXPECT_NEAR(2 * (top.derivatives.value - best), 3.841459, 1e-5) << r;
  }
  EXPECT_LT(*found.low, top.at.value[0]);
  EXPECT_GT(*found.high, top.at.value[0]);
}

TEST(FitContracts, SaysWhatItCannotKnow) {
  EXPECT_THAT(FitContracts(ContractTable::OfCohort({3, 2}), {}).reason, HasSubstr("only 3 customers"));
  EXPECT_THAT(FitContracts(ContractTable::OfCohort({100, 100, 100}), {}).reason, HasSubstr("no contract has ended"));
  EXPECT_THAT(FitContracts(ContractTable::OfCohort({100, 0}), {}).reason, HasSubstr("no contract was renewed"));
  // One period tells the share that leaves, not how it differs; nor does a constant rate of leaving.
  for (const auto& survivors : {std::vector<double>{1000, 700}, {1000, 800, 640, 512}}) {
    const LifetimeFit fit = FitContracts(ContractTable::OfCohort(survivors), {});
    ASSERT_TRUE(fit.fitted) << fit.reason;
    EXPECT_EQ(fit.boundary, "equal_drop_out");
    EXPECT_NEAR(*fit.determined.at(0).estimate, 1 - survivors[1] / survivors[0], 1e-4);
    ExpectNoNumberIsBoundless(fit);
  }
}

}  // namespace
}  // namespace strata
