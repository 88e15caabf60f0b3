// A snapshot's answers, made up by hand: what the tables, cards and JSON objects of the tests are about.
#pragma once

#include <tuple>

#include "client/answers.h"
#include "run/summary.h"

namespace strata {

inline AnswerFacts ExampleInfo() {
  return {.job = "shop",
          .number = 3,
          .as_of = ToDay({2024, 3, 31}),
          .published_ms = 1'711'937'624'120,  // 2024-04-01 02:13:44.120 UTC
          .age_seconds = 5 * 3600,
          .stale = false,
          .digest = "00112233445566778899aabbccddeeff",
          .currency = "EUR"};
}

inline CustomerScore ExampleScore() {
  CustomerScore score;
  score.first_day = ToDay({2023, 1, 5});
  score.last_day = ToDay({2024, 3, 24});
  score.purchase_days = 12;
  score.rows = 31;
  score.return_rows = 1;
  score.net_micros = 1'234'567'890;
  score.recency_score = 5;
  score.frequency_score = 4;
  score.monetary_score = 5;
  score.segment = RfmSegment::kChampions;
  score.cluster = 1;
  score.second_cluster = 0;
  score.cluster_distance = 0.1f;
  score.p_alive = 0.8314;
  score.expected_purchases = 3.217;
  score.p_no_purchase = 0.125;
  score.expected_spend = 88.125;
  score.lifetime_value = 268.5;
  score.churn_probability = 0.0625;
  score.outlook = {.p_alive_low = 0.75,
                   .p_alive_high = 0.875,
                   .expected_purchases_low = 2.5,
                   .expected_purchases_high = 4,
                   .p_no_purchase_low = 0.0625,
                   .p_no_purchase_high = 0.25,
                   .expected_spend_low = 80,
                   .expected_spend_high = 96.5,
                   .lifetime_value_low = 200,
                   .lifetime_value_high = 340.25,
                   .lifetime_value_by_period = 266,
                   .residual_value = 512.5,
                   .overdue_ratio = 0.25,
                   .p_silence = 0.75,
                   .next_purchase = {ToDay({2024, 4, 6}), ToDay({2024, 6, 15}), kNeverDay},
                   .predicted_purchases_low = 0,
                   .predicted_purchases_high = 8,
                   .predicted_spend_low = 0,
                   .predicted_spend_high = 720.5,
                   .predicted_value_low = 0,
                   .predicted_value_high = 680.25};
  return score;
}

inline ChurnModel ExampleChurn() {
  ChurnModel churn;
  churn.fitted = true;
  churn.features = {"log1p_recency_days", "return_share"};
  churn.mean = {3, 0.1};
  churn.deviation = {1, 0.2};
  churn.coefficients = {0.75, -0.125};
  churn.intercept = 1.5;
  churn.rows = 1500;
  churn.churned = 1200;
  churn.train_cutoff = ToDay({2023, 10, 3});
  churn.test_cutoff = ToDay({2024, 1, 1});
  churn.holdout_rows = 700;
  churn.holdout_churned = 560;
  churn.auc = 0.751;
  churn.log_loss = 0.4;
  churn.brier = 0.12;
  churn.calibration_error = 0.024;
  churn.baselines = {{"inactivity_rank", 0.73, std::nullopt}, {"lifetime_p_no_purchase", 0.737, 0.402}};
  churn.best_baseline = "lifetime_p_no_purchase";
  churn.auc_gain = 0.014;
  churn.auc_gain_low = 0.008;
  churn.auc_gain_high = 0.019;
  churn.grade = Grade::kC;
  return churn;
}

inline ClusteringModel ExampleClustering() {
  ClusteringModel clustering;
  clustering.k = 2;
  for (const auto& [name, mean, deviation] :
       {std::tuple("log1p_recency_days", 3.5, 1.25), std::tuple("return_share", 0.02, 0.1)}) {
    NumericFeature& feature = clustering.space.numeric.emplace_back();
    feature.name = name;
    feature.mean = mean;
    feature.deviation = deviation;
  }
  clustering.space.numeric[0].column = "recency_days";
  clustering.space.numeric[0].transform = Transform::kLog1p;
  clustering.space.numeric[1].column = "return_share";
  clustering.space.numeric[1].absent = 90;
  clustering.space.numeric[1].present = 810;
  clustering.clusters = {{.id = 1,
                          .name = "lapsed",
                          .size = 700,
                          .centre = {{2048, -1024}, {}},
                          .effects = {0.5, -0.25},
                          .net_micros = 300'000'000},
                         {.id = 2,
                          .name = "recent, many returns",
                          .size = 200,
                          .centre = {{-6144, 3072}, {}},
                          .effects = {-1.5, 0.75},
                          .net_micros = 900'000'000}};
  clustering.customers = 900;
  clustering.fitted_as_of = ToDay({2024, 3, 31});
  clustering.refit = {.refit = true, .why = "there was no model to follow"};
  clustering.inertia = 1234.5;
  clustering.silhouette = 0.591;
  clustering.iterations = 5;
  clustering.converged = true;
  clustering.trials.rows = {{.k = 1, .within = 1800, .gap = 0.25, .error = 0.01},
                            {.k = 2, .within = 1234.5, .gap = 0.5, .error = 0.02, .silhouette = 0.591},
                            {.k = 3, .within = 1000, .gap = 0.375, .error = 0.03, .silhouette = 0.42}};
  return clustering;
}

inline LifetimeModel ExampleLifetime() {
  LifetimeModel model{.time_unit_days = 7};
  model.fit = {.fitted = true, .asked = LifetimeKind::kBgNbd};
  model.fit.parameters = {.kind = LifetimeKind::kBgNbd, .value = {0.25, 5, 0.75, 2.25}};
  model.fit.estimates = {
      {.name = "r", .estimate = 0.25, .standard_error = 0.01, .low = 0.231, .high = 0.271, .by = "hessian"},
      {.name = "alpha", .estimate = 5, .standard_error = 0.2, .low = 4.62, .high = 5.41, .by = "hessian"},
      {.name = "a", .estimate = 0.75, .standard_error = 0.05, .low = 0.658, .high = 0.855, .by = "hessian"},
      {.name = "b", .estimate = 2.25, .standard_error = 0.3, .low = 1.73, .high = 2.92, .by = "hessian"}};
  model.fit.log_likelihood = model.fit.log_posterior = -9582.429;
  model.fit.customers = 900;
  model.fit.unique_rows = 450;
  model.fit.state = MaximiserState::kConverged;
  model.fit.evaluations = 9;
  model.fit.gradient_norm = 1e-9;
  model.fit.condition = 123;
  model.fitted_as_of = model.chosen_as_of = ToDay({2024, 3, 31});
  model.candidates = {{.kind = LifetimeKind::kNbd,
                       .takes_part = true,
                       .log_likelihood = -9800.5,
                       .log_probability = -1500.25,
                       .bias = 0.5},
                      {.kind = LifetimeKind::kBgNbd,
                       .takes_part = true,
                       .log_likelihood = -9000.5,
                       .log_probability = -1400.25,
                       .gain = 100,
                       .gain_error = 12.5,
                       .bias = -0.0625,
                       .chosen = true},
                      {.kind = LifetimeKind::kMbgCnbd, .k = 1, .words = "takes no part: k = 1"}};
  model.holdout = HoldoutJudgement{
      .as_of = ToDay({2024, 1, 1}),
      .days = 90,
      .customers = 800,
      .actual = 400,
      .expected = 375,
      .errors = {{.name = "model", .mae = 0.75, .rmse = 1.5, .bias = -0.0625, .log_probability = -1.25},
                 {.name = "historic_average", .mae = 1, .rmse = 2, .bias = 0.25, .log_probability = -1.5}},
      .interval_level = 0.9,
      .interval_mass = 0.9375,
      .covered = 748,
      .grade = Grade::kB,
      .grade_reason = "the total is off by 6.2 %, and both naive predictions are worse"};
  return model;
}

inline FittedModels ExampleModels() {
  FittedModels models;
  models.lifetime_horizon_days = 365;
  models.discount_rate_annual = 0.1;
  models.rfm = RfmModel{.scores = 5,
                        .as_of = ToDay({2024, 3, 31}),
                        .customers = 900,
                        .recency_cuts_days = {10, 20, 40, 80},
                        .frequency_cuts = {1, 2, 4, 8},
                        .monetary_cuts_micros = {10'000'000, 20'000'000, 40'000'000, 80'000'000}};
  models.clustering = ExampleClustering();
  models.lifetime = ExampleLifetime();
  models.spend = SpendModel{.fitted = true,
                            .reason = "",
                            .p = 6.25,
                            .q = 3.75,
                            .v = 15.5,
                            .standard_errors = {1.2, 0.3, 4},
                            .has_standard_errors = true,
                            .log_likelihood = -4055.1,
                            .customers = 400,
                            .left_out_not_positive = 2,
                            .population_mean = 35.25,
                            .iterations = 7,
                            .warnings = {"few repeat buyers"}};
  models.churn = ExampleChurn();
  return models;
}

inline std::vector<SegmentLine> ExampleSegments() {
  SegmentLine champions{.kind = "rfm", .name = "champions", .customers = 600, .share = 0.6};
  champions.mean_recency_days = 12.5;
  champions.mean_purchase_days = 5.25;
  champions.mean_net = 1224.5;
  champions.mean_p_alive = 0.75;
  champions.mean_lifetime_value = 144.8;
  champions.mean_churn_probability = kAbsent;
  champions.sum_net = 734'700;
  champions.sum_lifetime_value = 86'880;
  SegmentLine lost = champions;
  lost.name = "cant_lose";
  lost.customers = 300;
  lost.share = 0.3;
  lost.mean_net = 9;
  SegmentLine cluster = champions;
  cluster.kind = "cluster";
  cluster.name = "cluster-1";
  cluster.title = "lapsed";
  cluster.customers = 900;
  cluster.share = 0.9;
  SegmentLine none{.kind = "class", .name = "no_purchase", .customers = 100, .share = 0.1};
  none.mean_recency_days = none.mean_purchase_days = none.mean_net = kAbsent;
  none.mean_p_alive = none.mean_lifetime_value = none.mean_churn_probability = kAbsent;
  return {champions, lost, cluster, none};
}

inline RunSummary ExampleRun() {
  RunSummary run;
  run.job = "shop";
  run.run = run.snapshot = 3;
  run.state = RunState::kSucceeded;
  run.as_of = "2024-03-31";
  run.digest = "00112233445566778899aabbccddeeff";
  run.follows = 2;
  run.ledger_version = 2;
  run.ledger_digest = "ffeeddccbbaa99887766554433221100";
  run.customers = 1000;
  run.customers_with_purchase = 900;
  run.rows = {.read = 1'234'567,
              .accepted = 1'234'000,
              .rejected = 5,
              .duplicates = 500,
              .blank = 2,
              .skipped_no_customer = 0,
              .skipped_after_as_of = 60,
              .skipped_known_file = 0};
  run.rows_new = {.read = 1005, .accepted = 1000, .rejected = 5};
  run.rejected_by_reason = {{"AMOUNT_TOO_PRECISE", 4}, {"DATE_IMPOSSIBLE", 1}};
  run.quarantine_objects = {"jobs/shop/runs/3/quarantine/00007-0011223344556677.csv"};
  run.warnings = {"60 row(s) are dated after 2024-03-31"};
  run.published = run.activated = true;
  const double seconds[] = {0.05, 2.5, 0.5, 0.25, 65, 1, 0.125};
  std::copy(std::begin(seconds), std::end(seconds), run.seconds);
  run.seconds_total = 69.4;
  run.peak_rss_bytes = 77'946'880;
  run.started_ms = 1'711'937'554'000;
  run.finished_ms = 1'711'937'624'120;
  return run;
}

}  // namespace strata
