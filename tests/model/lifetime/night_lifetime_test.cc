// Lifetime value over a night's rounds: which model is chosen, judged, fitted anew or kept; bases with nothing to fit.
#include "model/lifetime/night_lifetime.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "tests/model/customer_table.h"
#include "tests/model/lifetime/simulate_histories.h"

namespace strata {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr Day kAsOf = 10'400;
constexpr int kHoldoutDays = 120;
constexpr LifetimeKind kKinds[] = {LifetimeKind::kNbd,       LifetimeKind::kBgNbd,  LifetimeKind::kMbgNbd,
                                   LifetimeKind::kParetoNbd, LifetimeKind::kBgCnbd, LifetimeKind::kMbgCnbd};

struct Base {
  std::vector<TestRow> rows;
  BaseHistory history;
};

// Customers who came within `spread` days before `end`, and bought as the model says; times in weeks.
Base Simulated(const LifetimeParameters& truth, int customers, int spread, uint64_t seed) {
  Random random(seed);
  const DrawNature nature = NatureOf(truth);
  Base base;
  for (int i = 0; i < customers; ++i) {
    const auto customer = static_cast<uint64_t>(i);
    const Day first = kAsOf - 60 - i % spread;
    Day last = first;
    ++base.history.births[first];
    base.rows.push_back({customer, first, 5'000'000});
    for (const double time : PurchaseTimes(truth, nature(&random), (kAsOf - first) / 7.0, &random)) {
      const auto day = static_cast<Day>(first + std::ceil(7 * time));
      ++base.history.purchases;
      if (day == last || day > kAsOf) continue;
      const auto gap = static_cast<size_t>(day - last - 1);
      for (auto* gaps : {&base.history.gaps, &base.history.gaps_before}) {
        if (gaps == &base.history.gaps_before && day > kAsOf - kHoldoutDays) continue;
        if (gaps->size() <= gap) gaps->resize(gap + 1);
        ++(*gaps)[gap];
      }
      ++base.history.repeats[day];
      last = day;
      base.rows.push_back({customer, day, 1'000'000 + static_cast<int64_t>(random() % 9'000'000)});
    }
  }
  base.history.purchase_days = base.history.purchases;
  return base;
}

Base SomeBase() {
  static const Base base = Simulated({.kind = LifetimeKind::kMbgNbd, .value = {2, 4, 1.2, 1.2}, .k = 1}, 3000, 500, 3);
  return base;
}

LifetimeFitSettings SettingsFor(const Base& base) {
  LifetimeFitSettings settings;
  settings.as_of = kAsOf;
  settings.holdout_days = kHoldoutDays;
  settings.history = std::make_shared<const BaseHistory>(base.history);
  return settings;
}

NightLifetime Fitted(const LifetimeFitSettings& settings, const std::vector<TestRow>& rows, uint32_t shards = 1,
                     bool spend = false) {
  const TestBase base(rows, kAsOf, kHoldoutDays, shards);
  NightLifetime night(settings, spend);
  RunFit(&night, base.shards());
  return night;
}

LifetimeModel Fit(const LifetimeFitSettings& settings, const Base& base, uint32_t shards = 1) {
  return Fitted(settings, base.rows, shards).lifetime();
}

TEST(NightLifetime, AutoChoosesByTheHoldOutJudgesAndFitsTheChosenModelToToday) {
  const Base base = SomeBase();
  LifetimeFitSettings settings = SettingsFor(base);
  settings.kind.reset();
  const LifetimeModel model = Fit(settings, base);
  ASSERT_TRUE(model.fit.fitted) << model.fit.reason;
  EXPECT_EQ(model.fit.asked, LifetimeKind::kMbgNbd) << "what the base was drawn from";
  EXPECT_EQ(model.chosen_as_of, kAsOf);
  EXPECT_EQ(model.fitted_as_of, kAsOf);
  EXPECT_TRUE(model.refit);
  ASSERT_EQ(model.candidates.size(), 5u);
  EXPECT_TRUE(model.candidates[2].chosen);
  EXPECT_EQ(model.T_max_days, 60 + 499);
  ASSERT_TRUE(model.holdout.has_value());
  EXPECT_EQ(model.holdout->reason, "");
  EXPECT_EQ(model.holdout->as_of, kAsOf - kHoldoutDays);
  EXPECT_EQ(model.holdout->days, kHoldoutDays);
  EXPECT_EQ(model.holdout->parameters.kind, LifetimeKind::kMbgNbd);
  EXPECT_NE(model.holdout->grade, Grade::kNone) << model.holdout->grade_reason;
  ASSERT_TRUE(model.history.has_value());
  EXPECT_EQ(model.history->births, base.history.births);
}

TEST(NightLifetime, TheResultDoesNotDependOnTheSharding) {
  const Base base = SomeBase();
  LifetimeFitSettings settings = SettingsFor(base);
  settings.kind.reset();
  const LifetimeModel one = Fit(settings, base);
  for (const uint32_t shards : {3u, 16u}) {
    const LifetimeModel other = Fit(settings, base, shards);
    EXPECT_EQ(other.fit.parameters, one.fit.parameters);
    EXPECT_EQ(other.fit.covariance, one.fit.covariance);
    EXPECT_EQ(other.fit.log_likelihood, one.fit.log_likelihood);
    EXPECT_EQ(other.candidates, one.candidates);
    EXPECT_EQ(other.holdout, one.holdout);
  }
}

TEST(NightLifetime, AChoiceStaysUntilItIsTooOld) {
  const Base base = SomeBase();
  LifetimeFitSettings settings = SettingsFor(base);
  settings.kind.reset();
  LifetimeModel last = Fit(settings, base);
  last.chosen_as_of = kAsOf - 89;
  last.fit.asked = LifetimeKind::kParetoNbd;  // what another base spoke for
  settings.last = std::make_shared<const LifetimeModel>(last);
  const LifetimeModel kept = Fit(settings, base);
  EXPECT_EQ(kept.fit.asked, LifetimeKind::kParetoNbd);
  EXPECT_EQ(kept.chosen_as_of, kAsOf - 89);
  EXPECT_EQ(kept.candidates, last.candidates);
  EXPECT_EQ(kept.holdout->parameters.kind, LifetimeKind::kParetoNbd) << "judged all the same";
  last.chosen_as_of = kAsOf - 90;
  settings.last = std::make_shared<const LifetimeModel>(last);
  const LifetimeModel anew = Fit(settings, base);
  EXPECT_EQ(anew.fit.asked, LifetimeKind::kMbgNbd);
  EXPECT_EQ(anew.chosen_as_of, kAsOf);
}

TEST(NightLifetime, AHistoryTooShortForAHoldOutChoosesNothing) {
  const Base base = SomeBase();
  LifetimeFitSettings settings = SettingsFor(base);
  settings.kind.reset();
  settings.holdout_days = 0;
  const LifetimeModel model = Fit(settings, base);
  EXPECT_EQ(model.fit.asked, LifetimeKind::kBgNbd);
  EXPECT_EQ(model.chosen_as_of, 0) << "the next night tries again";
  EXPECT_FALSE(model.holdout.has_value());
  ASSERT_FALSE(model.warnings.empty());
  EXPECT_THAT(model.warnings.back(), HasSubstr("too short for a hold-out"));
}

struct RefitCase {
  const char* what;
  bool frozen;
  int days;
  int age;
  std::function<void(LifetimeFitSettings*)> change;
  bool kept;
  const char* words;
};

void ChangeLast(LifetimeFitSettings* settings, const std::function<void(LifetimeModel*)>& change) {
  LifetimeModel last = *settings->last;
  change(&last);
  settings->last = std::make_shared<const LifetimeModel>(std::move(last));
}

void AskForAge(LifetimeFitSettings* settings, double deviation_then, double deviation_now) {
  CovariateSettings& now = settings->covariates.emplace();
  now.rate = {"customers.age"};
  now.prior_deviation = deviation_now;
  ChangeLast(settings, [&now, deviation_then](LifetimeModel* last) {
    CovariateSettings& then = last->covariates.emplace().asked = now;
    then.prior_deviation = deviation_then;
  });
}

void AskForReplicates(LifetimeFitSettings* settings, int then, int now) {
  settings->bootstrap = now;
  ChangeLast(settings, [then](LifetimeModel* last) {
    last->bootstrap_asked = then;
    last->bootstrap.resize(static_cast<size_t>(then - 1));
  });
}

TEST(NightLifetime, ParametersAreKeptAsTheRefitSays) {
  const Base base = SomeBase();
  LifetimeFitSettings settings = SettingsFor(base);
  settings.holdout_days = 0;
  const LifetimeModel earlier = Fit(settings, base);
  ASSERT_TRUE(earlier.fit.fitted);
  const auto nothing = [](LifetimeFitSettings*) {};
  const auto prior = [](LifetimeFitSettings* s) { s->prior["r"] = {0.5, 3}; };
  const RefitCase cases[] = {
      {"every night", false, 1, 1, nothing, false, "every night"},
      {"young", false, 7, 6, nothing, true, "6 days old"},
      {"old", false, 7, 7, nothing, false, "every 7 days"},
      {"from the future", false, 7, -1, nothing, false, "every 7 days"},
      {"frozen", true, 1, 900, nothing, true, "frozen"},
      {"another kind", true, 1, 1, [](auto* s) { s->kind = LifetimeKind::kMbgNbd; }, false, "bg_nbd"},
      {"another unit", false, 7, 1, [](auto* s) { s->time_unit_days = 1; }, false, "time unit"},
      {"another prior", true, 1, 1, prior, false, "prior"},
      {"covariates", true, 1, 1, [](auto* s) { s->covariates.emplace().rate = {"customers.age"}; }, false,
       "covariates"},
      {"the same covariates, traits or not", true, 1, 1, [](auto* s) { AskForAge(s, 1, 1); }, true, "frozen"},
      {"another deviation", true, 1, 1, [](auto* s) { AskForAge(s, 1, 2); }, false, "covariates"},
      {"replicates", true, 1, 1, [](auto* s) { s->bootstrap = 20; }, false, "no replicates"},
      {"as many, one lost", true, 1, 1, [](auto* s) { AskForReplicates(s, 20, 20); }, true, "frozen"},
      {"fewer", true, 1, 1, [](auto* s) { AskForReplicates(s, 200, 20); }, false, "has 200 replicates"},
      {"none any more", true, 1, 1, [](auto* s) { AskForReplicates(s, 200, 0); }, true, "frozen"},
      {"another seed", false, 7, 1, [](auto* s) { AskForReplicates(s, 20, 20), s->seed = 2; }, false, "another seed"},
      {"nothing before", true, 1, 1, [](auto* s) { s->last = nullptr; }, false, "no earlier fit"},
  };
  for (const RefitCase& c : cases) {
    LifetimeFitSettings tonight = settings;
    tonight.refit = {.frozen = c.frozen, .days = c.days};
    LifetimeModel last = earlier;
    last.fitted_as_of = kAsOf - c.age;
    last.fit.log_likelihood += 1;  // so that a new fit would be seen
    last.fit.log_posterior += 1;
    tonight.last = std::make_shared<const LifetimeModel>(last);
    c.change(&tonight);
    const LifetimeRefitDecision decision = DecideLifetimeRefit(tonight, *tonight.kind, tonight.k);
    EXPECT_EQ(decision.keep, c.kept) << c.what << ": " << decision.words;
    EXPECT_THAT(decision.words, HasSubstr(c.words)) << c.what;
    EXPECT_EQ(decision.surprising, c.frozen && !c.kept && tonight.last != nullptr) << c.what;
  }
}

TEST(NightLifetime, AKeptModelHasTonightsHistoryAndJudgementAndItsOwnDate) {
  const Base base = SomeBase();
  LifetimeFitSettings settings = SettingsFor(base);
  LifetimeModel last = Fit(settings, base);
  last.fitted_as_of = kAsOf - 5;
  last.fit.parameters.value[0] *= 1.01;  // no fit of tonight
  last.history.reset();
  settings.last = std::make_shared<const LifetimeModel>(last);
  settings.refit.days = 7;
  const LifetimeModel kept = Fit(settings, base);
  EXPECT_FALSE(kept.refit);
  EXPECT_EQ(kept.fit.parameters, last.fit.parameters);
  EXPECT_EQ(kept.fitted_as_of, kAsOf - 5);
  EXPECT_EQ(kept.history->births, base.history.births);
  EXPECT_EQ(kept.holdout, last.holdout) << "the same base and kind, judged tonight";
  EXPECT_EQ(kept.T_max_days, last.T_max_days);
}

TEST(NightLifetime, SpendBeforeTheHoldOutAndReplicatesAreOfTheSameNight) {
  const Base base = SomeBase();
  LifetimeFitSettings settings = SettingsFor(base);
  settings.bootstrap = 20;
  const NightLifetime night = Fitted(settings, base.rows, 3, true);
  const LifetimeModel model = night.lifetime();
  ASSERT_TRUE(night.spend().has_value());
  EXPECT_TRUE(night.spend()->fitted) << night.spend()->reason;
  ASSERT_TRUE(model.holdout.has_value());
  EXPECT_TRUE(model.holdout->spend.fitted);
  EXPECT_NE(model.holdout->spend.p, night.spend()->p) << "fitted on less";
  EXPECT_GE(model.bootstrap.size(), 15u);
}

// Kept or fitted anew: the horizon's periods are those of tonight.
TEST(NightLifetime, AHorizonWithoutAWholePeriodIsWarnedOf) {
  LifetimeFitSettings settings{.kind = LifetimeKind::kBgBb, .as_of = kAsOf};
  for (const auto& [periods, warnings] :
       {std::pair<std::optional<int32_t>, size_t>{std::nullopt, 0}, {12, 0}, {0, 1}}) {
    settings.horizon_periods = periods;
    LifetimeModel model;
    model.horizon_periods = 7;
    DescribeNight(settings, {.keep = true}, &model);
    EXPECT_EQ(model.horizon_periods, periods);
    ASSERT_EQ(model.warnings.size(), warnings);
    for (const std::string& warning : model.warnings) {
      EXPECT_THAT(warning, HasSubstr("horizon_days holds no whole period"));
    }
  }
}

TEST(NightLifetime, MergedDaysAreReportedAndWarnedOf) {
  Base base = SomeBase();
  base.history.purchases = 1000;
  base.history.purchase_days = 970;
  const LifetimeModel model = Fit(SettingsFor(base), base);
  ASSERT_TRUE(model.merged_share.has_value());
  EXPECT_DOUBLE_EQ(*model.merged_share, 0.03);
  EXPECT_TRUE(model.merged_is_bound);
  EXPECT_THAT(model.warnings.back(), HasSubstr("up to 3.0 %"));
}

TEST(NightLifetime, ModelsThatDoNotCountPurchasesHaveNoMergedDays) {
  Base base = SomeBase();
  base.history.purchases = 1000;
  base.history.purchase_days = 970;
  LifetimeFitSettings settings = SettingsFor(base);
  settings.holdout_days = 0;
  for (const LifetimeKind kind : {LifetimeKind::kBgBb, LifetimeKind::kSbg}) {
    settings.kind = kind;
    const LifetimeModel model = Fit(settings, base);
    EXPECT_TRUE(model.history.has_value());
    EXPECT_FALSE(model.merged_share.has_value()) << Name(kind);
    for (const std::string& warning : model.warnings) EXPECT_THAT(warning, Not(HasSubstr("with another one")));
  }
}

TEST(NightLifetime, BeliefsOfTheJobHoldForTheFitWithCovariatesToo) {
  const Base base = SomeBase();
  LifetimeFitSettings settings = SettingsFor(base);
  settings.holdout_days = 0;
  settings.covariates.emplace().rate = {"main_region"};
  settings.prior["r"] = {0.9, 1.002};
  const LifetimeModel model = Fit(settings, base, 3);
  ASSERT_TRUE(model.fit.fitted && model.fit.identified);
  ASSERT_TRUE(model.covariates.has_value() && model.covariates->fit.fitted);
  EXPECT_NEAR(model.fit.parameters.value[0], 0.9, 0.02);
  EXPECT_NEAR(model.covariates->fit.base.value[0], 0.9, 0.02) << "what scores use";
  // The next night they are the same, beliefs and covariates.
  settings.refit.frozen = true;
  settings.last = std::make_shared<const LifetimeModel>(model);
  const LifetimeModel kept = Fit(settings, base, 3);
  EXPECT_FALSE(kept.refit) << kept.refit_reason;
  EXPECT_EQ(kept.covariates->fit.base, model.covariates->fit.base);
}

struct Degenerate {
  const char* what;
  const char* reason;                             // empty: fitted
  std::vector<std::array<int32_t, 3>> customers;  // purchase days, first day, last day; days before kAsOf
};

std::vector<TestRow> RowsOf(const Degenerate& base) {
  std::vector<TestRow> rows;
  uint64_t customer = 0;
  for (const auto& [days, first, last] : base.customers) {
    for (int i = 0; i < days; ++i) {
      const int gap = days == 1 ? 0 : i * (first - last) / (days - 1);
      rows.push_back({customer, kAsOf - first + gap, 1'000'000});
    }
    ++customer;
  }
  return rows;
}

TEST(NightLifetime, BasesWithNothingToFitAreAnsweredInWordsWhateverTheModel) {
  const auto repeated = [](int count, std::array<int32_t, 3> customer) {
    return std::vector<std::array<int32_t, 3>>(static_cast<size_t>(count), customer);
  };
  std::vector<std::array<int32_t, 3>> equal_T;
  for (int i = 0; i < 60; ++i) equal_T.push_back({1 + i % 5, 300, i % 5 == 0 ? 300 : 300 - 40 - 3 * i});
  std::vector<std::array<int32_t, 3>> heavy = equal_T;
  heavy.push_back({10'001, 10'000, 0});
  const Degenerate cases[] = {
      {"nobody", "no customer has a purchase day", {}},
      {"one customer", "only 1 customer has", {{5, 390, 10}}},
      {"everybody came on the date", "no time has passed", repeated(50, {1, 0, 0})},
      {"nobody came back", "second day", repeated(50, {1, 300, 300})},
      {"all alike", "the same history", repeated(50, {5, 300, 100})},
      {"everybody came on the same day", "", equal_T},
      {"10,000 purchases", "", heavy},
  };
  for (const Degenerate& c : cases) {
    for (const LifetimeKind kind : kKinds) {
      LifetimeFitSettings settings;
      settings.kind = kind;
      settings.k = IsRegular(kind) ? std::optional(2) : std::nullopt;
      settings.as_of = kAsOf;
      settings.holdout_days = kHoldoutDays;
      const LifetimeModel model = Fitted(settings, RowsOf(c)).lifetime();
      SCOPED_TRACE(testing::Message() << c.what << ", " << Name(kind));
      EXPECT_EQ(model.fit.fitted, c.reason[0] == '\0') << model.fit.reason;
      EXPECT_THAT(model.fit.reason, HasSubstr(c.reason));
      for (const double value : model.fit.parameters.value) EXPECT_TRUE(std::isfinite(value));
      EXPECT_TRUE(std::isfinite(model.fit.log_likelihood));
      ASSERT_TRUE(model.holdout.has_value());
      for (const ParameterEstimate& estimate : model.fit.estimates) {
        EXPECT_TRUE(!estimate.estimate.has_value() || *estimate.estimate < 1e5) << estimate.name;
      }
    }
  }
}

TEST(NightLifetime, AutoOfABaseWithNothingToFitSaysSo) {
  LifetimeFitSettings settings;
  settings.kind.reset();
  settings.as_of = kAsOf;
  settings.holdout_days = kHoldoutDays;
  const LifetimeModel model = Fitted(settings, {{1, kAsOf - 300, 1}}).lifetime();
  EXPECT_FALSE(model.fit.fitted);
  EXPECT_EQ(model.chosen_as_of, 0);
  ASSERT_FALSE(model.warnings.empty());
  EXPECT_THAT(model.warnings.back(), HasSubstr("no model could be fitted before the hold-out"));
}

}  // namespace
}  // namespace strata
