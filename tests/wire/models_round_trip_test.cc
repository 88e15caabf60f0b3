#include <gtest/gtest.h>

#include <cmath>

#include "data/snapshot/snapshot.h"
#include "model/clustering/names.h"
#include "strata/v1/models.pb.h"
#include "tests/base/status_matchers.h"
#include "tests/wire/drawn_models.h"
#include "tests/wire/drawn_values.h"
#include "wire/models.h"

namespace strata {
namespace {

ClusterSpace DrawSpace(Draw* draw) {
  ClusterSpace space;
  space.grid_bits = static_cast<int>(draw->Int(4, 12));
  for (int i = 0; i < 3; ++i) {
    NumericFeature& feature = space.numeric.emplace_back();
    feature.name = draw->Text() + std::to_string(i);
    feature.column = draw->Text();
    feature.transform = static_cast<Transform>(draw->Int(1, 3));
    if (feature.transform == Transform::kYeoJohnson) feature.lambda = draw->Double();
    feature.scale = static_cast<Scale>(draw->Int(0, 3));
    feature.missing = static_cast<MissingRule>(draw->Int(0, 2));
    feature.weight = draw->Double();
    feature.mean = draw->Double();
    feature.deviation = draw->Double();
    feature.constant = draw->Coin();
    feature.unit = std::ldexp(1, static_cast<int>(draw->Int(-20, 20)));
    feature.missing_value = draw->Double();
    if (draw->Coin()) feature.winsor = {draw->Double(), draw->Double()};
    feature.present = draw->Int(0, 1000);
    feature.absent = draw->Int(0, 1000);
  }
  for (int64_t n = draw->Int(0, 2); n > 0; --n) {
    CategoryFeature& feature = space.categories.emplace_back();
    feature.name = "category " + std::to_string(n);
    feature.column = draw->Text();
    for (int64_t word = draw->Int(1, 64); word > 0; --word)
      feature.words.push_back(draw->Text() + std::to_string(word));
  }
  return space;
}

// What is sent of it. At most three effects, since only what sets a cluster apart is.
ClusteringModel DrawClustering(Draw* draw) {
  ClusteringModel model;
  model.k = static_cast<int>(draw->Int(0, 5));
  model.reason = draw->Text();
  if (model.k > 0) {
    model.structure = draw->Coin();
    model.fitted_as_of = draw->AnyDay();
    model.refit = {.refit = draw->Coin(), .why = draw->Text()};
  } else {
    model.refit.refit = false;
  }
  model.space = DrawSpace(draw);
  model.trim = draw->Int(0, 500'000);
  model.outliers = draw->Int(0, 1000);
  model.customers = model.outliers;
  model.gamma = draw->Int(0, 1'000'000'000);
  model.inertia = draw->Double();
  model.silhouette = draw->Double();
  if (draw->Coin()) model.calinski_harabasz = draw->Double();
  if (draw->Coin()) model.davies_bouldin = draw->Double();
  model.iterations = static_cast<int>(draw->Int(0, 100));
  model.converged = draw->Coin();
  model.warnings = draw->Texts(2);
  const auto maybe = [draw] { return draw->Coin() ? std::optional(draw->Double()) : std::nullopt; };
  for (int i = 0; i < model.k; ++i) {
    FittedCluster& cluster = model.clusters.emplace_back();
    cluster.id = (model.clusters.size() == 1 ? 0 : model.clusters[model.clusters.size() - 2].id) +
                 static_cast<int>(draw->Int(1, 9));
    cluster.name = draw->Text();
    cluster.size = draw->Int(0, 1'000'000);
    model.customers += cluster.size;
    cluster.net_micros = Int128{draw->Int(-9'000, 9'000)} * 1'000'000'000'000'000;
    for (int j = 0; j < 3; ++j) cluster.centre.q.push_back(static_cast<int32_t>(draw->Int(-kGridEnd, kGridEnd)));
    cluster.effects = {0, kApartMin + static_cast<double>(draw->Int(0, 9)), 0};
    for (const CategoryFeature& feature : model.space.categories) {
      cluster.centre.modes.push_back(
          static_cast<uint8_t>(draw->Int(0, static_cast<int64_t>(feature.words.size()) - 1)));
      cluster.effects.push_back(draw->Coin() ? kApartMin : 0);
    }
    model.trials.rows.push_back({.k = i + 1,
                                 .within = draw->Double(),
                                 .gap = maybe(),
                                 .error = maybe(),
                                 .silhouette = maybe(),
                                 .calinski_harabasz = maybe(),
                                 .davies_bouldin = maybe(),
                                 .stability = maybe(),
                                 .iterations = i});
    model.trials.k = i + 1;
  }
  model.trials.structure = model.trials.k > 1;
  return model;
}

// The lists that tell how good a churn model is and what it looks at, as far as they are sent.
void DrawChurnDetails(Draw* draw, ChurnModel* model) {
  const auto several = [draw](auto* list, auto make) {
    for (int64_t n = draw->Int(0, 3); n > 0; --n) list->push_back(make());
  };
  model->algorithm = static_cast<ChurnAlgorithm>(draw->Int(0, 2));
  model->average_precision = draw->Double();
  model->calibration_error_perfect = draw->Double();
  model->temporal = draw->Coin();
  model->plan.question = static_cast<ChurnQuestion>(draw->Int(0, 3));
  for (int64_t n = draw->Int(0, 4); n > 0; --n) {
    ChurnFeature& feature = model->plan.features.emplace_back();
    feature = {.name = draw->Text(), .formula = draw->Text(), .unit = draw->Text(), .group = draw->Text()};
    feature.high_words = draw->Text();
    feature.low_words = draw->Text();
    feature.source = static_cast<ChurnSource>(draw->Int(0, 3));
    feature.type = static_cast<ColumnType>(draw->Int(0, 6));
    feature.monotone = static_cast<int8_t>(draw->Int(-1, 1));
    model->medians.push_back(feature.type == ColumnType::kText ? std::nan("") : draw->DoubleOrAbsent());
  }
  Calibration& calibration = model->calibration;
  calibration = {.method = static_cast<CalibrationMethod>(draw->Int(0, 2)), .slope = draw->Double()};
  calibration.intercept = draw->Double();
  calibration.places = draw->Doubles(3);
  calibration.probabilities = draw->Doubles(3);
  calibration.platt_loss = draw->Double();
  calibration.isotonic_loss = draw->Double();
  calibration.rows = draw->Int(0, 1000);
  calibration.churned = draw->Int(0, 1000);
  if (draw->Coin()) model->fitted_as_of = draw->AnyDay();
  several(&model->cutoffs, [draw] { return draw->AnyDay(); });
  model->band_low = draw->Double();
  model->band_high = draw->Double();
  several(&model->reliability, [draw] {
    return CalibrationBin{draw->Int(0, 9), draw->Int(0, 9), draw->Double(), draw->Double(), draw->Double()};
  });
  several(&model->lift, [draw] {
    return LiftDecile{draw->Int(0, 9), draw->Int(0, 9), draw->Double(), draw->Double()};
  });
  several(&model->drivers, [draw] {
    return ChurnDriver{draw->Text(), draw->Text(), draw->Double(), draw->Double(), draw->Double(), draw->Double()};
  });
  several(&model->dependence, [draw] {
    return DependencePoint{draw->Text(), draw->Double(), draw->Double(), draw->Text(), draw->Double(), draw->Double()};
  });
  several(&model->sufficiency, [draw] {
    return SufficiencyLine{draw->Text(), draw->Double(), draw->Double(), draw->Coin(), draw->Text()};
  });
  model->warnings = draw->Texts(2);
}

ChurnModel DrawChurn(Draw* draw) {
  ChurnModel model{.fitted = draw->Coin(),
                   .reason = draw->Text(),
                   .horizon_days = static_cast<int>(draw->Int(1, 400)),
                   .eligible_days = static_cast<int>(draw->Int(1, 400)),
                   .features = draw->Texts(4),
                   .mean = draw->Doubles(4),
                   .deviation = draw->Doubles(4),
                   .coefficients = draw->Doubles(4),
                   .intercept = draw->Double(),
                   .rows = draw->Int(0, 1000),
                   .churned = draw->Int(0, 1000),
                   .train_cutoff = draw->AnyDay(),
                   .test_cutoff = draw->AnyDay(),
                   .holdout_rows = draw->Int(0, 1000),
                   .holdout_churned = draw->Int(0, 1000),
                   .auc = draw->Double(),
                   .log_loss = draw->Double(),
                   .brier = draw->Double(),
                   .calibration_error = draw->Double(),
                   .best_baseline = draw->Text(),
                   .auc_gain = draw->Double(),
                   .auc_gain_low = draw->Double(),
                   .auc_gain_high = draw->Double(),
                   .grade = static_cast<Grade>(draw->Int(0, 4)),
                   .grade_reason = draw->Text()};
  for (int64_t n = draw->Int(0, 3); n > 0; --n) {
    model.baselines.push_back({.name = draw->Text(), .auc = draw->Double()});
    if (draw->Coin()) model.baselines.back().log_loss = draw->Double();
    if (draw->Coin()) model.baselines.back().average_precision = draw->Double();
    model.baselines.back().threshold = draw->Double();
  }
  DrawChurnDetails(draw, &model);
  return model;
}

// What is sent of it.
SchemeModels DrawSchemes(Draw* draw) {
  SchemeModels models;
  const auto maybe = [draw] { return draw->Coin() ? std::optional(draw->Int(-9'000, 9'000)) : std::nullopt; };
  if (draw->Coin()) {
    models.value = ValueModel{.fitted_as_of = draw->AnyDay(),
                              .a_from = maybe(),
                              .b_from = maybe(),
                              .c_from = maybe(),
                              .customers = draw->Int(0, 1000),
                              .positive = draw->Int(0, 1000),
                              .zero = draw->Int(0, 1000),
                              .losing = draw->Int(0, 1000),
                              .gini = draw->Double(),
                              .basis = draw->Text(),
                              .window_days = maybe(),
                              .a = draw->Int(1, 1000),
                              .b = draw->Int(1, 1000),
                              .d_beyond = maybe()};
  }
  if (draw->Coin()) {
    models.life_cycle = LifeCycleModel{.fitted_as_of = draw->AnyDay(),
                                       .gap_days = static_cast<int>(draw->Int(1, 400)),
                                       .days = {draw->Int(1, 9), draw->Int(9, 99), draw->Int(99, 999)},
                                       .opened = draw->Int(0, 1000),
                                       .closed = draw->Int(0, 1000),
                                       .rule = draw->Text(),
                                       .quantiles = {draw->Int(1, 9), draw->Int(9, 99), draw->Int(99, 999)}};
  }
  for (std::optional<LevelModel>& level : models.levels) {
    if (draw->Coin()) level.emplace().cuts = draw->Ints(draw->Coin() ? 2 : 0);
  }
  return models;
}

FittedModels DrawModels(Draw* draw) {
  FittedModels models;
  if (draw->Coin()) {
    models.rfm = RfmModel{.scores = static_cast<int>(draw->Int(2, 10)),
                          .as_of = draw->AnyDay(),
                          .customers = draw->Int(0, 1'000'000),
                          .recency_cuts_days = draw->Ints(4),
                          .frequency_cuts = draw->Ints(4),
                          .monetary_cuts_micros = draw->Ints(4),
                          .window = draw->Coin() ? "all" : "last 90 days",
                          .cuts = draw->Coin() ? "quantile" : "nested",
                          .grid = draw->Text() + "g"};
    if (draw->Coin()) models.rfm->axis_scores = {2, 3, 10};
  }
  if (draw->Coin()) models.clustering = DrawClustering(draw);
  if (draw->Coin()) models.lifetime = DrawLifetime(draw);
  if (draw->Coin()) models.spend = DrawSpend(draw);
  if (draw->Coin()) models.churn = DrawChurn(draw);
  if (draw->Coin()) models.schemes = DrawSchemes(draw);
  models.lifetime_horizon_days = static_cast<int>(draw->Int(1, 1000));
  models.discount_rate_annual = draw->Double();
  return models;
}

TEST(ModelsOnTheWire, ArriveAsTheyWere) {
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    SCOPED_TRACE(seed);
    Draw draw(seed);
    const FittedModels models = DrawModels(&draw);
    v1::Models message, arrived;
    FillModels(models, &message);
    ASSERT_TRUE(arrived.ParseFromString(message.SerializeAsString()));
    const auto read = ReadModels(arrived);
    ASSERT_OK(read);
    // The model files of a snapshot hold every field to the bit, by code of its own.
    EXPECT_EQ(ModelsToJson(*read), ModelsToJson(models));
  }
}

TEST(ModelsOnTheWire, DoNotSayWhatTheDataDoNotDetermine) {
  FittedModels models;
  LifetimeModel& lifetime = models.lifetime.emplace();
  lifetime.fit = {.fitted = true, .asked = LifetimeKind::kBgNbd};
  lifetime.fit.parameters = {.kind = LifetimeKind::kBgNbd, .value = {1e6, 1e7, 0.5, 2}};
  lifetime.fit.estimates = {{.name = "r", .words = "customers hardly differ"},
                            {.name = "alpha", .words = "customers hardly differ"},
                            {.name = "a", .estimate = 0.5},
                            {.name = "b", .estimate = 2}};
  lifetime.fit.determined = {{.name = "r / alpha", .estimate = 0.1}};
  lifetime.fit.boundary = "equal_rates";
  v1::Models message;
  FillModels(models, &message);
  EXPECT_FALSE(message.lifetime().parameters().has_r());
  EXPECT_FALSE(message.lifetime().parameters().has_alpha());
  EXPECT_EQ(message.lifetime().parameters().b(), 2);
  EXPECT_EQ(message.lifetime().determined(0).estimate(), 0.1);
  EXPECT_EQ(message.lifetime().named(1).unit(), "weeks");
  EXPECT_EQ(message.DebugString().find("1e+06"), std::string::npos) << message.DebugString();
  EXPECT_EQ(message.DebugString().find("1000000"), std::string::npos) << message.DebugString();
}

TEST(ModelsOnTheWire, NameTheTraitsOfCovariates) {
  FittedModels models;
  CovariateModel& model = models.lifetime.emplace().covariates.emplace();
  model.fit.fitted = true;
  model.fit.base = {.kind = LifetimeKind::kParetoNbd, .value = {0.5, 10, 0.6, 11}};
  model.coefficients = {{.on = CovariateCoefficient::On::kRate,
                         .told = {.name = "customers.region = south on rate",
                                  .estimate = 0.25,
                                  .standard_error = 0.1,
                                  .low = 0.05,
                                  .high = 0.45}}};
  v1::Models message;
  FillModels(models, &message);
  ASSERT_EQ(message.lifetime().covariates_size(), 1);
  EXPECT_EQ(message.lifetime().covariates(0).name(), "customers.region = south on rate");
  EXPECT_EQ(message.lifetime().covariate_base().beta(), 11);
  EXPECT_FALSE(message.lifetime().covariate_base().has_a());
  const auto read = ReadModels(message);
  ASSERT_OK(read);
  ASSERT_EQ(read->lifetime->covariates->coefficients.size(), 1u);
  EXPECT_EQ(read->lifetime->covariates->coefficients[0].told.name, "customers.region = south on rate");
  EXPECT_EQ(read->lifetime->covariates->coefficients[0].told.estimate, 0.25);
  message.mutable_lifetime()->mutable_covariates(0)->set_acts_on("mood");
  EXPECT_THAT(ReadModels(message), SaysThat("'mood' is nothing to act on"));
}

TEST(ModelsOnTheWire, ThatContradictThemselvesAreRefused) {
  v1::Models message;
  message.mutable_clustering()->set_k(2);
  EXPECT_THAT(ReadModels(message), FailsWith(absl::StatusCode::kInternal, "ANSWER_INVALID"));
  message.Clear();
  message.mutable_clustering()->add_features("recency");
  message.mutable_clustering()->add_centroids();
  EXPECT_THAT(ReadModels(message), SaysThat("not one mean and deviation per feature"));
  const auto refused = [](auto change) {
    ClusteringModel model;
    model.k = 1;
    model.space.numeric.emplace_back().name = "recency";
    model.space.numeric[0].transform = Transform::kLog1p;
    model.space.categories.push_back({.name = "region", .column = "region", .words = {"north", "south"}, .counts = {}});
    model.clusters.push_back({.id = 7, .name = "lapsed", .centre = {{1}, {1}}, .effects = {2, 0}});
    v1::Models sent;
    FillModels({.clustering = model}, &sent);
    EXPECT_TRUE(ReadModels(sent).ok());
    change(sent.mutable_clustering());
    return ReadModels(sent);
  };
  EXPECT_THAT(refused([](auto* m) { m->mutable_centroids(0)->add_values(1); }),
              SaysThat("a centroid has not one value per feature"));
  EXPECT_THAT(refused([](auto* m) { m->mutable_centroids(0)->set_values(0, 1e300); }), SaysThat("no scaled value"));
  EXPECT_THAT(refused([](auto* m) { m->clear_clusters(), m->add_clusters(), m->add_clusters(); }),
              SaysThat("2 for k = 1"));
  EXPECT_THAT(refused([](auto* m) { m->mutable_clusters(0)->set_id(0); }), SaysThat("clustering.clusters.id"));
  EXPECT_THAT(refused([](auto* m) { m->mutable_clusters(0)->set_sum_net_micros("1.5"); }), SaysThat("whole number"));
  EXPECT_THAT(refused([](auto* m) { m->mutable_clusters(0)->set_modes(0, "west"); }), SaysThat("a word that"));
  EXPECT_THAT(refused([](auto* m) { m->mutable_clusters(0)->clear_modes(); }), SaysThat("one word per category"));
  EXPECT_THAT(refused([](auto* m) { m->mutable_clusters(0)->mutable_apart(0)->set_feature("age"); }),
              SaysThat("'age' is no feature"));
  EXPECT_THAT(refused([](auto* m) { m->mutable_feature_details(0)->set_transform("cube"); }), SaysThat("'cube'"));
  EXPECT_THAT(refused([](auto* m) { m->clear_feature_details(), m->add_features("b"); }),
              SaysThat("mean and deviation"));
  EXPECT_THAT(refused([](auto* m) { m->set_grid_bits(99); }), SaysThat("grid_bits"));
  message.Clear();
  message.mutable_rfm();
  EXPECT_THAT(ReadModels(message), SaysThat("rfm.as_of"));
  message.mutable_rfm()->mutable_as_of()->set_year(2024);
  message.mutable_rfm()->mutable_as_of()->set_month(1);
  message.mutable_rfm()->mutable_as_of()->set_day(1);
  message.mutable_rfm()->add_axis_scores(5);
  EXPECT_THAT(ReadModels(message), SaysThat("rfm.axis_scores"));
  message.Clear();
  FillModels({.schemes = SchemeModels{.life_cycle = LifeCycleModel()}}, &message);
  ASSERT_OK(ReadModels(message));
  message.mutable_schemes()->add_levels()->set_measure("height");
  EXPECT_THAT(ReadModels(message), SaysThat("'height' with 0 cuts"));
  message.mutable_schemes()->mutable_levels(0)->set_measure("order");
  message.mutable_schemes()->mutable_levels(0)->add_cuts(1);
  EXPECT_THAT(ReadModels(message), SaysThat("'order' with 1 cuts"));
  message.mutable_schemes()->clear_levels();
  message.mutable_schemes()->mutable_life_cycle()->add_days(1);
  EXPECT_THAT(ReadModels(message), SaysThat("schemes.life_cycle.days"));
  message.Clear();
  FillModels({.lifetime = LifetimeModel()}, &message);
  ASSERT_OK(ReadModels(message));
  message.mutable_lifetime()->set_search_state("lost");
  EXPECT_THAT(ReadModels(message), SaysThat("'lost' is no state"));
  message.mutable_lifetime()->set_model("tarot");
  EXPECT_THAT(ReadModels(message), SaysThat("'tarot' is no lifetime model"));
  message.Clear();
  FillModels({.churn = ChurnModel()}, &message);
  ASSERT_OK(ReadModels(message));
  message.mutable_churn()->set_grade(static_cast<v1::ChurnGrade>(9));
  EXPECT_THAT(ReadModels(message), SaysThat("9 is no grade"));
}

}  // namespace
}  // namespace strata
