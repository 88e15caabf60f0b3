#include "coordinator/coordinator_metrics.h"

#include <algorithm>
#include <array>
#include <utility>

namespace strata {
namespace {

constexpr double kMsPerSecond = 1e3;
constexpr double kNsPerSecond = 1e9;

std::array<std::pair<const char*, int64_t>, 8> ByClass(const RowCounts& rows) {
  return {{{"read", rows.read},
           {"accepted", rows.accepted},
           {"rejected", rows.rejected},
           {"duplicates", rows.duplicates},
           {"blank", rows.blank},
           {"skipped_no_customer", rows.skipped_no_customer},
           {"skipped_after_as_of", rows.skipped_after_as_of},
           {"skipped_known_file", rows.skipped_known_file}}};
}

const char* WhyText(AttemptsLost::Why why) {
  return why == AttemptsLost::Why::kLeaseExpired ? "lease_expired" : "reconnected_without";
}

// A state that a worker can be in; the names are in the metric's help.
const char* StateOf(const Plan::WorkerLine& worker) {
  if (!worker.connected) return "disconnected";
  return worker.eligible ? "ready" : "other_build";
}

}  // namespace

CoordinatorMetrics::CoordinatorMetrics(MetricsRegistry* registry)
    : registry_(registry),
      leading_(&registry->AddGauge({"strata_leading", "1 while this process has the lead of its state, else 0.", {}})
                    .only()),
      started_(&registry->AddCounter(
          {"strata_attempts_started_total", "Tasks and assignments of fit rounds sent to workers.", {"stage"}})),
      failed_(&registry->AddCounter({"strata_attempts_failed_total",
                                     "Attempts that a worker reported as failed, by the error's reason.",
                                     {"stage", "reason"}})),
      lost_(
          &registry->AddCounter({"strata_attempts_lost_total",
                                 "Attempts that nobody will report on: lease_expired (their worker was silent for too "
                                 "long) or reconnected_without (it came back and did not know them).",
                                 {"stage", "reason"}})),
      lease_expiries_(
          &registry->AddCounter({"strata_lease_expiries_total", "Workers given up because they were silent.", {}})
               .only()),
      runs_(&registry->AddCounter(
          {"strata_runs_total", "Runs that ended: succeeded, failed or cancelled.", {"job", "outcome"}})),
      stage_seconds_(&registry->AddHistogram(
          {"strata_stage_seconds", "Wall-clock time of the stages of runs that ended.", {"stage"}}, WorkBucketsNs())),
      rows_(&registry->AddCounter({"strata_rows_total",
                                   "Rows of files first read by runs that ended; read is the sum of the other classes.",
                                   {"job", "class"}})) {
  AddLastRunReadings();
}

void CoordinatorMetrics::Observe(const DriverEvent& event) {
  if (const auto* started = std::get_if<AttemptStarted>(&event)) {
    started_->With({Name(started->stage)}).Add();
  } else if (const auto* failed = std::get_if<AttemptFailed>(&event)) {
    failed_->With({Name(failed->stage), failed->reason}).Add();
  } else if (const auto* lost = std::get_if<AttemptsLost>(&event)) {
    lost_->With({Name(lost->stage), WhyText(lost->why)}).Add(lost->attempts);
  } else if (std::holds_alternative<LeaseExpired>(event)) {
    lease_expiries_->Add();
  }
}

void CoordinatorMetrics::OnRunEnded(const RunSummary& summary) {
  runs_->With({summary.job, Name(summary.state)}).Add();
  for (const Stage stage : kStageOrder) {
    const double seconds = summary.seconds[static_cast<int>(stage) - 1];
    if (seconds <= 0) continue;  // not reached
    stage_seconds_->With({Name(stage)}).ObserveNs(static_cast<int64_t>(seconds * kNsPerSecond));
  }
  for (const auto& [name, count] : ByClass(summary.rows_new)) {
    rows_->With({summary.job, name}).Add(static_cast<uint64_t>(std::max<int64_t>(0, count)));
  }
  Keep(summary);
}

void CoordinatorMetrics::Remember(const std::vector<RunSummary>& newest_first) {
  for (auto run = newest_first.rbegin(); run != newest_first.rend(); ++run) Keep(*run);
}

void CoordinatorMetrics::Keep(const RunSummary& summary) {
  const std::lock_guard lock(mutex_);
  if (!last_runs_.contains(summary.job) && last_runs_.size() >= kMaxSeriesPerFamily) return;
  last_runs_[summary.job] = {.run = summary.run,
                             .finished_s = static_cast<double>(summary.finished_ms) / kMsPerSecond,
                             .succeeded = summary.state == RunState::kSucceeded,
                             .customers = summary.customers,
                             .rows = summary.rows};
}

std::vector<Sample> CoordinatorMetrics::OfLastRuns(
    const std::function<void(const std::string&, const LastRun&, std::vector<Sample>*)>& add) {
  std::vector<Sample> samples;
  const std::lock_guard lock(mutex_);
  for (const auto& [job, run] : last_runs_) add(job, run, &samples);
  return samples;
}

void CoordinatorMetrics::AddLastRunReadings() {
  const auto add = [this](MetricInfo info, std::function<double(const LastRun&)> value) {
    readings_.push_back(registry_->AddReading(std::move(info), MetricKind::kGauge, [this, value = std::move(value)] {
      return OfLastRuns([&value](const std::string& job, const LastRun& run, std::vector<Sample>* samples) {
        samples->push_back({.labels = {job}, .value = value(run)});
      });
    }));
  };
  add({"strata_last_run_number", "Number of the job's last run that ended.", {"job"}},
      [](const LastRun& run) { return static_cast<double>(run.run); });
  add({"strata_last_run_timestamp_seconds", "When the job's last run ended.", {"job"}},
      [](const LastRun& run) { return run.finished_s; });
  add({"strata_last_run_success", "1 if the job's last run succeeded, else 0.", {"job"}},
      [](const LastRun& run) { return run.succeeded ? 1.0 : 0.0; });
  add({"strata_last_run_customers", "Customers of the job's last run; 0 if it did not come so far.", {"job"}},
      [](const LastRun& run) { return static_cast<double>(run.customers); });
  readings_.push_back(registry_->AddReading(
      {"strata_last_run_rows",
       "Rows of all files of the ledger as the job's last run classified them for its date; read is the sum of the "
       "other classes.",
       {"job", "class"}},
      MetricKind::kGauge, [this] {
        return OfLastRuns([](const std::string& job, const LastRun& run, std::vector<Sample>* samples) {
          for (const auto& [name, count] : ByClass(run.rows)) {
            samples->push_back({.labels = {job, name}, .value = static_cast<double>(count)});
          }
        });
      }));
}

void CoordinatorMetrics::Watch(RunHost* host) {
  const auto add = [this](MetricInfo info, std::function<std::vector<Sample>()> read) {
    watching_.push_back(registry_->AddReading(std::move(info), MetricKind::kGauge, std::move(read)));
  };
  add({"strata_workers",
       "Workers by state: ready, other_build (connected, gets no work), disconnected (may come back within its lease).",
       {"state"}},
      [host] {
        std::map<std::string, double> by_state = {{"ready", 0}, {"other_build", 0}, {"disconnected", 0}};
        for (const Plan::WorkerLine& worker : host->driver().Workers()) by_state[StateOf(worker)] += 1;
        std::vector<Sample> samples;
        for (const auto& [state, count] : by_state) samples.push_back({.labels = {state}, .value = count});
        return samples;
      });
  add({"strata_workers_slots", "Slots of the workers that are ready.", {}}, [host] {
    double slots = 0;
    for (const Plan::WorkerLine& worker : host->driver().Workers()) {
      if (worker.connected && worker.eligible) slots += worker.slots;
    }
    return std::vector<Sample>{{.labels = {}, .value = slots}};
  });
  add({"strata_runs_queued", "Runs that wait for the one in progress.", {}}, [host] {
    return std::vector<Sample>{{.labels = {}, .value = static_cast<double>(host->Status().queued.size())}};
  });
  const auto of_run = [host](std::function<double(const RunProgress&)> value) {
    return [host, value = std::move(value)]() -> std::vector<Sample> {
      const HostStatus status = host->Status();
      if (!status.running.has_value()) return {};
      return {{.labels = {status.running->job, Name(status.progress.plan.stage)}, .value = value(status.progress)}};
    };
  };
  add({"strata_run_stage_seconds",
       "Time spent so far in the stage under way of the run in progress.",
       {"job", "stage"}},
      of_run([](const RunProgress& p) { return p.seconds_in_stage; }));
  add({"strata_run_tasks", "Tasks (shards, in the fit stage) of the stage under way.", {"job", "stage"}},
      of_run([](const RunProgress& p) { return static_cast<double>(p.plan.total); }));
  add({"strata_run_tasks_done", "Those of strata_run_tasks that are done.", {"job", "stage"}},
      of_run([](const RunProgress& p) { return static_cast<double>(p.plan.done); }));
}

}  // namespace strata
