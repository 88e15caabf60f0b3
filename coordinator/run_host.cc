#include "coordinator/run_host.h"

#include <fmt/format.h>

#include <algorithm>

#include "coordinator/run_recovery.h"
#include "coordinator/sure_commit.h"

namespace strata {

namespace {

PlanOptions WithTerm(PlanOptions options, int64_t token) {
  options.term = token;
  return options;
}

absl::Status CheckUris(const Job& job) {
  std::vector<std::pair<std::string, std::string>> uris = {{"sources.transactions.uri", job.transactions.uri}};
  if (job.aliases.has_value()) uris.emplace_back("sources.aliases.uri", job.aliases->uri);
  if (job.fx.has_value()) uris.emplace_back("sources.fx.uri", job.fx->uri);
  for (const auto& [field, uri] : uris) {
    if (uri.starts_with("/") || uri.starts_with("s3://")) continue;
    return MakeError(absl::StatusCode::kInvalidArgument, "URI_RELATIVE",
                     fmt::format("{} is '{}'; a job for a cluster names absolute paths, which every worker can read, "
                                 "or s3://",
                                 field, uri),
                     {{"field", field}});
  }
  return absl::OkStatus();
}

}  // namespace

RunHost::RunHost(StateSeams seams, Leadership leadership, PlanOptions plan_options, RunObservers observers,
                 std::vector<RunSummary> recent)
    : seams_(seams),
      leadership_(leadership),
      run_ended_(std::move(observers.run_ended)),
      recovered_(std::move(observers.recovered)),
      build_id_(plan_options.build_id),
      driver_({.metadata = seams.metadata,
               .objects = seams.objects,
               .clock = seams.clock,
               .run_elsewhere = [this](std::function<void()> work) { logic_.Post(std::move(work)); },
               .log = std::move(observers.log),
               .observe = std::move(observers.driver)},
              WithTerm(std::move(plan_options), leadership.token)),
      recent_(std::make_move_iterator(recent.begin()), std::make_move_iterator(recent.end())) {}

void RunHost::NoteEnded(const RunSummary& summary) {
  {
    const std::lock_guard lock(mutex_);
    recent_.push_front(summary);
    if (recent_.size() > kRecentRuns) recent_.pop_back();
  }
  if (run_ended_) run_ended_(summary);
}

HostStatus RunHost::Status() {
  HostStatus status;
  status.workers = driver_.Workers();
  const std::lock_guard lock(mutex_);
  status.running = running_;
  status.progress = progress_;
  for (const Queued& queued : queue_) status.queued.emplace_back(queued.summary.job, queued.summary.run);
  status.recent.assign(recent_.begin(), recent_.end());
  return status;
}

bool RunHost::IsActive(const std::string& job, int64_t* run) const {
  if (running_.has_value() && running_->job == job) {
    *run = running_->run;
    return true;
  }
  const auto queued =
      std::find_if(queue_.begin(), queue_.end(), [&job](const Queued& q) { return q.summary.job == job; });
  if (queued == queue_.end()) return false;
  *run = queued->summary.run;
  return true;
}

// A run whose end is recorded holds its job until what follows it is done: whoever saw the end may submit at once.
bool RunHost::AwaitRelease(const std::string& job, int64_t run, std::unique_lock<std::mutex>& lock) {
  constexpr std::chrono::seconds kPatience(30);  // deleting what a run leaves takes a remote store seconds
  const bool woken = ended_.wait_for(lock, kPatience, [&] {
    int64_t active = 0;
    return stopping_ || !IsActive(job, &active) || active != run;
  });
  return woken && !stopping_;
}

absl::StatusOr<RunSummary> RunHost::Submit(NightRequest request, const std::string& request_id) {
  STRATA_RETURN_IF_ERROR(CheckUris(request.job));
  const std::lock_guard begin_lock(begin_mutex_);
  std::unique_lock lock(mutex_);
  int64_t active = 0;
  while (IsActive(request.job.name, &active)) {
    lock.unlock();
    STRATA_ASSIGN_OR_RETURN(RunSummary summary, GetRun(*seams_.metadata, request.job.name, active));
    if (!request_id.empty() && summary.request_id == request_id) return summary;
    lock.lock();
    if (summary.state != RunState::kRunning && AwaitRelease(request.job.name, active, lock)) continue;
    return MakeError(absl::StatusCode::kFailedPrecondition, "RUN_ACTIVE",
                     fmt::format("job {} has an active run: jobs/{}/runs/{}; one at a time", request.job.name,
                                 request.job.name, active),
                     {{"run", fmt::format("jobs/{}/runs/{}", request.job.name, active)}});
  }
  const size_t waiting = queue_.size();
  lock.unlock();
  if (waiting >= kMaxQueuedRuns) {
    return MakeError(absl::StatusCode::kResourceExhausted, "TOO_MANY_RUNS",
                     fmt::format("{} runs are waiting already", waiting));
  }
  auto began = BeginRun(seams_, leadership_, request.job.name, request_id, AskedFor(request, build_id_));
  lock.lock();
  if (!began.ok() && LeavesRunOpen(began.status())) recover_ = true;
  STRATA_ASSIGN_OR_RETURN(BegunRun begun, std::move(began));
  if (!begun.existing) queue_.push_back({std::move(request), begun.summary});
  driver_.Wake();
  return std::move(begun.summary);
}

absl::Status RunHost::Cancel(const std::string& job, int64_t run) {
  const std::lock_guard begin_lock(begin_mutex_);
  std::unique_lock lock(mutex_);
  if (running_.has_value() && running_->job == job && running_->run == run) {
    driver_.Cancel(job, run, "cancelled on request");
    return absl::OkStatus();
  }
  const auto queued = std::find_if(queue_.begin(), queue_.end(),
                                   [&](const Queued& q) { return q.summary.job == job && q.summary.run == run; });
  if (queued != queue_.end()) {
    RunSummary summary = std::move(queued->summary);
    queue_.erase(queued);
    lock.unlock();
    const auto ended = RecordCancelled(seams_, leadership_, std::move(summary));
    if (!ended.ok()) {  // in nobody's hands now: taken over like that of an earlier coordinator
      lock.lock();
      recover_ = true;
      lock.unlock();
      driver_.Wake();
      return ended.status();
    }
    NoteEnded(*ended);
    ended_.notify_all();
    return absl::OkStatus();
  }
  lock.unlock();
  STRATA_ASSIGN_OR_RETURN(const RunSummary summary, GetRun(*seams_.metadata, job, run));
  if (summary.state == RunState::kRunning) {
    return MakeError(
        absl::StatusCode::kUnavailable, "RUN_RECOVERING",
        fmt::format("run {} of job {} is being taken over from an earlier coordinator; try again", run, job));
  }
  return MakeError(absl::StatusCode::kFailedPrecondition, "RUN_ENDED",
                   fmt::format("run {} of job {} has ended ({})", run, job, Name(summary.state)));
}

absl::StatusOr<RunSummary> RunHost::Get(const std::string& job, int64_t run) {
  return GetRun(*seams_.metadata, job, run);
}

absl::StatusOr<RunSummary> RunHost::Wait(const std::string& job, int64_t run, int64_t timeout_ms) {
  const auto active = [&] {
    const bool runs = running_.has_value() && running_->job == job && running_->run == run;
    return runs || std::any_of(queue_.begin(), queue_.end(),
                               [&](const Queued& q) { return q.summary.job == job && q.summary.run == run; });
  };
  {
    std::unique_lock lock(mutex_);
    ended_.wait_for(lock, std::chrono::milliseconds(timeout_ms),
                    [&] { return !(active() || recovering_) || stopping_; });
  }
  return Get(job, run);
}

std::optional<RunProgress> RunHost::Progress(const std::string& job, int64_t run) {
  const std::lock_guard lock(mutex_);
  if (!running_.has_value() || running_->job != job || running_->run != run) return std::nullopt;
  return progress_;
}

absl::Status RunHost::Activate(const std::string& job, int64_t number) {
  return ActivateSnapshot(seams_, leadership_, job, number);
}
absl::Status RunHost::Delete(const std::string& job, int64_t number) {
  return DeleteSnapshot(seams_, leadership_, job, number);
}

// What asks the stores, which may take long to answer, while the loop keeps the lead and hears the workers.
absl::Status RunHost::Elsewhere(const std::function<absl::Status()>& work, LeadKeeper* lead) {
  std::optional<absl::Status> done;  // guarded by mutex_
  logic_.Post([this, &work, &done] {
    absl::Status status = work();
    {
      const std::lock_guard lock(mutex_);
      done = std::move(status);
    }
    driver_.Wake();
  });
  absl::Status kept;
  while (true) {
    {
      const std::lock_guard lock(mutex_);
      if (done.has_value()) return kept.ok() ? *std::move(done) : kept;
    }
    driver_.Idle(kLeadershipRenewalMs);
    if (kept.ok()) kept = lead->Keep();
  }
}

absl::Status RunHost::TakeOverFirst(const std::function<absl::Status()>& take_over, LeadKeeper* lead) {
  constexpr int64_t kRetryMs = 5'000;  // the store has retried for long by itself
  while (true) {
    const absl::Status taken = Elsewhere(take_over, lead);
    const auto detail = DetailOf(taken);
    const bool lead_gone = detail.has_value() && detail->reason == "METADATA_UNREACHABLE";
    const bool again = !taken.ok() && ClassOf(taken) == ErrorClass::kRetryable && !lead_gone;
    {
      const std::lock_guard lock(mutex_);
      not_ready_ =
          taken.ok() ? "" : fmt::format("cannot look at the objects of its state: {}", StdView(taken.message()));
    }
    if (taken.ok() && driver_.log()) driver_.log()({LogLevel::kInfo, "ready for runs", {}});
    if (!again || IsStopping()) return again ? absl::OkStatus() : taken;
    if (driver_.log()) {
      driver_.log()(
          {LogLevel::kWarn, fmt::format("not ready: {}", StdView(taken.message())), {Field("retry_ms", kRetryMs)}});
    }
    const int64_t begun_ms = seams_.clock->MonotonicMs();
    while (!IsStopping() && seams_.clock->MonotonicMs() - begun_ms < kRetryMs) {
      driver_.Idle(kRetryMs);
      STRATA_RETURN_IF_ERROR(lead->Keep());
    }
  }
}

absl::Status RunHost::Recover(LeadKeeper* lead, const std::function<void(const RunSummary&)>& on_run_ended) {
  {
    const std::lock_guard lock(mutex_);
    if (!std::exchange(recover_, false)) return absl::OkStatus();
    recovering_ = true;
  }
  std::vector<ResumedRun> resumed;
  std::vector<RunSummary> closed;
  RecoverOptions options{.build_id = build_id_, .is_mine = {}, .why_not = {}};
  options.is_mine = [this](const std::string& job) {
    const std::lock_guard begin_lock(begin_mutex_);
    const std::lock_guard lock(mutex_);
    int64_t run = 0;
    return IsActive(job, &run);
  };
  options.on_closed = [&closed](const RunSummary& summary) { closed.push_back(summary); };
  const absl::Status recovered = Elsewhere(
      [&]() -> absl::Status {
        STRATA_ASSIGN_OR_RETURN(resumed, RecoverRuns(seams_, leadership_, options));
        return absl::OkStatus();
      },
      lead);
  for (const RunSummary& summary : closed) {
    NoteEnded(summary);
    if (on_run_ended) on_run_ended(summary);
  }
  if (recovered.ok() && recovered_) recovered_();
  {
    const std::lock_guard lock(mutex_);
    for (ResumedRun& run : resumed) {
      queue_.push_back({.request = std::move(run.request), .summary = std::move(run.summary)});
    }
    recovering_ = false;
  }
  ended_.notify_all();
  collect_ = recovered.ok();
  return recovered;
}

// Nobody reads what is left, so no run waits for this; what fails is tried again after the next run.
absl::Status RunHost::Collect(LeadKeeper* lead) {
  if (!std::exchange(collect_, false)) return absl::OkStatus();
  return Elsewhere(
      [this] {
        CollectLeftovers(seams_, leadership_).IgnoreError();
        return absl::OkStatus();
      },
      lead);
}

// The run on the loop, and what follows it beside the loop. On an error the run has no end in the records.
absl::StatusOr<RunSummary> RunHost::ToItsEnd(Queued next, LeadKeeper* lead) {
  const Retention retention = next.request.job.retention;
  STRATA_ASSIGN_OR_RETURN(RunSummary summary, ExecuteRun(seams_, leadership_, &driver_, std::move(next.request),
                                                         std::move(next.summary), [this](const RunProgress& progress) {
                                                           const std::lock_guard lock(mutex_);
                                                           progress_ = progress;
                                                         }));
  *lead = LeadKeeper(seams_.metadata, seams_.clock, leadership_);  // the driver kept the lead meanwhile
  STRATA_RETURN_IF_ERROR(Elsewhere([&] { return ConcludeRun(seams_, leadership_, retention, &summary); }, lead));
  return summary;
}

std::optional<RunHost::Queued> RunHost::TakeNext() {
  const std::lock_guard lock(mutex_);
  if (queue_.empty()) return std::nullopt;
  Queued next = std::move(queue_.front());
  queue_.pop_front();
  running_ = next.summary;
  progress_ = RunProgress{};
  return next;
}

absl::Status RunHost::Loop(const std::function<absl::Status()>& take_over,
                           const std::function<void(const RunSummary&)>& on_run_ended) {
  LeadKeeper lead(seams_.metadata, seams_.clock, leadership_);
  STRATA_RETURN_IF_ERROR(TakeOverFirst(take_over, &lead));
  while (true) {
    if (IsStopping()) return absl::OkStatus();
    STRATA_RETURN_IF_ERROR(Recover(&lead, on_run_ended));
    std::optional<Queued> next = TakeNext();
    if (!next.has_value()) {
      STRATA_RETURN_IF_ERROR(Collect(&lead));
      driver_.Idle(kLeadershipRenewalMs);
      STRATA_RETURN_IF_ERROR(lead.Keep());
      continue;
    }
    const auto summary = ToItsEnd(*std::move(next), &lead);
    {
      const std::lock_guard lock(mutex_);
      running_.reset();
      recover_ = true;  // collects what the run could not remove
    }
    ended_.notify_all();
    if (!summary.ok() && IsStopping()) return absl::OkStatus();
    // Without a record of its end the run is its next coordinator's: this process must not go on acting.
    STRATA_RETURN_IF_ERROR(summary.status());
    NoteEnded(*summary);
    if (on_run_ended) on_run_ended(*summary);
  }
}

std::string RunHost::NotReady() {
  const std::lock_guard lock(mutex_);
  return not_ready_;
}

bool RunHost::IsStopping() {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

void RunHost::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    if (running_.has_value()) driver_.Leave();
  }
  ended_.notify_all();
  driver_.Wake();
}

}  // namespace strata
