// What a load generator decides, apart from how it is done: which request to send when, in which of a bounded number of
// slots (requests under way). Time comes in as an argument, in nanoseconds since the run's start, so that the loops are
// tested without waiting. Drivers ask Next again whenever a slot became free or NextWakeNs has passed.
//
// Not thread-safe.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "client/bench/arrival_schedule.h"

namespace strata {

struct PlannedSend {
  int64_t index = 0;   // of the request, unique in the run
  int64_t due_ns = 0;  // from when on its latency counts
  int slot = 0;
};

// What became of the requests due in the measured window (only an open loop has any). Those shed or abandoned have no
// latency, and percentiles without them are too good: whoever reports percentiles reports these.
struct LoopCounts {
  int64_t due = 0;              // of the measured window
  int64_t waited_for_slot = 0;  // found every slot taken when they became due
  int64_t shed = 0;             // found the backlog full as well, and were given up
  int64_t abandoned = 0;        // still in the backlog when the run gave up
  int64_t backlog = 0;          // now, warm-up included
  int64_t backlog_max = 0;
};

inline constexpr int64_t kNever = INT64_MAX;

class LoadLoop {
 public:
  virtual ~LoadLoop() = default;
  // A request to send now, its slot taken; nullopt when none is due or no slot is free.
  virtual std::optional<PlannedSend> Next(int64_t now_ns) = 0;
  // The slot's request has ended; `failed`: with an error of the server or the way to it.
  virtual void Finished(int slot, int64_t now_ns, bool failed) = 0;
  // When the next request becomes due, whether or not a slot is free; kNever when only an end of one brings more.
  virtual int64_t NextWakeNs() const = 0;
  // True when Next gives nothing any more.
  virtual bool Ended(int64_t now_ns) const = 0;
  // Nothing becomes due from now on, and what waits is abandoned.
  virtual void Stop(int64_t now_ns) = 0;
  virtual LoopCounts Counts() const = 0;
};

struct OpenLoopLimits {
  int64_t measured_from_ns = 0;  // end of the warm-up
  int64_t end_ns = 0;            // nothing is due from here on
  int64_t give_up_ns = 0;        // what is in the backlog then is abandoned
  int64_t backlog_max = 0;       // requests
};

// Requests are due by a schedule whatever the server does. One that finds no free slot waits, first come first served,
// and keeps its due time.
class OpenLoop final : public LoadLoop {
 public:
  OpenLoop(const ArrivalSchedule& schedule, int slots, const OpenLoopLimits& limits);

  std::optional<PlannedSend> Next(int64_t now_ns) override;
  void Finished(int slot, int64_t now_ns, bool failed) override;
  int64_t NextWakeNs() const override;
  bool Ended(int64_t now_ns) const override;
  void Stop(int64_t now_ns) override;
  LoopCounts Counts() const override;

 private:
  void TakeArrivals(int64_t now_ns);
  void Abandon();

  ArrivalSchedule schedule_;
  OpenLoopLimits limits_;
  std::deque<int> free_;         // the longest free first, so that all connections are used alike
  std::deque<Arrival> backlog_;  // due and not sent
  LoopCounts counts_;
};

// Every slot sends its next request as soon as the last one has ended. Request n of part p of n parts has index
// n * parts + part.
class ClosedLoop final : public LoadLoop {
 public:
  // A server that refuses at once would otherwise be asked hundreds of thousands of times a second.
  static constexpr int64_t kPauseAfterFailureNs = 10'000'000;

  ClosedLoop(int slots, int64_t end_ns, int64_t part = 0, int64_t parts = 1);

  std::optional<PlannedSend> Next(int64_t now_ns) override;
  void Finished(int slot, int64_t now_ns, bool failed) override;
  int64_t NextWakeNs() const override;
  bool Ended(int64_t now_ns) const override { return now_ns >= end_ns_; }
  void Stop(int64_t now_ns) override;
  LoopCounts Counts() const override { return {}; }

 private:
  struct Pause {
    int slot = 0;
    int64_t until_ns = 0;
  };

  int64_t end_ns_;
  int64_t next_index_;
  int64_t parts_;
  std::deque<int> free_;
  std::deque<Pause> paused_;  // by time
};

}  // namespace strata
