#include "client/bench/bench_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "client/text/numbers.h"

namespace strata {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
constexpr double kSendRatioMin = 0.99;  // below, the generator did not do what it was asked
constexpr double kCpuShareMax = 0.9;    // above, a thread has no time left for what comes unevenly
constexpr double kWaitedRatioMax = 0.01;

double Ratio(double part, double whole) { return whole > 0 ? part / whole : kNone; }

double Seconds(int64_t ns) { return static_cast<double>(ns) * 1e-9; }

}  // namespace

double BenchReport::achieved_rate() const {
  return Ratio(static_cast<double>(load.tally.answered_in_window), Seconds(load.measured_ns));
}

double BenchReport::questions_rate() const {
  return Ratio(static_cast<double>(load.tally.questions_in_window), Seconds(load.measured_ns));
}

double BenchReport::asked_rate() const {
  return plan.closed ? kNone : Ratio(static_cast<double>(load.counts.due), Seconds(load.measured_ns));
}

double BenchReport::rate_ratio() const {
  return plan.closed ? kNone
                     : Ratio(static_cast<double>(load.tally.answered_in_window), static_cast<double>(load.counts.due));
}

double BenchReport::send_ratio() const {
  return plan.closed ? kNone
                     : Ratio(static_cast<double>(load.tally.sent_in_window), static_cast<double>(load.counts.due));
}

double BenchReport::error_ratio() const {
  const double failed = static_cast<double>(load.tally.error_count() + unsent());
  const double all = failed + static_cast<double>(load.tally.latency.count());
  return all > 0 ? failed / all : 0;
}

double BenchReport::client_cores() const { return Ratio(Seconds(load.client_cpu_ns), Seconds(load.measured_ns)); }

double BenchReport::client_cpu_share() const {
  const int threads = plan.threads * (plan.closed ? 1 : 2);
  return client_cores() / std::min(threads, std::max(1, environment.cores));
}

double BenchReport::client_us_per_request() const {
  return Ratio(static_cast<double>(load.client_cpu_ns) * 1e-3, static_cast<double>(load.tally.answered_in_window));
}

const char* Name(BenchLimit limit) {
  switch (limit) {
    case BenchLimit::kGenerator:
      return "generator";
    case BenchLimit::kInFlight:
      return "in_flight";
    case BenchLimit::kUnsent:
      return "unsent";
  }
  return "unknown";
}

std::vector<BenchWarning> WarningsOf(const BenchReport& report) {
  std::vector<BenchWarning> warnings;
  const LoopCounts& counts = report.load.counts;
  const auto due = static_cast<double>(counts.due);
  const bool waited = static_cast<double>(counts.waited_for_slot) > due * kWaitedRatioMax;
  const bool late = report.send_ratio() < kSendRatioMin;
  const double cpu = std::max(report.load.busiest_driver, report.client_cpu_share());
  if (cpu > kCpuShareMax) {
    warnings.push_back({BenchLimit::kGenerator,
                        fmt::format("generator-limited: this client computed {} of the time that its threads have; the "
                                    "server may be able to do more (--threads, or more machines)",
                                    Percent(cpu))});
  } else if (late && !waited) {
    warnings.push_back({BenchLimit::kGenerator,
                        fmt::format("generator-limited: only {} of the requests were sent in time although slots were "
                                    "free; the figures are this client's, not the server's",
                                    Percent(report.send_ratio()))});
  }
  if (waited) {
    warnings.push_back(
        {BenchLimit::kInFlight,
         fmt::format("in-flight-limited: {} of the requests found all {} x {} slots taken and waited here (their "
                     "latency includes it); the server is slower than what was asked, or the slots are too few",
                     Percent(static_cast<double>(counts.waited_for_slot) / due), report.plan.connections,
                     report.plan.in_flight)});
  }
  if (report.unsent() > 0) {
    warnings.push_back({BenchLimit::kUnsent,
                        fmt::format("{} never sent: {} left in the backlog at the end, {} shed by a full backlog; the "
                                    "percentiles lack them, true ones are higher",
                                    Counted(report.unsent(), "request was", "requests were"), Grouped(counts.abandoned),
                                    Grouped(counts.shed))});
  }
  return warnings;
}

std::vector<ThresholdLine> ThresholdsOf(const BenchReport& report) {
  std::vector<ThresholdLine> lines;
  const auto add = [&lines](const char* flag, const std::optional<double>& allowed, double found, bool at_most) {
    if (!allowed.has_value()) return;
    const bool kept = at_most ? found <= *allowed : found >= *allowed;  // false for NaN
    lines.push_back({.flag = flag, .allowed = *allowed, .found = found, .kept = kept});
  };
  const LatencyHistogram& latency = report.load.tally.latency;
  const auto percentile_ms = [&latency](int64_t parts_per_million) {
    return latency.count() == 0 ? kNone : static_cast<double>(latency.PercentileNs(parts_per_million)) * 1e-6;
  };
  const BenchThresholds& allowed = report.thresholds;
  add("--max-p50-ms", allowed.max_p50_ms, percentile_ms(500'000), true);
  add("--max-p90-ms", allowed.max_p90_ms, percentile_ms(900'000), true);
  add("--max-p99-ms", allowed.max_p99_ms, percentile_ms(990'000), true);
  add("--max-p999-ms", allowed.max_p999_ms, percentile_ms(999'000), true);
  add("--max-error-ratio", allowed.max_error_ratio, report.error_ratio(), true);
  add("--min-rate-ratio", allowed.min_rate_ratio, report.rate_ratio(), false);
  add("--max-client-cpu-ratio", allowed.max_client_cpu_ratio,
      std::max(report.load.busiest_driver, report.client_cpu_share()), true);
  return lines;
}

}  // namespace strata
