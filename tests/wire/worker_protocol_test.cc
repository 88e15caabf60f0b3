#include "wire/worker_protocol.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "run/job.h"
#include "tests/base/status_matchers.h"
#include "wire/seal.h"

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
  // Sealed like a frame, here and below, so that each is refused for what it says.
  worker::v1::AttachRequest nothing;
  Seal(&nothing);
  EXPECT_THAT(FromProto(nothing), refused);
  worker::v1::AttachResponse no_answer;
  Seal(&no_answer);
  EXPECT_THAT(FromProto(no_answer), refused);
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
  Seal(&large);
  EXPECT_THAT(FromProto(large), refused);
  worker::v1::AttachResponse stage;
  stage.mutable_start_task()->set_stage(99);
  Seal(&stage);
  EXPECT_THAT(FromProto(stage), refused);
}

// Every byte of the frame on the wire in each of its 255 wrong forms. What is read all the same must be the frame that
// was written: only the tag or the value of the checksum itself may differ without a difference.
template <typename Message, typename Frame>
void FlipEveryByte(const Frame& frame) {
  const Message whole = ToProto(frame);
  const std::string bytes = whole.SerializeAsString();
  int accepted = 0;
  int damaged = 0;
  for (size_t at = 0; at < bytes.size(); ++at) {
    for (int flip = 1; flip < 256; ++flip) {
      std::string wrong = bytes;
      wrong[at] = static_cast<char>(wrong[at] ^ flip);
      Message message;
      if (!message.ParseFromString(wrong)) continue;  // gRPC ends the stream
      const auto read = FromProto(message);
      if (read.ok()) {
        ++accepted;
        EXPECT_EQ(ToProto(*read).SerializeAsString(), bytes) << "byte " << at << ", flip " << flip;
      } else {
        damaged += read.status().code() == absl::StatusCode::kDataLoss ? 1 : 0;
        EXPECT_THAT(read, FailsWith(absl::StatusCode::kDataLoss, "FRAME_DAMAGED"))
            << "byte " << at << ", flip " << flip;
      }
    }
  }
  EXPECT_EQ(accepted, 0) << "a damaged frame was taken";
  EXPECT_GT(damaged, static_cast<int>(bytes.size())) << "the sample must reach the checksum";
}

TEST(WorkerProtocol, AnyDamagedByteOfAFrameIsNoticed) {
  const absl::Status error = MakeError(absl::StatusCode::kDataLoss, "CHECKSUM_MISMATCH", "object x", {{"key", "x"}});
  for (const FromWorker& frame :
       {FromWorker(Hello{.worker = "w", .build_id = "b", .slots = 3, .attempts = {1, 1ULL << 40}}),
        FromWorker(TaskDone{5, kInline}), FromWorker(TaskFailed{7, error}), FromWorker(RoundDone{6, kLarge})}) {
    FlipEveryByte<worker::v1::AttachRequest>(frame);
  }
  for (const ToWorker& frame :
       {ToWorker(Welcome{1500}),
        ToWorker(StartTask{.attempt = 9, .stage = Stage::kScore, .index = 63, .plan = kObject}),
        ToWorker(CancelTask{3}),
        ToWorker(StartRound{.assignment = 2, .round = 4, .shards = {0, 9}, .plan = kObject, .request = kLarge}),
        ToWorker(CancelRound{4})}) {
    FlipEveryByte<worker::v1::AttachResponse>(frame);
  }
}

TEST(WorkerProtocol, AFullFrameFitsItsLimit) {
  const Blob full{.inline_bytes = std::string(kMaxInlineBytes, 'x'), .object = {}};
  StartRound round{.assignment = 1, .round = 1, .shards = {}, .plan = kObject, .request = full};
  for (uint32_t shard = 0; shard < kMaxShards; ++shard) round.shards.push_back(shard);
  EXPECT_LE(ToProto(ToWorker(round)).ByteSizeLong(), kMaxFrameBytes);
}

}  // namespace
}  // namespace strata
