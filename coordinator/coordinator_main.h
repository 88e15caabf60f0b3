// A coordinator with everything it needs, wired: state, lead, driver, services, server. The main and the tests of the
// whole cluster use it alike.
//
// Start, then Run on the thread that is to be the loop; Stop from any thread.
#pragma once

#include <memory>
#include <string>

#include "base/status.h"
#include "store/object_cache.h"

namespace strata {

struct CoordinatorOptions {
  std::string state = ".strata";
  std::string objects;    // a folder or s3://bucket/prefix; empty: as the state remembers, STATE/objects in a new one
  std::string cache_dir;  // empty: STATE/cache
  uint64_t cache_bytes = kDefaultCacheBytes;
  std::string listen = "127.0.0.1:7070";
  std::string build_id;
  int64_t lease_ms = 10'000;
  int64_t worker_wait_ms = 60'000;
  int64_t max_age_hours = 36;
};

class CoordinatorProcess {
 public:
  explicit CoordinatorProcess(CoordinatorOptions options);
  ~CoordinatorProcess();
  CoordinatorProcess(const CoordinatorProcess&) = delete;
  CoordinatorProcess& operator=(const CoordinatorProcess&) = delete;

  // Takes the lead, serves, and returns the bound port. FAILED_PRECONDITION (STATE_HELD, ADDRESS_UNAVAILABLE).
  absl::StatusOr<int> Start();
  // Handles runs until Stop; then drains the server and gives the lead back.
  absl::Status Run();
  void Stop();

 private:
  struct Parts;
  CoordinatorOptions options_;
  std::unique_ptr<Parts> parts_;
};

}  // namespace strata
