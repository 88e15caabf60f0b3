// A clock that stands still until a test moves it. Thread-safe.
#pragma once

#include <atomic>

#include "base/clock.h"

namespace strata {

class FakeClock final : public Clock {
 public:
  // 2024-01-01 00:00 UTC unless the test cares.
  explicit FakeClock(int64_t wall_ms = 1'704'067'200'000) : wall_ms_(wall_ms) {}

  int64_t MonotonicMs() const override { return monotonic_ms_; }
  int64_t WallMs() const override { return wall_ms_; }

  // Both clocks go on.
  void Advance(int64_t ms) {
    monotonic_ms_ += ms;
    wall_ms_ += ms;
  }
  // Somebody sets the machine's time; durations are not touched.
  void JumpWall(int64_t ms) { wall_ms_ += ms; }

 private:
  // Not 0, so that a forgotten initial value shows.
  std::atomic<int64_t> monotonic_ms_{1'000'000};
  std::atomic<int64_t> wall_ms_;
};

}  // namespace strata
