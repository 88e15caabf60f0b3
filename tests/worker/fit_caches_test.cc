// What is kept of shards between rounds is had by one round at a time, and may go at any time.
#include "worker/fit_caches.h"

#include <gtest/gtest.h>

#include <thread>

namespace strata {
namespace {

TEST(FitCaches, KeepAShardsCacheFromRoundToRound) {
  FitCaches caches;
  {
    const FitCaches::Lease lease = caches.Take(3);
    ASSERT_NE(lease.get(), nullptr);
    lease.get()->space = 42;
  }
  EXPECT_EQ(caches.Take(3).get()->space, 42u);
  EXPECT_EQ(caches.Take(4).get()->space, 0u) << "of another shard";
  caches.Clear();
  EXPECT_EQ(caches.Take(3).get()->space, 0u);
}

TEST(FitCaches, AreHadByOneRoundAtATime) {
  FitCaches caches;
  const FitCaches::Lease first = caches.Take(3);
  std::thread([&caches] { EXPECT_EQ(caches.Take(3).get(), nullptr); }).join();
  caches.Clear();
  ASSERT_NE(first.get(), nullptr) << "whoever has one keeps it";
  first.get()->space = 7;
  std::thread([&caches] { EXPECT_EQ(caches.Take(3).get()->space, 0u); }).join();
}

}  // namespace
}  // namespace strata
