#include "base/telemetry/telemetry.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <map>

namespace strata {

void AddMetricsListenFlag(CLI::App* app, TelemetryOptions* options) {
  app->add_option(
         "--metrics-listen", options->metrics_listen,
         "serve /metrics (Prometheus), /healthz and /readyz at this address; port 0: any free one (default: no)")
      ->type_name("HOST:PORT")
      ->check([](const std::string& address) {
        const auto parsed = ParseHostPort(address);
        return parsed.ok() ? std::string() : std::string(StdView(parsed.status().message()));
      });
}

void AddTelemetryFlags(CLI::App* app, TelemetryOptions* options) {
  AddMetricsListenFlag(app, options);
  // The check sees the text before it becomes a value, so the error can name what is allowed.
  app->add_option_function<std::string>(
         "--log-format",
         [options](const std::string& name) {
           options->log.format = name == "json" ? LogFormat::kJson : LogFormat::kText;
         },
         "how the log on standard error is written: lines for people, or one JSON object a line (default: text)")
      ->type_name("text|json")
      ->check(CLI::IsMember({"text", "json"}));
  app->add_option_function<std::string>(
         "--log-level",
         [options](const std::string& name) {
           for (const LogLevel level : {LogLevel::kDebug, LogLevel::kInfo, LogLevel::kWarn, LogLevel::kError}) {
             if (name == Name(level)) options->log.level = level;
           }
         },
         "the least important lines that are logged (default: info)")
      ->type_name("debug|info|warn|error")
      ->check(CLI::IsMember({"debug", "info", "warn", "error"}));
}

Telemetry::Telemetry(const ProgramFacts& program, TelemetryOptions options, const Clock* clock)
    : options_(std::move(options)), log_(program.program, options_.log, clock), process_(program, &metrics_) {}

Telemetry::~Telemetry() = default;

absl::Status Telemetry::Start(std::function<std::string()> not_ready) {
  if (options_.metrics_listen.empty()) return absl::OkStatus();
  auto started = MetricsEndpoint::Start(options_.metrics_listen, &metrics_, std::move(not_ready));
  if (!started.ok()) return WithContext(started.status(), "--metrics-listen " + options_.metrics_listen);
  endpoint_ = *std::move(started);
  return absl::OkStatus();
}

absl::Status Telemetry::Serve(std::function<std::string()> not_ready) {
  STRATA_RETURN_IF_ERROR(Start(std::move(not_ready)));
  if (endpoint_ == nullptr) return absl::OkStatus();
  fmt::print("metrics at port {}\n", endpoint_->port());
  std::fflush(stdout);
  return absl::OkStatus();
}

void Telemetry::Stop() { endpoint_.reset(); }

int Telemetry::port() const { return endpoint_ == nullptr ? 0 : endpoint_->port(); }

}  // namespace strata
