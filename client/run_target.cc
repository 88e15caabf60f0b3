#include "client/run_target.h"

#include <fmt/format.h>

#include <optional>

#include "wire/runs.h"

namespace strata {
namespace {

// The stage under way as a progress line; its time is counted here, from when it was first seen.
class StageWatch {
 public:
  explicit StageWatch(const Clock& clock) : clock_(clock) {}

  std::optional<StageProgress> Look(const RunProgressFacts& facts) {
    if (!facts.stage.has_value()) return std::nullopt;
    if (stage_ != facts.stage) {
      stage_ = facts.stage;
      begun_ms_ = clock_.MonotonicMs();
    }
    StageProgress progress{.stage = Name(*stage_), .workers = facts.workers};
    progress.seconds = static_cast<double>(clock_.MonotonicMs() - begun_ms_) / 1e3;
    for (const RunProgressFacts::StageTasks& tasks : facts.stages) {
      if (tasks.stage != stage_) continue;
      if (tasks.stage == Stage::kFit) {
        progress.round = tasks.done;
      } else {
        progress.done = tasks.done;
        progress.total = tasks.total;
      }
    }
    return progress;
  }

 private:
  const Clock& clock_;
  std::optional<Stage> stage_;
  int64_t begun_ms_ = 0;
};

bool MayPass(const absl::Status& status) {
  // A server that stops cancels the calls that it has not answered.
  return status.code() == absl::StatusCode::kUnavailable || status.code() == absl::StatusCode::kDeadlineExceeded ||
         status.code() == absl::StatusCode::kCancelled;
}

absl::Status Detached(const RunName& run, const std::string& where) {
  return MakeError(
      absl::StatusCode::kAborted, "DETACHED",
      fmt::format("detached; run {} of job {} goes on. Look at it with `strata runs show {}{} --job {}`, end it "
                  "with `strata runs cancel {}{} --job {}`",
                  run.number, run.job, run.number, where, run.job, run.number, where, run.job),
      {{"job", run.job}, {"run", std::to_string(run.number)}});
}

}  // namespace

absl::StatusOr<RunName> SubmitRun(const Connection& connection, const RunOptions& options) {
  RunRequest request;
  STRATA_ASSIGN_OR_RETURN(request.job_yaml, ReadJobFile(options.job_path));
  request.as_of = options.as_of;
  request.follows = options.follows;
  request.activation = options.activation;
  request.rebuild_ledger = options.rebuild_ledger;
  request.ledger_only = options.ledger_only;
  request.verify_sources = options.verify_sources;
  request.ignore_veto = options.ignore_veto;
  request.backfill = options.is_backfill;
  request.request_id = options.request_id;
  return connection.RunJob(request);
}

absl::StatusOr<RunSummary> FollowRun(const Connection& connection, const RunName& run, const std::string& where,
                                     const Interrupts& interrupts, const Clock& clock, ProgressPrinter* progress) {
  StageWatch watch(clock);
  std::optional<int64_t> lost_ms;  // when the server went away; nullopt while it is there
  std::string message;
  while (true) {
    bool done = false;
    const auto facts = connection.Progress(run, &done);
    if (!facts.ok()) {
      if (!MayPass(facts.status())) return facts.status();
      if (!lost_ms.has_value()) {
        lost_ms = clock.MonotonicMs();
        progress->Say(fmt::format("{}; trying again", StdView(facts.status().message())));
      } else if (clock.MonotonicMs() - *lost_ms > kFollowPatienceMs) {
        return WithContext(facts.status(), fmt::format("run {} of job {} may go on, but", run.number, run.job));
      }
    } else {
      lost_ms.reset();
      if (const auto line = watch.Look(*facts); line.has_value()) progress->Update(*line);
      if (!done && !facts->message.empty() && facts->message != message) progress->Say(facts->message);
      message = facts->message;
    }
    if (done) {
      auto summary = connection.Run(run);
      progress->Finish(summary.ok() && summary->published);
      return summary;
    }
    if (lost_ms.has_value()) connection.AwaitServer(kReconnectMs);
    if (interrupts.Wait(kFollowPauseMs)) {
      progress->Finish();
      return Detached(run, where);
    }
  }
}

}  // namespace strata
