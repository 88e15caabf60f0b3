#include "wire/worker_protocol.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "run/job.h"
#include "tests/base/status_matchers.h"

namespace strata {
namespace {

const ObjectRef kObject{.key = "jobs/a/x", .checksum = 0xfedcba9876543210, .size_bytes = 1u << 30};
const Blob kInline{.inline_bytes = std::string("\0\xff bytes", 8), .object = {}};
const Blob kLarge{.inline_bytes = {}, .object = kObject};

TEST(WorkerProtocol, EveryFrameOfAWorkerSurvivesTheWire) {
  const auto there_and_back = [](const FromWorker& frame) {
    const auto back = FromProto(ToProto(frame));
    EXPECT_THAT(back, IsOk());
    return *back;
  };
  const auto hello =
      std::get<Hello>(there_and_back(Hello{.worker = "w", .build_id = "b", .slots = 3, .attempts = {1, 1ULL << 63}}));
  EXPECT_EQ(hello.worker, "w");
  EXPECT_EQ(hello.build_id, "b");
  EXPECT_EQ(hello.slots, 3u);
  EXPECT_THAT(hello.attempts, testing::ElementsAre(1, 1ULL << 63));
  EXPECT_EQ(std::get<TaskDone>(there_and_back(TaskDone{5, kInline})).result, kInline);
  EXPECT_EQ(std::get<RoundDone>(there_and_back(RoundDone{6, kLarge})).partial, kLarge);
  const absl::Status error = MakeError(absl::StatusCode::kDataLoss, "CHECKSUM_MISMATCH", "object x", {{"key", "x"}});
  const auto failed = std::get<TaskFailed>(there_and_back(TaskFailed{7, error}));
  EXPECT_EQ(failed.attempt, 7u);
  EXPECT_EQ(failed.status.code(), error.code());
  EXPECT_EQ(DetailOf(failed.status), DetailOf(error)) << "the type of an error decides about a retry: it must arrive";
}

TEST(WorkerProtocol, EveryFrameOfACoordinatorSurvivesTheWire) {
  const auto there_and_back = [](const ToWorker& frame) {
    const auto back = FromProto(ToProto(frame));
    EXPECT_THAT(back, IsOk());
    return *back;
  };
  EXPECT_EQ(std::get<Welcome>(there_and_back(Welcome{1500})).lease_ms, 1500);
  const auto task = std::get<StartTask>(
      there_and_back(StartTask{.attempt = 9, .stage = Stage::kScore, .index = 63, .plan = kObject}));
  EXPECT_EQ(task.attempt, 9u);
  EXPECT_EQ(task.stage, Stage::kScore);
  EXPECT_EQ(task.index, 63u);
  EXPECT_EQ(task.plan, kObject);
  const auto round = std::get<StartRound>(
      there_and_back(StartRound{.assignment = 2, .round = 4, .shards = {0, 9}, .plan = kObject, .request = kLarge}));
  EXPECT_EQ(round.assignment, 2u);
  EXPECT_EQ(round.round, 4u);
  EXPECT_THAT(round.shards, testing::ElementsAre(0, 9));
  EXPECT_EQ(round.request, kLarge);
  EXPECT_EQ(std::get<CancelTask>(there_and_back(CancelTask{3})).attempt, 3u);
  EXPECT_EQ(std::get<CancelRound>(there_and_back(CancelRound{4})).assignment, 4u);
}

TEST(WorkerProtocol, RefusesWhatNoOneShouldSend) {
  const auto refused = FailsWith(absl::StatusCode::kInvalidArgument, "FRAME_INVALID");
  EXPECT_THAT(FromProto(worker::v1::AttachRequest()), refused);
  EXPECT_THAT(FromProto(worker::v1::AttachResponse()), refused);
  EXPECT_THAT(FromProto(ToProto(FromWorker(Hello{.worker = "", .build_id = "", .slots = 1, .attempts = {}}))), refused);
  EXPECT_THAT(FromProto(ToProto(FromWorker(Hello{.worker = "w", .build_id = "", .slots = 0, .attempts = {}}))),
              refused);
  EXPECT_THAT(FromProto(ToProto(
                  FromWorker(TaskDone{1, {.inline_bytes = std::string(kMaxInlineBytes + 1, 'x'), .object = {}}}))),
              refused);
  EXPECT_THAT(
      FromProto(ToProto(ToWorker(StartRound{.assignment = 1, .round = 0, .shards = {}, .plan = {}, .request = {}}))),
      refused);
  worker::v1::AttachRequest large;
  large.mutable_hello()->set_worker_id("w");
  large.mutable_hello()->set_slots(1);
  large.mutable_hello()->set_build_id(std::string(kMaxFrameBytes, 'x'));
  EXPECT_THAT(FromProto(large), refused);
  worker::v1::AttachResponse stage;
  stage.mutable_start_task()->set_stage(99);
  EXPECT_THAT(FromProto(stage), refused);
}

TEST(WorkerProtocol, AFullFrameFitsItsLimit) {
  const Blob full{.inline_bytes = std::string(kMaxInlineBytes, 'x'), .object = {}};
  StartRound round{.assignment = 1, .round = 1, .shards = {}, .plan = kObject, .request = full};
  for (uint32_t shard = 0; shard < kMaxShards; ++shard) round.shards.push_back(shard);
  EXPECT_LE(ToProto(ToWorker(round)).ByteSizeLong(), kMaxFrameBytes);
}

}  // namespace
}  // namespace strata
