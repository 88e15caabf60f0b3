// What a coordinator and a worker say to each other, as plain values; wire/worker_protocol.h puts them on the network.
// A frame is small: everything over kMaxInlineBytes travels as an object, its key and checksum in the frame.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "base/status.h"
#include "run/stage.h"

namespace strata {

inline constexpr size_t kMaxFrameBytes = 64 * 1024;   // far below gRPC's default limit and its flow-control window
inline constexpr size_t kMaxInlineBytes = 32 * 1024;  // leaves room for the rest of a frame

// An object by key, with the checksum that its reader verifies.
struct ObjectRef {
  std::string key;
  uint64_t checksum = 0;  // XXH3-64 of the bytes
  uint64_t size_bytes = 0;
  bool empty() const { return key.empty(); }
  bool operator==(const ObjectRef&) const = default;
};

// Bytes, inline when small, else as an object.
struct Blob {
  std::string inline_bytes;
  ObjectRef object;
  bool operator==(const Blob&) const = default;
};

using WorkerId = std::string;  // lives as long as the worker's process
using AttemptId = uint64_t;    // unique within a coordinator's term; results count by it, whatever the session

// Coordinator to worker.
struct Welcome {
  int64_t lease_ms = 0;  // a worker silent for longer is given up
};
struct StartTask {
  AttemptId attempt = 0;
  Stage stage = Stage::kPlan;
  uint32_t index = 0;  // file, split or shard within the stage
  ObjectRef plan;      // StagePlan, run/stage_plan.h
};
struct CancelTask {
  AttemptId attempt = 0;
};
struct StartRound {
  AttemptId assignment = 0;
  uint32_t round = 0;
  std::vector<uint32_t> shards;
  ObjectRef plan;  // StagePlan of the fit stage: where the features are
  Blob request;    // parameters of all models of this round
};
struct CancelRound {
  AttemptId assignment = 0;
};
using ToWorker = std::variant<Welcome, StartTask, CancelTask, StartRound, CancelRound>;

// Worker to coordinator.
struct Hello {
  WorkerId worker;
  std::string build_id;
  uint32_t slots = 1;               // tasks it runs at once
  std::vector<AttemptId> attempts;  // still running, after a reconnection
};
struct TaskDone {
  AttemptId attempt = 0;
  Blob result;  // run/task_results.h, by stage
};
struct TaskFailed {
  AttemptId attempt = 0;
  absl::Status status;  // typed: its class decides about a retry
};
struct RoundDone {
  AttemptId assignment = 0;
  Blob partial;  // merged over the assignment's shards
};
using FromWorker = std::variant<Hello, TaskDone, TaskFailed, RoundDone>;

}  // namespace strata
