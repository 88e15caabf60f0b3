// What a run does, seen from the driver: a script that says which work comes next, given the results of the last. Two
// implementations: the night (coordinator/night/night.h) and small scripted runs in tests.
//
// Called from one thread at a time, never from the driver's loop, so it may take long (a fit over millions of rows).
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "base/status.h"
#include "run/frames.h"

namespace strata {

struct RunStage {
  Stage stage = Stage::kPlan;
  uint32_t tasks = 0;  // at least 1
  ObjectRef plan;
  bool is_last = false;  // what follows is the publication, which is the coordinator's alone
};
struct RunRound {
  uint32_t round = 0;
  uint32_t shards = 0;
  ObjectRef plan;
  Blob request;
};
struct RunFinished {};
using RunStep = std::variant<RunStage, RunRound, RunFinished>;

class RunLogic {
 public:
  virtual ~RunLogic() = default;
  virtual absl::StatusOr<RunStep> Begin() = 0;
  // Results by task index.
  virtual absl::StatusOr<RunStep> AfterStage(Stage stage, const std::vector<std::string>& results) = 0;
  // Partials of a disjoint cover of all shards.
  virtual absl::StatusOr<RunStep> AfterRound(const std::vector<std::string>& partials) = 0;
  // Rows of new files read so far, for people. From any thread.
  virtual int64_t rows_read() const { return 0; }
};

}  // namespace strata
