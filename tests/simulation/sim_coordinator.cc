#include "tests/simulation/sim_coordinator.h"

#include <fmt/format.h>

#include "coordinator/sure_commit.h"
#include "run/job_file.h"
#include "tests/simulation/sim_worker.h"

namespace strata::simulation {
namespace {

constexpr char kJobYaml[] = R"(name: shop
time_zone: UTC
currency: EUR
seed: 7
shards: 3
sources:
  transactions:
    uri: /sources
    columns: {customer_id: id, time: day, amount: amount}
models:
  rfm: {scores: 3}
  clustering: {k: 3}
  lifetime: {model: bg_nbd, spend: gamma_gamma}
)";
constexpr char kRetentionYaml[] = R"(retention: {snapshots_min: 1, snapshots_days: 0, runs_min: 1, runs_days: 0}
)";

}  // namespace

NightRequest RequestOf(int night, bool retention) {
  NightRequest request;
  request.job_yaml = kJobYaml;
  if (retention) request.job_yaml += kRetentionYaml;
  request.job = *ParseJob(request.job_yaml, "simulation");
  request.job_folder = "/";
  request.as_of = *ParseDay(fmt::format("2023-0{}-28", night + 1));
  return request;
}

SimCoordinator::SimCoordinator(Network* network, SimDisk* disk, SimMetadataServer* server, StandIn* stand_in,
                               std::string name)
    : network_(network),
      world_(network->world()),
      disk_(disk),
      server_(server),
      stand_in_(stand_in),
      process_(world_, std::move(name)) {}

void SimCoordinator::Start() {
  world_->Start(&process_);
  listening_ = stopping_ = false;
  token_ = 0;
  attached_.clear();
  inbox_.clear();
  resumed_.clear();
  driver_.reset();
  files_ = std::make_unique<SimFileSystem>(disk_, world_, &process_);
  objects_ = std::make_unique<SimObjectStore>(*NewLocalObjectStore(files_.get(), kObjectsRoot), &stand_in_->clean(),
                                              world_, &process_);
  metadata_ = std::make_unique<SimMetadata>(server_, world_, &process_, &process_);
  seams_ = {.sources = files_.get(), .objects = objects_.get(), .metadata = metadata_.get(), .clock = &process_};
  process_.Spawn([this] {
    const absl::Status status = Lead();
    world_->Trace(fmt::format("{} ends: {}", process_.name(), StdView(status.message())));
    const auto detail = DetailOf(status);
    world_->Count(fmt::format("coordinators that ended: {}", detail.has_value() ? detail->reason : "no reason"));
    if (token_ != 0 && server_->InForce(token_) && detail.has_value() && detail->reason == "LEADERSHIP_LOST") {
      world_->Violation(fmt::format("{} leads and says: {}", process_.name(), StdView(status.message())));
    }
    listening_ = false;
    world_->Kill(&process_);
    throw Crash();
  });
}

absl::Status SimCoordinator::Lead() {
  STRATA_ASSIGN_OR_RETURN(const Leadership leadership,
                          TakeLead(
                              seams_, process_.name(), [this](int64_t ms) { process_.Sleep(ms); }, nullptr));
  token_ = leadership.token;
  const absl::Status taken_over = TakeOver(seams_, leadership, kObjectsRoot);
  if (!taken_over.ok()) {
    STRATA_RETURN_IF_ERROR(metadata_->Resign(leadership));
    return taken_over;
  }
  const Bug bug = world_->options().bug;
  driver_ =
      std::make_unique<Driver>(Driver::Seams{.metadata = metadata_.get(),
                                             .objects = objects_.get(),
                                             .clock = &process_,
                                             .run_elsewhere =
                                                 [this](std::function<void()> work) {
                                                   process_.Spawn([this, work = std::move(work)] {
                                                     work();
                                                     process_.Wake();
                                                   });
                                                 },
                                             .pause = [this](int64_t ms) { process_.Sleep(ms, true); },
                                             .log = [this](const LogLine& line) { OnLog(line); },
                                             .observe = [this](const DriverEvent& event) { OnDriver(event); }},
                               PlanOptions{.build_id = "b",
                                           .lease_ms = bug == Bug::kLeaseNeverExpires ? int64_t{1} << 50 : kLeaseMs,
                                           .worker_wait_ms = 20'000,
                                           .straggler_ms = 4000,
                                           .term = bug == Bug::kNumbersRepeat ? 0 : leadership.token});
  listening_ = true;
  const absl::Status served = Serve(leadership);
  if (!stopping_) return served;
  world_->Count(LeavesRunOpen(served) ? "runs left by a coordinator that stopped" : "coordinators that stopped");
  return metadata_->Resign(leadership);
}

absl::Status SimCoordinator::Serve(const Leadership& leadership) {
  STRATA_ASSIGN_OR_RETURN(std::vector<ResumedRun> resumed,
                          RecoverRuns(seams_, leadership, {.build_id = "b", .is_mine = {}, .why_not = {}}));
  CollectLeftovers(seams_, leadership).IgnoreError();
  LeadKeeper lead(metadata_.get(), &process_, leadership);
  for (ResumedRun& run : resumed) {
    world_->Count("runs resumed");
    if (world_->options().coordinators > 1) world_->Count("runs resumed where another may lead");
    STRATA_RETURN_IF_ERROR(Execute(leadership, std::move(run.request), std::move(run.summary)));
    lead = LeadKeeper(metadata_.get(), &process_, leadership);
  }
  while (!stopping_) {
    if (inbox_.empty()) driver_->Idle(kLeadershipRenewalMs);
    STRATA_RETURN_IF_ERROR(lead.Keep());
    if (inbox_.empty()) continue;
    const Submission submission = inbox_.front();
    inbox_.pop_front();
    STRATA_RETURN_IF_ERROR(Take(leadership, submission));
    lead = LeadKeeper(metadata_.get(), &process_, leadership);
  }
  return absl::OkStatus();
}

absl::Status SimCoordinator::Take(const Leadership& leadership, const Submission& submission) {
  NightRequest request = RequestOf(submission.night, world_->options().retention);
  auto begun = BeginRun(seams_, leadership, kJob, submission.request_id, AskedFor(request, "b"));
  if (!begun.ok()) return LeavesRunOpen(begun.status()) ? begun.status() : absl::OkStatus();  // asked again later
  if (begun->existing) return absl::OkStatus();
  return Execute(leadership, std::move(request), std::move(begun->summary));
}

// A run and what a coordinator does after it.
absl::Status SimCoordinator::Execute(const Leadership& leadership, NightRequest request, RunSummary summary) {
  const Retention retention = request.job.retention;
  STRATA_ASSIGN_OR_RETURN(
      RunSummary ended, ExecuteRun(seams_, leadership, driver_.get(), std::move(request), std::move(summary), nullptr));
  STRATA_RETURN_IF_ERROR(ConcludeRun(seams_, leadership, retention, &ended));
  CollectLeftovers(seams_, leadership).IgnoreError();
  return absl::OkStatus();
}

void SimCoordinator::OnLog(const LogLine& line) {
  if (world_->log) world_->Trace(fmt::format("{}: {}", process_.name(), line.message));
  for (const LogField& field : line.fields) {
    if (field.name != "checkpoint") continue;
    const auto& what = std::get<std::string>(field.value);
    world_->Count(what == "resumed"   ? "fits resumed from a checkpoint"
                  : what == "ignored" ? "checkpoints that were passed over"
                                      : "checkpoints that were not written");
  }
}

void SimCoordinator::OnDriver(const DriverEvent& event) {
  if (std::holds_alternative<LeaseExpired>(event)) world_->Count("leases of workers expired");
  if (std::holds_alternative<AttemptFailed>(event)) world_->Count("attempts that failed");
  if (const auto* lost = std::get_if<AttemptsLost>(&event)) {
    world_->Count(lost->why == AttemptsLost::Why::kLeaseExpired ? "attempts lost with their worker's lease"
                                                                : "attempts lost with their worker's stream");
  }
}

void SimCoordinator::Stop() {
  if (!listening() || world_->IsPaused(&process_)) return;
  stopping_ = true;
  driver_->Leave();
  process_.Wake();
}

void SimCoordinator::Submit(Submission submission) {
  if (!inbox_.empty()) return;
  inbox_.push_back(std::move(submission));
  process_.Wake();
}

void SimCoordinator::Attach(const Hello& hello, std::shared_ptr<Session> session) {
  if (driver_ == nullptr) return session->Break();
  ++attached_[hello.worker];
  driver_->Join(hello, std::move(session));
  process_.Wake();
}

void SimCoordinator::Detach(const std::shared_ptr<Session>& session) {
  const auto found = attached_.find(session->worker_id());
  if (found == attached_.end()) return;
  if (--found->second <= 0) attached_.erase(found);
  driver_->Disconnect(session->worker_id(), session.get());
  process_.Wake();
}

void SimCoordinator::Post(Event event) {
  if (driver_ == nullptr) return;
  driver_->Post(std::move(event));
  process_.Wake();
}

bool SimCoordinator::Beat(const WorkerId& worker) {
  if (!attached_.contains(worker)) return false;
  Post(WorkerBeat{worker});
  return true;
}

}  // namespace strata::simulation
