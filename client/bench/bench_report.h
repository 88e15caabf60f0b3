// The report of a bench run: what was asked, what was measured, whether answers were right, which thresholds were
// missed, and in what environment. docs/bench.md defines every figure. Plain values; pure functions, thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "client/bench/load_plan.h"
#include "client/bench/load_run.h"

namespace strata {

struct BenchThresholds {
  std::optional<double> max_p50_ms;
  std::optional<double> max_p90_ms;
  std::optional<double> max_p99_ms;
  std::optional<double> max_p999_ms;
  std::optional<double> max_error_ratio;
  std::optional<double> min_rate_ratio;        // open loop
  std::optional<double> max_client_cpu_ratio;  // of the busiest driver thread
};

// Where the ids came from.
struct IdFacts {
  std::string source;  // "target", or the file's name
  int64_t known = 0;
  int64_t customers = 0;  // of the snapshot; 0 where not known
  double seconds = 0;     // that taking and checking them took
};

// The comparison after the run.
struct KeptResult {
  bool done = false;    // false: not asked for
  bool failed = false;  // a snapshot that should be there could not be read
  int64_t compared = 0;
  int64_t not_compared = 0;  // their snapshot could not be read
  double seconds = 0;
  std::vector<std::string> notes;  // why some were not compared
};

struct BenchEnvironment {
  std::string build;
  std::string grpc;
  int cores = 0;
  int64_t date_ms = 0;  // wall clock, of the run's start
};

struct BenchReport {
  LoadPlan plan;
  LoadResult load;
  IdFacts ids;
  KeptResult kept;
  BenchThresholds thresholds;
  BenchEnvironment environment;

  int64_t unsent() const { return load.counts.shed + load.counts.abandoned; }
  // Answers in the window per second of it.
  double achieved_rate() const;
  double questions_rate() const;
  // Of an open loop: due per second of the window. NaN for a closed one.
  double asked_rate() const;
  double rate_ratio() const;  // achieved to asked
  double send_ratio() const;  // sent in the window to due in it
  // Errors and requests never sent, of all that were due (closed loop: sent and ended). 0 where there were none.
  double error_ratio() const;
  // Of this process, in cores, and of the cores that its driver threads can use (0 to about 1).
  double client_cores() const;
  double client_cpu_share() const;
  double client_us_per_request() const;  // NaN without answers
  bool wrong_answers() const { return load.checks.wrong > 0; }
};

struct NamedPercentile {
  std::string_view name;  // as in the JSON
  int64_t parts_per_million;
};
inline constexpr std::array<NamedPercentile, 6> kBenchPercentiles = {
    {{"p50", 500'000}, {"p90", 900'000}, {"p95", 950'000}, {"p99", 990'000}, {"p99_9", 999'000}, {"p99_99", 999'900}}};

// Why the figures are not the server's alone.
enum class BenchLimit { kGenerator, kInFlight, kUnsent };
const char* Name(BenchLimit limit);  // "generator", "in_flight", "unsent"
struct BenchWarning {
  BenchLimit limit;
  std::string text;
};
std::vector<BenchWarning> WarningsOf(const BenchReport& report);

// A threshold that was given, and whether it was kept. Latencies without a single answer miss theirs.
struct ThresholdLine {
  std::string flag;
  double allowed = 0;
  double found = 0;  // NaN: nothing was measured
  bool kept = true;
};
std::vector<ThresholdLine> ThresholdsOf(const BenchReport& report);

}  // namespace strata
