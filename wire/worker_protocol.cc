#include "wire/worker_protocol.h"

#include <fmt/format.h>

#include "run/job.h"
#include "wire/errors.h"
#include "wire/seal.h"

namespace strata {
namespace {

constexpr size_t kMaxWorkerIdBytes = 128;
constexpr uint32_t kMaxSlots = 1024;  // more than any machine has cores

absl::Status Invalid(std::string_view field, const std::string& what) {
  return MakeError(absl::StatusCode::kInvalidArgument, "FRAME_INVALID", fmt::format("frame field {}: {}", field, what),
                   {{"field", std::string(field)}});
}

template <typename Message>
absl::Status CheckSize(const Message& message) {
  if (message.ByteSizeLong() <= kMaxFrameBytes) return absl::OkStatus();
  return Invalid("frame", fmt::format("{} bytes, at most {} are allowed", message.ByteSizeLong(), kMaxFrameBytes));
}

void Fill(const ObjectRef& ref, worker::v1::ObjectRef* message) {
  message->set_key(ref.key);
  message->set_checksum(ref.checksum);
  message->set_size_bytes(ref.size_bytes);
}

ObjectRef Read(const worker::v1::ObjectRef& message) {
  return {.key = message.key(), .checksum = message.checksum(), .size_bytes = message.size_bytes()};
}

void Fill(const Blob& blob, worker::v1::Blob* message) {
  message->set_inline_bytes(blob.inline_bytes);
  if (!blob.object.empty()) Fill(blob.object, message->mutable_object());
}

absl::StatusOr<Blob> Read(const worker::v1::Blob& message, std::string_view field) {
  if (message.inline_bytes().size() > kMaxInlineBytes) {
    return Invalid(
        field, fmt::format("{} bytes inline, at most {} are allowed", message.inline_bytes().size(), kMaxInlineBytes));
  }
  return Blob{.inline_bytes = message.inline_bytes(), .object = Read(message.object())};
}

absl::StatusOr<Hello> Read(const worker::v1::Hello& message) {
  if (message.worker_id().empty() || message.worker_id().size() > kMaxWorkerIdBytes) {
    return Invalid("hello.worker_id",
                   fmt::format("{} characters, 1 to {} are allowed", message.worker_id().size(), kMaxWorkerIdBytes));
  }
  if (message.slots() < 1 || message.slots() > kMaxSlots) {
    return Invalid("hello.slots", fmt::format("{}, 1 to {} are allowed", message.slots(), kMaxSlots));
  }
  return Hello{.worker = message.worker_id(),
               .build_id = message.build_id(),
               .slots = message.slots(),
               .attempts = {message.attempts().begin(), message.attempts().end()}};
}

// Ranges, so that a frame stays small with as many shards as a job may have.
void FillShards(const std::vector<uint32_t>& shards, worker::v1::StartRound* message) {
  worker::v1::ShardRange* range = nullptr;
  for (const uint32_t shard : shards) {
    if (range == nullptr || range->end() != shard) {
      range = message->add_shards();
      range->set_begin(shard);
    }
    range->set_end(shard + 1);
  }
}

absl::StatusOr<std::vector<uint32_t>> ReadShards(const worker::v1::StartRound& message) {
  std::vector<uint32_t> shards;
  for (const worker::v1::ShardRange& range : message.shards()) {
    const uint32_t first_allowed = shards.empty() ? 0 : shards.back() + 1;
    if (range.begin() < first_allowed || range.begin() >= range.end() || range.end() > kMaxShards) {
      return Invalid("start_round.shards", fmt::format("range {} to {}, allowed are ascending ranges up to {}",
                                                       range.begin(), range.end(), kMaxShards));
    }
    for (uint32_t shard = range.begin(); shard < range.end(); ++shard) shards.push_back(shard);
  }
  if (shards.empty()) return Invalid("start_round.shards", "empty, at least one shard is wanted");
  return shards;
}

absl::StatusOr<StartTask> Read(const worker::v1::StartTask& message) {
  if (message.stage() < 1 || message.stage() > kStages) {
    return Invalid("start_task.stage", fmt::format("{}, 1 to {} are allowed", message.stage(), kStages));
  }
  return StartTask{.attempt = message.attempt(),
                   .stage = static_cast<Stage>(message.stage()),
                   .index = message.index(),
                   .plan = Read(message.plan())};
}

}  // namespace

worker::v1::AttachRequest ToProto(const FromWorker& frame) {
  worker::v1::AttachRequest message;
  if (const auto* hello = std::get_if<Hello>(&frame)) {
    auto* out = message.mutable_hello();
    out->set_worker_id(hello->worker);
    out->set_build_id(hello->build_id);
    out->set_slots(hello->slots);
    for (const AttemptId attempt : hello->attempts) out->add_attempts(attempt);
  } else if (const auto* done = std::get_if<TaskDone>(&frame)) {
    message.mutable_task_done()->set_attempt(done->attempt);
    Fill(done->result, message.mutable_task_done()->mutable_result());
  } else if (const auto* failed = std::get_if<TaskFailed>(&frame)) {
    message.mutable_task_failed()->set_attempt(failed->attempt);
    *message.mutable_task_failed()->mutable_status() = ToRpcStatus(failed->status);
  } else if (const auto* round = std::get_if<RoundDone>(&frame)) {
    message.mutable_round_done()->set_assignment(round->assignment);
    Fill(round->partial, message.mutable_round_done()->mutable_partial());
  }
  Seal(&message);
  return message;
}

worker::v1::AttachResponse ToProto(const ToWorker& frame) {
  worker::v1::AttachResponse message;
  if (const auto* welcome = std::get_if<Welcome>(&frame)) {
    message.mutable_welcome()->set_lease_ms(welcome->lease_ms);
  } else if (const auto* task = std::get_if<StartTask>(&frame)) {
    auto* out = message.mutable_start_task();
    out->set_attempt(task->attempt);
    out->set_stage(static_cast<uint32_t>(task->stage));
    out->set_index(task->index);
    Fill(task->plan, out->mutable_plan());
  } else if (const auto* cancel = std::get_if<CancelTask>(&frame)) {
    message.mutable_cancel_task()->set_attempt(cancel->attempt);
  } else if (const auto* round = std::get_if<StartRound>(&frame)) {
    auto* out = message.mutable_start_round();
    out->set_assignment(round->assignment);
    out->set_round(round->round);
    FillShards(round->shards, out);
    Fill(round->plan, out->mutable_plan());
    Fill(round->request, out->mutable_request());
  } else if (const auto* stop = std::get_if<CancelRound>(&frame)) {
    message.mutable_cancel_round()->set_assignment(stop->assignment);
  }
  Seal(&message);
  return message;
}

absl::StatusOr<FromWorker> FromProto(const worker::v1::AttachRequest& message) {
  STRATA_RETURN_IF_ERROR(CheckSize(message));
  STRATA_RETURN_IF_ERROR(CheckSeal(message, "FRAME_DAMAGED", "a frame"));
  switch (message.frame_case()) {
    case worker::v1::AttachRequest::kHello: {
      STRATA_ASSIGN_OR_RETURN(Hello hello, Read(message.hello()));
      return FromWorker(std::move(hello));
    }
    case worker::v1::AttachRequest::kTaskDone: {
      STRATA_ASSIGN_OR_RETURN(Blob result, Read(message.task_done().result(), "task_done.result"));
      return FromWorker(TaskDone{.attempt = message.task_done().attempt(), .result = std::move(result)});
    }
    case worker::v1::AttachRequest::kTaskFailed: {
      absl::Status status = FromRpcStatus(message.task_failed().status());
      if (status.ok()) return Invalid("task_failed.status", "OK, an error is wanted");
      return FromWorker(TaskFailed{.attempt = message.task_failed().attempt(), .status = std::move(status)});
    }
    case worker::v1::AttachRequest::kRoundDone: {
      STRATA_ASSIGN_OR_RETURN(Blob partial, Read(message.round_done().partial(), "round_done.partial"));
      return FromWorker(RoundDone{.assignment = message.round_done().assignment(), .partial = std::move(partial)});
    }
    case worker::v1::AttachRequest::FRAME_NOT_SET:
      break;
  }
  return Invalid("frame", "none of hello, task_done, task_failed, round_done");
}

absl::StatusOr<ToWorker> FromProto(const worker::v1::AttachResponse& message) {
  STRATA_RETURN_IF_ERROR(CheckSize(message));
  STRATA_RETURN_IF_ERROR(CheckSeal(message, "FRAME_DAMAGED", "a frame"));
  switch (message.frame_case()) {
    case worker::v1::AttachResponse::kWelcome:
      if (message.welcome().lease_ms() <= 0) return Invalid("welcome.lease_ms", "must be positive");
      return ToWorker(Welcome{.lease_ms = message.welcome().lease_ms()});
    case worker::v1::AttachResponse::kStartTask: {
      STRATA_ASSIGN_OR_RETURN(StartTask task, Read(message.start_task()));
      return ToWorker(std::move(task));
    }
    case worker::v1::AttachResponse::kCancelTask:
      return ToWorker(CancelTask{.attempt = message.cancel_task().attempt()});
    case worker::v1::AttachResponse::kStartRound: {
      const auto& in = message.start_round();
      STRATA_ASSIGN_OR_RETURN(std::vector<uint32_t> shards, ReadShards(in));
      STRATA_ASSIGN_OR_RETURN(Blob request, Read(in.request(), "start_round.request"));
      return ToWorker(StartRound{.assignment = in.assignment(),
                                 .round = in.round(),
                                 .shards = std::move(shards),
                                 .plan = Read(in.plan()),
                                 .request = std::move(request)});
    }
    case worker::v1::AttachResponse::kCancelRound:
      return ToWorker(CancelRound{.assignment = message.cancel_round().assignment()});
    case worker::v1::AttachResponse::FRAME_NOT_SET:
      break;
  }
  return Invalid("frame", "none of welcome, start_task, cancel_task, start_round, cancel_round");
}

}  // namespace strata
