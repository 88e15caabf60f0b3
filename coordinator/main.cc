// strata-coordinator: plans runs, hands tasks to workers, serves what is published.
#include <fmt/format.h>
#include <unistd.h>
#include <CLI/CLI.hpp>
#include <csignal>

#include <thread>

#include "base/build_id.h"
#include "base/stop_signals.h"
#include "base/telemetry/telemetry.h"
#include "coordinator/coordinator_main.h"
#include "store/cache_flags.h"

namespace {

struct Flags {
  strata::CoordinatorOptions options;
  strata::TelemetryOptions telemetry;
};

void AddFlags(CLI::App* app, Flags* flags) {
  strata::CoordinatorOptions& options = flags->options;
  app->add_option("--state", options.state, "the state folder, shared with the workers")->capture_default_str();
  app->add_option("--objects", options.objects,
                  "where the objects are: a folder or s3://bucket/prefix (default: as the state remembers; "
                  "STATE/objects for a new one)")
      ->type_name("URI");
  strata::AddCacheFlags(app, "STATE/cache", &options.cache_dir, &options.cache_bytes);
  app->add_option("--listen", options.listen, "address for workers and clients, host:port (port 0: any free one)")
      ->capture_default_str();
  app->add_option("--lease-ms", options.lease_ms, "a worker silent for longer is given up")
      ->check(CLI::Range(200, 600'000))
      ->capture_default_str();
  app->add_option("--worker-wait-ms", options.worker_wait_ms, "how long a run waits when there is no worker")
      ->check(CLI::Range(1'000, 86'400'000))
      ->capture_default_str();
  app->add_option("--max-age-hours", options.max_age_hours, "answers from an older snapshot are marked stale")
      ->check(CLI::Range(1, 24 * 365))
      ->capture_default_str();
  app->add_flag("--allow-on-finish-command", options.allow_on_finish_command,
                "run the on_finish commands of submitted jobs, with this program's rights (webhooks always are)");
  strata::AddTelemetryFlags(app, &flags->telemetry);
  app->set_version_flag("--version", strata::BuildVersion());
}

// Leads until a signal; `signals` are blocked in every thread. Returns the exit status.
int Coordinate(Flags flags, const sigset_t& signals) {
  const strata::SystemClock clock;
  strata::Telemetry telemetry({"strata-coordinator", strata::Version(), strata::BuildId()}, flags.telemetry, &clock);
  const auto fail = [&telemetry](const absl::Status& status) {
    telemetry.Stop();  // before the coordinator that it looks at
    telemetry.log().Error(std::string(strata::StdView(status.message())));
    return strata::ClassOf(status) == strata::ErrorClass::kBadInput ? 2 : 1;
  };
  flags.options.build_id = strata::RunningBuildId();
  flags.options.version = strata::BuildVersion();
  flags.options.log = &telemetry.log();
  flags.options.metrics = &telemetry.metrics();
  strata::CoordinatorProcess coordinator(flags.options);
  // First, so that probes and scrapers are answered while it waits for the lead.
  const absl::Status watched = telemetry.Serve([&coordinator] { return coordinator.NotReady(); });
  if (!watched.ok()) return fail(watched);
  const auto port = coordinator.Start();
  if (!port.ok()) return fail(port.status());
  fmt::print("strata-coordinator listens on port {}\n", *port);
  std::fflush(stdout);
  std::thread([&coordinator, signals] {
    int signal = 0;
    sigwait(&signals, &signal);
    coordinator.Stop();
  }).detach();
  const absl::Status status = coordinator.Run();
  telemetry.Stop();
  if (status.ok()) return 0;
  telemetry.log().Error(std::string(strata::StdView(status.message())));
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Runs jobs over workers and serves the published snapshots. One coordinator acts on a state at a time.",
               "strata-coordinator");
  Flags flags;
  AddFlags(&app, &flags);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  const sigset_t signals = strata::BlockStopSignals();
  return Coordinate(std::move(flags), signals);
}
