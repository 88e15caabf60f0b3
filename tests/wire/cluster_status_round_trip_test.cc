#include <gtest/gtest.h>

#include "strata/v1/cluster_service.pb.h"
#include "tests/base/status_matchers.h"
#include "wire/cluster_status.h"

namespace strata {
namespace {

ClusterStatus Whole() {
  ClusterStatus status{.program = "strata-coordinator",
                       .version = "0.1.0 (build 1)",
                       .now_ms = 1'711'937'624'120,
                       .started_ms = 1'711'937'600'000,
                       .coordinator = CoordinatorFacts(),
                       .snapshots = {},
                       .methods = {}};
  CoordinatorFacts& facts = *status.coordinator;
  facts.leading = true;
  facts.term = 7;
  facts.holder = "host";
  facts.workers = {
      {.id = "w1",
       .slots = 2,
       .connected = true,
       .eligible = true,
       .tasks = {{.stage = Stage::kMap, .index = 3, .shards = 0}, {.stage = Stage::kFit, .index = 0, .shards = 32}}},
      {.id = "w2", .slots = 1, .connected = false, .eligible = false, .tasks = {}}};
  facts.run = CurrentRunFacts{.progress = {.job = "shop",
                                           .run = 3,
                                           .stage = Stage::kMap,
                                           .stages = {{.stage = Stage::kPlan, .done = 0, .total = 0},
                                                      {.stage = Stage::kMap, .done = 3, .total = 9}},
                                           .rows_read = 1000,
                                           .workers = 2,
                                           .message = "m"},
                              .started_ms = 1'711'937'610'000,
                              .stage_seconds = 12.25};
  facts.queued = {{.job = "other", .number = 1}};
  RunSummary ended;
  ended.job = "shop";
  ended.run = 2;
  ended.state = RunState::kFailed;
  ended.started_ms = 1'711'937'500'000;
  ended.finished_ms = 1'711'937'510'000;
  ended.error_code = 9;
  ended.error_reason = "ERROR_BUDGET";
  ended.error_message = "too many";
  facts.recent = {ended};
  status.snapshots = {{.job = "shop",
                       .snapshot = 1,
                       .current = 2,
                       .generation = 4,
                       .as_of = 19'800,
                       .published_ms = 1'711'937'000'000,
                       .loaded_ms = 1'711'937'001'000,
                       .customers = 5,
                       .age_ms = 624'120,
                       .current_published_ms = 1'711'937'100'000,
                       .problem = "damaged"},
                      {.job = "young"}};
  status.methods = {{.method = "strata.v1.ScoreService/GetScore",
                     .calls = 6,
                     .errors = 1,
                     .in_flight = 2,
                     .bounds_ns = {1000, 2000},
                     .buckets = {1, 2, 3}}};
  return status;
}

TEST(ClusterStatus, SurvivesTheWire) {
  const ClusterStatus sent = Whole();
  v1::GetStatusResponse message;
  FillClusterStatus(sent, &message);
  const auto read = ReadClusterStatus(message);
  ASSERT_OK(read);
  EXPECT_EQ(read->program, sent.program);
  EXPECT_EQ(read->version, sent.version);
  EXPECT_EQ(read->now_ms, sent.now_ms);
  EXPECT_EQ(read->started_ms, sent.started_ms);
  EXPECT_EQ(read->snapshots, sent.snapshots);
  EXPECT_EQ(read->methods, sent.methods);
  ASSERT_TRUE(read->coordinator.has_value());
  const CoordinatorFacts& facts = *read->coordinator;
  EXPECT_TRUE(facts.leading);
  EXPECT_EQ(facts.term, 7);
  EXPECT_EQ(facts.holder, "host");
  EXPECT_EQ(facts.workers, sent.coordinator->workers);
  EXPECT_EQ(facts.queued, sent.coordinator->queued);
  ASSERT_TRUE(facts.run.has_value());
  EXPECT_EQ(facts.run->progress, sent.coordinator->run->progress);
  EXPECT_EQ(facts.run->started_ms, sent.coordinator->run->started_ms);
  EXPECT_DOUBLE_EQ(facts.run->stage_seconds, 12.25);
  ASSERT_EQ(facts.recent.size(), 1u);
  EXPECT_EQ(facts.recent[0].ToJson(), sent.coordinator->recent[0].ToJson());
}

TEST(ClusterStatus, IsBounded) {
  ClusterStatus status = Whole();
  RunSummary run = status.coordinator->recent[0];
  run.warnings.assign(100, std::string(1000, 'w'));
  status.coordinator->recent.assign(50, run);
  v1::GetStatusResponse message;
  FillClusterStatus(status, &message);
  EXPECT_EQ(message.coordinator().recent_runs_size(), static_cast<int>(kMaxRecentRuns));
  EXPECT_LT(message.ByteSizeLong(), 10'000u);
}

TEST(ClusterStatus, WhatNoServerWroteIsRefused) {
  const auto refused = [](const std::function<void(v1::GetStatusResponse*)>& spoil) {
    v1::GetStatusResponse message;
    FillClusterStatus(Whole(), &message);
    spoil(&message);
    return ReadClusterStatus(message).status();
  };
  const auto invalid = FailsWith(absl::StatusCode::kInternal, "ANSWER_INVALID");
  EXPECT_THAT(refused([](auto* m) { m->mutable_methods(0)->add_bucket_calls(1); }), invalid);
  EXPECT_THAT(refused([](auto* m) { m->mutable_methods(0)->set_bucket_bounds_ns(0, 5000); }), invalid);
  EXPECT_THAT(refused([](auto* m) {
                m->mutable_coordinator()->mutable_workers(0)->mutable_tasks(0)->set_stage(v1::RUN_STAGE_UNSPECIFIED);
              }),
              invalid);
  EXPECT_FALSE(refused([](auto* m) { m->mutable_snapshots(0)->set_job("nothing"); }).ok());
}

}  // namespace
}  // namespace strata
