// strata-worker: executes tasks for a coordinator.
#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>
#include <CLI/CLI.hpp>
#include <csignal>

#include <algorithm>
#include <thread>

#include "base/build_id.h"
#include "store/state_layout.h"
#include "worker/session.h"

int main(int argc, char** argv) {
  CLI::App app(
      "Executes the tasks of a Strata coordinator. Needs the coordinator's address and the state's object store.",
      "strata-worker");
  strata::SessionOptions session_options;
  std::string state = ".strata";
  std::string id;
  int threads = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  app.add_option("--coordinator", session_options.coordinator, "address of the coordinator, host:port")->required();
  app.add_option("--state", state, "the state folder, shared with the coordinator")->capture_default_str();
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

  const auto files = strata::NewPosixFileSystem();
  const auto objects = strata::NewLocalObjectStore(files.get(), strata::ObjectsRoot(state));
  if (!objects.ok()) {
    spdlog::error("{}", objects.status().ToString());
    return 1;
  }
  strata::TaskExecutor executor(files.get(), objects->get());
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
