// What a worker counts: its work by stage and outcome, rows, busy slots, whether it is connected. Thread-safe; the
// registry and the clock must outlive it.
#pragma once

#include <cstdint>

#include "base/clock.h"
#include "base/telemetry/metrics.h"
#include "run/stage.h"

namespace strata {

class WorkerMetrics {
 public:
  WorkerMetrics(uint32_t slots, MetricsRegistry* registry, const Clock* clock);

  enum class Outcome { kDone, kFailed, kCancelled };
  // One task or round assignment: Begin on its thread, then End with what Begin returned.
  int64_t Begin();
  void End(Stage stage, int64_t begun_ns, Outcome outcome);

  void AddRows(Stage stage, int64_t rows);
  void SetConnected(bool connected) { connected_->Set(connected ? 1 : 0); }
  bool connected() const { return connected_->value() != 0; }

 private:
  const Clock* clock_;
  MetricFamily<Counter>* tasks_;
  MetricFamily<Histogram>* seconds_;
  MetricFamily<Counter>* rows_;
  Gauge* busy_;
  Gauge* connected_;
};

}  // namespace strata
