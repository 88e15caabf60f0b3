// Judging by a hold-out: published figures on CDNOW, a walk over single customers, and the rule of grades.
#include "model/lifetime/judge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "model/lifetime/forecast.h"
#include "model/lifetime/predictive.h"
#include "tests/model/lifetime/golden.h"
#include "tests/model/lifetime/golden_base.h"
#include "tests/model/lifetime/simulate_histories.h"

namespace strata {
namespace {

using testing::HasSubstr;

constexpr int kHoldoutDays = 273;  // 39 weeks
const JudgeRules kRules{.time_unit_days = 7, .as_of = 10'000, .days = kHoldoutDays, .interval_level = 0.9};

LifetimeFit Fitted(const LifetimeParameters& at) {
  LifetimeFit fit;
  fit.fitted = true;
  fit.asked = at.kind;
  fit.parameters = at;
  return fit;
}

std::vector<HoldoutRow> CdnowRows() {
  std::vector<HoldoutRow> rows;
  for (const GoldenCustomer& customer : GoldenBaseNamed("cdnow_sample_A").customers) {
    const auto days = [](double weeks) { return static_cast<int32_t>(std::lround(7 * weeks)); };
    rows.push_back({.x = static_cast<int32_t>(customer.history.x),
                    .t_x_days = days(customer.history.t_x),
                    .T_days = days(customer.history.T),
                    .y = static_cast<int32_t>(customer.holdout),
                    .customers = 1,
                    .y_before = static_cast<int32_t>(customer.history.x) + 1});
  }
  return rows;
}

void ExpectPublished(LifetimeKind kind, const std::string& name) {
  SCOPED_TRACE(name);
  const GoldenEntry bins = Golden("cdnow_sample_A.bins." + name + "_expected_39w");
  LifetimeParameters at{.kind = kind, .value = {}, .k = 1};
  const std::vector<double> parameters = bins.Inputs("params");
  std::copy(parameters.begin(), parameters.end(), at.value.begin());
  const HoldoutJudgement judged = JudgeHoldout(CdnowRows(), Fitted(at), kRules);
  ASSERT_EQ(judged.reason, "");
  std::vector<double> expected, actual, by_nbd;
  for (const FrequencyBin& bin : judged.bins) {
    expected.push_back(bin.expected / static_cast<double>(bin.customers));
    actual.push_back(static_cast<double>(bin.actual) / static_cast<double>(bin.customers));
    by_nbd.push_back(bin.expected_nbd / static_cast<double>(bin.customers));
  }
  ExpectGolden(bins, expected);
  ExpectGolden(Golden("cdnow_sample_A.bins.actual_holdout_mean"), actual);
  ExpectGolden(Golden("cdnow_sample_A.holdout." + name + "_sum_39w"), {judged.expected});
  ExpectGolden(Golden("cdnow_sample_A.holdout." + name + "_mae_rmse"), {judged.errors[0].mae, judged.errors[0].rmse});
  // Fitted here and not given: as near as the optimum's parameters are.
  const std::vector<double> published_nbd = Golden("cdnow_sample_A.bins.nbd_expected_39w").value;
  for (size_t i = 0; i < published_nbd.size(); ++i) EXPECT_NEAR(by_nbd[i], published_nbd[i], 1e-4 * published_nbd[i]);
}

TEST(Judge, CdnowIsJudgedAsPublished) {
  ExpectPublished(LifetimeKind::kBgNbd, "bg_nbd");
  ExpectPublished(LifetimeKind::kMbgNbd, "mbg_nbd");
  ExpectPublished(LifetimeKind::kParetoNbd, "pareto_nbd");
  ExpectPublished(LifetimeKind::kNbd, "nbd");
}

std::vector<HoldoutRow> Simulated(const LifetimeParameters& truth, int customers, uint64_t seed) {
  Random random(seed);
  const DrawNature nature = NatureOf(truth);
  std::vector<HoldoutRow> rows;
  for (int i = 0; i < customers; ++i) {
    HoldoutRow row{.x = 0, .t_x_days = 0, .T_days = 300 + i % 400, .y = 0, .customers = 1, .y_before = 0};
    int32_t last = 0;
    for (const double time : PurchaseTimes(truth, nature(&random), (row.T_days + kHoldoutDays) / 7.0, &random)) {
      const auto day = static_cast<int32_t>(std::ceil(7 * time));
      if (day == last || day > row.T_days + kHoldoutDays) continue;
      last = day;
      if (day > row.T_days) {
        ++row.y;
        continue;
      }
      ++row.x;
      row.t_x_days = day;
      if (day > row.T_days - kHoldoutDays) ++row.y_before;
    }
    rows.push_back(row);
  }
  return rows;
}

const LifetimeParameters kTruths[] = {
    {.kind = LifetimeKind::kBgNbd, .value = {0.6, 7, 0.8, 2.5}, .k = 1},
    {.kind = LifetimeKind::kMbgCnbd, .value = {1.2, 3, 0.7, 2.5}, .k = 3},
    {.kind = LifetimeKind::kParetoNbd, .value = {0.7, 9, 0.6, 12}, .k = 1},
};

// Each customer alone, with nothing shared.
TEST(Judge, SumsAreThoseOfSingleCustomers) {
  for (const LifetimeParameters& at : kTruths) {
    SCOPED_TRACE(Name(at.kind));
    const std::vector<HoldoutRow> rows = Simulated(at, 400, 17);
    const HoldoutJudgement judged = JudgeHoldout(rows, Fitted(at), kRules);
    double log_probability = 0, mass = 0, any = 0;
    int64_t covered = 0, bought = 0, counted = 0;
    for (const HoldoutRow& row : rows) {
      const PurchaseHistory history{.x = row.x, .t_x = row.t_x_days / 7.0, .T = row.T_days / 7.0};
      const std::vector<double> counts = CountProbabilities(at, history, kHoldoutDays / 7.0);
      const CountInterval interval = CountIntervalOf(counts, 0.9);
      log_probability += LogCountProbability(at, history, kHoldoutDays / 7.0, row.y);
      mass += interval.mass;
      covered += row.y >= interval.low && row.y <= interval.high ? 1 : 0;
      any += 1 - ProbabilityNoPurchase(at, history, kHoldoutDays / 7.0);
      bought += row.y > 0 ? 1 : 0;
    }
    EXPECT_NEAR(judged.errors[0].log_probability, log_probability / 400, 1e-9);
    EXPECT_NEAR(judged.interval_mass, mass / 400, 1e-9);
    EXPECT_EQ(judged.covered, covered);
    double predicted = 0;
    for (const ReliabilityBin& bin : judged.reliability) {
      predicted += bin.predicted;
      counted += bin.customers;
      bought -= bin.actual;
    }
    EXPECT_NEAR(predicted, any, 1e-8);
    EXPECT_EQ(counted, 400);
    EXPECT_EQ(bought, 0);
  }
}

TEST(Judge, OrderAndMergingOfRowsDoNotMatter) {
  const std::vector<HoldoutRow> rows = Simulated(kTruths[0], 3000, 5);
  std::vector<HoldoutRow> shuffled = rows;
  std::mt19937_64 random(9);
  std::shuffle(shuffled.begin(), shuffled.end(), random);
  std::vector<HoldoutRow> doubled = rows;
  for (HoldoutRow& row : doubled) row.customers = 2;
  std::vector<HoldoutRow> twice = shuffled;
  twice.insert(twice.end(), rows.begin(), rows.end());
  const LifetimeFit fit = Fitted(kTruths[0]);
  EXPECT_EQ(JudgeHoldout(rows, fit, kRules), JudgeHoldout(shuffled, fit, kRules));
  EXPECT_EQ(JudgeHoldout(doubled, fit, kRules), JudgeHoldout(twice, fit, kRules));
}

TEST(Judge, NaivePredictionsAreWhatTheyAreSaidToBe) {
  const std::vector<HoldoutRow> rows = {{.x = 4, .t_x_days = 100, .T_days = 546, .y = 3, .customers = 1, .y_before = 1},
                                        {.x = 0, .t_x_days = 0, .T_days = 0, .y = 0, .customers = 3, .y_before = 1}};
  const HoldoutJudgement judged = JudgeHoldout(rows, Fitted(kTruths[0]), kRules);
  ASSERT_EQ(judged.errors.size(), 3u);
  const PredictionErrors& average = judged.errors[1];
  EXPECT_EQ(average.name, "historic_average");
  EXPECT_DOUBLE_EQ(average.mae, 1.0 / 4);  // 4 / 546 * 273 = 2 for the first, who bought 3 times; 0 for the others
  EXPECT_DOUBLE_EQ(average.rmse, std::sqrt(1.0 / 4));
  EXPECT_DOUBLE_EQ(average.bias, 2.0 / 3 - 1);
  const PredictionErrors& repeats = judged.errors[2];
  EXPECT_EQ(repeats.name, "last_period_repeats");
  EXPECT_DOUBLE_EQ(repeats.mae, 5.0 / 4);
  // Shape 1.5, success probability 1/2: P(3) = 1.5 2.5 3.5 / 6 * 2^-4.5, P(0) = 2^-1.5.
  const double first = std::log(1.5 * 2.5 * 3.5 / 6) - 4.5 * std::log(2.0);
  EXPECT_NEAR(repeats.log_probability, (first - 3 * 1.5 * std::log(2.0)) / 4, 1e-12);
}

TEST(Judge, ATrueModelGetsAnAAndALyingOneDoesNot) {
  const std::vector<HoldoutRow> rows = Simulated(kTruths[0], 20'000, 3);
  const HoldoutJudgement honest = JudgeHoldout(rows, Fitted(kTruths[0]), kRules);
  EXPECT_EQ(honest.grade, Grade::kA) << honest.grade_reason;
  LifetimeParameters lying = kTruths[0];
  lying.value[2] = 0.1;  // hardly anybody leaves
  const HoldoutJudgement other = JudgeHoldout(rows, Fitted(lying), kRules);
  EXPECT_GE(static_cast<int>(other.grade), static_cast<int>(Grade::kC)) << other.grade_reason;
  EXPECT_THAT(other.grade_reason, HasSubstr("the total is off by +"));
}

TEST(Judge, GradesFollowTheirRule) {
  HoldoutJudgement judged;
  judged.customers = 1000;
  judged.actual = 100;
  judged.covered = 950;
  judged.interval_mass = 0.945;
  const auto graded = [&judged](double bias, double rmse, double log_probability) {
    judged.errors = {{"model", 0, rmse, bias, log_probability},
                     {"historic_average", 0, 1, 0, -1},
                     {"last_period_repeats", 0, 2, 0, -1}};
    return GradeOf(judged).grade;
  };
  EXPECT_EQ(graded(0.05, 0.9, -0.9), Grade::kA);
  EXPECT_EQ(graded(-0.051, 0.9, -0.9), Grade::kB);
  EXPECT_EQ(graded(0.05, 0.9, -1.1), Grade::kB);
  EXPECT_EQ(graded(0.1, 0.9, -0.9), Grade::kB);
  EXPECT_EQ(graded(-0.11, 0.9, -0.9), Grade::kC);
  EXPECT_EQ(graded(0, 1.5, -0.9), Grade::kC);
  EXPECT_EQ(graded(0, 2.5, -0.9), Grade::kD);
  judged.covered = 960;
  EXPECT_EQ(graded(0, 0.9, -0.9), Grade::kB) << "intervals hold 1.5 points more than they claim";
  for (const char* grade : {"A: ", "B: ", "C: ", "D: ", "5 %", "10 %", "1 point"}) {
    EXPECT_THAT(kGradeRule, HasSubstr(grade));
  }
}

TEST(Judge, WhatCannotBeJudgedSaysWhy) {
  const std::vector<HoldoutRow> one = {{.x = 1, .t_x_days = 5, .T_days = 50, .y = 0, .customers = 1, .y_before = 2}};
  EXPECT_THAT(JudgeHoldout({}, Fitted(kTruths[0]), kRules).reason, HasSubstr("nobody had bought anything"));
  LifetimeFit none;
  none.reason = "no customer bought again";
  EXPECT_THAT(JudgeHoldout(one, none, kRules).reason, HasSubstr("no customer bought again"));
  const LifetimeParameters discrete{.kind = LifetimeKind::kBgBb, .value = {1, 1, 1, 1}, .k = 1};
  EXPECT_THAT(JudgeHoldout(one, Fitted(discrete), kRules).reason, HasSubstr("bg_bb"));
  const HoldoutJudgement nobody = JudgeHoldout(one, Fitted(kTruths[0]), kRules);
  EXPECT_EQ(nobody.grade, Grade::kNone);
  EXPECT_THAT(nobody.grade_reason, HasSubstr("nobody bought anything in the hold-out"));
  EXPECT_TRUE(std::isnan(nobody.errors[0].bias));
  EXPECT_TRUE(std::isnan(nobody.bins[1].expected_nbd)) << "one customer is no base for a fit";
}

}  // namespace
}  // namespace strata
