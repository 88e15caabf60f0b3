#include "coordinator/coordinator_main.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "coordinator/run_service.h"
#include "coordinator/worker_service.h"
#include "serving/refresh_loop.h"
#include "serving/server.h"
#include "store/state.h"

namespace strata {
namespace {

constexpr int64_t kDrainMs = 5'000;  // calls under way at the end; lookups take microseconds, exports resume by token

class HostActions final : public SnapshotActions {
 public:
  explicit HostActions(RunHost* host) : host_(host) {}
  absl::Status Activate(const std::string& job, int64_t number) override { return host_->Activate(job, number); }
  absl::Status Delete(const std::string& job, int64_t number) override { return host_->Delete(job, number); }

 private:
  RunHost* host_;
};

}  // namespace

struct CoordinatorProcess::Parts {
  std::unique_ptr<State> state;
  Leadership leadership;
  std::unique_ptr<RunHost> host;
  std::unique_ptr<HostActions> actions;
  std::unique_ptr<NetworkWorkers> workers;
  std::unique_ptr<RunServices> runs;
  std::unique_ptr<SnapshotCatalogue> catalogue;
  std::unique_ptr<RefreshLoop> refresh;
  std::unique_ptr<ScoreServer> server;
};

CoordinatorProcess::CoordinatorProcess(CoordinatorOptions options)
    : options_(std::move(options)), parts_(std::make_unique<Parts>()) {}
CoordinatorProcess::~CoordinatorProcess() = default;

absl::StatusOr<int> CoordinatorProcess::Start() {
  Parts& p = *parts_;
  STRATA_ASSIGN_OR_RETURN(p.state,
                          State::OpenOrMake({.folder = options_.state,
                                             .objects = options_.objects,
                                             .cache_dir = options_.cache_dir,
                                             .cache_bytes = options_.cache_bytes,
                                             .note = [](const std::string& note) { spdlog::warn("{}", note); }}));
  const StateSeams seams = SeamsOf(p.state.get());
  STRATA_ASSIGN_OR_RETURN(p.leadership,
                          TakeLead(
                              seams, fmt::format("strata-coordinator at {}, process {}", options_.listen, getpid()),
                              [](int64_t ms) { std::this_thread::sleep_for(std::chrono::milliseconds(ms)); },
                              [](const std::string& note) { spdlog::info("{}", note); }));
  if (const absl::Status taken_over = TakeOver(seams, p.leadership, p.state->objects_folder()); !taken_over.ok()) {
    STRATA_RETURN_IF_ERROR(seams.metadata->Resign(p.leadership));
    return taken_over;
  }
  p.host = std::make_unique<RunHost>(
      seams, p.leadership,
      PlanOptions{
          .build_id = options_.build_id, .lease_ms = options_.lease_ms, .worker_wait_ms = options_.worker_wait_ms},
      [](const std::string& line) { spdlog::info("{}", line); });
  p.actions = std::make_unique<HostActions>(p.host.get());
  p.workers = std::make_unique<NetworkWorkers>(&p.host->driver());
  p.runs = std::make_unique<RunServices>(p.host.get(), seams.metadata);
  p.catalogue = std::make_unique<SnapshotCatalogue>(seams.objects, seams.metadata);
  ScoreServerOptions server_options{
      .max_age_hours = options_.max_age_hours, .actions = p.actions.get(), .extra_services = {}};
  server_options.extra_services = {{p.workers->service(), "strata.worker.v1.WorkerService"},
                                   {p.runs->run_service(), "strata.v1.RunService"},
                                   {p.runs->operations_service(), "google.longrunning.Operations"}};
  p.server = std::make_unique<ScoreServer>(p.catalogue.get(), seams.objects, seams.metadata, seams.clock,
                                           std::move(server_options));
  const auto port = p.server->Start(options_.listen);
  if (!port.ok()) {
    STRATA_RETURN_IF_ERROR(seams.metadata->Resign(p.leadership));
    return port.status();
  }
  p.refresh = std::make_unique<RefreshLoop>(p.catalogue.get(), kRefreshIntervalMs, [](const absl::Status& status) {
    if (!status.ok()) spdlog::warn("snapshots: {}", StdView(status.message()));
  });
  return port;
}

absl::Status CoordinatorProcess::Run() {
  Parts& p = *parts_;
  const absl::Status status = p.host->Loop([&p](const RunSummary& summary) {
    spdlog::info("run {} of job {}: {}{}{}", summary.run, summary.job, Name(summary.state),
                 summary.error_message.empty() ? "" : ": ", summary.error_message);
    if (const absl::Status refreshed = p.catalogue->RefreshJob(summary.job); !refreshed.ok())
      spdlog::warn("{}", StdView(refreshed.message()));
  });
  p.server->BeginDrain();
  p.refresh.reset();
  p.server->Shutdown(kDrainMs);
  if (!status.ok()) return status;
  return p.state->metadata().Resign(p.leadership);
}

void CoordinatorProcess::Stop() { parts_->host->Stop(); }

}  // namespace strata
