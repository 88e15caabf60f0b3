// strata-server: a read replica over an object store.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <thread>

#include "base/build_id.h"
#include "base/stop_signals.h"
#include "base/telemetry/telemetry.h"
#include "serving/replica.h"
#include "store/cache_flags.h"
#include "store/counting_object_store.h"
#include "store/late_object_store.h"
#include "store/open_store.h"

namespace {

struct Flags {
  strata::ObjectStoreOptions objects;
  std::vector<std::string> pins;
  strata::ReplicaOptions replica;
  strata::TelemetryOptions telemetry;
};

void AddFlags(CLI::App* app, Flags* flags) {
  strata::ReplicaOptions& replica = flags->replica;
  app->add_option("--objects", flags->objects.uri,
                  "where a coordinator's objects are: the folder STATE/objects, or s3://bucket/prefix")
      ->type_name("URI")
      ->required();
  strata::AddCacheFlags(app, strata::DefaultCacheFolder(), &flags->objects.cache_dir, &flags->objects.cache_bytes);
  app->add_option("--listen", replica.listen, "the address to listen at; port 0: any free one")
      ->type_name("HOST:PORT")
      ->capture_default_str();
  app->add_option("--max-age-hours", replica.max_age_hours, "answers from an older snapshot are marked stale")
      ->check(CLI::Range(1, 24 * 365))
      ->capture_default_str();
  app->add_option("--pin", flags->pins, "hold a job at a snapshot, whichever is current; may be given once a job")
      ->type_name("JOB=SNAPSHOT")
      ->allow_extra_args(false);
  app->add_option("--refresh-ms", replica.refresh_ms, "how often to look for new snapshots")
      ->check(CLI::Range(50, 3'600'000))
      ->capture_default_str();
  app->add_option("--drain-ms", replica.drain_ms, "how long to answer on after SIGTERM, while health says NOT_SERVING")
      ->check(CLI::Range(0, 600'000))
      ->capture_default_str();
  strata::AddTelemetryFlags(app, &flags->telemetry);
  app->set_version_flag("--version", strata::BuildVersion());
  app->footer(
      "Needs nothing but the object store, and writes nothing. Follows the current snapshot of every job; a new one "
      "is\n"
      "read, verified and in memory before it answers. Ready (health of strata.v1.ScoreService) once every job was "
      "tried,\n"
      "one answers, and every pinned one does. SIGTERM drains; a second one ends the process at once.\n\n"
      "Examples:\n"
      "  strata-server --objects /srv/strata/objects\n"
      "  strata-server --objects s3://nightly/shop --listen 0.0.0.0:7071 --pin shop=12");
}

absl::StatusOr<std::unique_ptr<strata::ObjectStore>> Open(const Flags& flags, strata::FileSystem* files,
                                                          const strata::Log& log) {
  strata::ObjectStoreOptions options = flags.objects;
  options.note = [&log](const std::string& note) { log.Warn(note); };
  return strata::OpenNowOrLater([options, files] { return strata::OpenObjectStore(options, files); },
                                [&log](const absl::Status& why) {
                                  log.Warn(fmt::format("--objects: {}; trying on", strata::StdView(why.message())));
                                });
}

int Fail(strata::Telemetry* telemetry, const absl::Status& status) {
  telemetry->Stop();  // before what it looks at
  telemetry->log().Error(std::string(status.message()));
  return strata::ClassOf(status) == strata::ErrorClass::kBadInput ? 2 : 1;
}

// Waits for SIGTERM or SIGINT. A later one ends the process at once: a replica holds nothing that could be lost.
void AwaitStop(const sigset_t& signals) {
  int first = 0;
  sigwait(&signals, &first);
  std::thread([signals] {
    constexpr int kSignalStatusBase = 128;  // what a shell reports of a process that a signal ended
    int second = 0;
    sigwait(&signals, &second);
    std::_Exit(kSignalStatusBase + second);
  }).detach();
}

// From opening the store to the end of the drain; returns the exit status.
int Serve(const Flags& flags, const sigset_t& signals, const strata::Clock& clock, strata::Telemetry* telemetry) {
  const strata::Log& log = telemetry->log();
  std::atomic<const strata::Replica*> opened = nullptr;
  // First, so that probes and scrapers are answered while a store that is away is waited for.
  const absl::Status watched = telemetry->Serve([&opened] {
    const strata::Replica* const replica = opened;
    return replica == nullptr ? std::string("opens its object store") : std::string(replica->Ready().message());
  });
  if (!watched.ok()) return Fail(telemetry, watched);
  const auto files = strata::NewPosixFileSystem();
  const auto objects = Open(flags, files.get(), log);
  if (!objects.ok()) return Fail(telemetry, objects.status());
  const auto counted = strata::CountObjects(objects->get(), &telemetry->metrics());
  strata::Replica replica(counted.get(), &clock, flags.replica);
  opened = &replica;
  const absl::StatusOr<int> port = replica.Start();
  if (!port.ok()) return Fail(telemetry, port.status());
  fmt::print("strata-server listens on port {}\n", *port);
  std::fflush(stdout);
  AwaitStop(signals);
  log.Info(fmt::format("draining for {} ms", flags.replica.drain_ms));
  replica.Drain([](int64_t ms) { std::this_thread::sleep_for(std::chrono::milliseconds(ms)); });
  telemetry->Stop();  // before the replica that it looks at
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Serves the published snapshots of an object store over gRPC: a read replica.", "strata-server");
  Flags flags;
  AddFlags(&app, &flags);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  const sigset_t signals = strata::BlockStopSignals();

  const strata::SystemClock clock;
  strata::Telemetry telemetry({"strata-server", strata::Version(), strata::BuildId()}, flags.telemetry, &clock);
  auto held = strata::ParsePins(flags.pins);
  if (!held.ok()) return Fail(&telemetry, held.status());
  flags.replica.held = *std::move(held);
  flags.replica.metrics = &telemetry.metrics();
  flags.replica.log = telemetry.log().sink();
  flags.replica.version = strata::BuildVersion();
  return Serve(flags, signals, clock, &telemetry);
}
