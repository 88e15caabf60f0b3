#include "client/embedded/local_state.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/build_id.h"
#include "client/text/flag_words.h"
#include "coordinator/run_control.h"
#include "serving/refresh_loop.h"
#include "serving/server.h"
#include "serving/snapshot_catalogue.h"

namespace strata {

absl::StatusOr<std::unique_ptr<State>> OpenState(const StateOptions& state) {
  auto open = State::Open(state);
  const auto detail = DetailOf(open.status());
  if (!detail.has_value() || detail->reason != "STATE_MISSING") return open;
  return MakeError(absl::StatusCode::kNotFound, "STATE_MISSING",
                   fmt::format("no state at {}: run `strata run JOB.yaml{}` first, or name another folder with --state",
                               state.folder, StateWords(state.folder)),
                   {{"state", state.folder}});
}

// In the order of use: the server goes first, the state last.
struct LocalServer::Parts {
  std::unique_ptr<State> state;
  std::unique_ptr<SnapshotCatalogue> catalogue;
  std::unique_ptr<RefreshLoop> refresh;
  std::unique_ptr<ScoreServer> server;
};

LocalServer::LocalServer(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
LocalServer::~LocalServer() = default;

absl::StatusOr<std::unique_ptr<LocalServer>> LocalServer::Open(const StateOptions& state, int64_t max_age_hours,
                                                               MetricsRegistry* metrics) {
  auto parts = std::make_unique<Parts>();
  STRATA_ASSIGN_OR_RETURN(parts->state, OpenState(state));
  const StateSeams seams = SeamsOf(parts->state.get());
  parts->catalogue = std::make_unique<SnapshotCatalogue>(seams.objects, NewPublishedInMetadata(seams.metadata));
  const absl::Status refreshed = parts->catalogue->Refresh();
  if (!refreshed.ok() && parts->catalogue->view()->empty()) return refreshed;
  ScoreServerOptions options{.max_age_hours = max_age_hours, .actions = nullptr, .extra_services = {}};
  options.metrics = metrics;
  options.identity = {.program = "strata serve", .version = BuildVersion(), .coordinator = {}};
  parts->server = std::make_unique<ScoreServer>(parts->catalogue.get(), seams.objects, seams.metadata, seams.clock,
                                                std::move(options));
  return std::unique_ptr<LocalServer>(new LocalServer(std::move(parts)));
}

absl::StatusOr<int> LocalServer::Start(const std::string& address) { return parts_->server->Start(address); }

std::shared_ptr<grpc::Channel> LocalServer::channel() { return parts_->server->InProcessChannel(); }

void LocalServer::KeepFresh(int64_t interval_ms, std::function<void(const absl::Status&)> report) {
  parts_->refresh = std::make_unique<RefreshLoop>(parts_->catalogue.get(), interval_ms, std::move(report));
}

std::string LocalServer::NotReady() const {
  const auto view = parts_->catalogue->view();
  const bool loaded =
      std::any_of(view->begin(), view->end(), [](const auto& job) { return job.second->current != nullptr; });
  return loaded ? "" : "no job has a snapshot that can be served";
}

void LocalServer::Stop(int64_t deadline_ms) {
  parts_->server->BeginDrain();
  parts_->refresh.reset();
  parts_->server->Shutdown(deadline_ms);
}

absl::StatusOr<std::unique_ptr<Connection>> OpenLocalState(const StateOptions& state, int64_t max_age_hours) {
  STRATA_ASSIGN_OR_RETURN(std::shared_ptr<LocalServer> server, LocalServer::Open(state, max_age_hours));
  STRATA_RETURN_IF_ERROR(server->Start("").status());
  auto channel = server->channel();
  return std::make_unique<Connection>(std::move(channel), "", std::move(server));
}

}  // namespace strata
