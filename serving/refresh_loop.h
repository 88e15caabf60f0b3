// A thread that refreshes a catalogue every so often, so that a server notices what others published. Used by the
// mains; whoever publishes in the same process calls RefreshJob itself.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "base/status.h"
#include "serving/snapshot_catalogue.h"

namespace strata {

inline constexpr int64_t kRefreshIntervalMs =
    2000;  // how long a publication may go unnoticed; costs two small reads a job

class RefreshLoop {
 public:
  // Refreshes at once, then every `interval_ms`. `report` gets the outcome of a refresh whenever it differs from the
  // one before (the first one always), on the loop's thread. `catalogue` must outlive the loop.
  RefreshLoop(SnapshotCatalogue* catalogue, int64_t interval_ms, std::function<void(const absl::Status&)> report);
  // Stops at once, after the refresh under way.
  ~RefreshLoop();
  RefreshLoop(const RefreshLoop&) = delete;
  RefreshLoop& operator=(const RefreshLoop&) = delete;

 private:
  void Run();

  SnapshotCatalogue* catalogue_;
  int64_t interval_ms_;
  std::function<void(const absl::Status&)> report_;
  std::mutex mutex_;
  std::condition_variable stop_requested_;
  bool stopping_ = false;
  std::jthread thread_;
};

}  // namespace strata
