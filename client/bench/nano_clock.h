// The bench's time: nanoseconds of a clock that never goes back, and waiting for a moment of it. It comes in through
// the door like base/clock.h, which counts milliseconds, too coarse for latencies of a tenth of that. Implementations
// are thread-safe.
#pragma once

#include <cstdint>

namespace strata {

inline constexpr int64_t kNanosPerSecond = 1'000'000'000;
inline constexpr int64_t kNanosPerMilli = 1'000'000;

class NanoClock {
 public:
  virtual ~NanoClock() = default;
  virtual int64_t NowNs() const = 0;
  // Returns at `moment_ns` or shortly after it; at once when it has passed.
  virtual void WaitUntil(int64_t moment_ns) const = 0;
};

// CLOCK_MONOTONIC, whose values may be compared across the threads of a process.
class SystemNanoClock final : public NanoClock {
 public:
  int64_t NowNs() const override;
  void WaitUntil(int64_t moment_ns) const override;
};

// Lets the calling thread's waits end within about a microsecond of their moment instead of the 50 that Linux grants
// itself to save power.
void SharpenWaits();

}  // namespace strata
