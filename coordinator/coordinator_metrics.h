// What a coordinator counts: attempts, runs, rows, workers, the lead. Fed by the events that the driver and the host
// have anyway; the plan and the models know nothing of it. Thread-safe; the registry must outlive it.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/telemetry/metrics.h"
#include "coordinator/run_host.h"

namespace strata {

class CoordinatorMetrics {
 public:
  explicit CoordinatorMetrics(MetricsRegistry* registry);

  void SetLeading(bool leading) { leading_->Set(leading ? 1 : 0); }
  // Runs that ended before this process began: they count in no total, but the last one of each job is shown.
  void Remember(const std::vector<RunSummary>& newest_first);

  void Observe(const DriverEvent& event);
  void OnRunEnded(const RunSummary& summary);

  // Shows the host's runs and workers from now on, until Unwatch or the end of this object.
  void Watch(RunHost* host);
  void Unwatch() { watching_.clear(); }

 private:
  struct LastRun {
    int64_t run = 0;
    double finished_s = 0;
    bool succeeded = false;
    int64_t customers = 0;
    RowCounts rows;
  };
  void AddLastRunReadings();
  std::vector<Sample> OfLastRuns(
      const std::function<void(const std::string&, const LastRun&, std::vector<Sample>*)>& add);
  void Keep(const RunSummary& summary);

  MetricsRegistry* registry_;
  Gauge* leading_;
  MetricFamily<Counter>* started_;
  MetricFamily<Counter>* failed_;
  MetricFamily<Counter>* lost_;
  Counter* lease_expiries_;
  MetricFamily<Counter>* runs_;
  MetricFamily<Histogram>* stage_seconds_;
  MetricFamily<Counter>* rows_;
  std::mutex mutex_;
  std::map<std::string, LastRun> last_runs_;  // by job, at most kMaxSeriesPerFamily; guarded by mutex_
  std::vector<std::unique_ptr<MetricsRegistry::Reading>> readings_;
  std::vector<std::unique_ptr<MetricsRegistry::Reading>> watching_;
};

}  // namespace strata
