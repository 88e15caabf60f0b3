// Churn: trees and the logistic model learn what can be learned, are graded against what a person would do, and know
// nothing of what came after their cutoffs.
#include "model/churn/churn_fitter.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "base/hash.h"
#include "model/churn/churn_grade.h"
#include "model/churn/churn_scorer.h"
#include "model/statistics/customer_share.h"
#include "tests/model/churn/rhythm_base.h"

namespace strata {
namespace {

constexpr Day kAsOf = kChurnAsOf;
constexpr int kHorizonDays = kChurnHorizon;

class ChurnOfEitherKind : public testing::TestWithParam<bool> {
 protected:
  ChurnFitSettings Settings() const { return ChurnTestSettings(GetParam()); }
};
INSTANTIATE_TEST_SUITE_P(Kinds, ChurnOfEitherKind, testing::Bool(), [](const auto& kind) {
  return kind.param ? "Trees" : "Logistic";
});

TEST_P(ChurnOfEitherKind, LearnsRhythmAndIsGradedAgainstBaselines) {
  const TestBase base(RhythmRows(1, 3000, kAsOf - 700), kAsOf, kHorizonDays, 4);
  const ChurnModel model = FitChurn(base.shards(), Settings());
  ASSERT_TRUE(model.fitted) << model.reason;
  EXPECT_EQ(model.algorithm, GetParam() ? ChurnAlgorithm::kTrees : ChurnAlgorithm::kLogistic);
  EXPECT_EQ(model.ensemble.has_value(), GetParam());
  EXPECT_EQ(model.train_cutoff, kAsOf - 2 * kHorizonDays);
  EXPECT_EQ(model.test_cutoff, kAsOf - kHorizonDays);
  EXPECT_EQ(model.cutoffs, std::vector<Day>{kAsOf - kHorizonDays});
  EXPECT_GT(model.auc, 0.8);
  EXPECT_GT(model.average_precision, static_cast<double>(model.holdout_churned) / model.holdout_rows);
  EXPECT_LT(model.brier, 0.2);
  EXPECT_LT(model.calibration_error, 0.08);
  EXPECT_GT(model.calibration_error_perfect, 0);
  EXPECT_LT(model.calibration_error_perfect, 0.03);
  std::vector<std::string> names;
  for (const Baseline& baseline : model.baselines) names.push_back(baseline.name);
  EXPECT_EQ(names, (std::vector<std::string>{"inactivity_rank", "inactivity_d", "gap_rank", "gap_k",
                                             "lifetime_p_no_purchase"}));
  EXPECT_TRUE(model.baselines.back().log_loss.has_value());
  EXPECT_FALSE(model.baselines.front().log_loss.has_value());
  EXPECT_TRUE(model.baselines.front().average_precision.has_value());
  EXPECT_GT(model.baselines[1].threshold, 0);
  EXPECT_GT(model.baselines[3].threshold, 0.5) << "usual gaps";
  EXPECT_LT(model.baselines[3].threshold, 4) << "usual gaps";
  EXPECT_EQ(model.grade, GradeOf(model.auc_gain_low, model.calibration_error));
  double best = 0;
  for (const Baseline& baseline : model.baselines) best = std::max(best, baseline.auc);
  EXPECT_DOUBLE_EQ(model.auc - model.auc_gain, best);
  EXPECT_EQ(model.reliability.size(), 15U);
  EXPECT_EQ(model.lift.size(), 10U);
  EXPECT_GT(model.lift.front().lift, model.lift.back().lift);
  ASSERT_FALSE(model.drivers.empty());
  EXPECT_GE(model.drivers.front().contribution, model.drivers.back().contribution);
  EXPECT_EQ(model.drivers.size(), model.plan.features.size());
  EXPECT_EQ(model.medians.size(), model.plan.features.size());
  EXPECT_GT(model.lifetime_customers, 1000);
}

TEST_P(ChurnOfEitherKind, ProbabilitiesHappenAsOftenAsTheySayAndRankAsMargins) {
  const std::vector<TestRow> rows = RhythmRows(7, 1500, kAsOf - 700);
  const ChurnModel model = FitChurn(TestBase(rows, kAsOf, kHorizonDays, 2).shards(), Settings());
  ASSERT_TRUE(model.fitted) << model.reason;
  const CustomerTable today(rows, kAsOf);
  const absl::StatusOr<ChurnScores> scores = ChurnAnswers(model).Of(today.columns(), nullptr, WidestKernels());
  ASSERT_TRUE(scores.ok());
  std::set<size_t> scored(scores->row.begin(), scores->row.end());
  for (size_t row = 0; row < today.size(); ++row) {
    const bool eligible = today.purchase_days[row] > 0 && today.last_day[row] > kAsOf - 2 * kHorizonDays;
    EXPECT_EQ(scored.contains(row), eligible);
  }
  EXPECT_GT(scored.size(), 100U);
  EXPECT_LT(scored.size(), today.size());
  std::vector<size_t> order(scores->row.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return scores->margin[a] < scores->margin[b]; });
  for (size_t i = 1; i < order.size(); ++i) {
    EXPECT_LE(scores->probability[order[i - 1]], scores->probability[order[i]]);
  }
  EXPECT_GE(scores->probability[order.front()], kCalibratedFloor);
  EXPECT_LE(scores->probability[order.back()], 1 - kCalibratedFloor);
  for (const Kernels* kernels : AvailableKernels()) {
    const auto again = ChurnAnswers(model).Of(today.columns(), nullptr, *kernels);
    ASSERT_TRUE(again.ok());
    EXPECT_EQ(again->margin, scores->margin) << kernels->name;
  }
}

// Labels among those at risk, shuffled; customers long gone all churned and would give the rest away.
TEST_P(ChurnOfEitherKind, PermutedLabelsGetTheLowestGradeAndAWarning) {
  const std::vector<TestRow> rows = RhythmRows(2, 2000, kAsOf - 700);
  CustomerTable today(rows, kAsOf);
  std::vector<CustomerTable> tables;
  for (int v = 1; v <= 2; ++v) tables.emplace_back(rows, kAsOf - v * kHorizonDays, kHorizonDays);
  std::mt19937_64 random(3);
  for (CustomerTable& table : tables) {
    std::vector<size_t> at_risk;
    for (size_t i = 0; i < table.size(); ++i) {
      if (table.purchase_days[i] > 0 && table.as_of - table.last_day[i] < 2 * kHorizonDays) at_risk.push_back(i);
    }
    for (size_t i = at_risk.size(); i-- > 1;) {
      std::swap(table.future_purchase_days[at_risk[i]], table.future_purchase_days[at_risk[random() % (i + 1)]]);
    }
  }
  const std::vector<CustomerColumns> views = {tables[0].columns(), tables[1].columns()};
  ShardFeatures shard;
  shard.today = today.columns();
  shard.churn_views = views;
  const ChurnModel model = FitChurn({shard}, Settings());
  ASSERT_TRUE(model.fitted);
  EXPECT_NEAR(model.auc, 0.5, 0.05);
  EXPECT_EQ(model.grade, Grade::kD);
  EXPECT_NE(TextOf(model.warnings).find("ranks no better than"), std::string::npos) << TextOf(model.warnings);
}

// Everything after `cutoff` replaced by something else.
std::vector<TestRow> WithAnotherFuture(std::vector<TestRow> rows, Day cutoff) {
  std::erase_if(rows, [cutoff](const TestRow& row) { return row.day > cutoff; });
  std::set<uint64_t> customers;
  for (const TestRow& row : rows) customers.insert(row.customer);
  for (const uint64_t customer : customers) {
    if (customer % 3 == 0) rows.push_back({customer, cutoff + 1 + static_cast<Day>(customer % 50), 777'000'000});
    if (customer % 5 == 0) rows.push_back({customer, cutoff + 3, -9'000'000, true});
  }
  return rows;
}

std::string GradedModelOf(const std::vector<TestRow>& rows, const ChurnFitSettings& settings) {
  const TestBase base(rows, kAsOf, kHorizonDays, 1);
  ChurnFitter fitter(settings);
  while (auto parameters = fitter.Next()) {
    if (parameters->stage == ChurnStage::kGrade) {
      ByteWriter writer;
      parameters->scoring->Encode(&writer);
      return writer.Take();
    }
    MustBeOk(fitter.Absorb(ChurnFitter::Accumulate(*parameters, base.shards()[0], WidestKernels())));
  }
  return "";
}

TEST_P(ChurnOfEitherKind, TheGradedModelKnowsNothingAfterTheTestCutoff) {
  const std::vector<TestRow> rows = RhythmRows(4, 1500, kAsOf - 700);
  const std::string graded = GradedModelOf(rows, Settings());
  EXPECT_FALSE(graded.empty());
  EXPECT_EQ(graded, GradedModelOf(WithAnotherFuture(rows, kAsOf - kHorizonDays), Settings()));
  EXPECT_NE(graded, GradedModelOf(WithAnotherFuture(rows, kAsOf - 2 * kHorizonDays), Settings()));
}

TEST_P(ChurnOfEitherKind, MoreCutoffsAreMoreRowsAndFewerWhereTheHistoryEnds) {
  ChurnFitSettings settings = Settings();
  settings.cutoffs = 2;
  const ChurnModel model =
      FitChurn(TestBase(RhythmRows(9, 1500, kAsOf - 700), kAsOf, kHorizonDays, 3).shards(), settings);
  ASSERT_TRUE(model.fitted) << model.reason;
  EXPECT_EQ(model.cutoffs, (std::vector<Day>{kAsOf - kHorizonDays, kAsOf - 2 * kHorizonDays}));
  EXPECT_NE(model.grade, Grade::kNone) << model.grade_reason;
  // Purchases begin 20 days before the third cutoff, which half of the 120 eligible days rules out.
  const ChurnModel shorter =
      FitChurn(TestBase(RhythmRows(9, 1500, kAsOf - 200), kAsOf, kHorizonDays, 3).shards(), settings);
  ASSERT_TRUE(shorter.fitted) << shorter.reason;
  EXPECT_EQ(shorter.cutoffs, (std::vector<Day>{kAsOf - kHorizonDays}));
}

struct LedFit {
  ChurnModel model;
  int rounds_of_share = 0;
  int rounds_of_all = 0;
};
LedFit FitInOneShard(const ShardFeatures& shard) {
  ChurnFitter fitter(ChurnTestSettings(false));
  LedFit fit;
  while (const auto parameters = fitter.Next()) {
    if (parameters->stage == ChurnStage::kNewton) ++(parameters->share.all() ? fit.rounds_of_all : fit.rounds_of_share);
    MustBeOk(fitter.Absorb(ChurnFitter::Accumulate(*parameters, shard, WidestKernels())));
  }
  fit.model = fitter.result();
  return fit;
}

// The customers of `of` again and again, under hashes of their own that `wanted` takes.
template <typename Wanted>
CustomerTable Repeated(const CustomerTable& of, int times, const Wanted& wanted) {
  CustomerTable all = of;
  const auto repeat = [times](auto* column) {
    const auto once = *column;
    for (int i = 1; i < times; ++i) column->insert(column->end(), once.begin(), once.end());
  };
  for (auto* column :
       {&all.purchase_days, &all.rows, &all.return_rows, &all.first_day, &all.last_day, &all.purchase_days_30,
        &all.purchase_days_90, &all.purchase_days_180, &all.purchase_days_365, &all.future_purchase_days}) {
    repeat(column);
  }
  for (auto* column :
       {&all.net_micros, &all.repeat_net_micros, &all.net_micros_90, &all.net_micros_365, &all.squared_gap_days}) {
    repeat(column);
  }
  all.hash.clear();
  for (uint64_t i = 0; all.hash.size() < all.purchase_days.size(); ++i) {
    if (wanted(Mix(i))) all.hash.push_back(Mix(i));
  }
  std::sort(all.hash.begin(), all.hash.end());
  return all;
}

TEST(LogisticChurn, AShareLeadsToTheOptimumOfAllCustomers) {
  const std::vector<TestRow> rows = RhythmRows(5, 2000, kAsOf - 700);
  const CustomerTable test(rows, kAsOf - kHorizonDays, kHorizonDays);
  const CustomerTable train(rows, kAsOf - 2 * kHorizonDays, kHorizonDays);
  int64_t labelled = 0;
  for (size_t i = 0; i < train.size(); ++i) {
    labelled += train.purchase_days[i] > 0 && train.as_of - train.last_day[i] < 2 * kHorizonDays ? 1 : 0;
  }
  // A fifth is left out.
  const int times = static_cast<int>(kShareTimesMin * kShareCustomers * 5 / 4 / labelled) + 2;
  const auto fit_of = [&](int repeated, const auto& wanted) {
    const CustomerTable many_test = Repeated(test, repeated, wanted);
    const CustomerTable many_train = Repeated(train, repeated, wanted);
    const std::vector<CustomerColumns> views = {many_test.columns(), many_train.columns()};
    ShardFeatures shard;
    shard.churn_views = views;
    return FitInOneShard(shard);
  };
  const LedFit led = fit_of(times, [](uint64_t) { return true; });
  ASSERT_TRUE(led.model.fitted) << led.model.reason;
  EXPECT_GT(led.rounds_of_share, 1);
  const LedFit small = fit_of(times * 9 / 10, [](uint64_t) { return true; });  // too few for a share
  EXPECT_EQ(small.rounds_of_share, 0);
  EXPECT_LT(led.rounds_of_all, small.rounds_of_all);
  EXPECT_NE(led.model.grade, Grade::kNone) << led.model.grade_reason;
}

TEST(ChurnGrade, FollowsTheBoundAndTheCalibrationError) {
  EXPECT_EQ(GradeOf(-0.01, 0), Grade::kD);
  EXPECT_EQ(GradeOf(0, 0), Grade::kD);
  EXPECT_EQ(GradeOf(0.001, 0.5), Grade::kC);
  EXPECT_EQ(GradeOf(0.01, 0.03), Grade::kB);
  EXPECT_EQ(GradeOf(0.01, 0.031), Grade::kC);
  EXPECT_EQ(GradeOf(0.03, 0.03), Grade::kA);
  EXPECT_EQ(GradeOf(0.2, 0.04), Grade::kC);
  EXPECT_EQ(GradeOf(0.03, std::nan("")), Grade::kC);
  EXPECT_EQ(GradeOf(std::nan(""), 0), Grade::kD);
}

}  // namespace
}  // namespace strata
