// What a job's settings become, and when cuts are frozen.
#include "coordinator/night/fit_settings.h"

#include <gtest/gtest.h>

#include "coordinator/night/cluster_settings.h"
#include "data/profile/job_profile.h"
#include "model/lifetime/lifetime_kind.h"
#include "run/job_lifetime.h"

namespace strata {
namespace {

constexpr Day kAsOf = 10'000;

Job JobWith(RfmRules rules) {
  Job job;
  job.rfm = std::move(rules);
  return job;
}

FittedModels ModelsOf(const RfmRules& rules) {
  FittedModels models;
  RfmModel& rfm = models.rfm.emplace();
  rfm.as_of = kAsOf - 30;
  rfm.customers = 7;
  rfm.axis_scores = rules.scores;
  rfm.recency_cuts_days = {11, 22};
  return models;
}

TEST(FitSettings, RfmTakesEveryRuleOfTheJob) {
  RfmRules rules{.scores = {2, 3, 4}, .cuts = RfmRules::Cuts::kFixed, .fixed = {{{5}, {1, 2}, {7, 8, 9}}}};
  rules.mid_rank = true;
  rules.mean_fm = true;
  rules.window = {.kind = RfmWindow::Kind::kMonths, .count = 3};
  rules.grid = "mine";
  rules.grids["mine"] = {.axes = {0}, .cells = {{"[1]", "rest"}, {"[2]", "best"}}};
  const NightFitSettings settings = ChooseFit(JobWith(rules), {.as_of = kAsOf}, &WidestKernels()).settings;
  ASSERT_TRUE(settings.rfm.has_value());
  EXPECT_EQ(settings.rfm->scores, rules.scores);
  EXPECT_EQ(settings.rfm->cuts, RfmFitSettings::Cuts::kFixed);
  EXPECT_EQ(settings.rfm->fixed, rules.fixed);
  EXPECT_TRUE(settings.rfm->mid_rank && settings.rfm->mean_fm && settings.rfm->windowed);
  EXPECT_EQ(settings.rfm->grid_classes, (std::vector<std::string>{"best", "rest"}));
  EXPECT_EQ(settings.rfm->grid_cells, (std::vector<uint8_t>{2, 1}));
  EXPECT_FALSE(settings.schemes.has_value());
}

// A year of calendar periods is all of them, however long they are on average.
TEST(FitSettings, TheHorizonOfLifetimeHoldsThePeriodsThatEndInIt) {
  Job job;
  LifetimeSettings& lifetime = job.lifetime.emplace();
  const auto periods = [&] {
    return ChooseFit(job, {.as_of = kAsOf}, &WidestKernels()).settings.lifetime->horizon_periods;
  };
  EXPECT_FALSE(periods().has_value());  // purchases may come at any time
  lifetime.model = "bg_bb";
  for (const auto& [unit, count] : {std::pair("month", 12), std::pair("quarter", 4), std::pair("year", 1)}) {
    lifetime.opportunity = LifetimePeriod{.unit = unit};
    EXPECT_EQ(periods(), count) << unit;
  }
  lifetime.opportunity.reset();
  lifetime.model = "sbg";
  lifetime.contract = LifetimeContract{.start = "customers.since", .end = "", .period = {.unit = "year"}};
  EXPECT_EQ(periods(), 1);
  lifetime.horizon_days = 364;
  EXPECT_EQ(periods(), 0);
}

TEST(FitSettings, FrozenCutsAreThoseOfTheFollowedSnapshotWhereTheRuleIsTheSame) {
  RfmRules rules{.scores = {3, 3, 3}};
  rules.refit = Refit::kFrozen;
  const Job job = JobWith(rules);
  EXPECT_TRUE(WantsFollowedModels(job));
  const FittedModels followed = ModelsOf(rules);
  const ChosenFit same = ChooseFit(job, {.as_of = kAsOf, .followed = &followed}, &WidestKernels());
  ASSERT_TRUE(same.settings.rfm->frozen.has_value());
  EXPECT_EQ(same.settings.rfm->frozen->recency_cuts_days, followed.rfm->recency_cuts_days);
  EXPECT_TRUE(same.warnings.empty());

  const FittedModels other = ModelsOf({.scores = {5, 5, 5}});
  const ChosenFit changed = ChooseFit(job, {.as_of = kAsOf, .followed = &other}, &WidestKernels());
  EXPECT_FALSE(changed.settings.rfm->frozen.has_value());
  ASSERT_EQ(changed.warnings.size(), 1u);
  EXPECT_NE(changed.warnings[0].find("models.rfm.refit"), std::string::npos) << changed.warnings[0];

  const ChosenFit first = ChooseFit(job, {.as_of = kAsOf}, &WidestKernels());
  EXPECT_FALSE(first.settings.rfm->frozen.has_value());
  EXPECT_TRUE(first.warnings.empty()) << "a first night has nothing to keep";
}

TEST(FitSettings, SchemesTakeCutsOfGapsOrFrozenOnes) {
  Job job;
  job.life_cycle.emplace();
  GapStatistics gaps;
  for (Day length = 1; length <= 100; ++length) gaps.Add(std::vector<Day>{0, length}, kAsOf, 365);
  const auto days_of = [&](const FittedModels* followed) {
    return ChooseFit(job, {.as_of = kAsOf, .gaps = gaps, .followed = followed}, &WidestKernels())
        .settings.schemes->life_cycle->days;
  };
  EXPECT_EQ(days_of(nullptr), (std::array<int64_t, 3>{80, 90, 95}));
  FittedModels followed;
  followed.schemes.emplace().life_cycle.emplace().days = {1, 2, 3};
  EXPECT_EQ(days_of(&followed), (std::array<int64_t, 3>{80, 90, 95})) << "fitted every night";
  job.life_cycle->refit = Refit::kFrozen;
  EXPECT_EQ(days_of(&followed), (std::array<int64_t, 3>{1, 2, 3}));

  job.value.emplace();
  job.value->refit = Refit::kFrozen;
  followed.schemes->value.emplace();
  const ChosenFit nobody = ChooseFit(job, {.as_of = kAsOf, .gaps = gaps, .followed = &followed}, &WidestKernels());
  EXPECT_FALSE(nobody.settings.schemes->frozen_value.has_value()) << "cuts of a night without a positive margin";
  EXPECT_EQ(nobody.settings.schemes->life_cycle->closed, 100) << "the gaps are tonight's";
  EXPECT_EQ(nobody.warnings.size(), 1u);
  followed.schemes->value->basis = MarginBasis(job);
  followed.schemes->value->a_from = 77;
  followed.schemes->value->positive = 1;
  const SchemeFitSettings schemes =
      *ChooseFit(job, {.as_of = kAsOf, .gaps = gaps, .followed = &followed}, &WidestKernels()).settings.schemes;
  EXPECT_TRUE(schemes.value);
  EXPECT_EQ(schemes.frozen_value->a_from, 77);
  EXPECT_EQ(schemes.basis, "net: the job knows no costs");
}

// Cuts of another window or other shares are no cuts of this job.
TEST(FitSettings, FrozenCutsOfAnotherRuleAreFittedAnew) {
  Job job;
  RfmRules& rfm = job.rfm.emplace();
  rfm.refit = Refit::kFrozen;
  rfm.window = {.kind = RfmWindow::Kind::kTrailing, .count = 90};
  ValueSettings& value = job.value.emplace();
  value.refit = Refit::kFrozen;
  value.window_days = 365;
  LifeCycleSettings& cycle = job.life_cycle.emplace();
  cycle.refit = Refit::kFrozen;
  const auto choose = [&](const FittedModels* followed) {
    return ChooseFit(job, {.as_of = kAsOf, .followed = followed}, &WidestKernels());
  };
  FittedModels followed = ModelsOf(rfm);
  followed.rfm->windowed = true;
  followed.rfm->window = "last 90 days";
  SchemeModels& schemes = followed.schemes.emplace();
  schemes.value.emplace().positive = 1;
  schemes.value->window_days = 365;
  schemes.value->basis = MarginBasis(job);
  schemes.peers.emplace();
  schemes.life_cycle.emplace();
  EXPECT_TRUE(choose(&followed).warnings.empty());

  const auto warned = [&](const char* key, auto change) {
    FittedModels other = followed;
    change(&other);
    const ChosenFit chosen = choose(&other);
    ASSERT_EQ(chosen.warnings.size(), 1u) << key;
    EXPECT_EQ(
        chosen.warnings[0],
        std::string(key) + ": frozen, and the followed snapshot has cuts of another rule: the cuts are fitted tonight");
    EXPECT_EQ(chosen.settings.rfm->frozen.has_value(), std::string(key) != "models.rfm.refit");
    EXPECT_EQ(chosen.settings.schemes->frozen_value.has_value(), std::string(key) != "models.value.refit");
  };
  warned("models.rfm.refit", [](FittedModels* m) { m->rfm->window = "last 3 complete months"; });
  warned("models.value.refit", [](FittedModels* m) { m->schemes->value->window_days.reset(); });
  warned("models.value.refit", [](FittedModels* m) { m->schemes->value->a = 700'000; });
  warned("models.value.refit", [](FittedModels* m) { m->schemes->value->d_beyond = 990'000; });
  warned("models.value.refit", [](FittedModels* m) { m->schemes->value->basis = "gross"; });
  warned("models.value.refit", [](FittedModels* m) { m->schemes->peers->share = 500'000; });
  warned("models.life_cycle.refit", [](FittedModels* m) { m->schemes->life_cycle->quantiles[0] = 1; });
  warned("models.life_cycle.refit", [](FittedModels* m) { m->schemes->life_cycle->gap_days = 100; });
  warned("models.life_cycle.refit", [](FittedModels* m) { m->schemes->life_cycle->rule = "fixed"; });
}

TEST(FitSettings, ClusteringTakesEverySettingOfTheJob) {
  Job job;
  job.seed = 77;
  ClusteringSettings& asked = job.clustering.emplace();
  EXPECT_TRUE(WantsFollowedModels(job));
  const ClusterFitSettings plain = ClusterSettingsOf(job, nullptr, kAsOf, &PlainKernels());
  EXPECT_EQ(plain.features, DefaultClusterFeatures());
  EXPECT_FALSE(plain.k.has_value());
  EXPECT_EQ(plain.k_max, 12);
  EXPECT_EQ(plain.seed, 77u);
  EXPECT_EQ(plain.as_of, kAsOf);
  EXPECT_EQ(plain.refit, RefitRules{});
  EXPECT_EQ(plain.last, nullptr);
  EXPECT_EQ(plain.kernels, &PlainKernels());

  asked.features.push_back({.column = "net", .transform = Transform::kLog1p});
  asked.k = 3;
  asked.k_max = 4;
  asked.starts = 5;
  asked.iterations_max = 6;
  asked.tolerance = 7;
  asked.trim = 8;
  asked.gamma = 9;
  asked.gamma_huang = true;
  asked.weight = "net";
  asked.sample = 1025;
  asked.references = 21;
  asked.all_trials = true;
  asked.refit = {.nightly = true, .frozen = true, .drift = false, .days = 11};
  asked.drift_psi = 0.5;
  asked.drift_inertia = 0.75;
  const ClusterFitSettings all = ClusterSettingsOf(job, nullptr, kAsOf, &PlainKernels());
  EXPECT_EQ(all.features, asked.features);
  EXPECT_EQ(all.k, 3);
  EXPECT_EQ(all.k_max, 4);
  EXPECT_EQ(all.starts, 5);
  EXPECT_EQ(all.iterations_max, 6);
  EXPECT_EQ(all.tolerance, 7);
  EXPECT_EQ(all.trim, 8);
  EXPECT_EQ(all.gamma, 9);
  EXPECT_TRUE(all.gamma_huang && all.all_trials);
  EXPECT_EQ(all.weight, "net");
  EXPECT_EQ(all.sample, 1025u);
  EXPECT_EQ(all.references, 21);
  const RefitRules rules{.nightly = true, .frozen = true, .drift = false, .days = 11, .psi = 0.5, .inertia = 0.75};
  EXPECT_EQ(all.refit, rules);
}

TEST(FitSettings, ClusteringFollowsClustersInASpaceAndANightWithoutAny) {
  Job job;
  job.clustering.emplace();
  FittedModels followed;
  const auto last = [&] { return ClusterSettingsOf(job, &followed, kAsOf, &PlainKernels()).last; };
  EXPECT_EQ(last(), nullptr) << "no clustering";
  ClusteringModel& model = followed.clustering.emplace();
  model.last_id = 7;
  ASSERT_NE(last(), nullptr) << "not fitted: ids go on";
  EXPECT_EQ(last()->last_id, 7);
  model.k = 1;
  model.clusters.emplace_back();
  EXPECT_EQ(last(), nullptr) << "no space";
  model.space.numeric.emplace_back();
  ASSERT_NE(last(), nullptr);
  EXPECT_EQ(*last(), model);
}

TEST(JobProfile, FeaturesOfClusteringMayNeedOne) {
  Job job;
  job.clustering.emplace().features.push_back({.column = "net"});
  EXPECT_FALSE(WantsProfile(job));
  job.clustering->weight = "margin";
  EXPECT_TRUE(WantsProfile(job));
}

TEST(JobProfile, APlainJobHasNone) {
  Job job;
  job.transactions.columns.customer_id = "id";
  job.rfm.emplace();
  EXPECT_FALSE(WantsProfile(job));
  job.rfm->grid = "ten";
  EXPECT_TRUE(WantsProfile(job));
  job.rfm->grid = "eleven";
  job.transactions.columns.product_id = "p";
  EXPECT_TRUE(WantsProfile(job)) << "details";
  job.transactions.keep_lines = false;
  EXPECT_FALSE(WantsProfile(job));
  job.all_reports = true;
  EXPECT_TRUE(WantsProfile(job));
}

TEST(JobProfile, SaysWhatTheMarginIsMadeOf) {
  Job job;
  job.transactions.columns.product_id = "p";
  job.transactions.columns.quantity = "q";
  EXPECT_EQ(MarginBasis(job), "net: the job knows no costs");
  job.tables.push_back({.table = TableId::kProducts, .columns = {{"product_id", "p"}, {"unit_cost", "c"}}});
  job.tables.push_back({.table = TableId::kCosts});
  EXPECT_EQ(MarginBasis(job), "net less quantity times the product's unit cost, the customer's costs");
}

// A job's reader knows the models by name alone.
TEST(FitSettings, EveryLifetimeModelOfAJobIsOneOfTheMathematicsWithItsParameters) {
  EXPECT_EQ(LifetimeModelNames().size(), 8u);
  for (const std::string_view name : LifetimeModelNames()) {
    const std::optional<LifetimeKind> kind = LifetimeKindOf(name);
    ASSERT_TRUE(kind.has_value()) << name;
    const auto names = ParameterNames(*kind);
    const auto of_job = LifetimeParameterNames(name);
    EXPECT_EQ(std::vector<std::string>(of_job.begin(), of_job.end()),
              std::vector<std::string>(names.begin(), names.end()))
        << name;
    Job job;
    job.lifetime.emplace().model = name;
    EXPECT_EQ(ChooseFit(job, {.as_of = kAsOf}, &WidestKernels()).settings.lifetime->kind, kind);
  }
  EXPECT_TRUE(LifetimeParameterNames("weibull").empty());
}

TEST(FitSettings, LifetimeTakesEveryRuleOfTheJobAndTheFollowedModel) {
  Job job;
  job.seed = 77;
  LifetimeSettings& asked = job.lifetime.emplace();
  asked.model = "auto";
  EXPECT_TRUE(WantsFollowedModels(job)) << "its choice may stand";
  asked.model = "bg_bb";
  asked.opportunity = LifetimePeriod{.unit = "quarter"};
  EXPECT_FALSE(WantsFollowedModels(job));
  asked.refit = LifetimeSettings::Refit::kEvery;
  asked.refit_days = 7;
  EXPECT_TRUE(WantsFollowedModels(job));
  asked.prior["alpha"] = {.median = 2, .factor = 3};
  asked.interval.reset();
  asked.covariates = LifetimeCovariates{.rate = {"customers.age"}, .scale = {{"customers.age", 10}}, .prior_sd = 2};
  FittedModels followed;
  followed.lifetime.emplace().chosen_as_of = 4;
  const auto history = std::make_shared<const BaseHistory>();
  const NightFitSettings settings =
      ChooseFit(job, {.as_of = kAsOf, .history = history, .holdout_days = 30, .followed = &followed}, &WidestKernels())
          .settings;
  const LifetimeFitSettings& fit = *settings.lifetime;
  EXPECT_DOUBLE_EQ(fit.time_unit_days, 365.25 / 4);
  EXPECT_EQ(fit.as_of, kAsOf);
  EXPECT_EQ(fit.holdout_days, 30);
  EXPECT_EQ(fit.history, history);
  EXPECT_EQ(fit.refit.days, 7);
  EXPECT_FALSE(fit.refit.frozen || fit.interval.has_value());
  EXPECT_EQ(fit.prior.at("alpha"), (std::pair{2.0, 3.0}));
  EXPECT_EQ(fit.seed, 77u);
  EXPECT_EQ(fit.covariates->told_per.at("customers.age"), 10);
  EXPECT_EQ(fit.covariates->prior_deviation, 2);
  EXPECT_EQ(fit.last->chosen_as_of, 4);
  EXPECT_TRUE(fit.margin_basis.empty());
}

TEST(FitSettings, AHoldOutThatThereIsNoHistoryForIsAWarning) {
  Job job;
  LifetimeSettings& asked = job.lifetime.emplace();
  asked.holdout = LifetimeSettings::Holdout::kDays;
  asked.holdout_days = 60;
  EXPECT_TRUE(ChooseFit(job, {.as_of = kAsOf, .holdout_days = 60}, &WidestKernels()).warnings.empty());
  EXPECT_EQ(ChooseFit(job, {.as_of = kAsOf, .holdout_days = 0}, &WidestKernels()).warnings.size(), 1u);
}

}  // namespace
}  // namespace strata
