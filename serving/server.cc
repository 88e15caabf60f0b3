#include "serving/server.h"

#include <fmt/format.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <utility>

#include "base/date.h"
#include "serving/background_lane.h"
#include "serving/cluster_service.h"
#include "serving/coordinators_methods.h"
#include "serving/extra_calls.h"
#include "serving/job_service.h"
#include "serving/ledger_service.h"
#include "serving/report_service.h"
#include "serving/score_service.h"
#include "serving/segment_service.h"
#include "serving/serving_context.h"
#include "serving/snapshot_service.h"
#include "strata/v1/cluster_service.grpc.pb.h"
#include "strata/v1/job_service.grpc.pb.h"
#include "strata/v1/ledger_service.grpc.pb.h"
#include "strata/v1/report_service.grpc.pb.h"
#include "strata/v1/score_service.grpc.pb.h"
#include "strata/v1/segment_service.grpc.pb.h"
#include "strata/v1/snapshot_service.grpc.pb.h"

namespace strata {
namespace {

constexpr int64_t kMsPerHour = 3'600'000;
constexpr int64_t kMaxAgeHoursLimit = 24 * 366 * 100;  // a century: beyond it somebody mistook the unit

void SetLimits(int connection_age_ms, grpc::ServerBuilder* builder) {
  builder->SetMaxReceiveMessageSize(kMaxRequestBytes);
  // Two servers on one port would share its calls in silence.
  builder->AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder->AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kMaxConcurrentStreams);
  builder->AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, kMaxRequestMetadataBytes);
  builder->AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, kHandshakeTimeoutMs);
  builder->AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, kMaxConnectionIdleMs);
  if (connection_age_ms > 0) {
    builder->AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS, connection_age_ms);
    builder->AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS, kConnectionAgeGraceMs);
  }
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveTimeMs);
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  builder->AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, kMinClientPingMs);
  // Reflection is the one service on the synchronous API; it needs no more than this.
  builder->SetSyncServerOption(grpc::ServerBuilder::NUM_CQS, 1);
  builder->SetSyncServerOption(grpc::ServerBuilder::MIN_POLLERS, 1);
  builder->SetSyncServerOption(grpc::ServerBuilder::MAX_POLLERS, 2);
}

std::chrono::system_clock::time_point DeadlineAfter(int64_t ms) {
  return std::chrono::system_clock::now() + std::chrono::milliseconds(ms);  // gRPC's own clock, not ours to inject
}

}  // namespace

struct ScoreServer::Running {
  MetricsRegistry own_metrics;  // used where the owner gave none
  std::unique_ptr<ServingMetrics> metrics;
  BackgroundLane lane;  // destroyed last: calls under way may wait for it
  std::vector<std::unique_ptr<grpc::Service>> services;
  CoordinatorsMethods coordinators_methods;
  std::vector<std::string> always_names;  // for health: serving while the process is
  std::vector<std::string> loaded_names;  // serving once a snapshot is loaded
  std::atomic<bool> draining = false;
  std::mutex health_mutex;  // two updates must not overtake one another
  std::unique_ptr<grpc::Server> server;
};

ScoreServer::ScoreServer(SnapshotCatalogue* catalogue, ObjectStore* objects, Metadata* metadata, const Clock* clock,
                         ScoreServerOptions options)
    : catalogue_(catalogue), objects_(objects), metadata_(metadata), clock_(clock), options_(std::move(options)) {}

ScoreServer::~ScoreServer() { Shutdown(0); }

absl::StatusOr<int> ScoreServer::Start(const std::string& address) {
  if (running_ != nullptr) {
    return MakeError(absl::StatusCode::kFailedPrecondition, "SERVER_STARTED", "the server runs already");
  }
  if (options_.max_age_hours < 1 || options_.max_age_hours > kMaxAgeHoursLimit) {
    return MakeError(absl::StatusCode::kInvalidArgument, "MAX_AGE_INVALID",
                     fmt::format("max_age_hours is {}, must be 1 to {}", options_.max_age_hours, kMaxAgeHoursLimit));
  }
  auto running = std::make_unique<Running>();
  running->metrics = std::make_unique<ServingMetrics>(
      options_.metrics != nullptr ? options_.metrics : &running->own_metrics, catalogue_, clock_);
  const ServingContext serving{.catalogue = catalogue_,
                               .objects = objects_,
                               .metadata = metadata_,
                               .clock = clock_,
                               .lane = &running->lane,
                               .metrics = running->metrics.get(),
                               .actions = options_.actions,
                               .max_age_ms = options_.max_age_hours * kMsPerHour};
  running->services.push_back(NewScoreService(serving));
  running->services.push_back(NewSegmentService(serving));
  running->services.push_back(NewReportService(serving));
  running->services.push_back(NewSnapshotService(serving));
  running->services.push_back(NewJobService(serving));
  running->services.push_back(NewLedgerService(serving));
  running->services.push_back(NewClusterService(serving, options_.identity));
  running->loaded_names = {v1::ScoreService::service_full_name(), v1::SegmentService::service_full_name(),
                           v1::ReportService::service_full_name()};
  running->always_names = {v1::SnapshotService::service_full_name(), v1::JobService::service_full_name(),
                           v1::LedgerService::service_full_name(), v1::ClusterService::service_full_name()};

  // Both are switches for the whole process: gRPC has no others.
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::ServerBuilder builder;
  SetLimits(options_.connection_age_ms, &builder);
  for (const auto& service : running->services) builder.RegisterService(service.get());
  std::vector<std::string> extra_names;
  for (const ExtraService& extra : options_.extra_services) {
    builder.RegisterService(extra.service);
    extra_names.push_back(extra.name);
    running->always_names.push_back(extra.name);
  }
  if (!extra_names.empty()) {
    std::vector<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>> interceptors;
    interceptors.push_back(CountCallsOf(extra_names, running->metrics.get(), clock_));
    builder.experimental().SetInterceptorCreators(std::move(interceptors));
  }
  int port = 0;
  if (metadata_ == nullptr) builder.RegisterCallbackGenericService(&running->coordinators_methods);
  if (!address.empty()) builder.AddListeningPort(address, grpc::InsecureServerCredentials(), &port);
  running->server = builder.BuildAndStart();
  if (running->server == nullptr || (!address.empty() && port == 0)) {
    return MakeError(
        absl::StatusCode::kFailedPrecondition, "ADDRESS_UNAVAILABLE",
        fmt::format("cannot listen on '{}': the port is in use, or the address is not one of this machine; "
                    "choose another HOST:PORT, or port 0 for any free one",
                    address),
        {{"address", address}});
  }
  running_ = std::move(running);
  catalogue_->SetListener([this] { OnViewChanged(); });
  OnViewChanged();
  return port;
}

std::shared_ptr<grpc::Channel> ScoreServer::InProcessChannel() {
  return running_->server->InProcessChannel(grpc::ChannelArguments());
}

void ScoreServer::BeginDrain() {
  if (running_ == nullptr) return;
  running_->draining = true;
  UpdateHealth();
}

void ScoreServer::OnViewChanged() {
  const std::shared_ptr<const CatalogueView> view = catalogue_->view();
  for (const ServedFacts& served : running_->metrics->OnViewChanged()) {
    if (!options_.log) continue;
    const auto job = view->find(served.job);
    const bool held = job != view->end() && job->second->held_at != 0;
    options_.log({LogLevel::kInfo,
                  fmt::format("snapshot {} of job {} answers: as of {}, generation {}, {} customers{}", served.snapshot,
                              served.job, FormatDay(served.as_of), served.generation, served.customers,
                              held ? ", held by --pin" : ""),
                  {Field("job", served.job), Field("snapshot", served.snapshot), Field("generation", served.generation),
                   Field("as_of", FormatDay(served.as_of)), Field("customers", served.customers)}});
  }
  UpdateHealth();
  if (options_.on_change) options_.on_change();
}

void ScoreServer::UpdateHealth() {
  const std::lock_guard lock(running_->health_mutex);
  const bool up = !running_->draining;
  const bool loaded = catalogue_->Ready().ok();
  grpc::HealthCheckServiceInterface* health = running_->server->GetHealthCheckService();
  health->SetServingStatus("", up);
  for (const std::string& name : running_->always_names) health->SetServingStatus(name, up);
  for (const std::string& name : running_->loaded_names) health->SetServingStatus(name, up && loaded);
}

void ScoreServer::Shutdown(int64_t deadline_ms) {
  if (running_ == nullptr) return;
  catalogue_->SetListener(nullptr);
  BeginDrain();
  running_->server->Shutdown(DeadlineAfter(deadline_ms));
  running_->server->Wait();
  running_.reset();
}

}  // namespace strata
