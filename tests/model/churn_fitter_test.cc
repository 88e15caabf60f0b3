// Churn: no leakage from after a cutoff, honest grades, and reasons where there is no fit or no grade.
#include "model/churn/churn_fitter.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "base/hash.h"
#include "model/statistics/customer_share.h"
#include "tests/model/customer_table.h"

namespace strata {
namespace {

constexpr Day kAsOf = 10500;
constexpr int kHorizonDays = 60;
constexpr ChurnFitter::Settings kSettings = {.horizon_days = kHorizonDays, .eligible_days = 120, .seed = 1};

// Shoppers that buy every `gap` days (the id tells the gap) until they leave for good at a random day. Who is overdue
// for their own rhythm has left; how long ago the last purchase was says less. That is what the model can learn.
std::vector<TestRow> RhythmRows(uint64_t seed, int customers, Day first) {
  std::mt19937_64 random(seed);
  std::vector<TestRow> rows;
  for (uint64_t customer = 0; customer < static_cast<uint64_t>(customers); ++customer) {
    const Day gap = customer % 2 == 0 ? 4 : 45;
    const Day leaves = first + static_cast<Day>(random() % 1000);
    for (Day day = first + static_cast<Day>(random() % 40); day <= std::min(leaves, kAsOf);
         day += gap - 1 + static_cast<Day>(random() % 3)) {
      rows.push_back({customer, day, 1'000'000 + static_cast<int64_t>(random() % 1'000'000)});
    }
  }
  return rows;
}

ChurnModel Fit(const std::vector<ShardFeatures>& shards, const ChurnFitter::Settings& settings = kSettings) {
  ChurnFitter fitter(settings);
  RunFit(&fitter, shards);
  return fitter.result();
}

TEST(ChurnFitter, LearnsRhythmAndIsGradedAgainstBaselines) {
  const std::vector<TestRow> rows = RhythmRows(1, 3000, kAsOf - 700);
  const TestBase base(rows, kAsOf, kHorizonDays, 4);
  const ChurnModel model = Fit(base.shards());
  ASSERT_TRUE(model.fitted) << model.reason;
  EXPECT_EQ(model.train_cutoff, kAsOf - 2 * kHorizonDays);
  EXPECT_EQ(model.test_cutoff, kAsOf - kHorizonDays);
  EXPECT_GT(model.auc, 0.75);
  EXPECT_LT(model.brier, 0.25);
  EXPECT_LT(model.calibration_error, 0.1);
  std::vector<std::string> names;
  for (const Baseline& baseline : model.baselines) names.push_back(baseline.name);
  EXPECT_EQ(names, (std::vector<std::string>{"inactivity_rank", "inactivity_15d", "inactivity_30d", "inactivity_60d",
                                             "lifetime_p_no_purchase"}));
  EXPECT_TRUE(model.baselines.back().log_loss.has_value());
  EXPECT_FALSE(model.baselines.front().log_loss.has_value());
  EXPECT_GE(model.auc_gain, model.auc_gain_low);
  EXPECT_LE(model.auc_gain, model.auc_gain_high);
  EXPECT_EQ(model.grade, GradeOf(model.auc_gain_low));
  EXPECT_GT(model.auc_gain_low, 0) << "overdue for the own rhythm says more than any baseline knows";
  double best = 0;
  for (const Baseline& baseline : model.baselines) best = std::max(best, baseline.auc);
  EXPECT_DOUBLE_EQ(model.auc - model.auc_gain, best);
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

struct LedFit {
  ChurnModel model;
  int rounds_of_share = 0;
  int rounds_of_all = 0;
};
LedFit FitInOneShard(const ShardFeatures& shard) {
  ChurnFitter fitter(kSettings);
  LedFit fit;
  while (const auto parameters = fitter.Next()) {
    if (parameters->stage == ChurnFitter::Stage::kNewton) {
      (parameters->share.all() ? fit.rounds_of_all : fit.rounds_of_share) += parameters->served.has_value() ? 1 : 0;
    }
    MustBeOk(fitter.Absorb(ChurnFitter::Accumulate(*parameters, shard, WidestKernels())));
  }
  fit.model = fitter.result();
  return fit;
}

TEST(ChurnFitter, AShareLeadsToTheOptimumOfAllCustomers) {
  const std::vector<TestRow> rows = RhythmRows(5, 2000, kAsOf - 700);
  const CustomerTable test(rows, kAsOf - kHorizonDays, kHorizonDays);
  const CustomerTable train(rows, kAsOf - 2 * kHorizonDays, kHorizonDays);
  int64_t labelled = 0;
  for (size_t i = 0; i < train.size(); ++i) labelled += EligibleForChurn(train.columns(), i, kSettings.eligible_days);
  const int times = static_cast<int>(kShareTimesMin * kShareCustomers / labelled) + 1;
  const auto fit_of = [&](int repeated, const auto& wanted) {
    const CustomerTable many_test = Repeated(test, repeated, wanted);
    const CustomerTable many_train = Repeated(train, repeated, wanted);
    return FitInOneShard({{}, many_test.columns(), many_train.columns()});
  };
  const LedFit led = fit_of(times, [](uint64_t) { return true; });
  ASSERT_TRUE(led.model.fitted) << led.model.reason;
  EXPECT_GT(led.rounds_of_share, 1);
  const LedFit small = fit_of(times - 2, [](uint64_t) { return true; });  // too few for a share
  EXPECT_EQ(small.rounds_of_share, 0);
  EXPECT_LT(led.rounds_of_all, small.rounds_of_all);
  // Where all customers happen to be in the share it is the search over all of them.
  const CustomerShare share = CustomerShare::Of(labelled * times);
  const LedFit unled = fit_of(times, [&share](uint64_t hash) { return share.Has(hash); });
  ASSERT_TRUE(unled.model.fitted) << unled.model.reason;
  EXPECT_NEAR(led.model.intercept, unled.model.intercept, 1e-8);
  for (size_t j = 0; j < kChurnFeatures; ++j) {
    EXPECT_NEAR(led.model.coefficients[j], unled.model.coefficients[j], 1e-8) << ChurnFeatureNames()[j];
  }
  EXPECT_NE(led.model.grade, Grade::kNone) << led.model.grade_reason;
}

TEST(ChurnFitter, GradesFollowTheBound) {
  EXPECT_EQ(GradeOf(-0.01), Grade::kD);
  EXPECT_EQ(GradeOf(0), Grade::kD);
  EXPECT_EQ(GradeOf(0.001), Grade::kC);
  EXPECT_EQ(GradeOf(0.01), Grade::kB);
  EXPECT_EQ(GradeOf(0.03), Grade::kA);
  EXPECT_EQ(GradeOf(std::nan("")), Grade::kD);
}

TEST(ChurnFitter, PermutedLabelsGetTheLowestGrade) {
  const std::vector<TestRow> rows = RhythmRows(2, 2000, kAsOf - 700);
  CustomerTable today(rows, kAsOf);
  CustomerTable test(rows, kAsOf - kHorizonDays, kHorizonDays);
  CustomerTable train(rows, kAsOf - 2 * kHorizonDays, kHorizonDays);
  std::mt19937_64 random(3);
  for (CustomerTable* table : {&test, &train}) {
    // Among those at risk only; customers long gone all churned and would give the rest away.
    std::vector<size_t> at_risk;
    for (size_t i = 0; i < table->size(); ++i) {
      if (EligibleForChurn(table->columns(), i, kSettings.eligible_days)) at_risk.push_back(i);
    }
    for (size_t i = at_risk.size(); i-- > 1;) {
      std::swap(table->future_purchase_days[at_risk[i]], table->future_purchase_days[at_risk[random() % (i + 1)]]);
    }
  }
  const ChurnModel model = Fit({{today.columns(), test.columns(), train.columns()}});
  ASSERT_TRUE(model.fitted);
  EXPECT_NEAR(model.auc, 0.5, 0.05);
  EXPECT_EQ(model.grade, Grade::kD);
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

TEST(ChurnFitter, NothingAfterACutoffReachesItsFeatures) {
  for (uint64_t seed = 0; seed < 5; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    const Day cutoff = kAsOf - kHorizonDays;
    const std::vector<TestRow> rows = RandomRows(seed, 400, kAsOf - 400, kAsOf);
    const CustomerTable before(rows, cutoff, kHorizonDays);
    const CustomerTable after(WithAnotherFuture(rows, cutoff), cutoff, kHorizonDays);
    ASSERT_EQ(before.hash, after.hash);
    EXPECT_NE(before.future_purchase_days, after.future_purchase_days);
    for (size_t row = 0; row < before.size(); ++row) {
      EXPECT_EQ(EligibleForChurn(before.columns(), row, 120), EligibleForChurn(after.columns(), row, 120));
      if (before.purchase_days[row] == 0) continue;
      EXPECT_EQ(ChurnFeaturesOf(before.columns(), row), ChurnFeaturesOf(after.columns(), row));
    }
  }
}

std::string GradedModelOf(const std::vector<TestRow>& rows) {
  const TestBase base(rows, kAsOf, kHorizonDays, 1);
  ChurnFitter fitter(kSettings);
  while (auto parameters = fitter.Next()) {
    if (parameters->stage == ChurnFitter::Stage::kGrade) {
      ByteWriter writer;
      parameters->graded->Encode(&writer);
      return writer.Take();
    }
    MustBeOk(fitter.Absorb(ChurnFitter::Accumulate(*parameters, base.shards()[0], WidestKernels())));
  }
  return "";
}

TEST(ChurnFitter, TheGradedModelKnowsNothingAfterTheTestCutoff) {
  const std::vector<TestRow> rows = RhythmRows(4, 1500, kAsOf - 700);
  const std::string graded = GradedModelOf(rows);
  EXPECT_FALSE(graded.empty());
  EXPECT_EQ(graded, GradedModelOf(WithAnotherFuture(rows, kAsOf - kHorizonDays)));
  EXPECT_NE(graded, GradedModelOf(WithAnotherFuture(rows, kAsOf - 2 * kHorizonDays)));
}

TEST(ChurnFitter, AShortHistoryIsFittedButNotGraded) {
  const ChurnModel model = Fit(TestBase(RhythmRows(5, 2000, kAsOf - 110), kAsOf, kHorizonDays, 2).shards());
  EXPECT_TRUE(model.fitted) << model.reason;
  EXPECT_EQ(model.grade, Grade::kNone);
  EXPECT_NE(model.grade_reason.find("two horizons (120 days)"), std::string::npos) << model.grade_reason;
  EXPECT_TRUE(model.baselines.empty());
}

TEST(ChurnFitter, TooFewOfAClassAreNotFitted) {
  const ChurnModel few = Fit(TestBase(RhythmRows(6, 30, kAsOf - 700), kAsOf, kHorizonDays, 2).shards());
  EXPECT_FALSE(few.fitted);
  EXPECT_NE(few.reason.find("at least 25 of each"), std::string::npos) << few.reason;
  EXPECT_EQ(few.grade, Grade::kNone);
  EXPECT_FALSE(few.grade_reason.empty());
  const ChurnModel nobody = Fit({ShardFeatures()});
  EXPECT_FALSE(nobody.fitted);
  const CustomerTable table({{1, kAsOf, 1'000'000}}, kAsOf);
  EXPECT_TRUE(std::isnan(ChurnProbability(few, table.columns(), 0)));
}

TEST(ChurnFitter, OnlyCustomersAtRiskHaveAProbability) {
  const std::vector<TestRow> rows = RhythmRows(7, 1500, kAsOf - 700);
  const ChurnModel model = Fit(TestBase(rows, kAsOf, kHorizonDays, 2).shards());
  ASSERT_TRUE(model.fitted);
  const CustomerTable today(rows, kAsOf);
  int at_risk = 0;
  for (size_t row = 0; row < today.size(); ++row) {
    const double probability = ChurnProbability(model, today.columns(), row);
    const bool eligible = today.purchase_days[row] > 0 && today.last_day[row] > kAsOf - kSettings.eligible_days;
    EXPECT_EQ(std::isnan(probability), !eligible);
    if (!eligible) continue;
    ++at_risk;
    EXPECT_GE(probability, 0);
    EXPECT_LE(probability, 1);
  }
  EXPECT_GT(at_risk, 100);
  EXPECT_LT(at_risk, static_cast<int>(today.size()));
}

TEST(ChurnFeatures, AreWhatTheHeaderSays) {
  const Day cutoff = kAsOf;
  const CustomerTable table({{1, cutoff - 200, 10'000'000},
                             {1, cutoff - 80, 20'000'000},
                             {1, cutoff - 20, 5'000'000},
                             {1, cutoff - 10, -40'000'000, true},
                             {2, cutoff - 29, 3'000'000}},
                            cutoff);
  const CustomerColumns columns = table.columns();
  for (size_t row = 0; row < columns.size(); ++row) {
    const bool first = columns.hash[row] == HashOfCustomer(1);
    const double deviation = std::sqrt((120.0 * 120 + 60.0 * 60) / 2 - 90.0 * 90);
    const std::vector<double> expected = first ? std::vector<double>{std::log(21.0),
                                                                     std::log(4.0),
                                                                     std::log(201.0),
                                                                     std::log(2.0),
                                                                     std::log(3.0),
                                                                     std::log(3.0),
                                                                     std::log(4.0),
                                                                     -std::log(16.0),
                                                                     -std::log(6.0),
                                                                     std::log(91.0),
                                                                     std::log(1 + deviation),
                                                                     std::log(1 + 20.0 / 90),
                                                                     0,
                                                                     0.25}
                                               : std::vector<double>{std::log(30.0),
                                                                     std::log(2.0),
                                                                     std::log(30.0),
                                                                     std::log(2.0),
                                                                     std::log(2.0),
                                                                     std::log(2.0),
                                                                     std::log(2.0),
                                                                     std::log(4.0),
                                                                     std::log(4.0),
                                                                     0,
                                                                     0,
                                                                     0,
                                                                     1,
                                                                     0};
    const ChurnFeatureRow features = ChurnFeaturesOf(columns, row);
    ASSERT_EQ(expected.size(), kChurnFeatures);
    ASSERT_EQ(ChurnFeatureNames().size(), kChurnFeatures);
    for (size_t j = 0; j < kChurnFeatures; ++j) {
      EXPECT_NEAR(std::ldexp(static_cast<double>(features[j]), -20), expected[j], 0x1.01p-21) << ChurnFeatureNames()[j];
    }
  }
}

}  // namespace
}  // namespace strata
