// What the driver tells whoever counts: attempts, and workers that were given up. Plain values.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <variant>

#include "run/stage.h"

namespace strata {

// A task or a round's assignment went to a worker.
struct AttemptStarted {
  Stage stage = Stage::kPlan;
};
// A worker reported that one failed.
struct AttemptFailed {
  Stage stage = Stage::kPlan;
  std::string reason;  // the error's; base/status.h
};
// Attempts that nobody will report on.
struct AttemptsLost {
  Stage stage = Stage::kPlan;
  enum class Why { kLeaseExpired, kReconnectedWithout } why = Why::kLeaseExpired;
  size_t attempts = 0;
};
// A worker was silent for longer than its lease; the attempts it held follow as AttemptsLost.
struct LeaseExpired {};

using DriverEvent = std::variant<AttemptStarted, AttemptFailed, AttemptsLost, LeaseExpired>;

// Called on the driver's loop; must not block.
using DriverObserver = std::function<void(const DriverEvent&)>;

}  // namespace strata
