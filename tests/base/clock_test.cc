#include "base/clock.h"

#include <gtest/gtest.h>

#include "tests/base/fake_clock.h"

namespace strata {
namespace {

TEST(Clock, TheMachinesTimeGoesForward) {
  const SystemClock clock;
  int64_t last_ms = clock.MonotonicMs();
  for (int i = 0; i < 1'000; ++i) {
    const int64_t now_ms = clock.MonotonicMs();
    ASSERT_GE(now_ms, last_ms);
    last_ms = now_ms;
  }
  EXPECT_GT(clock.WallMs(), 1'704'067'200'000) << "this was written after 2024-01-01";
}

TEST(Clock, AFakeClockMovesOnlyByHand) {
  FakeClock clock;
  const int64_t monotonic_ms = clock.MonotonicMs();
  const int64_t wall_ms = clock.WallMs();
  EXPECT_EQ(clock.MonotonicMs(), monotonic_ms);
  clock.Advance(250);
  EXPECT_EQ(clock.MonotonicMs(), monotonic_ms + 250);
  EXPECT_EQ(clock.WallMs(), wall_ms + 250);
  clock.JumpWall(-1'000);
  EXPECT_EQ(clock.MonotonicMs(), monotonic_ms + 250);
  EXPECT_EQ(clock.WallMs(), wall_ms - 750);
}

}  // namespace
}  // namespace strata
