// What an open and a closed loop do when the server is quick, slow, stalled or gone, told in simulated time.
#include "client/bench/load_loop.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

#include "client/bench/nano_clock.h"
#include "tests/client/bench/simulated_server.h"

namespace strata {
namespace {

constexpr int64_t kSecond = kNanosPerSecond;
constexpr int64_t kP99 = 990'000;

OpenLoop Open(int64_t rate, int slots, int64_t seconds, int64_t backlog_max = 1'000'000, int64_t drain_ns = kSecond) {
  return OpenLoop(ArrivalSchedule(ArrivalShape::kConstant, rate * 1000, 1), slots,
                  {.measured_from_ns = 0,
                   .end_ns = seconds * kSecond,
                   .give_up_ns = seconds * kSecond + drain_ns,
                   .backlog_max = backlog_max});
}

TEST(OpenLoop, TheRateHoldsWhateverTheServerTakes) {
  for (const int64_t service_ns : {0 * kMs, 1 * kMs, 700 * kMs, 5000 * kMs}) {
    OpenLoop loop = Open(1'000, 10'000, 10);
    const auto requests = Simulate(&loop, AnswersAfter(service_ns));
    ASSERT_EQ(requests.size(), 10'000u);
    for (size_t i = 0; i < requests.size(); ++i) {
      ASSERT_EQ(requests[i].sent_ns, static_cast<int64_t>(i) * kMs) << "service of " << service_ns << " ns";
      ASSERT_EQ(requests[i].latency_ns(), service_ns);
    }
    EXPECT_EQ(loop.Counts().waited_for_slot, 0);
  }
}

TEST(OpenLoop, AStallShowsInFullAndAClosedLoopHidesIt) {
  // 1,000 a second for 10 s; from second 4 on nothing is answered for a second.
  const auto server = StallsOnce(4 * kSecond, 5 * kSecond, kMs);
  OpenLoop open = Open(1'000, 10'000, 10);
  const LatencyHistogram seen = Latencies(Simulate(&open, server));
  // A tenth of the requests waits, evenly from 1 s down to nothing, so the worst hundredth waits 900 ms or more.
  EXPECT_NEAR(static_cast<double>(seen.PercentileNs(kP99)), 901e6, 901e6 * 0.005);
  EXPECT_EQ(seen.max_ns(), kSecond + kMs);

  ClosedLoop closed(4, 10 * kSecond);
  const LatencyHistogram omitted = Latencies(Simulate(&closed, server));
  EXPECT_GT(omitted.count(), 30'000);
  EXPECT_NEAR(static_cast<double>(omitted.PercentileNs(999'000)), 1e6, 1e6 * 0.005)
      << "four slow answers in 36,000 are coordinated omission";
  EXPECT_EQ(omitted.max_ns(), kSecond + kMs);
}

TEST(OpenLoop, WhatFindsNoSlotWaitsInOrderAndCountsFromItsDueTime) {
  // One request at a time, 20 ms each, 100 a second asked: half of them, and the backlog grows by 50 a second.
  OpenLoop loop = Open(100, 1, 2, 1'000'000, kSecond);
  const auto requests = Simulate(&loop, AnswersAfter(20 * kMs));
  for (size_t i = 0; i < requests.size(); ++i) {
    const auto number = static_cast<int64_t>(i);
    EXPECT_EQ(requests[i].index, number) << "first come, first served";
    EXPECT_EQ(requests[i].sent_ns, number * 20 * kMs);
    EXPECT_EQ(requests[i].latency_ns(), number * 10 * kMs + 20 * kMs);
  }
  // Until it gives up at second 3, 150 are sent; the others are told of.
  EXPECT_EQ(requests.size(), 150u);
  EXPECT_EQ(loop.Counts().due, 200);
  EXPECT_EQ(loop.Counts().abandoned, 50);
  EXPECT_EQ(loop.Counts().shed, 0);
  EXPECT_EQ(loop.Counts().waited_for_slot, 199);
  EXPECT_EQ(loop.Counts().backlog, 0);
}

TEST(OpenLoop, AFullBacklogShedsTheNewestAndSaysSo) {
  OpenLoop loop = Open(100, 2, 1, 5);
  const auto requests = Simulate(&loop, AnswersAfter(10 * kSecond));
  ASSERT_EQ(requests.size(), 2u) << "both slots are taken for longer than the run";
  EXPECT_EQ(loop.Counts().due, 100);
  EXPECT_EQ(loop.Counts().abandoned, 5);
  EXPECT_EQ(loop.Counts().shed, 93);
  EXPECT_EQ(loop.Counts().backlog_max, 5);
}

TEST(OpenLoop, EveryRequestDueIsSentShedOrAbandoned) {
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    std::mt19937_64 random(seed);
    const auto pick = [&random](int64_t low, int64_t high) {
      return low + static_cast<int64_t>(random() % static_cast<uint64_t>(high - low + 1));
    };
    const ArrivalShape shape = pick(0, 1) == 0 ? ArrivalShape::kConstant : ArrivalShape::kPoisson;
    const int64_t warmup_ns = pick(0, 500) * kMs;
    OpenLoop loop(ArrivalSchedule(shape, pick(1'000, 2'000'000), seed), static_cast<int>(pick(1, 20)),
                  {.measured_from_ns = warmup_ns,
                   .end_ns = warmup_ns + pick(1, 2'000) * kMs,
                   .give_up_ns = warmup_ns + pick(2'000, 2'500) * kMs,
                   .backlog_max = pick(0, 50)});
    const auto requests = Simulate(&loop, WorksAlone(pick(0, 30) * kMs));
    int64_t measured = 0;
    std::set<int64_t> indexes;
    for (const SimulatedRequest& request : requests) {
      measured += request.due_ns >= warmup_ns;
      ASSERT_GE(request.sent_ns, request.due_ns) << "seed " << seed;
      ASSERT_TRUE(indexes.insert(request.index).second) << "sent twice, seed " << seed;
    }
    const LoopCounts counts = loop.Counts();
    ASSERT_EQ(counts.due, measured + counts.shed + counts.abandoned) << "seed " << seed;
  }
}

TEST(OpenLoop, StoppedEarlyItAsksNothingMore) {
  OpenLoop loop = Open(1'000, 1, 10);
  ASSERT_TRUE(loop.Next(0).has_value());
  EXPECT_FALSE(loop.Next(100 * kMs).has_value()) << "no slot";
  loop.Stop(100 * kMs);
  loop.Finished(0, 101 * kMs, false);
  EXPECT_FALSE(loop.Next(5 * kSecond).has_value());
  EXPECT_TRUE(loop.Ended(100 * kMs));
  EXPECT_EQ(loop.Counts().due, 101) << "at 0 to 100 ms";
  EXPECT_EQ(loop.Counts().abandoned, 100);
}

TEST(ClosedLoop, EverySlotAsksAgainWhenItIsAnswered) {
  ClosedLoop loop(3, kSecond, 1, 2);
  const auto requests = Simulate(&loop, AnswersAfter(10 * kMs));
  EXPECT_EQ(requests.size(), 300u);
  for (size_t i = 0; i < requests.size(); ++i) {
    EXPECT_EQ(requests[i].index, static_cast<int64_t>(2 * i + 1)) << "part 1 of 2";
    EXPECT_EQ(requests[i].due_ns, requests[i].sent_ns);
  }
}

TEST(ClosedLoop, PausesASlotWhoseCallFailed) {
  ClosedLoop loop(2, kSecond);
  const auto requests = Simulate(&loop, AnswersAfter(0), true);
  EXPECT_EQ(requests.size(), 200u) << "two slots, a call every 10 ms each, not millions";
}

}  // namespace
}  // namespace strata
