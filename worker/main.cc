// strata-worker: executes tasks for a coordinator.
#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>
#include <CLI/CLI.hpp>
#include <csignal>

#include <algorithm>
#include <thread>

#include "base/build_id.h"
#include "base/byte_size.h"
#include "store/open_store.h"
#include "store/state.h"
#include "worker/session.h"

namespace {

absl::StatusOr<std::unique_ptr<strata::ObjectStore>> OpenObjects(strata::ObjectStoreOptions* options,
                                                                 const std::string& state,
                                                                 const std::string& cache_bytes,
                                                                 strata::FileSystem* files) {
  const auto bytes = strata::ParseByteSize(cache_bytes);
  if (!bytes.ok()) return strata::WithContext(bytes.status(), "--cache-bytes");
  options->cache_bytes = *bytes;
  if (options->uri.empty()) {
    STRATA_ASSIGN_OR_RETURN(options->uri, strata::RememberedObjects(state));
  }
  return strata::OpenObjectStore(*options, files);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app(
      "Executes the tasks of a Strata coordinator. Needs the coordinator's address and the state's object store.",
      "strata-worker");
  strata::SessionOptions session_options;
  std::string state = ".strata";
  strata::ObjectStoreOptions objects_options;
  std::string cache_bytes = strata::FormatByteSize(objects_options.cache_bytes);
  std::string id;
  int threads = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  app.add_option("--coordinator", session_options.coordinator, "address of the coordinator, host:port")->required();
  CLI::Option* const state_option =
      app.add_option("--state", state, "the state folder, shared with the coordinator; only without --objects")
          ->capture_default_str();
  app.add_option(
         "--objects", objects_options.uri,
         "where the coordinator's objects are: a folder or s3://bucket/prefix (default: as the state remembers)")
      ->type_name("URI")
      ->excludes(state_option);
  app.add_option("--cache-dir", objects_options.cache_dir,
                 "local copies of what lies in S3 (default: " + strata::DefaultCacheFolder() + ")")
      ->type_name("DIR");
  app.add_option("--cache-bytes", cache_bytes, "at most this much in the cache folder; KiB, MiB and GiB are known")
      ->type_name("BYTES")
      ->capture_default_str();
  app.add_option("--threads", threads, "tasks at once")->check(CLI::Range(1, 256))->capture_default_str();
  app.add_option("--worker-id", id, "name of this process; unique in the cluster (default: host and process id)");
  app.add_option("--connect-wait-ms", session_options.connect_wait_ms, "how long to try for a connection")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.set_version_flag("--version", strata::BuildVersion());
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  if (id.empty()) {
    char host[256] = {};
    gethostname(host, sizeof(host) - 1);
    id = fmt::format("{}-{}", host, getpid());
  }
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);  // before any thread exists: all inherit it

  objects_options.note = [](const std::string& note) { spdlog::warn("{}", note); };
  const auto files = strata::NewPosixFileSystem();
  const auto objects = OpenObjects(&objects_options, state, cache_bytes, files.get());
  if (!objects.ok()) {
    spdlog::error("{}", strata::StdView(objects.status().message()));
    return strata::ClassOf(objects.status()) == strata::ErrorClass::kBadInput ? 2 : 1;
  }
  const auto sources = strata::NewSourceFiles(objects_options, files.get());
  strata::TaskExecutor executor(sources.get(), objects->get());
  strata::WorkerSession session(
      session_options, {.id = id, .build_id = strata::RunningBuildId(), .slots = static_cast<uint32_t>(threads)},
      &executor);
  std::thread([&session, signals] {
    int signal = 0;
    sigwait(&signals, &signal);
    session.Stop();
  }).detach();
  spdlog::info("worker {} with {} threads dials {}", id, threads, session_options.coordinator);
  const absl::Status status = session.Run();
  if (status.ok()) return 0;
  spdlog::error("{}", strata::StdView(status.message()));
  return strata::ClassOf(status) == strata::ErrorClass::kBadInput ? 2 : 1;
}
