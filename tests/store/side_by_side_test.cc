#include "store/side_by_side.h"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <vector>

#include "tests/base/status_matchers.h"

namespace strata {
namespace {

TEST(SideBySide, AsksForEachOnce) {
  for (const size_t count : {size_t{0}, size_t{1}, size_t{5}, kRequestsAtOnce, size_t{1'000}}) {
    std::vector<std::atomic<int>> asked(count);
    EXPECT_OK(SideBySide(count, [&](size_t i) {
      ++asked[i];
      return absl::OkStatus();
    }));
    for (const auto& times : asked) EXPECT_EQ(times, 1);
  }
}

// Each request waits until all others are under way: one after the other would wait for ever.
TEST(SideBySide, AsksAtTheSameTime) {
  std::mutex mutex;
  std::condition_variable changed;
  size_t under_way = 0;
  EXPECT_OK(SideBySide(kRequestsAtOnce, [&](size_t) {
    std::unique_lock lock(mutex);
    ++under_way;
    changed.notify_all();
    changed.wait(lock, [&] { return under_way == kRequestsAtOnce; });
    return absl::OkStatus();
  }));
}

TEST(SideBySide, EndsAtAFailureAndReturnsIt) {
  std::atomic<int> asked{0};
  const absl::Status status = SideBySide(100'000, [&](size_t i) -> absl::Status {
    ++asked;
    if (i == 40) return MakeError(absl::StatusCode::kNotFound, "MISSING", "the fortieth");
    return absl::OkStatus();
  });
  EXPECT_THAT(status, FailsWith(absl::StatusCode::kNotFound, "MISSING"));
  EXPECT_GE(asked, 41);
}

}  // namespace
}  // namespace strata
