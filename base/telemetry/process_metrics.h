// What every program tells of itself: strata_build_info and Prometheus' standard process_* metrics (processor time,
// resident and virtual memory, start time, file descriptors), read from /proc at every scrape. Thread-safe.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/telemetry/metrics.h"

namespace strata {

struct ProgramFacts {
  std::string program;   // "strata-worker"
  std::string version;   // "0.1.0"
  std::string build_id;  // base/build_id.h
};

class ProcessMetrics {
 public:
  // `registry` must outlive it.
  ProcessMetrics(const ProgramFacts& program, MetricsRegistry* registry);

 private:
  std::vector<std::unique_ptr<MetricsRegistry::Reading>> readings_;
};

}  // namespace strata
