#include <google/protobuf/stubs/logging.h>
#include <gtest/gtest.h>

#include "strata/v1/run_service.pb.h"
#include "tests/base/status_matchers.h"
#include "tests/wire/drawn_values.h"
#include "wire/runs.h"

namespace strata {
namespace {

RunSummary DrawSummary(Draw* draw) {
  RunSummary summary;
  summary.job = "cdnow";
  summary.run = draw->Int(1, 1'000'000);
  summary.state = static_cast<RunState>(draw->Int(0, 3));
  if (draw->Coin()) summary.as_of = FormatDay(draw->AnyDay());
  summary.snapshot = draw->Int(0, 3);
  summary.digest = draw->Text();
  summary.follows = draw->Int(0, 3);
  summary.ledger_version = draw->Int(0, 3);
  summary.ledger_digest = draw->Text();
  summary.customers = draw->Int(0, 1'000'000);
  summary.customers_with_purchase = draw->Int(0, 1'000'000);
  summary.rows = draw->Rows();
  summary.rows_new = draw->Rows();
  for (int64_t n = draw->Int(0, 3); n > 0; --n)
    summary.rejected_by_reason.emplace_back("REASON_" + std::to_string(n), n);
  for (const char* table : {"customers", "kyc"}) {
    if (draw->Coin()) continue;
    summary.tables.push_back({.table = table,
                              .files = draw->Int(0, 9),
                              .rows = draw->Rows(),
                              .rows_new = draw->Rows(),
                              .conflicts = draw->Int(0, 9),
                              .rejected_by_reason = {{"AGE_OUT_OF_RANGE", draw->Int(1, 9)}}});
  }
  summary.quarantine_objects = draw->Texts(2);
  summary.warnings = draw->Texts(2);
  summary.published = draw->Coin();
  summary.activated = draw->Coin();
  summary.back_dated = draw->Coin();
  for (double& seconds : summary.seconds) seconds = draw->Double();
  summary.seconds_total = draw->Double();
  summary.peak_rss_bytes = draw->Int(0, 1LL << 50);
  summary.started_ms = draw->Int(0, 4'000'000'000'000);
  if (summary.state != RunState::kRunning) summary.finished_ms = draw->Int(0, 4'000'000'000'000);
  summary.request_id = draw->Text();
  summary.ledger_only = draw->Coin();
  if (draw->Coin()) summary.removed = {{1, 2, draw->Int(3, 9)}, draw->Int(0, 9), draw->Int(0, 9), draw->Int(0, 9)};
  for (int64_t n = draw->Int(0, 2); n > 0; --n)
    summary.broken_rules.push_back({"veto.rule_" + std::to_string(n), draw->Text(), draw->Text()});
  for (int64_t n = draw->Int(0, 2); n > 0; --n) {
    summary.on_finish.push_back({.kind = n == 1 ? "webhook" : "command",
                                 .ok = draw->Coin(),
                                 .attempts = static_cast<int>(draw->Int(0, 3)),
                                 .seconds = draw->Double(),
                                 .message = draw->Text()});
  }
  summary.resumed = static_cast<int>(draw->Int(0, 20));
  if (summary.state == RunState::kFailed) {
    SetError(MakeError(absl::StatusCode::kFailedPrecondition, "ERROR_BUDGET_EXCEEDED", draw->Text()), &summary);
  }
  return summary;
}

TEST(RunsOnTheWire, ArriveAsTheyWere) {
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    SCOPED_TRACE(seed);
    Draw draw(seed);
    const RunSummary summary = DrawSummary(&draw);
    v1::Run message, arrived;
    FillRun(summary, &message);
    ASSERT_TRUE(arrived.ParseFromString(message.SerializeAsString()));
    const auto read = ReadRun(arrived);
    ASSERT_OK(read);
    // The record of a run holds every field, by code of its own.
    EXPECT_EQ(read->ToJson(), summary.ToJson());
  }
}

TEST(RunsOnTheWire, ThatNoServerSendsAreRefused) {
  EXPECT_THAT(ReadRun(v1::Run()), FailsWith(absl::StatusCode::kInternal, "ANSWER_INVALID"));
  Draw draw(3);
  v1::Run message;
  FillRun(DrawSummary(&draw), &message);
  ASSERT_OK(ReadRun(message));
  message.mutable_rows()->set_read(-1);
  EXPECT_THAT(ReadRun(message), SaysThat("run.rows"));
  message.clear_rows();
  message.mutable_removed()->set_objects(-1);
  EXPECT_THAT(ReadRun(message), SaysThat("run.removed"));
  message.clear_removed();
  message.set_state(static_cast<v1::Run::State>(99));
  EXPECT_THAT(ReadRun(message), SaysThat("99 is no state"));
}

TEST(RunRequestsOnTheWire, ArriveAsTheyWere) {
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    SCOPED_TRACE(seed);
    Draw draw(seed);
    RunRequest request{.job_yaml = "name: a" + draw.Text()};
    if (draw.Coin()) request.as_of = draw.AnyDay();
    if (draw.Coin()) request.follows = draw.Int(0, 2);
    request.activation = static_cast<Activation>(draw.Int(0, 2));
    request.rebuild_ledger = draw.Coin();
    request.ledger_only = request.rebuild_ledger && draw.Coin();
    request.verify_sources = draw.Coin();
    request.ignore_veto = draw.Coin();
    request.backfill = draw.Coin();
    if (draw.Coin()) request.request_id = "night-2024.01.01_" + std::to_string(seed);
    v1::RunJobRequest message;
    FillRunRequest(request, &message);
    const auto read = ReadRunRequest(message);
    ASSERT_OK(read);
    EXPECT_EQ(*read, request);
  }
}

TEST(RunRequestsOnTheWire, NoDamagedByteAsksForAnotherRun) {
  const RunRequest request{.job_yaml = "name: a\nseed: 1\nmodels: {lifetime: {horizon_days: 365}}\n",
                           .as_of = Day{20'000},
                           .follows = 7,
                           .activation = Activation::kActivate,
                           .rebuild_ledger = true,
                           .verify_sources = true,
                           .request_id = "night-1"};
  // Its parser complains about every text that is no UTF-8.
  const google::protobuf::LogSilencer silent;
  v1::RunJobRequest message;
  FillRunRequest(request, &message);
  const std::string bytes = message.SerializeAsString();
  int refused = 0;
  for (size_t at = 0; at < bytes.size(); ++at) {
    for (int flip = 1; flip < 256; ++flip) {
      std::string wrong = bytes;
      wrong[at] = static_cast<char>(wrong[at] ^ flip);
      v1::RunJobRequest arrived;
      if (!arrived.ParseFromString(wrong)) continue;
      const auto read = ReadRunRequest(arrived);
      if (!read.ok()) {
        ++refused;
      } else {  // only the checksum's own tag
        EXPECT_EQ(*read, request) << "byte " << at << ", flip " << flip;
      }
    }
  }
  EXPECT_GT(refused, static_cast<int>(bytes.size())) << "the sample must reach the checksum";
}

TEST(RunProgressOnTheWire, ArrivesAsItWas) {
  const RunProgressFacts progress{.job = "cdnow",
                                  .run = 12,
                                  .stage = Stage::kFit,
                                  .stages = {{Stage::kPlan, 3, 3}, {Stage::kMap, 40, 40}, {Stage::kFit, 7, 0}},
                                  .rows_read = 1000,
                                  .workers = 2,
                                  .message = "round 7"};
  v1::RunMetadata message;
  FillRunMetadata(progress, &message);
  EXPECT_EQ(*ReadRunMetadata(message), progress);
  v1::RunMetadata fresh;
  FillRunMetadata({.job = "cdnow", .run = 12}, &fresh);
  EXPECT_EQ(ReadRunMetadata(fresh)->stage, std::nullopt);
  message.set_stage(static_cast<v1::RunStage>(9));
  EXPECT_THAT(ReadRunMetadata(message), SaysThat("9 is no stage"));
}

}  // namespace
}  // namespace strata
