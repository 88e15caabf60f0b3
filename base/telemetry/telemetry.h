// What a server's main needs to be watched: flags, log, metrics and the HTTP endpoint, put together.
//
//   TelemetryOptions options;
//   AddTelemetryFlags(&app, &options);            // --metrics-listen, --log-format, --log-level
//   ... parse ...
//   Telemetry telemetry({"strata-server", Version(), BuildId()}, options, &clock);
//   const absl::Status served = telemetry.Serve([&] { return why_not_ready(); });
//
// Whoever is handed telemetry.metrics() or telemetry.log() must go
// before it.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/status.h"
#include "base/telemetry/log.h"
#include "base/telemetry/metrics.h"
#include "base/telemetry/metrics_endpoint.h"
#include "base/telemetry/process_metrics.h"

namespace CLI {
class App;
}

namespace strata {

struct TelemetryOptions {
  std::string metrics_listen;  // empty: no endpoint
  LogOptions log;
};

void AddTelemetryFlags(CLI::App* app, TelemetryOptions* options);
// --metrics-listen alone, for a command that logs nothing.
void AddMetricsListenFlag(CLI::App* app, TelemetryOptions* options);

class Telemetry {
 public:
  Telemetry(const ProgramFacts& program, TelemetryOptions options, const Clock* clock);
  ~Telemetry();
  Telemetry(const Telemetry&) = delete;
  Telemetry& operator=(const Telemetry&) = delete;

  MetricsRegistry& metrics() { return metrics_; }
  const Log& log() const { return log_; }

  // Starts the endpoint, if one was asked for. Errors as MetricsEndpoint::Start, with the flag before them.
  absl::Status Start(std::function<std::string()> not_ready);
  // The same, and says "metrics at port N" on standard output.
  absl::Status Serve(std::function<std::string()> not_ready);
  // Ends the endpoint; call it before what `not_ready` looks at goes.
  void Stop();
  int port() const;  // of the endpoint; 0: there is none

 private:
  TelemetryOptions options_;
  Log log_;
  MetricsRegistry metrics_;
  ProcessMetrics process_;
  std::unique_ptr<MetricsEndpoint> endpoint_;
};

}  // namespace strata
