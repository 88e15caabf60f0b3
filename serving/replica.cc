#include "serving/replica.h"

#include <fmt/format.h>

#include <charconv>
#include <string_view>
#include <utility>

namespace strata {

// Says whether it is ready and what is wrong, once each; which snapshot answers is said by the server.
class Replica::Log {
 public:
  explicit Log(LogSink sink) : sink_(std::move(sink)) {}

  // On the thread that changed the catalogue, one at a time.
  void ViewChanged(const SnapshotCatalogue& catalogue) {
    const bool ready = catalogue.Ready().ok();
    if (ready && !said_ready_) Say(LogLevel::kInfo, "ready");
    said_ready_ = said_ready_ || ready;
  }

  // On the thread of the refresh loop; `status` differs from the one before.
  void Refreshed(const SnapshotCatalogue& catalogue, const absl::Status& status) {
    if (!status.ok()) Say(LogLevel::kWarn, std::string(status.message()));
    if (status.ok() && troubled_) Say(LogLevel::kInfo, "all is well again");
    troubled_ = !status.ok();
    const absl::Status ready = catalogue.Ready();
    if (!ready.ok()) Say(LogLevel::kInfo, fmt::format("not ready: {}", StdView(ready.message())));
  }

 private:
  void Say(LogLevel level, std::string message) const {
    if (sink_) sink_({level, std::move(message), {}});
  }

  LogSink sink_;
  bool said_ready_ = false;
  bool troubled_ = false;
};

absl::StatusOr<HeldJobs> ParsePins(const std::vector<std::string>& pins) {
  HeldJobs held;
  for (const std::string& pin : pins) {
    const size_t equals = pin.find('=');
    const std::string job = pin.substr(0, equals);
    const std::string_view number = equals == std::string::npos ? "" : std::string_view(pin).substr(equals + 1);
    int64_t snapshot = 0;
    std::from_chars(number.data(), number.data() + number.size(), snapshot);
    if (snapshot < 1 || std::to_string(snapshot) != number || !ParseJobName("--pin", JobResource(job)).ok()) {
      return MakeError(absl::StatusCode::kInvalidArgument, "FLAG_INVALID",
                       fmt::format("--pin '{}': JOB=SNAPSHOT is wanted, the name of a job and the number of one of its "
                                   "snapshots, as in shop=12",
                                   pin),
                       {{"flag", "--pin"}});
    }
    if (!held.emplace(job, snapshot).second) {
      return MakeError(
          absl::StatusCode::kInvalidArgument, "FLAG_INVALID",
          fmt::format("--pin '{}': job {} is pinned to snapshot {} already; once a job", pin, job, held.at(job)),
          {{"flag", "--pin"}});
    }
  }
  return held;
}

Replica::Replica(ObjectStore* objects, const Clock* clock, ReplicaOptions options)
    : options_(std::move(options)),
      log_(std::make_unique<Log>(options_.log)),
      catalogue_(std::make_unique<SnapshotCatalogue>(objects, NewPublishedInObjects(objects), options_.held)) {
  ScoreServerOptions server_options;
  server_options.max_age_hours = options_.max_age_hours;
  server_options.connection_age_ms = kReplicaConnectionAgeMs;
  server_options.metrics = options_.metrics;
  server_options.log = options_.log;
  server_options.identity = {.program = "strata-server", .version = options_.version, .coordinator = {}};
  server_options.on_change = [this] { log_->ViewChanged(*catalogue_); };
  server_ = std::make_unique<ScoreServer>(catalogue_.get(), objects, nullptr, clock, std::move(server_options));
}

Replica::~Replica() = default;

absl::StatusOr<int> Replica::Start() {
  STRATA_ASSIGN_OR_RETURN(const int port, server_->Start(options_.listen));
  refresh_ = std::make_unique<RefreshLoop>(catalogue_.get(), options_.refresh_ms, [this](const absl::Status& status) {
    log_->Refreshed(*catalogue_, status);
  });
  return port;
}

absl::Status Replica::Ready() const {
  if (draining_) return MakeError(absl::StatusCode::kUnavailable, "NOT_READY", "this server is draining");
  return catalogue_->Ready();
}

void Replica::Drain(const std::function<void(int64_t ms)>& pause) {
  draining_ = true;
  server_->BeginDrain();
  pause(options_.drain_ms);
  server_->Shutdown(kReplicaShutdownMs);
  refresh_.reset();  // last: it ends with the refresh under way, which may be reading a snapshot from far away
}

}  // namespace strata
