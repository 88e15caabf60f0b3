#include "worker/worker_metrics.h"

namespace strata {
namespace {

const char* NameOf(WorkerMetrics::Outcome outcome) {
  switch (outcome) {
    case WorkerMetrics::Outcome::kDone:
      return "done";
    case WorkerMetrics::Outcome::kFailed:
      return "failed";
    case WorkerMetrics::Outcome::kCancelled:
      break;
  }
  return "cancelled";
}

}  // namespace

WorkerMetrics::WorkerMetrics(uint32_t slots, MetricsRegistry* registry, const Clock* clock)
    : clock_(clock),
      tasks_(&registry->AddCounter({"strata_worker_tasks_total",
                                    "Tasks and assignments of fit rounds executed: done, failed, or cancelled while "
                                    "they ran.",
                                    {"stage", "outcome"}})),
      seconds_(
          &registry->AddHistogram({"strata_worker_task_seconds", "How long they took.", {"stage"}}, WorkBucketsNs())),
      rows_(&registry->AddCounter({"strata_worker_rows_total",
                                   "Rows scanned (plan), read (map), merged (ledger) or looked at (feature), and "
                                   "customers scored (score).",
                                   {"stage"}})),
      busy_(&registry->AddGauge({"strata_worker_slots_busy", "Slots that are executing something.", {}}).only()),
      connected_(&registry->AddGauge({"strata_worker_connected", "1 while a coordinator has welcomed it, else 0.", {}})
                      .only()) {
  registry->AddGauge({"strata_worker_slots", "Tasks that it executes at once.", {}}).only().Set(slots);
}

int64_t WorkerMetrics::Begin() {
  busy_->Add(1);
  return clock_->MonotonicNs();
}

void WorkerMetrics::End(Stage stage, int64_t begun_ns, Outcome outcome) {
  seconds_->With({Name(stage)}).ObserveNs(clock_->MonotonicNs() - begun_ns);
  tasks_->With({Name(stage), NameOf(outcome)}).Add();
  busy_->Add(-1);
}

void WorkerMetrics::AddRows(Stage stage, int64_t rows) {
  if (rows > 0) rows_->With({Name(stage)}).Add(static_cast<uint64_t>(rows));
}

}  // namespace strata
