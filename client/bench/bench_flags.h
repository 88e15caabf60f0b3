// The flags of `strata bench`, and the plan that they mean. Pure functions; thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/status.h"
#include "client/bench/bench_report.h"
#include "client/bench/load_plan.h"

namespace strata {

inline constexpr int kDefaultBatch = 100;

// As they were given; what is absent has a default that may depend on others.
struct BenchFlags {
  std::string target;  // one or more addresses, with commas between
  std::string job;
  std::optional<int64_t> snapshot;
  std::string method = "get";
  std::optional<int64_t> batch;
  std::string rate;  // empty: none
  bool closed = false;
  std::optional<std::string> arrivals;
  int64_t connections = 8;
  int64_t in_flight = 32;
  int64_t threads = 1;
  int64_t duration_s = 10;
  int64_t warmup_s = 2;
  std::string keys = "uniform";
  std::string ids;     // a file; empty: from the target
  std::string expect;  // a file; empty: the target is asked
  std::string unknown_ratio = "0";
  uint64_t seed = 1;
  int64_t deadline_ms = 10'000;
  bool no_verify = false;
  bool json = false;

  std::string max_p50_ms;  // thresholds; empty: none
  std::string max_p90_ms;
  std::string max_p99_ms;
  std::string max_p999_ms;
  std::string max_error_ratio;
  std::string min_rate_ratio;
  std::string max_client_cpu_ratio;
};

// INVALID_ARGUMENT (FLAG_INVALID) names the flag, what was found and what is allowed, also for flags that do not go
// together. The plan's job is the flag's, perhaps empty. Precondition: whole numbers within their limits.
absl::StatusOr<LoadPlan> ReadBenchPlan(const BenchFlags& flags);
absl::StatusOr<BenchThresholds> ReadBenchThresholds(const BenchFlags& flags);

}  // namespace strata
