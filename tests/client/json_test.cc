// The names that scripts rely on, in the JSON of every command.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "client/exit_status.h"
#include "client/json/models_json.h"
#include "client/json/score_json.h"
#include "tests/client/example_values.h"

namespace strata {
namespace {

using Json = nlohmann::json;
using testing::IsSupersetOf;

std::vector<std::string> KeysOf(const Json& json) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : json.items()) keys.push_back(key);
  return keys;
}

void ExpectKeys(const Json& json, const std::vector<std::string>& keys) {
  EXPECT_THAT(KeysOf(json), IsSupersetOf(keys)) << json.dump(2);
}

TEST(RunJson, HasEveryDocumentedName) {
  const Json json = Json::parse(ExampleRun().ToJson());
  ExpectKeys(json, {"run", "job", "snapshot", "digest", "as_of", "follows", "ledger_version", "customers", "rows",
                    "rows_new", "published", "activated", "seconds", "peak_rss_bytes"});
  for (const char* rows : {"rows", "rows_new"}) {
    ExpectKeys(json[rows], {"read", "accepted", "rejected", "duplicates", "blank", "skipped"});
    ExpectKeys(json[rows]["skipped"], {"total", "no_customer", "after_as_of", "known_file"});
  }
  ExpectKeys(json["seconds"], {"plan", "map", "ledger", "feature", "fit", "score", "publish", "total"});
}

TEST(ModelsJson, HasEveryDocumentedName) {
  const Json json = Json::parse(ModelsJson({ExampleInfo(), ExampleModels(), 412.5}));
  const Json& lifetime = json["lifetime"];
  ExpectKeys(lifetime, {"model", "parameters", "standard_errors", "log_likelihood", "customers", "unique_rows",
                        "identified", "warnings"});
  EXPECT_EQ(lifetime["model"], "bg_nbd");
  EXPECT_EQ(lifetime["parameters"], Json({{"r", 0.25}, {"alpha", 5.0}, {"a", 0.75}, {"b", 2.25}}));
  EXPECT_EQ(lifetime["standard_errors"], Json({{"r", 0.01}, {"alpha", 0.2}, {"a", 0.05}, {"b", 0.3}}));
  EXPECT_EQ(lifetime["named"][1], Json({{"name", "alpha"},
                                        {"estimate", 5.0},
                                        {"standard_error", 0.2},
                                        {"low", 4.62},
                                        {"high", 5.41},
                                        {"words", nullptr}}));
  EXPECT_EQ(lifetime["active_customers"], 412.5);
  EXPECT_EQ(lifetime["chosen_as_of"], "2024-03-31");
  EXPECT_EQ(lifetime["candidates"][1]["chosen"], true);
  EXPECT_EQ(lifetime["candidates"][2]["gain"], nullptr);
  EXPECT_EQ(lifetime["holdout"]["grade"], "B");
  EXPECT_EQ(lifetime["holdout"]["errors"][1]["name"], "historic_average");
  const Json& spend = json["spend"];
  ExpectKeys(spend, {"model", "parameters", "log_likelihood", "customers"});
  EXPECT_EQ(spend["model"], "gamma_gamma");
  EXPECT_EQ(spend["parameters"], Json({{"p", 6.25}, {"q", 3.75}, {"v", 15.5}}));
  const Json& clustering = json["clustering"];
  ExpectKeys(clustering, {"k", "inertia", "silhouette", "iterations", "features", "scaling", "centroids", "sizes"});
  EXPECT_EQ(clustering["centroids"], Json({{0.5, -0.25}, {-1.5, 0.75}}));
  EXPECT_EQ(clustering["scaling"].size(), clustering["features"].size());
  EXPECT_EQ(clustering["sizes"], Json({700, 200}));
  EXPECT_EQ(clustering["fitted_as_of"], "2024-03-31");
  EXPECT_EQ(clustering["clusters"][1]["name"], "recent, many returns");
  EXPECT_EQ(clustering["clusters"][1]["share_revenue"], 0.75);
  EXPECT_EQ(clustering["clusters"][1]["apart"][0],
            Json({{"feature", "log1p_recency_days"}, {"effect", -1.5}, {"phrase", "recent"}}));
  EXPECT_EQ(clustering["scaling"][1]["missing_share"], 0.1);
  EXPECT_EQ(clustering["trials"][0]["silhouette"], nullptr);
  EXPECT_EQ(clustering["trials"][1]["gap"], 0.5);
  EXPECT_EQ(clustering["trials"][1]["chosen"], true);
  const Json& churn = json["churn"];
  ExpectKeys(churn, {"algorithm", "horizon_days", "rows", "auc", "log_loss", "brier", "calibration_error", "baselines",
                     "grade", "features"});
  EXPECT_EQ(churn["algorithm"], "logistic");
  EXPECT_EQ(churn["grade"], "C");
  EXPECT_EQ(churn["baselines"][0], Json({{"name", "inactivity_rank"}, {"auc", 0.73}, {"log_loss", nullptr}}));
  EXPECT_EQ(churn["baselines"][1], Json({{"name", "lifetime_p_no_purchase"}, {"auc", 0.737}, {"log_loss", 0.402}}));
}

TEST(ModelsJson, AModelThatCouldNotBeFittedHasItsReasonAndNulls) {
  FittedModels models;
  models.lifetime.emplace().fit.reason = "no repeat purchases";
  models.clustering = ClusteringModel{.k = 0, .reason = "one customer"};
  models.churn = ChurnModel{.fitted = false, .reason = "not enough history", .grade_reason = "not fitted"};
  const Json json = Json::parse(ModelsJson({ExampleInfo(), models}));
  EXPECT_EQ(json["rfm"], nullptr);
  EXPECT_EQ(json["spend"], nullptr);
  EXPECT_EQ(json["lifetime"]["parameters"], nullptr);
  EXPECT_EQ(json["lifetime"]["reason"], "no repeat purchases");
  EXPECT_FALSE(json["lifetime"].contains("holdout"));
  EXPECT_FALSE(json["lifetime"].contains("margin_factor"));
  EXPECT_EQ(json["clustering"]["k"], nullptr);
  EXPECT_EQ(json["clustering"]["reason"], "one customer");
  EXPECT_EQ(json["churn"]["grade"], nullptr);
  EXPECT_EQ(json["churn"]["auc"], nullptr);
}

TEST(ModelsJson, WhatTheDataDoNotDetermineIsNullWithItsWords) {
  FittedModels models;
  models.lifetime = ExampleLifetime();
  LifetimeFit& fit = models.lifetime->fit;
  fit.parameters.value = {1e6, 1e7, 0.75, 2.25};
  fit.estimates[0] = {.name = "r", .words = "customers hardly differ"};
  fit.estimates[1] = {.name = "alpha", .words = "customers hardly differ"};
  fit.determined = {{.name = "r / alpha", .estimate = 0.1, .low = 0.09, .high = 0.11}};
  fit.identified = false;
  fit.boundary = "equal_rates";
  const std::string text = ModelsJson({ExampleInfo(), models});
  const Json json = Json::parse(text)["lifetime"];
  EXPECT_EQ(json["parameters"], Json({{"r", nullptr}, {"alpha", nullptr}, {"a", 0.75}, {"b", 2.25}}));
  EXPECT_EQ(json["named"][0]["words"], "customers hardly differ");
  EXPECT_EQ(json["determined"][0]["name"], "r / alpha");
  EXPECT_EQ(json["determined"][0]["estimate"], 0.1);
  EXPECT_EQ(text.find("1000000"), std::string::npos) << text;
}

TEST(ScoreJson, AbsentNumbersAreNull) {
  CustomerScore score;
  score.rows = 2;
  score.flags = kFlagNoPurchase;
  const Json json = Json::parse(OneLine(ScoreJson(score)));
  for (const char* name : {"first_day", "last_day", "recency_score", "segment", "cluster", "cluster_name",
                           "cluster_distance", "second_cluster", "p_alive", "expected_purchases", "p_no_purchase",
                           "expected_spend", "lifetime_value", "outlook", "churn_probability", "churn"}) {
    EXPECT_EQ(json.at(name), nullptr) << name;
  }
  EXPECT_EQ(json["flags"], Json({"no_purchase"}));
}

TEST(ScoreJson, TellsWhyACustomerIsAtRisk) {
  ScoreAnswer answer{ExampleInfo(), ExampleScore()};
  answer.score.churn = {.margin = -2.75, .value_at_risk = 40.125, .band = ChurnBand::kHigh, .reasons = {}};
  answer.reasons.resize(1);
  answer.reasons[0] = {.group = "place", .feature = "main_region", .contribution = 0.5f};
  answer.reasons[0].words = "main_region is south";
  const Json json = Json::parse(GetJson("c-17", answer));
  EXPECT_EQ(json["score"]["churn"], Json({{"band", "high"},
                                          {"margin", -2.75},
                                          {"value_at_risk", 40.125},
                                          {"reasons",
                                           {{{"group", "place"},
                                             {"feature", "main_region"},
                                             {"contribution", 0.5},
                                             {"value", nullptr},
                                             {"words", "main_region is south"}}}}}));
}

TEST(ScoreJson, TellsWhatTheAnswerIs) {
  ScoreAnswer answer{ExampleInfo(), ExampleScore()};
  answer.cluster_name = "recent, many returns";
  answer.interval = 0.9;
  answer.expected_by_period = {0.5f, 0.1f};
  const Json json = Json::parse(GetJson("c-17", answer));
  EXPECT_EQ(json["score"]["cluster_name"], "recent, many returns");
  EXPECT_EQ(json["score"]["cluster_distance"], 0.1);
  EXPECT_EQ(json["score"]["second_cluster"], 1);
  const Json& outlook = json["score"]["outlook"];
  EXPECT_EQ(outlook["interval"], 0.9);
  EXPECT_EQ(outlook["expected_purchases_by_period"], Json({0.5, 0.1}));
  EXPECT_EQ(outlook["p_alive_high"], 0.875);
  EXPECT_EQ(outlook["next_purchase_10"], "2024-04-06");
  EXPECT_EQ(outlook["next_purchase_90"], "never");
  EXPECT_EQ(outlook["predicted_purchases_low"], 0);
  EXPECT_EQ(json["customer_id"], "c-17");
  EXPECT_EQ(json["snapshot"], 3);
  EXPECT_EQ(json["as_of"], "2024-03-31");
  EXPECT_EQ(json["publish_time"], "2024-04-01T02:13:44.120Z");
  EXPECT_EQ(json["stale"], false);
  EXPECT_EQ(json["score"]["net_micros"], 1'234'567'890);
  EXPECT_EQ(json["score"]["segment"], "champions");
  EXPECT_EQ(json["score"]["cluster"], 2) << "counted from 1, like its name";
}

TEST(ScoreJson, LookupsHaveAStatusPerId) {
  const Json json = Json::parse(LookupJson(ExampleInfo(), {"a", "b\xff"},
                                           {{LookupOutcome::kFound, ExampleScore()}, {LookupOutcome::kInvalidId, {}}}));
  EXPECT_EQ(json["results"][0]["status"], "found");
  EXPECT_EQ(json["results"][0]["score"]["purchase_days"], 12);
  EXPECT_EQ(json["results"][1]["status"], "invalid_id");
  EXPECT_EQ(json["results"][1]["score"], nullptr);
}

TEST(ErrorJson, HasReasonMessageAndMetadata) {
  const absl::Status status =
      MakeError(absl::StatusCode::kNotFound, "JOB_MISSING", "there is no job file a", {{"file", "a"}});
  EXPECT_EQ(Json::parse(ErrorJson(status)), Json({{"error",
                                                   {{"code", 5},
                                                    {"reason", "JOB_MISSING"},
                                                    {"message", "there is no job file a"},
                                                    {"metadata", {{"file", "a"}}}}}}));
}

TEST(ExitStatus, ErrorsOfTheInputAreTwoAndEverythingElseIsOne) {
  struct Row {
    absl::StatusCode code;
    const char* reason;
    int expected;
  };
  const Row rows[] = {
      {absl::StatusCode::kInvalidArgument, "JOB_INVALID", kExitBadInput},
      {absl::StatusCode::kNotFound, "SOURCE_MISSING", kExitBadInput},
      {absl::StatusCode::kInvalidArgument, "ERROR_BUDGET_EXCEEDED", kExitBadInput},
      {absl::StatusCode::kFailedPrecondition, "LEDGER_FINGERPRINT", kExitBadInput},
      {absl::StatusCode::kFailedPrecondition, "EXPECTATION_FAILED", kExitFailed},  // a veto
      {absl::StatusCode::kFailedPrecondition, "VETO", kExitFailed},
      {absl::StatusCode::kCancelled, "RUN_CANCELLED", kExitFailed},
      {absl::StatusCode::kFailedPrecondition, "STATE_HELD", kExitFailed},
      {absl::StatusCode::kFailedPrecondition, "RUN_ACTIVE", kExitFailed},
      {absl::StatusCode::kNotFound, "CUSTOMER_UNKNOWN", kExitFailed},
      {absl::StatusCode::kNotFound, "STATE_MISSING", kExitFailed},
      {absl::StatusCode::kUnavailable, "TARGET_UNREACHABLE", kExitFailed},
      {absl::StatusCode::kDataLoss, "SNAPSHOT_CORRUPT", kExitFailed},
      {absl::StatusCode::kInternal, "ACCOUNTING", kExitFailed},
  };
  for (const Row& row : rows) EXPECT_EQ(ExitStatusOf(MakeError(row.code, row.reason, "x")), row.expected) << row.reason;
  EXPECT_EQ(ExitStatusOf(absl::OkStatus()), kExitDone);
}

TEST(ExitStatus, AResultThatWasNotPublishedIsNeverDone) {
  RunSummary run = ExampleRun();
  EXPECT_EQ(ExitStatusOf(run, false), kExitDone);
  run.activated = false;
  EXPECT_EQ(ExitStatusOf(run, false), kExitFailed);
  EXPECT_EQ(ExitStatusOf(run, true), kExitDone) << "--no-activate";
  run.back_dated = true;
  EXPECT_EQ(ExitStatusOf(run, false), kExitDone);
  run.published = false;
  EXPECT_EQ(ExitStatusOf(run, true), kExitFailed);
}

}  // namespace
}  // namespace strata
