// A coordinator with everything it needs, wired: state, lead, driver, services, server. The main and the tests of the
// whole cluster use it alike.
//
// Start, then Run on the thread that is to be the loop; Stop from any thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/status.h"
#include "base/telemetry/log.h"
#include "base/telemetry/metrics.h"
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
  bool allow_on_finish_command = false;  // jobs that are submitted may run commands in this process's place
  std::string version;                   // for people, base/build_id.h
  const Log* log = nullptr;              // null: says nothing; must outlive the process object, as metrics must
  MetricsRegistry* metrics = nullptr;    // null: in a registry of its own
};

class CoordinatorProcess {
 public:
  explicit CoordinatorProcess(CoordinatorOptions options);
  ~CoordinatorProcess();
  CoordinatorProcess(const CoordinatorProcess&) = delete;
  CoordinatorProcess& operator=(const CoordinatorProcess&) = delete;

  // Takes the lead, serves, and returns the bound port; ready for runs once Run has looked at the objects of the state,
  // which may not answer (NotReady says so). FAILED_PRECONDITION (STATE_HELD, ADDRESS_UNAVAILABLE).
  absl::StatusOr<int> Start();
  // Handles runs until Stop; then drains the server and gives the lead back.
  absl::Status Run();
  void Stop();

  // Why it is not ready to take runs and answer; empty when it is. From any thread, also before Start.
  std::string NotReady() const;

 private:
  struct Parts;
  absl::Status OpenState();
  absl::Status Lead(const std::string& holder);
  absl::Status MakeHost();
  absl::StatusOr<int> Serve(const std::string& holder);
  void Say(LogLevel level, std::string message, std::vector<LogField> fields) const;

  CoordinatorOptions options_;
  std::unique_ptr<Parts> parts_;
};

}  // namespace strata
