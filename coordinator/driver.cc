#include "coordinator/driver.h"

#include <fmt/format.h>

#include "base/bytes.h"
#include "coordinator/sure_commit.h"
#include "run/coding.h"
#include "run/keys.h"
#include "run/run_state.h"

namespace strata {
namespace {

// The loop wakes this often without an event, to notice silent workers and to renew the lead.
constexpr int64_t kTickMs = 200;
// A loop that did not listen for ten times as long was not there for the workers.
constexpr int64_t kAbsentMs = 10 * kTickMs;

std::string EncodeBlob(const Blob& blob) {
  ByteWriter writer;
  writer.Text(blob.inline_bytes);
  Encode(blob.object, &writer);
  return writer.Take();
}

absl::StatusOr<Blob> DecodeBlob(std::string_view bytes) {
  ByteReader reader(bytes);
  Blob blob;
  blob.inline_bytes = reader.Text();
  blob.object = DecodeObjectRef(&reader);
  STRATA_RETURN_IF_ERROR(reader.Finish("recorded task result"));
  return blob;
}

}  // namespace

void Driver::Join(const Hello& hello, std::shared_ptr<WorkerLink> link) { Push(Joined{hello, std::move(link)}); }
void Driver::Disconnect(const WorkerId& worker, const WorkerLink* link) { Push(Disconnected{worker, link}); }
void Driver::Post(Event event) { Push(std::move(event)); }
void Driver::Cancel(std::string job, int64_t run, std::string reason) {
  Push(Ended{
      .status = MakeError(absl::StatusCode::kCancelled, "RUN_CANCELLED", reason), .job = std::move(job), .run = run});
}
void Driver::Leave() {
  Push(Ended{.status = MakeError(absl::StatusCode::kUnavailable, "COORDINATOR_STOPPING",
                                 "the coordinator is stopping; the next one goes on with the run"),
             .job = {}});
}

void Driver::Log(LogLevel level, std::string message, std::vector<LogField> fields) const {
  if (seams_.log) seams_.log({level, std::move(message), std::move(fields)});
}

void Driver::Observe(const DriverEvent& event) const {
  if (seams_.observe) seams_.observe(event);
}

void Driver::NoticeFailure(const WorkerId& worker, const TaskFailed& failed) const {
  const auto detail = DetailOf(failed.status);
  const std::string reason =
      detail.has_value() ? detail->reason : std::string(StdView(absl::StatusCodeToString(failed.status.code())));
  Observe(AttemptFailed{stage_, reason});
  Log(LogLevel::kWarn,
      fmt::format("attempt {} of worker {} failed in stage {}: {}", failed.attempt, worker, Name(stage_),
                  StdView(failed.status.message())),
      {Field("run", identity_.run), Field("job", identity_.job), Field("worker", worker),
       Field("attempt", failed.attempt), Field("stage", Name(stage_)), Field("reason", reason)});
}

std::vector<Plan::WorkerLine> Driver::Workers() const {
  const std::lock_guard lock(mutex_);
  return workers_view_;
}

void Driver::ShowWorkers() {
  const int64_t now_ms = seams_.clock->MonotonicMs();
  if (workers_shown_ms_ != kWorkersNotShown && now_ms - workers_shown_ms_ < kWorkersViewMs) return;
  workers_shown_ms_ = now_ms;
  std::vector<Plan::WorkerLine> lines = plan_.workers();
  const std::lock_guard lock(mutex_);
  workers_view_ = std::move(lines);
}

void Driver::Push(Input input) {
  {
    const std::lock_guard lock(mutex_);
    inputs_.push_back(std::move(input));
  }
  changed_.notify_one();
}

void Driver::Wake() {
  {
    const std::lock_guard lock(mutex_);
    woken_ = true;
  }
  changed_.notify_one();
}

std::vector<Driver::Input> Driver::Take(int64_t wait_ms) {
  std::unique_lock lock(mutex_);
  if (seams_.pause) {
    if (inputs_.empty()) {
      lock.unlock();
      seams_.pause(wait_ms);
      lock.lock();
    }
  } else {
    changed_.wait_for(lock, std::chrono::milliseconds(wait_ms), [this] { return !inputs_.empty() || woken_; });
  }
  woken_ = false;
  std::vector<Input> taken(std::make_move_iterator(inputs_.begin()), std::make_move_iterator(inputs_.end()));
  inputs_.clear();
  return taken;
}

void Driver::Pump(int64_t wait_ms) {
  std::vector<Input> inputs = Take(wait_ms);
  ForgiveAbsence();
  listened_ms_ = seams_.clock->MonotonicMs();
  for (Input& input : inputs) Accept(std::move(input));
  Feed(Drained{});
  ForgiveAbsence();  // what was accepted may have waited for the metadata
  Feed(Tick{});
  ShowWorkers();
  if (logic_ == nullptr) return;
  for (const ReadCommit& read : std::exchange(unread_, {})) ReadBack(read);
  if (const absl::Status status = lead_->Keep(); !status.ok()) Finish(status);
}

void Driver::ForgiveAbsence() {
  const int64_t now_ms = seams_.clock->MonotonicMs();
  if (listened_ms_ < 0 || now_ms - listened_ms_ <= kAbsentMs) return;
  Feed(WasAbsent{now_ms - std::exchange(listened_ms_, now_ms)});
}

void Driver::Idle(int64_t wait_ms) { Pump(std::min(wait_ms, kTickMs)); }

absl::Status Driver::Execute(const RunIdentity& identity, RunLogic* logic,
                             const std::function<void(const RunProgress&)>& on_progress) {
  identity_ = identity;
  logic_ = logic;
  finished_ = false;
  outcome_ = absl::OkStatus();
  std::fill(std::begin(seconds_), std::end(seconds_), 0.0);
  lead_.emplace(seams_.metadata, seams_.clock, identity.leadership);
  unread_.clear();
  unread_since_ms_ = -1;
  stage_begun_ms_ = seams_.clock->MonotonicMs();
  stage_ = Stage::kPlan;
  is_last_ = false;
  Log(LogLevel::kInfo, fmt::format("run {} of job {} begins", identity.run, identity.job),
      {Field("run", identity.run), Field("job", identity.job)});
  CallLogic([logic] { return logic->Begin(); });
  constexpr int64_t kProgressMs = 100;
  int64_t last_report_ms = 0;
  while (!finished_ || logic_busy_) {
    Pump(kTickMs);
    const int64_t now_ms = seams_.clock->MonotonicMs();
    if (on_progress && now_ms - last_report_ms >= kProgressMs) {
      last_report_ms = now_ms;
      RunProgress progress{.plan = plan_.progress(),
                           .seconds_in_stage = static_cast<double>(now_ms - stage_begun_ms_) / 1e3,
                           .rows_read = logic->rows_read()};
      progress.plan.stage = stage_;
      if (stage_ == Stage::kPublish) progress.plan.done = progress.plan.total = 0;  // it has no tasks
      on_progress(progress);
    }
  }
  EnterStage(stage_);  // books the time of the last stage
  Feed(RunEnded{});
  logic_ = nullptr;
  return outcome_;
}

void Driver::EnterStage(Stage stage) {
  const int64_t now_ms = seams_.clock->MonotonicMs();
  seconds_[static_cast<int>(stage_) - 1] += static_cast<double>(now_ms - stage_begun_ms_) / 1e3;
  stage_begun_ms_ = now_ms;
  stage_ = stage;
}

void Driver::Finish(absl::Status status) {
  if (finished_) return;
  finished_ = true;
  outcome_ = std::move(status);
}

void Driver::Accept(Input input) {
  if (auto* event = std::get_if<Event>(&input)) {
    if (const auto* frame = std::get_if<FrameReceived>(event)) {
      if (const auto* failed = std::get_if<TaskFailed>(&frame->frame)) NoticeFailure(frame->worker, *failed);
    }
    Feed(*event);
  } else if (auto* joined = std::get_if<Joined>(&input)) {
    links_[joined->hello.worker] = std::move(joined->link);
    Log(LogLevel::kInfo, fmt::format("worker {} joined with {} slot(s)", joined->hello.worker, joined->hello.slots),
        {Field("worker", joined->hello.worker), Field("slots", joined->hello.slots)});
    if (const size_t lost = plan_.Forgotten(joined->hello); lost > 0) {
      Observe(AttemptsLost{stage_, AttemptsLost::Why::kReconnectedWithout, lost});
    }
    Feed(WorkerJoined{joined->hello});
    workers_shown_ms_ = kWorkersNotShown;
  } else if (auto* gone = std::get_if<Disconnected>(&input)) {
    const auto found = links_.find(gone->worker);
    if (found == links_.end() || found->second.get() != gone->link) return;
    links_.erase(found);
    Feed(WorkerDisconnected{gone->worker});
    workers_shown_ms_ = kWorkersNotShown;
  } else if (auto* ended = std::get_if<Ended>(&input)) {
    const bool meant = ended->run == 0 || (ended->run == identity_.run && ended->job == identity_.job);
    if (meant) Finish(ended->status);
  } else if (auto* done = std::get_if<LogicDone>(&input)) {
    logic_busy_ = false;
    if (finished_) return;  // cancelled or failed meanwhile
    if (!done->step.ok()) {
      Finish(done->step.status());
    } else {
      StartStep(*done->step);
    }
  }
}

void Driver::Feed(const Event& event) {
  for (const Action& action : plan_.Handle(event, seams_.clock->MonotonicMs())) Perform(action);
}

void Driver::Perform(const Action& action) {
  if (const auto* send = std::get_if<Send>(&action)) {
    if (std::holds_alternative<StartTask>(send->frame) || std::holds_alternative<StartRound>(send->frame)) {
      Observe(AttemptStarted{stage_});
    }
    if (const auto found = links_.find(send->worker); found != links_.end()) found->second->Send(send->frame);
  } else if (const auto* commit = std::get_if<CommitTasks>(&action)) {
    CommitResults(*commit);
  } else if (const auto* read = std::get_if<ReadCommit>(&action)) {
    ReadBack(*read);
  } else if (const auto* fail = std::get_if<FailRun>(&action)) {
    Finish(fail->status);
  } else if (const auto* stage = std::get_if<StageDone>(&action)) {
    if (is_last_) EnterStage(Stage::kPublish);
    CallLogic([this, stage = stage->stage, blobs = stage->results]() -> absl::StatusOr<RunStep> {
      STRATA_ASSIGN_OR_RETURN(const std::vector<std::string> results, Fetch(blobs));
      return logic_->AfterStage(stage, results);
    });
  } else if (const auto* round = std::get_if<RoundDoneByAll>(&action)) {
    CallLogic([this, blobs = round->partials]() -> absl::StatusOr<RunStep> {
      STRATA_ASSIGN_OR_RETURN(const std::vector<std::string> partials, Fetch(blobs));
      return logic_->AfterRound(partials);
    });
  } else if (const auto* forget = std::get_if<ForgetWorker>(&action)) {
    if (const auto found = links_.find(forget->worker); found != links_.end()) {
      found->second->Close();
      links_.erase(found);
    }
    Observe(LeaseExpired{});
    if (forget->attempts > 0) Observe(AttemptsLost{stage_, AttemptsLost::Why::kLeaseExpired, forget->attempts});
    Log(LogLevel::kWarn,
        fmt::format("worker {} was lost with {} attempt(s) in its hands: {}", forget->worker, forget->attempts,
                    forget->reason),
        {Field("worker", forget->worker), Field("attempts", forget->attempts), Field("reason", forget->reason)});
  }
}

void Driver::CallLogic(std::function<absl::StatusOr<RunStep>()> call) {
  logic_busy_ = true;
  seams_.run_elsewhere([this, call = std::move(call)] { Push(LogicDone{call()}); });
}

void Driver::StartStep(const RunStep& step) {
  if (std::holds_alternative<RunFinished>(step)) {
    Finish(absl::OkStatus());
  } else if (const auto* stage = std::get_if<RunStage>(&step)) {
    EnterStage(stage->stage);
    is_last_ = stage->is_last;
    const absl::Status recorded = RecordStage(*stage);
    auto committed = recorded.ok() ? CommittedResults(stage->stage) : recorded;
    if (!committed.ok()) {
      Finish(committed.status());
      return;
    }
    const size_t recorded_before = committed->size();
    Feed(StageBegun{
        .stage = stage->stage, .tasks = stage->tasks, .plan = stage->plan, .committed = *std::move(committed)});
    Log(LogLevel::kInfo,
        fmt::format("run {}: stage {} begun, {} task(s){}", identity_.run, Name(stage->stage), stage->tasks,
                    recorded_before == 0 ? "" : fmt::format(", {} recorded before", recorded_before)),
        {Field("run", identity_.run), Field("job", identity_.job), Field("stage", Name(stage->stage)),
         Field("tasks", stage->tasks)});
  } else if (const auto* round = std::get_if<RunRound>(&step)) {
    if (stage_ != Stage::kFit) EnterStage(Stage::kFit);
    Feed(RoundBegun{.round = round->round, .shards = round->shards, .plan = round->plan, .request = round->request});
  }
}

// Recorded results are of the tasks that the record names: a run that would plan its stage differently now must not
// count them.
absl::Status Driver::RecordStage(const RunStage& stage) {
  const std::string key = RunStateKey(identity_.job, identity_.run, StageRecord::NameOf(stage.stage));
  const StageRecord record{.tasks = stage.tasks, .plan = stage.plan};
  STRATA_ASSIGN_OR_RETURN(const auto known, seams_.metadata->Get(key));
  if (!known.has_value()) {
    return CommitSurely(
        *seams_.metadata,
        {.compares = {{key, 0}}, .puts = {{key, record.Encode()}}, .deletes = {}, .token = identity_.leadership.token},
        fmt::format("beginning stage {}", Name(stage.stage)));
  }
  STRATA_ASSIGN_OR_RETURN(const StageRecord before, StageRecord::Decode(known->value));
  if (before == record) return absl::OkStatus();
  return MakeError(absl::StatusCode::kInternal, "RUN_NOT_RESUMABLE",
                   fmt::format("stage {} was planned with {} task(s) ({}) and is planned with {} ({}) now",
                               Name(stage.stage), before.tasks, before.plan.key, record.tasks, record.plan.key));
}

absl::StatusOr<std::map<uint32_t, Blob>> Driver::CommittedResults(Stage stage) {
  const std::string prefix = fmt::format("{}{}/", TasksPrefix(identity_.job, identity_.run), Name(stage));
  STRATA_ASSIGN_OR_RETURN(const std::vector<KeyValue> records, seams_.metadata->List(prefix));
  std::map<uint32_t, Blob> committed;
  for (const KeyValue& record : records) {
    STRATA_ASSIGN_OR_RETURN(committed[static_cast<uint32_t>(std::stoul(record.key.substr(prefix.size())))],
                            DecodeBlob(record.value));
  }
  return committed;
}

void Driver::CommitResults(const CommitTasks& commit) {
  CommitRequest request{.compares = {}, .puts = {}, .deletes = {}, .token = identity_.leadership.token};
  for (const TaskResultToCommit& result : commit.results) {
    const std::string key = TaskKey(identity_.job, identity_.run, result.stage, result.index);
    request.compares.push_back({.key = key, .expected_revision = 0});
    request.puts.push_back({.key = key, .value = EncodeBlob(result.result)});
  }
  const absl::StatusOr<CommitOutcome> outcome = seams_.metadata->Commit(request);
  if (!outcome.ok()) {
    Finish(outcome.status());
  } else if (std::holds_alternative<Committed>(*outcome)) {
    Feed(CommitKnown{commit.batch});
  } else if (const auto* conflict = std::get_if<Conflict>(&*outcome);
             conflict != nullptr && conflict->key == kLeadershipKey) {
    Feed(CommitRefused{commit.batch, conflict->key});
  } else {  // unknown, or an unknown one before took effect late
    const auto* unknown = std::get_if<Unknown>(&*outcome);
    Feed(CommitUnknown{commit.batch,
                       unknown == nullptr ? std::string() : std::string(StdView(unknown->cause.message()))});
  }
}

void Driver::ReadBack(const ReadCommit& read) {
  const auto record = seams_.metadata->Get(TaskKey(identity_.job, identity_.run, read.first.stage, read.first.index));
  if (!record.ok() && ClassOf(record.status()) == ErrorClass::kRetryable) {
    const int64_t now_ms = seams_.clock->MonotonicMs();
    if (unread_since_ms_ < 0) unread_since_ms_ = now_ms;
    if (now_ms - unread_since_ms_ < kLeadershipTimeoutMs) {
      unread_.push_back(read);
      return;
    }
    Finish(MakeError(absl::StatusCode::kUnavailable, "METADATA_UNREACHABLE",
                     fmt::format("whether results were recorded could not be read for {} ms: {}",
                                 now_ms - unread_since_ms_, StdView(record.status().message()))));
    return;
  }
  if (!record.ok()) {
    Finish(record.status());
    return;
  }
  unread_since_ms_ = -1;
  Feed(CommitRead{.batch = read.batch,
                  .present = record->has_value() && (*record)->value == EncodeBlob(read.first.result)});
}

absl::StatusOr<std::vector<std::string>> Driver::Fetch(const std::vector<Blob>& blobs) {
  std::vector<std::string> keys;
  for (const Blob& blob : blobs) {
    if (!blob.object.empty()) keys.push_back(blob.object.key);
  }
  seams_.objects->Prefetch(keys);
  std::vector<std::string> bytes;
  bytes.reserve(blobs.size());
  for (const Blob& blob : blobs) {
    if (blob.object.empty()) {
      bytes.push_back(blob.inline_bytes);
      continue;
    }
    STRATA_ASSIGN_OR_RETURN(const auto view, MapVerified(*seams_.objects, blob.object.key, blob.object.checksum));
    bytes.emplace_back(view->bytes());
  }
  return bytes;
}

}  // namespace strata
