#include "client/run_target.h"

#include <fmt/format.h>

#include <optional>

#include "wire/runs.h"

namespace strata {
namespace {

constexpr int kSubmitAttempts = 3;  // a link that damages every message is no link

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
  // One that was damaged on the way has begun nothing; and the id makes sure of that.
  for (int attempt = 1;; ++attempt) {
    auto run = connection.RunJob(request);
    const auto detail = DetailOf(run.status());
    if (attempt == kSubmitAttempts || !detail.has_value() || detail->reason != "REQUEST_DAMAGED") return run;
  }
}

absl::StatusOr<RunSummary> FollowRun(const Connection& connection, const RunName& run, const std::string& where,
                                     const Interrupts& interrupts, const Clock& clock, ProgressPrinter* progress) {
  StageWatch watch(clock);
  std::optional<int64_t> lost_ms;  // when the server went away; nullopt while it is there
  std::string message;
  while (true) {
    bool done = false;
    absl::Status lost;
    const auto facts = connection.Progress(run, &done);
    if (facts.ok()) {
      if (const auto line = watch.Look(*facts); line.has_value()) progress->Update(*line);
      if (!done && !facts->message.empty() && facts->message != message) progress->Say(facts->message);
      message = facts->message;
    } else {
      lost = facts.status();
    }
    if (done) {
      auto summary = connection.Run(run);
      if (summary.ok() || !MayPass(summary.status())) {
        progress->Finish(summary.ok() && summary->published);
        return summary;
      }
      lost = summary.status();
    }
    if (lost.ok()) {
      lost_ms.reset();
    } else if (!MayPass(lost)) {
      return lost;
    } else if (!lost_ms.has_value()) {
      lost_ms = clock.MonotonicMs();
      progress->Say(fmt::format("{}; trying again", StdView(lost.message())));
    } else if (clock.MonotonicMs() - *lost_ms > kFollowPatienceMs) {
      return WithContext(lost, fmt::format("run {} of job {} may go on, but", run.number, run.job));
    }
    if (lost_ms.has_value()) connection.AwaitServer(kReconnectMs);
    if (interrupts.Wait(kFollowPauseMs)) {
      progress->Finish();
      return Detached(run, where);
    }
  }
}

}  // namespace strata
