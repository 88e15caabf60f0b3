// What a bench run is asked to do, as plain values. client/commands/bench.cc fills it from flags.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "client/bench/arrival_schedule.h"
#include "client/bench/key_chooser.h"
#include "wire/names.h"

namespace strata {

enum class LoadMethod { kGet, kLookup };
const char* Name(LoadMethod method);  // "get", "lookup"

inline constexpr int kConnectionsMax = 1024;          // each is a socket here and on the server
inline constexpr int kInFlightMax = 1000;             // per connection; servers commonly allow 100 to 1000 streams
inline constexpr int kThreadsMax = 64;                // drivers; more than one client machine has cores to give
inline constexpr int64_t kDurationMsMax = 3'600'000;  // an hour
inline constexpr int64_t kWarmupMsMax = 600'000;
inline constexpr int64_t kDeadlineMsMax = 60'000;
inline constexpr int64_t kBacklogMax = 1'000'000;  // requests due and not sent, 16 bytes each, in all drivers together

struct LoadPlan {
  std::vector<std::string> targets;  // connections are dealt to them in turn
  SnapshotName snapshot;             // pinned, or the current one
  LoadMethod method = LoadMethod::kGet;
  int batch = 1;  // ids per request; 1 for kGet
  bool closed = false;
  ArrivalShape arrivals = ArrivalShape::kConstant;  // of an open loop
  int64_t milli_rate = 0;                           // of an open loop, thousandths of a request a second
  int connections = 8;
  int in_flight = 32;  // at most so many requests under way per connection
  int threads = 1;     // drivers, each with its own connections; at most `connections`
  int64_t warmup_ms = 2'000;
  int64_t duration_ms = 10'000;  // of the measured window, after the warm-up
  int64_t deadline_ms = 10'000;  // of each call, from its sending; also how long a backlog may outlast the window
  KeyOptions keys;
  bool verify = true;

  int64_t warmup_ns() const { return warmup_ms * 1'000'000; }
  int64_t end_ns() const { return (warmup_ms + duration_ms) * 1'000'000; }
  int64_t give_up_ns() const { return end_ns() + deadline_ms * 1'000'000; }
};

// The ids that questions are about.
struct IdPool {
  std::vector<std::string> known;    // each a customer of `snapshot`
  std::vector<std::string> unknown;  // each checked to be none; empty where none is asked for
  int64_t snapshot = 0;              // the one that was asked when they were checked
};

}  // namespace strata
