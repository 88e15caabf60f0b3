#include "worker/stream_watch.h"

#include <gtest/gtest.h>

namespace strata {
namespace {

constexpr int64_t kPatienceMs = 1000;

TEST(StreamWatch, AnIdleStreamIsNeverStill) {
  StreamWatch watch;
  watch.Reset(0);
  for (int64_t now_ms = 0; now_ms < 100'000; now_ms += 500) {
    EXPECT_FALSE(watch.StandsStill({.written = 3, .arrived = 3, .sent = 2, .received = 2}, kPatienceMs, now_ms));
  }
}

TEST(StreamWatch, FramesThatDoNotArriveAreNoticedInEachDirection) {
  for (const StreamCounts stuck : {StreamCounts{.written = 3, .arrived = 2, .sent = 2, .received = 2},
                                   StreamCounts{.written = 3, .arrived = 3, .sent = 2, .received = 1}}) {
    StreamWatch watch;
    watch.Reset(0);
    EXPECT_FALSE(watch.StandsStill(stuck, kPatienceMs, 500));  // the first look: something moved since the beginning
    EXPECT_FALSE(watch.StandsStill(stuck, kPatienceMs, 1500));
    EXPECT_TRUE(watch.StandsStill(stuck, kPatienceMs, 1501));
  }
}

TEST(StreamWatch, ASlowStreamIsNotStill) {
  StreamWatch watch;
  watch.Reset(0);
  for (uint64_t frame = 1; frame < 100; ++frame) {
    const auto now_ms = static_cast<int64_t>(frame) * 900;
    EXPECT_FALSE(watch.StandsStill({.written = 1000, .arrived = frame, .sent = 0, .received = 0}, kPatienceMs, now_ms));
  }
}

TEST(StreamWatch, ANewStreamBeginsAnew) {
  StreamWatch watch;
  watch.Reset(0);
  const StreamCounts stuck{.written = 3, .arrived = 2, .sent = 0, .received = 0};
  EXPECT_FALSE(watch.StandsStill(stuck, kPatienceMs, 0));
  EXPECT_TRUE(watch.StandsStill(stuck, kPatienceMs, 2000));
  watch.Reset(2000);
  EXPECT_FALSE(watch.StandsStill(stuck, kPatienceMs, 2500));
}

}  // namespace
}  // namespace strata
