// Where a service does what may block (opening a snapshot, reading the ledger): a few threads and a bounded queue.
// gRPC's callbacks share a handful of threads between all calls, so a handler that blocks there blocks everybody.
// Thread-safe.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "base/status.h"

namespace strata {

inline constexpr int kLaneThreads = 2;       // one long verification must not hold up a quick read
inline constexpr size_t kMaxLaneTasks = 64;  // waiting; beyond it callers are told to come back later

class BackgroundLane {
 public:
  BackgroundLane();
  // Finishes what was submitted, then stops.
  ~BackgroundLane();
  BackgroundLane(const BackgroundLane&) = delete;
  BackgroundLane& operator=(const BackgroundLane&) = delete;

  // Runs `task` soon, on a thread of the lane. RESOURCE_EXHAUSTED (SERVER_BUSY) while kMaxLaneTasks wait; the task is
  // then never run. Must not be called while the lane is being destroyed.
  absl::Status Submit(std::function<void()> task);

 private:
  void Work();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> tasks_;
  bool stopping_ = false;
  std::vector<std::jthread> threads_;
};

}  // namespace strata
