// What a server counts of itself: calls, customer ids, and the snapshots it serves. Handlers count at the end of a call
// through a CallMetrics that they were given once, never through an interceptor, which would cost more than a lookup;
// services that others implement are counted by one (serving/extra_calls.h).
//
// Thread-safe. The registry, the catalogue and the clock must outlive it.
#pragma once

#include <array>
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/telemetry/metrics.h"
#include "serving/snapshot_catalogue.h"
#include "wire/cluster_status.h"

namespace strata {

inline constexpr int kStatusCodes = 17;  // gRPC's: OK (0) to UNAUTHENTICATED (16)

// One method. Its address stays.
class CallMetrics {
 public:
  CallMetrics(std::string method, MetricFamily<Counter>* calls, Histogram* seconds, Gauge* in_flight);

  void Begin() { in_flight_->Add(1); }
  void End(int code, int64_t ns);

  MethodFacts Facts() const;

 private:
  std::string method_;
  MetricFamily<Counter>* family_;
  // Made when a code is first answered: most never are, and a series of zeros says nothing.
  std::array<std::atomic<Counter*>, kStatusCodes> calls_ = {};
  Histogram* seconds_;
  Gauge* in_flight_;
};

class ServingMetrics {
 public:
  ServingMetrics(MetricsRegistry* registry, const SnapshotCatalogue* catalogue, const Clock* clock);

  // "strata.v1.ScoreService/GetScore"; the same object for the same name.
  CallMetrics* Method(const std::string& name);

  // Of lookups and single questions alike.
  Counter& ids_found() { return *found_; }
  Counter& ids_not_found() { return *not_found_; }
  Counter& ids_invalid() { return *invalid_; }

  // Notices and returns what answers since the last call; call it after every change of the catalogue's view.
  std::vector<ServedFacts> OnViewChanged();

  std::vector<MethodFacts> Methods() const;  // of methods called at least once, by name
  std::vector<ServedFacts> Snapshots() const;

 private:
  struct Switched {
    int64_t snapshot = 0;
    int64_t loaded_ms = 0;
  };
  void AddSnapshotReadings(MetricsRegistry* registry);

  const SnapshotCatalogue* catalogue_;
  const Clock* clock_;
  MetricFamily<Counter>* calls_;
  MetricFamily<Histogram>* seconds_;
  MetricFamily<Gauge>* in_flight_;
  MetricFamily<Counter>* switches_;
  Counter* found_;
  Counter* not_found_;
  Counter* invalid_;
  mutable std::mutex mutex_;
  std::map<std::string, std::unique_ptr<CallMetrics>> methods_;      // guarded by mutex_
  std::map<std::string, Switched> switched_;                         // by job; guarded by mutex_
  std::vector<std::unique_ptr<MetricsRegistry::Reading>> readings_;  // last: they read the rest
};

}  // namespace strata
