// strata-worker: executes tasks for a coordinator.
#include <fmt/format.h>
#include <unistd.h>
#include <CLI/CLI.hpp>
#include <csignal>

#include <algorithm>
#include <thread>

#include "base/build_id.h"
#include "base/byte_size.h"
#include "base/process_memory.h"
#include "base/stop_signals.h"
#include "base/telemetry/telemetry.h"
#include "store/cache_flags.h"
#include "store/counting_object_store.h"
#include "store/open_store.h"
#include "store/state.h"
#include "worker/memory_budget.h"
#include "worker/session.h"

namespace {

struct WorkerFlags {
  strata::SessionOptions session;
  std::string state = ".strata";
  strata::ObjectStoreOptions objects;
  std::string id;
  std::string kernels = "auto";
  std::string memory_limit;
  int threads = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  strata::TelemetryOptions telemetry;
};

void AddFlags(CLI::App* app, WorkerFlags* flags) {
  app->add_option("--coordinator", flags->session.coordinator, "address of the coordinator, host:port")->required();
  CLI::Option* const state =
      app->add_option("--state", flags->state, "the state folder, shared with the coordinator; only without --objects")
          ->capture_default_str();
  app->add_option(
         "--objects", flags->objects.uri,
         "where the coordinator's objects are: a folder or s3://bucket/prefix (default: as the state remembers)")
      ->type_name("URI")
      ->excludes(state);
  strata::AddCacheFlags(app, strata::DefaultCacheFolder(), &flags->objects.cache_dir, &flags->objects.cache_bytes);
  app->add_option("--threads", flags->threads, "tasks at once")->check(CLI::Range(1, 256))->capture_default_str();
  app->add_option(
         "--kernels", flags->kernels,
         "vector instructions to compute with: auto (the widest of this machine), avx512, avx2 or plain; results "
         "never depend on it")
      ->type_name("WIDTH")
      ->capture_default_str();
  app->add_option("--memory-limit", flags->memory_limit,
                  "what the tasks may hold in memory, e.g. 2GiB (default: no limit); the program itself comes on top, "
                  "128MiB at most")
      ->type_name("BYTES");
  app->add_option("--worker-id", flags->id,
                  "name of this process; unique in the cluster (default: host and process id)");
  app->add_option("--connect-wait-ms", flags->session.connect_wait_ms, "how long to try for a connection")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  strata::AddTelemetryFlags(app, &flags->telemetry);
  app->set_version_flag("--version", strata::BuildVersion());
}

// Completes flags->objects and opens what it says.
absl::StatusOr<std::unique_ptr<strata::ObjectStore>> OpenObjects(WorkerFlags* flags, strata::FileSystem* files) {
  if (flags->objects.uri.empty()) {
    STRATA_ASSIGN_OR_RETURN(flags->objects.uri, strata::RememberedObjects(flags->state));
  }
  return strata::OpenObjectStore(flags->objects, files);
}

absl::StatusOr<strata::ComputeOptions> ReadCompute(const WorkerFlags& flags) {
  strata::ComputeOptions compute;
  const auto kernels = strata::KernelsNamed(flags.kernels);
  if (!kernels.ok()) return strata::WithContext(kernels.status(), "--kernels");
  compute.kernels = *kernels;
  if (flags.memory_limit.empty()) return compute;
  const auto limit = strata::ParseByteSize(flags.memory_limit);
  if (!limit.ok()) return strata::WithContext(limit.status(), "--memory-limit");
  strata::HoldLittleFreedMemory();
  compute.memory = std::make_shared<strata::MemoryBudget>(*limit);
  return compute;
}

// `signals` are blocked in every thread; the first one ends the session.
int Work(WorkerFlags flags, const sigset_t& signals) {
  const strata::SystemClock clock;
  strata::Telemetry telemetry({"strata-worker", strata::Version(), strata::BuildId()}, flags.telemetry, &clock);
  const strata::Log& log = telemetry.log();
  const auto fail = [&log](const absl::Status& status) {
    log.Error(std::string(strata::StdView(status.message())));
    return strata::ClassOf(status) == strata::ErrorClass::kBadInput ? 2 : 1;
  };
  strata::WorkerMetrics metrics(static_cast<uint32_t>(flags.threads), &telemetry.metrics(), &clock);
  flags.objects.note = [&log](const std::string& note) { log.Warn(note); };
  const auto compute = ReadCompute(flags);
  if (!compute.ok()) return fail(compute.status());
  const auto files = strata::NewPosixFileSystem();
  const auto objects = OpenObjects(&flags, files.get());
  if (!objects.ok()) return fail(objects.status());
  const auto sources = strata::NewSourceFiles(flags.objects, files.get());
  const auto counted = strata::CountObjects(objects->get(), &telemetry.metrics());
  const absl::Status watched = telemetry.Serve([&metrics, &flags] {
    return metrics.connected() ? std::string() : "is not connected to " + flags.session.coordinator;
  });
  if (!watched.ok()) return fail(watched);
  strata::TaskExecutor executor(
      sources.get(), counted.get(), [&metrics](strata::Stage stage, int64_t rows) { metrics.AddRows(stage, rows); },
      *compute);
  flags.session.log = log.sink();
  strata::WorkerSession session(flags.session,
                                {.id = flags.id,
                                 .build_id = strata::RunningBuildId(),
                                 .slots = static_cast<uint32_t>(flags.threads),
                                 .metrics = &metrics,
                                 .log = log.sink()},
                                &executor);
  std::thread([&session, signals] {
    int signal = 0;
    sigwait(&signals, &signal);
    session.Stop();
  }).detach();
  log.Info(fmt::format("worker {} with {} threads dials {}", flags.id, flags.threads, flags.session.coordinator),
           {strata::Field("worker", flags.id), strata::Field("slots", flags.threads),
            strata::Field("coordinator", flags.session.coordinator)});
  const absl::Status status = session.Run();
  telemetry.Stop();
  return status.ok() ? 0 : fail(status);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app(
      "Executes the tasks of a Strata coordinator. Needs the coordinator's address and the state's object store.",
      "strata-worker");
  WorkerFlags flags;
  AddFlags(&app, &flags);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  if (flags.id.empty()) {
    char host[256] = {};
    gethostname(host, sizeof(host) - 1);
    flags.id = fmt::format("{}-{}", host, getpid());
  }
  const sigset_t signals = strata::BlockStopSignals();
  return Work(std::move(flags), signals);
}
