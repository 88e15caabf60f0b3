// One driver of load: a completion queue, the connections that belong to it, and their slots. A thread takes what
// completes and sends what may follow; an open loop has a second one that waits for due times, because gRPC's own
// timers count milliseconds. What to send when is LoadLoop's decision; a lane only does it and looks at the clock.
//
// Made, started, stopped and joined by one thread; the calls that say so may be made while it runs.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "client/bench/answer_checks.h"
#include "client/bench/load_loop.h"
#include "client/bench/load_plan.h"
#include "client/bench/load_tally.h"
#include "client/bench/nano_clock.h"

namespace grpc {
class Channel;
}

namespace strata {

struct LaneResult {
  LoadTally tally;
  CheckResult checks;
  LoopCounts counts;
};

// What all lanes of a run share; must outlive them.
struct LaneContext {
  const LoadPlan* plan = nullptr;
  const IdPool* ids = nullptr;
  const KeyChooser* keys = nullptr;
  const NanoClock* clock = nullptr;
  const std::function<void()>* on_ended = nullptr;  // as in LoadRunHooks
};

// Two implementations: GetScore and LookupScores.
class LoadLane {
 public:
  virtual ~LoadLane() = default;
  // Precondition: a loop with channels.size() * plan.in_flight slots.
  virtual void Start(int64_t start_ns, std::unique_ptr<LoadLoop> loop) = 0;
  // While it runs: nothing more is sent.
  virtual void Stop() = 0;
  // While it runs: what happened since the last call.
  virtual LoadInterval TakeInterval() = 0;
  // While it runs: processor time of each of its threads so far.
  virtual std::vector<int64_t> ThreadCpuNs() const = 0;
  // Waits until the loop has ended and every call with it, which takes at most a deadline longer.
  virtual LaneResult Join() = 0;
};

std::unique_ptr<LoadLane> NewLoadLane(const LaneContext& context, std::vector<std::shared_ptr<grpc::Channel>> channels);

}  // namespace strata
