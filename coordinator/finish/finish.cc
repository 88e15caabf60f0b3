#include "coordinator/finish/finish.h"

#include <fmt/format.h>

#include "coordinator/finish/child_command.h"
#include "coordinator/finish/webhook.h"
#include "coordinator/lead_keeper.h"
#include "coordinator/run_control.h"
#include "coordinator/run_recovery.h"
#include "coordinator/sure_commit.h"
#include "run/keys.h"

namespace strata {
namespace {

// Waits, or returns early when `stop` is requested.
void Pause(int64_t ms, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait_for(lock, stop, std::chrono::milliseconds(ms), [] { return false; });
}

class Finishing {
 public:
  Finishing(const StateSeams& seams, const Leadership& leadership, const FinishOptions& options, std::stop_token stop)
      : seams_(seams), leadership_(leadership), options_(options), stop_(std::move(stop)) {}

  absl::Status Do(const PendingFinish& pending) {
    const std::string key = FinishKey(pending.job, pending.run);
    STRATA_ASSIGN_OR_RETURN(const auto entry, seams_.metadata->Get(key));
    if (!entry.has_value()) return absl::OkStatus();
    STRATA_ASSIGN_OR_RETURN(const FinishRecord record, FinishRecord::Decode(entry->value));
    const auto summary = GetRun(*seams_.metadata, pending.job, pending.run);
    std::vector<FinishOutcome> outcomes;
    if (summary.ok()) {
      outcomes = Outcomes(record, *summary);
    } else if (summary.status().code() != absl::StatusCode::kNotFound) {
      return summary.status();
    }
    if (stop_.stop_requested()) return absl::OkStatus();
    return Record(pending, *entry, outcomes);
  }

 private:
  std::vector<FinishOutcome> Outcomes(const FinishRecord& record, const RunSummary& summary) {
    const std::string json = summary.ToJson();
    std::vector<FinishOutcome> outcomes;
    if (!record.on_finish.command.empty()) outcomes.push_back(Command(record, json));
    if (!record.on_finish.webhook.empty() && !stop_.stop_requested()) {
      outcomes.push_back(Webhook(record.on_finish, summary, json));
    }
    for (const FinishOutcome& outcome : outcomes) {
      if (options_.note && !stop_.stop_requested()) {
        options_.note(
            fmt::format("run {} of job {}: on_finish {}: {}", summary.run, summary.job, outcome.kind, outcome.message));
      }
    }
    return outcomes;
  }

  double SecondsSince(int64_t begun_ms) const {
    return static_cast<double>(seams_.clock->MonotonicMs() - begun_ms) / 1e3;
  }

  FinishOutcome Command(const FinishRecord& record, const std::string& json) {
    FinishOutcome outcome{.kind = "command"};
    if (!options_.allow_commands) {
      outcome.message = "refused: this coordinator runs no commands of jobs (--allow-on-finish-command)";
      return outcome;
    }
    const int64_t begun_ms = seams_.clock->MonotonicMs();
    const CommandEnd end = RunCommand({.words = record.on_finish.command,
                                       .folder = record.folder,
                                       .input = json,
                                       .timeout_ms = int64_t{record.on_finish.timeout_seconds} * 1000},
                                      *seams_.clock, stop_);
    outcome.ok = end.ok();
    outcome.attempts = 1;
    outcome.seconds = SecondsSince(begun_ms);
    outcome.message = end.Describe();
    return outcome;
  }

  FinishOutcome Webhook(const OnFinish& on_finish, const RunSummary& summary, const std::string& json) {
    FinishOutcome outcome{.kind = "webhook"};
    const std::string name = fmt::format("jobs/{}/runs/{}", summary.job, summary.run);
    // A state that was made anew counts its runs from 1 again; its runs are others.
    const WebhookRequest request{.url = on_finish.webhook,
                                 .headers = {{"User-Agent", options_.user_agent},
                                             {"Strata-Run", name},
                                             {"Idempotency-Key", fmt::format("{}/{}", name, summary.started_ms)}},
                                 .body = json,
                                 .timeout_ms = int64_t{on_finish.timeout_seconds} * 1000};
    const int64_t begun_ms = seams_.clock->MonotonicMs();
    int64_t pause_ms = options_.webhook_pause_ms;
    while (true) {
      const WebhookAnswer answer = PostJson(request, stop_);
      ++outcome.attempts;
      outcome.ok = answer.ok;
      outcome.message = answer.message;
      if (answer.ok || !answer.may_pass || outcome.attempts == kWebhookAttempts || stop_.stop_requested()) break;
      Pause(pause_ms, stop_);
      pause_ms *= 4;
    }
    outcome.seconds = SecondsSince(begun_ms);
    return outcome;
  }

  absl::Status Record(const PendingFinish& pending, const KeyValue& entry, const std::vector<FinishOutcome>& outcomes) {
    const std::string run_key = RunKey(pending.job, pending.run);
    CommitRequest commit{
        .compares = {{entry.key, entry.revision}}, .puts = {}, .deletes = {entry.key}, .token = leadership_.token};
    STRATA_ASSIGN_OR_RETURN(const auto run, seams_.metadata->Get(run_key));
    if (run.has_value()) {
      STRATA_ASSIGN_OR_RETURN(RunSummary summary, RunSummary::FromJson(run->value));
      AddOutcomes(outcomes, &summary);
      commit.compares.push_back({run_key, run->revision});
      commit.puts.push_back({run_key, summary.ToJson()});
    }
    return CommitSurely(*seams_.metadata, commit, "recording what the end of a run brought about");
  }

  const StateSeams& seams_;
  const Leadership& leadership_;
  const FinishOptions& options_;
  std::stop_token stop_;
};

}  // namespace

void AddOutcomes(const std::vector<FinishOutcome>& outcomes, RunSummary* summary) {
  summary->on_finish = outcomes;
  for (const FinishOutcome& outcome : outcomes) {
    if (!outcome.ok) summary->warnings.push_back(fmt::format("on_finish {}: {}", outcome.kind, outcome.message));
  }
}

absl::StatusOr<std::vector<PendingFinish>> PendingFinishes(Metadata& metadata) {
  STRATA_ASSIGN_OR_RETURN(const auto jobs, JobsOf(metadata));
  std::vector<PendingFinish> pending;
  for (const std::string& job : jobs) {
    const std::string prefix = FinishPrefix(job);
    STRATA_ASSIGN_OR_RETURN(const auto entries, metadata.List(prefix));
    for (const KeyValue& entry : entries) {
      pending.push_back({.job = job, .run = RunNumberOf(std::string_view(entry.key).substr(prefix.size()))});
    }
  }
  return pending;
}

absl::Status FinishPending(const StateSeams& seams, const Leadership& leadership, const FinishOptions& options,
                           std::stop_token stop) {
  STRATA_ASSIGN_OR_RETURN(const auto pending, PendingFinishes(*seams.metadata));
  absl::Status first;
  Finishing finishing(seams, leadership, options, stop);
  for (const PendingFinish& one : pending) {
    if (stop.stop_requested()) break;
    const absl::Status done =
        WithContext(finishing.Do(one), fmt::format("on_finish of run {} of job {}", one.run, one.job));
    if (first.ok()) first = done;
  }
  return first;
}

absl::Status FinishKeepingLead(const StateSeams& seams, const Leadership& leadership, const FinishOptions& options) {
  STRATA_ASSIGN_OR_RETURN(const auto pending, PendingFinishes(*seams.metadata));
  if (pending.empty()) return absl::OkStatus();
  // Without the lead the next one does it.
  return WhileKeepingLead(LeadKeeper(seams.metadata, seams.clock, leadership),
                          [&](const std::stop_token& stop) { return FinishPending(seams, leadership, options, stop); });
}

FinishLoop::FinishLoop(StateSeams seams, Leadership leadership, FinishOptions options)
    : seams_(seams),
      leadership_(leadership),
      options_(std::move(options)),
      thread_([this](const std::stop_token& stop) { Run(stop); }) {}

FinishLoop::~FinishLoop() = default;

void FinishLoop::Wake() {
  {
    const std::lock_guard lock(mutex_);
    awake_ = true;
  }
  changed_.notify_all();
}

void FinishLoop::Run(const std::stop_token& stop) {
  constexpr std::chrono::seconds kRetry(30);  // what failed are the records, not the commands: they come back soon
  bool failed = false;
  while (true) {
    {
      std::unique_lock lock(mutex_);
      const auto awake = [this] { return awake_; };
      if (failed) {
        changed_.wait_for(lock, stop, kRetry, awake);
      } else {
        changed_.wait(lock, stop, awake);
      }
      if (stop.stop_requested()) return;
      awake_ = false;
    }
    const absl::Status status = FinishPending(seams_, leadership_, options_, stop);
    failed = !status.ok();
    if (failed && options_.note && !stop.stop_requested()) options_.note(std::string(StdView(status.message())));
  }
}

}  // namespace strata
