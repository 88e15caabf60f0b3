#include "serving/background_lane.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <memory>

#include "tests/base/status_matchers.h"

namespace strata {
namespace {

TEST(BackgroundLane, RunsEverythingItTookBeforeItEnds) {
  std::atomic<int> done = 0;
  {
    BackgroundLane lane;
    for (int i = 0; i < 50; ++i) ASSERT_OK(lane.Submit([&done] { ++done; }));
  }
  EXPECT_EQ(done, 50);
}

TEST(BackgroundLane, RefusesWhatItCannotQueueAndRecovers) {
  std::latch release(1);
  std::latch started(kLaneThreads);
  std::atomic<size_t> done = 0;
  auto lane = std::make_unique<BackgroundLane>();
  for (int i = 0; i < kLaneThreads; ++i) {
    ASSERT_OK(lane->Submit([&] {
      started.count_down();
      release.wait();
    }));
  }
  started.wait();  // every thread is busy; from here on tasks wait
  for (size_t i = 0; i < kMaxLaneTasks; ++i) ASSERT_OK(lane->Submit([&done] { ++done; }));
  EXPECT_THAT(lane->Submit([&done] { ++done; }), FailsWith(absl::StatusCode::kResourceExhausted, "SERVER_BUSY"));
  release.count_down();
  lane.reset();
  EXPECT_EQ(done, kMaxLaneTasks);
}

}  // namespace
}  // namespace strata
