// What is kept of shards between rounds is had by one round at a time, and may go at any time.
#include "worker/fit_caches.h"

#include <gtest/gtest.h>

#include <optional>
#include <thread>

namespace strata {
namespace {

// nullopt: another round has it.
std::optional<uint64_t> SpaceOf(const FitCaches::Lease& lease) {
  const FitCache* const cache = lease.get();
  return cache == nullptr ? std::nullopt : std::optional(cache->space);
}

void SetSpace(const FitCaches::Lease& lease, uint64_t space) {
  if (FitCache* const cache = lease.get(); cache != nullptr) cache->space = space;
}

TEST(FitCaches, KeepAShardsCacheFromRoundToRound) {
  FitCaches caches;
  SetSpace(caches.Take("features-3"), 42);
  EXPECT_EQ(SpaceOf(caches.Take("features-3")), 42u);
  EXPECT_EQ(SpaceOf(caches.Take("features-4")), 0u) << "of another shard";
  caches.Clear();
  EXPECT_EQ(SpaceOf(caches.Take("features-3")), 0u);
}

TEST(FitCaches, AreHadByOneRoundAtATime) {
  FitCaches caches;
  const FitCaches::Lease first = caches.Take("features-3");
  std::thread([&caches] { EXPECT_EQ(SpaceOf(caches.Take("features-3")), std::nullopt); }).join();
  caches.Clear();
  EXPECT_EQ(SpaceOf(first), 0u) << "whoever has one keeps it";
  SetSpace(first, 7);
  std::thread([&caches] { EXPECT_EQ(SpaceOf(caches.Take("features-3")), 0u); }).join();
}

}  // namespace
}  // namespace strata
