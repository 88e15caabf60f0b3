// What counting costs a handler: alone, and with several threads at once.
#include <benchmark/benchmark.h>

#include "base/clock.h"
#include "base/telemetry/metrics.h"

namespace strata {
namespace {

struct Metrics {
  MetricsRegistry registry;
  Counter& counter = registry.AddCounter({"strata_x_total", "X.", {}}).only();
  Gauge& gauge = registry.AddGauge({"strata_y", "Y.", {}}).only();
  Histogram& histogram = registry.AddHistogram({"strata_z_seconds", "Z.", {}}, CallBucketsNs()).only();
};

class MetricsBenchmark : public benchmark::Fixture {
 protected:
  Metrics metrics_;
};

BENCHMARK_DEFINE_F(MetricsBenchmark, Count)(benchmark::State& state) {
  for (auto _ : state) metrics_.counter.Add();
}
BENCHMARK_REGISTER_F(MetricsBenchmark, Count)->ThreadRange(1, 4);

BENCHMARK_DEFINE_F(MetricsBenchmark, Observe)(benchmark::State& state) {
  int64_t ns = 1;
  for (auto _ : state) metrics_.histogram.ObserveNs(ns = ns * 7 % 1'000'003);
}
BENCHMARK_REGISTER_F(MetricsBenchmark, Observe)->ThreadRange(1, 4);

// All that a call of ScoreService does: in flight, code, duration, id, and the clock twice.
BENCHMARK_DEFINE_F(MetricsBenchmark, WholeCall)(benchmark::State& state) {
  const SystemClock clock;
  for (auto _ : state) {
    metrics_.gauge.Add(1);
    const int64_t begun_ns = clock.MonotonicNs();
    metrics_.counter.Add();
    metrics_.histogram.ObserveNs(clock.MonotonicNs() - begun_ns);
    metrics_.counter.Add();
    metrics_.gauge.Add(-1);
  }
}
BENCHMARK_REGISTER_F(MetricsBenchmark, WholeCall)->ThreadRange(1, 4);

}  // namespace
}  // namespace strata

BENCHMARK_MAIN();
