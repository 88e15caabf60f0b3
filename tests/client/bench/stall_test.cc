// The bench against a real server on loopback that stalls by script, and the truth about it in closed form.
//
// A request due at t while the server stalls until e waits e - t, whatever the generator does; any other is answered at
// once. With constant spacing that gives every percentile. Stalls of 500 ms fill five sixths of the measured window, so
// that p50 to the maximum all lie inside them (the median near 200 ms), and 3 % of the least is 6 ms: far above what a
// busy machine adds. The server releases by its own clock and keeps the moment it did, and the truth is computed from
// that moment, so a late release is no error.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <condition_variable>
#include <mutex>

#include "client/bench/bench_report.h"
#include "client/bench/load_run.h"
#include "tests/base/status_matchers.h"
#include "tests/client/bench/stalling_server.h"

namespace strata {
namespace {

constexpr int64_t kMs = kNanosPerMilli;
constexpr int64_t kStallMs = 500;
constexpr int64_t kPeriodMs = 601;  // no multiple of the spacing of 4 ms, so that edges fall differently every time
constexpr int64_t kStalls = 8;
constexpr int64_t kWarmupMs = 400;
constexpr int64_t kRate = 250;
constexpr double kTolerance = 0.03;

LoadPlan StallPlan(const StallingServer& server) {
  LoadPlan plan;
  plan.targets = {server.address()};
  plan.snapshot = {.job = "shop", .number = 0};
  plan.milli_rate = kRate * 1000;
  plan.connections = 4;
  plan.in_flight = 200;
  plan.warmup_ms = kWarmupMs;
  plan.duration_ms = kStalls * kPeriodMs;
  return plan;
}

// A window's stalls follow 50 ms after its begin, so that the last ends inside it.
std::vector<Stall> Script(int64_t window_begin_ns) {
  std::vector<Stall> stalls;
  for (int64_t i = 0; i < kStalls; ++i) {
    const int64_t begin_ns = window_begin_ns + (50 + i * kPeriodMs) * kMs;
    stalls.push_back({.begin_ns = begin_ns, .end_ns = begin_ns + kStallMs * kMs});
  }
  return stalls;
}

// The script begins with the measured window, which is when the warm-up's last line comes.
absl::StatusOr<LoadResult> RunAgainst(StallingServer* server, const LoadPlan& plan) {
  const SystemNanoClock clock;
  const IdPool ids = {.known = {"a", "b", "c"}, .unknown = {}, .snapshot = 3};
  std::mutex mutex;
  std::condition_variable never;  // notified: only the time passes
  const LoadRunHooks hooks = {.wait =
                                  [&](int64_t timeout_ms) {
                                    std::unique_lock lock(mutex);
                                    never.wait_for(lock, std::chrono::milliseconds(timeout_ms));
                                    return false;
                                  },
                              .on_second =
                                  [&](const SecondLine& line) {
                                    if (line.warmup) server->SetScript(Script(clock.NowNs()));
                                  }};
  return RunLoad(plan, ids, clock, hooks);
}

// Latencies in ascending order: those due within a stall wait for its end, others nothing.
std::vector<double> Truth(const LoadResult& result, const LoadPlan& plan, const std::vector<Stall>& stalls) {
  std::vector<double> latencies;
  for (int64_t i = 0;; ++i) {
    const int64_t due_ns = i * (kNanosPerSecond / kRate);
    if (due_ns >= plan.end_ns()) break;
    if (due_ns < plan.warmup_ns()) continue;
    double latency_ns = 0;
    for (const Stall& stall : stalls) {
      const int64_t at_ns = result.start_ns + due_ns;
      if (at_ns >= stall.begin_ns && at_ns < stall.end_ns) latency_ns = static_cast<double>(stall.end_ns - at_ns);
    }
    latencies.push_back(latency_ns);
  }
  std::sort(latencies.begin(), latencies.end());
  return latencies;
}

TEST(StalledServer, OpenLoopPercentilesAreTheAnalyticTruth) {
  StallingServer server;
  const LoadPlan plan = StallPlan(server);
  const auto result = RunAgainst(&server, plan);
  ASSERT_OK(result);
  const std::vector<Stall> stalls = server.Finish();
  ASSERT_EQ(stalls.size(), static_cast<size_t>(kStalls));
  const std::vector<double> truth = Truth(*result, plan, stalls);

  const LatencyHistogram& measured = result->tally.latency;
  ASSERT_EQ(measured.count(), static_cast<int64_t>(truth.size()));
  EXPECT_EQ(result->tally.error_count(), 0);
  EXPECT_EQ(result->counts.waited_for_slot, 0);
  const auto compare = [&](const char* name, int64_t parts_per_million) {
    const double share = static_cast<double>(parts_per_million) / 1e6;
    const auto rank = static_cast<size_t>(std::ceil(share * static_cast<double>(truth.size()) - 1e-6));
    const double exact = truth[rank - 1];
    const auto found = static_cast<double>(measured.PercentileNs(parts_per_million));
    RecordProperty(name, std::to_string(found / exact - 1));
    EXPECT_GT(exact, 100e6) << name << " lies within a stall";
    EXPECT_NEAR(found, exact, kTolerance * exact) << name;
  };
  for (const NamedPercentile& percentile : kBenchPercentiles) {
    compare(std::string(percentile.name).c_str(), percentile.parts_per_million);
  }
  compare("max", 1'000'000);
}

TEST(StalledServer, ClosedLoopLatenciesOmitTheStall) {
  StallingServer server;
  LoadPlan plan = StallPlan(server);
  plan.closed = true;
  plan.connections = 1;
  plan.in_flight = 1;
  plan.duration_ms = 2 * kPeriodMs;
  const auto result = RunAgainst(&server, plan);
  ASSERT_OK(result);
  // Five sixths of the time nothing was answered, and the percentiles do not know: one request a stall noticed.
  EXPECT_GT(result->tally.latency.count(), 400);
  EXPECT_LT(result->tally.latency.PercentileNs(990'000), 50 * kMs);
  EXPECT_GT(result->tally.latency.max_ns(), 400 * kMs);
}

}  // namespace
}  // namespace strata
