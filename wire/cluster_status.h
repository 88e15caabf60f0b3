// What goes on in a cluster, as plain values and on the wire (strata.v1.ClusterService). Pure functions; thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/date.h"
#include "base/status.h"
#include "run/stage.h"
#include "run/summary.h"
#include "wire/names.h"
#include "wire/runs.h"

namespace strata {
namespace v1 {
class GetStatusResponse;
}  // namespace v1

// Calls of one method since its server started.
struct MethodFacts {
  std::string method;  // "strata.v1.ScoreService/GetScore"
  int64_t calls = 0;
  int64_t errors = 0;
  int64_t in_flight = 0;
  std::vector<int64_t> bounds_ns;  // rising, inclusive
  std::vector<int64_t> buckets;    // one more than bounds; not cumulative
  bool operator==(const MethodFacts&) const = default;
};

// What a server answers from for one job.
struct ServedFacts {
  std::string job;
  int64_t snapshot = 0;  // 0: none answers
  int64_t current = 0;   // that the pointer names; 0: none
  int64_t generation = 0;
  Day as_of = 0;             // this and the next three mean nothing while snapshot is 0
  int64_t published_ms = 0;  // wall clock
  int64_t loaded_ms = 0;
  int64_t customers = 0;
  int64_t age_ms = 0;                // when asked; not on the wire, where it follows from the answer's time
  int64_t current_published_ms = 0;  // of the one that the pointer names; 0: not known
  std::string problem;
  bool operator==(const ServedFacts&) const = default;
};

struct WorkerFacts {
  struct Task {
    Stage stage = Stage::kPlan;
    uint32_t index = 0;
    uint32_t shards = 0;  // of a fit round; 0 in other stages
    bool operator==(const Task&) const = default;
  };
  std::string id;
  uint32_t slots = 1;
  bool connected = true;
  bool eligible = true;  // of the coordinator's build
  std::vector<Task> tasks;
  bool operator==(const WorkerFacts&) const = default;
};

struct CurrentRunFacts {
  RunProgressFacts progress;
  int64_t started_ms = 0;
  double stage_seconds = 0;
};

inline constexpr size_t kMaxRecentRuns = 8;  // a screen has room for no more

struct CoordinatorFacts {
  bool leading = false;
  int64_t term = 0;
  std::string holder;
  std::vector<WorkerFacts> workers;
  std::optional<CurrentRunFacts> run;
  std::vector<RunName> queued;
  std::vector<RunSummary> recent;  // newest first
};

struct ClusterStatus {
  std::string program;
  std::string version;
  int64_t now_ms = 0;  // the server's wall clock
  int64_t started_ms = 0;
  std::optional<CoordinatorFacts> coordinator;
  std::vector<ServedFacts> snapshots;
  std::vector<MethodFacts> methods;
};

void FillClusterStatus(const ClusterStatus& status, v1::GetStatusResponse* message);
// INTERNAL (ANSWER_INVALID) for a message that no server of this kind wrote.
absl::StatusOr<ClusterStatus> ReadClusterStatus(const v1::GetStatusResponse& message);

}  // namespace strata
