#include "coordinator/coordinator_main.h"

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "coordinator/cluster_facts.h"
#include "coordinator/coordinator_metrics.h"
#include "coordinator/finish/finish.h"
#include "coordinator/run_service.h"
#include "coordinator/worker_service.h"
#include "serving/refresh_loop.h"
#include "serving/server.h"
#include "store/counting_metadata.h"
#include "store/counting_object_store.h"
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
  MetricsRegistry own_metrics;  // used where the owner gave none
  std::atomic<const char*> not_ready = "opens its state and its objects";
  std::unique_ptr<State> state;
  std::unique_ptr<ObjectStore> counted_objects;
  std::unique_ptr<Metadata> counted_metadata;
  StateSeams seams;
  Leadership leadership;
  std::unique_ptr<CoordinatorMetrics> metrics;
  std::unique_ptr<FinishLoop> finish;  // before the host, which wakes it
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

CoordinatorProcess::~CoordinatorProcess() {
  if (parts_->metrics != nullptr) parts_->metrics->Unwatch();  // before the host goes
}

void CoordinatorProcess::Say(LogLevel level, std::string message, std::vector<LogField> fields) const {
  if (options_.log != nullptr) options_.log->Write({level, std::move(message), std::move(fields)});
}

absl::Status CoordinatorProcess::OpenState() {
  Parts& p = *parts_;
  MetricsRegistry* registry = options_.metrics != nullptr ? options_.metrics : &p.own_metrics;
  p.metrics = std::make_unique<CoordinatorMetrics>(registry);
  STRATA_ASSIGN_OR_RETURN(
      p.state, State::OpenOrMake({.folder = options_.state,
                                  .objects = options_.objects,
                                  .cache_dir = options_.cache_dir,
                                  .cache_bytes = options_.cache_bytes,
                                  .note = [this](const std::string& note) { Say(LogLevel::kWarn, note, {}); },
                                  .on_late =
                                      [this](const absl::Status& why) {
                                        Say(LogLevel::kWarn,
                                            fmt::format("the objects do not answer yet: {}", StdView(why.message())),
                                            {});
                                      }}));
  p.counted_metadata = CountCommits(&p.state->metadata(), registry);
  p.counted_objects = CountObjects(&p.state->objects(), registry);
  p.seams = SeamsOf(p.state.get());
  p.seams.objects = p.counted_objects.get();
  p.seams.metadata = p.counted_metadata.get();
  return absl::OkStatus();
}

absl::Status CoordinatorProcess::Lead(const std::string& holder) {
  Parts& p = *parts_;
  p.not_ready = "waits for the lead of its state";
  STRATA_ASSIGN_OR_RETURN(
      p.leadership, TakeLead(
                        p.seams, holder, [](int64_t ms) { std::this_thread::sleep_for(std::chrono::milliseconds(ms)); },
                        [this](const std::string& note) { Say(LogLevel::kInfo, note, {}); }));
  p.metrics->SetLeading(true);
  Say(LogLevel::kInfo, fmt::format("leads {} in term {}", options_.state, p.leadership.token),
      {Field("state", options_.state), Field("term", p.leadership.token)});
  return absl::OkStatus();
}

absl::Status CoordinatorProcess::MakeHost() {
  Parts& p = *parts_;
  STRATA_ASSIGN_OR_RETURN(std::vector<RunSummary> recent, NewestRuns(p.seams, kRecentRuns));
  p.metrics->Remember(recent);
  if (recent.size() > kRecentRuns) recent.resize(kRecentRuns);
  RunObservers observers;
  if (options_.log != nullptr) observers.log = options_.log->sink();
  observers.driver = [metrics = p.metrics.get()](const DriverEvent& event) { metrics->Observe(event); };
  p.finish = std::make_unique<FinishLoop>(
      p.seams, p.leadership,
      FinishOptions{.allow_commands = options_.allow_on_finish_command,
                    .user_agent = fmt::format("strata/{}", options_.version.substr(0, options_.version.find(' '))),
                    .note = [this](const std::string& note) { Say(LogLevel::kInfo, note, {}); }});
  observers.run_ended = [&p](const RunSummary& summary) {
    p.metrics->OnRunEnded(summary);
    p.finish->Wake();
  };
  observers.recovered = [&p] { p.finish->Wake(); };
  p.host = std::make_unique<RunHost>(
      p.seams, p.leadership,
      PlanOptions{
          .build_id = options_.build_id, .lease_ms = options_.lease_ms, .worker_wait_ms = options_.worker_wait_ms},
      std::move(observers), std::move(recent));
  p.metrics->Watch(p.host.get());
  return absl::OkStatus();
}

absl::StatusOr<int> CoordinatorProcess::Serve(const std::string& holder) {
  Parts& p = *parts_;
  p.actions = std::make_unique<HostActions>(p.host.get());
  p.workers = std::make_unique<NetworkWorkers>(&p.host->driver());
  p.runs = std::make_unique<RunServices>(p.host.get(), p.seams.metadata, options_.allow_on_finish_command);
  p.catalogue = std::make_unique<SnapshotCatalogue>(p.seams.objects, NewPublishedInMetadata(p.seams.metadata));
  ScoreServerOptions server_options{
      .max_age_hours = options_.max_age_hours, .actions = p.actions.get(), .extra_services = {}};
  server_options.extra_services = {{p.workers->service(), "strata.worker.v1.WorkerService"},
                                   {p.runs->run_service(), "strata.v1.RunService"},
                                   {p.runs->operations_service(), "google.longrunning.Operations"}};
  server_options.metrics = options_.metrics != nullptr ? options_.metrics : &p.own_metrics;
  if (options_.log != nullptr) server_options.log = options_.log->sink();
  server_options.identity = {.program = "strata-coordinator", .version = options_.version, .coordinator = [&p, holder] {
                               return ClusterFactsOf(p.host.get(), p.leadership, holder);
                             }};
  p.server = std::make_unique<ScoreServer>(p.catalogue.get(), p.seams.objects, p.seams.metadata, p.seams.clock,
                                           std::move(server_options));
  STRATA_ASSIGN_OR_RETURN(const int port, p.server->Start(options_.listen));
  p.refresh = std::make_unique<RefreshLoop>(p.catalogue.get(), kRefreshIntervalMs, [this](const absl::Status& status) {
    if (!status.ok()) Say(LogLevel::kWarn, fmt::format("snapshots: {}", StdView(status.message())), {});
  });
  return port;
}

absl::StatusOr<int> CoordinatorProcess::Start() {
  Parts& p = *parts_;
  STRATA_RETURN_IF_ERROR(OpenState());
  const std::string holder = fmt::format("strata-coordinator at {}, process {}", options_.listen, getpid());
  absl::Status prepared = Lead(holder);
  if (prepared.ok()) prepared = MakeHost();
  const absl::StatusOr<int> port = prepared.ok() ? Serve(holder) : prepared;
  if (!port.ok()) {
    p.metrics->SetLeading(false);
    if (p.leadership.token != 0) STRATA_RETURN_IF_ERROR(p.seams.metadata->Resign(p.leadership));
    return port.status();
  }
  p.not_ready = nullptr;
  Say(LogLevel::kInfo, fmt::format("answers at {} (port {})", options_.listen, *port),
      {Field("address", options_.listen), Field("port", *port)});
  return port;
}

absl::Status CoordinatorProcess::Run() {
  Parts& p = *parts_;
  const auto take_over = [&p] { return TakeOver(p.seams, p.leadership, p.state->objects_folder()); };
  const absl::Status status = p.host->Loop(take_over, [this, &p](const RunSummary& summary) {
    Say(summary.state == RunState::kSucceeded ? LogLevel::kInfo : LogLevel::kWarn,
        fmt::format("run {} of job {}: {}{}{}", summary.run, summary.job, Name(summary.state),
                    summary.error_message.empty() ? "" : ": ", summary.error_message),
        {Field("run", summary.run), Field("job", summary.job), Field("outcome", Name(summary.state)),
         Field("snapshot", summary.snapshot), Field("customers", summary.customers),
         Field("seconds", summary.seconds_total), Field("reason", summary.error_reason)});
    if (const RemovedByRetention& removed = summary.removed; removed.any()) {
      Say(LogLevel::kInfo,
          fmt::format("run {} of job {}: retention removed {} snapshots, the records of {} runs and {} objects",
                      summary.run, summary.job, removed.snapshots.size(), removed.runs, removed.objects),
          {Field("run", summary.run), Field("job", summary.job), Field("snapshots", removed.snapshots.size()),
           Field("runs", removed.runs), Field("objects", removed.objects), Field("size_bytes", removed.size_bytes)});
    }
    if (const absl::Status refreshed = p.catalogue->RefreshJob(summary.job); !refreshed.ok()) {
      Say(LogLevel::kWarn, std::string(StdView(refreshed.message())), {Field("job", summary.job)});
    }
  });
  p.not_ready = "is stopping";
  p.server->BeginDrain();
  p.refresh.reset();
  p.server->Shutdown(kDrainMs);
  p.finish.reset();  // while this process still leads
  p.metrics->SetLeading(false);
  // One that never acted leaves nothing that its successor would have to wait for.
  const bool acted = p.host->NotReady().empty();
  if (!status.ok() && !acted) p.seams.metadata->Resign(p.leadership).IgnoreError();
  if (!status.ok()) return status;
  return p.seams.metadata->Resign(p.leadership);
}

void CoordinatorProcess::Stop() { parts_->host->Stop(); }

std::string CoordinatorProcess::NotReady() const {
  const char* reason = parts_->not_ready;
  return reason == nullptr ? parts_->host->NotReady() : reason;
}

}  // namespace strata
