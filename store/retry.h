// Trying again what may pass: a server that is restarted, a request that is throttled.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/status.h"

namespace strata {

// The wait doubles from the first one to the longest one, each shortened by up to a half so that many clients do not
// come back at once.
struct RetryPolicy {
  int64_t first_delay_ms = 100;  // a lost connection is usually back at once
  int64_t max_delay_ms = 2'000;  // how late the end of an outage may be noticed
  int64_t total_ms = 60'000;     // a server's restart or a node's replacement; after that a person should know
};

// Time, sleep and words come in through the door. Everything must outlive its user.
struct RetrySeams {
  const Clock* clock = nullptr;
  std::function<void(int64_t ms)> sleep;
  // A sentence for people when an operation fails for the first time, and when it gets through or is given up after
  // that; may be empty. From any thread.
  std::function<void(const std::string&)> note;
  RetryPolicy policy;
};

// Calls `attempt` until it returns anything but UNAVAILABLE, or until policy.total_ms have passed since the first call;
// the last cause is then returned with the number of attempts and the seconds. `what` names the operation. Thread-safe
// as far as the seams are.
absl::Status RetryUnavailable(const RetrySeams& seams, std::string_view what,
                              const std::function<absl::Status()>& attempt);

}  // namespace strata
