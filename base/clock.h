// Time comes in through the door. Whoever needs it is handed a Clock; tests hand in a clock that they move by hand.
// Implementations are thread-safe.
#pragma once

#include <cstdint>

namespace strata {

class Clock {
 public:
  virtual ~Clock() = default;
  // Milliseconds of a clock that never goes back; for durations, leases and time-outs.
  virtual int64_t MonotonicMs() const = 0;
  // The same clock in nanoseconds, for what takes less than a millisecond.
  virtual int64_t MonotonicNs() const { return MonotonicMs() * 1'000'000; }
  // Milliseconds since 1970-01-01 UTC; for what people read. May jump.
  virtual int64_t WallMs() const = 0;
};

// The machine's own clocks.
class SystemClock final : public Clock {
 public:
  int64_t MonotonicMs() const override;
  int64_t MonotonicNs() const override;
  int64_t WallMs() const override;
};

}  // namespace strata
