#include "wire/runs.h"

#include <fmt/format.h>
#include <google/protobuf/unknown_field_set.h>

#include <algorithm>

#include "run/job.h"
#include "strata/v1/run_service.pb.h"
#include "wire/dates.h"
#include "wire/errors.h"
#include "wire/ledgers.h"
#include "wire/names.h"
#include "wire/pages.h"
#include "wire/seal.h"
#include "wire/text.h"

namespace strata {
namespace {

static_assert(v1::RUN_STAGE_PLAN == static_cast<int>(Stage::kPlan) &&
              v1::RUN_STAGE_PUBLISH == static_cast<int>(Stage::kPublish) &&
              v1::RUN_STAGE_REPORT == static_cast<int>(Stage::kReport) && v1::RunStage_MAX == kStages);
static_assert(v1::Run::STATE_RUNNING == static_cast<int>(RunState::kRunning) + 1 &&
              v1::Run::STATE_CANCELLED == static_cast<int>(RunState::kCancelled) + 1);

absl::Status Invalid(std::string_view reason, std::string_view field, std::string_view what) {
  return MakeError(absl::StatusCode::kInvalidArgument, reason, fmt::format("{} {}", field, what),
                   {{"field", std::string(field)}});
}

std::string Scope(const std::string& job) { return "ListRuns " + job; }

bool HasUnknownFields(const google::protobuf::Message& message) {
  return !message.GetReflection()->GetUnknownFields(message).empty();
}

bool IsRequestId(std::string_view id) {
  return id.size() <= kMaxRequestIdBytes && std::all_of(id.begin(), id.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
                  c == '-';
         });
}

using RejectedMessages = google::protobuf::RepeatedPtrField<v1::Run::RejectedRows>;

void FillRejected(const std::vector<std::pair<std::string, int64_t>>& rejected_by_reason, RejectedMessages* messages) {
  for (const auto& [reason, rows] : rejected_by_reason) {
    v1::Run::RejectedRows* rejected = messages->Add();
    rejected->set_reason(reason);
    rejected->set_rows(rows);
  }
}

std::vector<std::pair<std::string, int64_t>> ReadRejected(const RejectedMessages& messages) {
  std::vector<std::pair<std::string, int64_t>> rejected_by_reason;
  for (const auto& rejected : messages) rejected_by_reason.emplace_back(rejected.reason(), rejected.rows());
  return rejected_by_reason;
}

void FillTable(const TableSummary& table, v1::Run::TableRows* message) {
  message->set_table(table.table);
  message->set_files(table.files);
  FillRowCounts(table.rows, message->mutable_rows());
  FillRowCounts(table.rows_new, message->mutable_rows_new());
  message->set_conflicts(table.conflicts);
  FillRejected(table.rejected_by_reason, message->mutable_rejected());
}

absl::StatusOr<TableSummary> ReadTable(const v1::Run::TableRows& message) {
  TableSummary table;
  table.table = message.table();
  table.files = message.files();
  STRATA_ASSIGN_OR_RETURN(table.rows, ReadRowCounts(message.rows(), "run.tables.rows"));
  STRATA_ASSIGN_OR_RETURN(table.rows_new, ReadRowCounts(message.rows_new(), "run.tables.rows_new"));
  table.conflicts = message.conflicts();
  table.rejected_by_reason = ReadRejected(message.rejected());
  return table;
}

void FillSeconds(const RunSummary& summary, v1::Run::Seconds* message) {
  const auto of = [&summary](Stage stage) { return summary.seconds[static_cast<int>(stage) - 1]; };
  message->set_plan(of(Stage::kPlan));
  message->set_map(of(Stage::kMap));
  message->set_ledger(of(Stage::kLedger));
  message->set_feature(of(Stage::kFeature));
  message->set_fit(of(Stage::kFit));
  message->set_score(of(Stage::kScore));
  message->set_publish(of(Stage::kPublish));
  message->set_report(of(Stage::kReport));
  message->set_total(summary.seconds_total);
}

void ReadSeconds(const v1::Run::Seconds& message, RunSummary* summary) {
  const double by_stage[] = {message.plan(), message.map(),   message.ledger(),  message.feature(),
                             message.fit(),  message.score(), message.publish(), message.report()};
  static_assert(std::size(by_stage) == kStages);
  std::copy(std::begin(by_stage), std::end(by_stage), summary->seconds);
  summary->seconds_total = message.total();
}

void FillRemoved(const RemovedByRetention& removed, v1::Run::Removed* message) {
  message->mutable_snapshots()->Add(removed.snapshots.begin(), removed.snapshots.end());
  message->set_runs(removed.runs);
  message->set_objects(removed.objects);
  message->set_size_bytes(removed.size_bytes);
}

absl::StatusOr<RemovedByRetention> ReadRemoved(const v1::Run::Removed& message) {
  RemovedByRetention removed{.snapshots = {message.snapshots().begin(), message.snapshots().end()},
                             .runs = message.runs(),
                             .objects = message.objects(),
                             .size_bytes = message.size_bytes()};
  if (removed.runs < 0 || removed.objects < 0 || removed.size_bytes < 0) {
    return AnswerInvalid("run.removed", fmt::format("{} runs, {} objects, {} bytes: none may be below 0", removed.runs,
                                                    removed.objects, removed.size_bytes));
  }
  return removed;
}

// The number in the resource name of a snapshot; 0 for an empty name.
absl::StatusOr<int64_t> ReadSnapshotNumber(std::string_view field, const std::string& name) {
  if (name.empty()) return 0;
  STRATA_ASSIGN_OR_RETURN(const SnapshotName snapshot, ParseNumberedSnapshotName(field, name));
  return snapshot.number;
}

absl::Status ReadIdentity(const v1::Run& message, RunSummary* summary) {
  STRATA_ASSIGN_OR_RETURN(const RunName name, ParseRunName("run.name", message.name()));
  summary->job = name.job;
  summary->run = name.number;
  STRATA_ASSIGN_OR_RETURN(summary->snapshot, ReadSnapshotNumber("run.snapshot", message.snapshot()));
  STRATA_ASSIGN_OR_RETURN(summary->follows, ReadSnapshotNumber("run.follows", message.follows()));
  if (message.has_as_of()) {
    STRATA_ASSIGN_OR_RETURN(const Day as_of, ReadDate(message.as_of(), "run.as_of"));
    summary->as_of = FormatDay(as_of);
  }
  STRATA_ASSIGN_OR_RETURN(summary->started_ms, ReadTime(message.start_time(), "run.start_time"));
  if (message.has_end_time()) {
    STRATA_ASSIGN_OR_RETURN(summary->finished_ms, ReadTime(message.end_time(), "run.end_time"));
  }
  return absl::OkStatus();
}

absl::StatusOr<Stage> ReadStage(v1::RunStage stage) {
  if (stage != v1::RUN_STAGE_UNSPECIFIED && v1::RunStage_IsValid(stage)) return static_cast<Stage>(stage);
  return AnswerInvalid("stage", fmt::format("{} is no stage this program knows", static_cast<int>(stage)));
}

}  // namespace

void FillRunRequest(const RunRequest& request, v1::RunJobRequest* message) {
  message->set_job_yaml(request.job_yaml);
  if (request.as_of.has_value()) FillDate(*request.as_of, message->mutable_as_of());
  if (request.follows.has_value()) message->set_follows(*request.follows);
  message->set_activation(static_cast<v1::Activation>(request.activation));
  message->set_rebuild_ledger(request.rebuild_ledger);
  message->set_ledger_only(request.ledger_only);
  message->set_verify_sources(request.verify_sources);
  message->set_ignore_veto(request.ignore_veto);
  message->set_backfill(request.backfill);
  message->set_request_id(request.request_id);
  Seal(message);
}

absl::StatusOr<RunRequest> ReadRunRequest(const v1::RunJobRequest& message) {
  RunRequest request;
  if (message.has_checksum()) {
    STRATA_RETURN_IF_ERROR(CheckSeal(message, "REQUEST_DAMAGED", "the request"));
  } else if (HasUnknownFields(message) || HasUnknownFields(message.as_of())) {
    // A damaged length can swallow the checksum, but not without a trace.
    return MakeError(absl::StatusCode::kDataLoss, "REQUEST_DAMAGED",
                     "the request has fields that this server does not know, and no checksum; send it again");
  }
  if (message.job_yaml().empty() || message.job_yaml().size() > kMaxJobFileBytes) {
    return Invalid("JOB_INVALID", "job_yaml",
                   fmt::format("has {} bytes, must have 1 to {}", message.job_yaml().size(), kMaxJobFileBytes));
  }
  request.job_yaml = message.job_yaml();
  if (message.has_as_of()) {
    STRATA_ASSIGN_OR_RETURN(request.as_of, ReadDate(message.as_of(), "as_of"));
  }
  if (message.has_follows()) {
    if (message.follows() < 0) {
      return Invalid("FOLLOWS_INVALID", "follows",
                     fmt::format("is {}, must be 0 (for none) or the number of a snapshot", message.follows()));
    }
    request.follows = message.follows();
  }
  if (!v1::Activation_IsValid(message.activation())) {
    return Invalid("ACTIVATION_INVALID", "activation",
                   fmt::format("is {}, must be 0 (as usual), 1 (activate) or 2 (no activate)",
                               static_cast<int>(message.activation())));
  }
  request.activation = static_cast<Activation>(message.activation());
  request.rebuild_ledger = message.rebuild_ledger();
  if (message.ledger_only() && !message.rebuild_ledger()) {
    return Invalid("LEDGER_ONLY_INVALID", "ledger_only", "is true without rebuild_ledger, must be with it or false");
  }
  request.ledger_only = message.ledger_only();
  request.verify_sources = message.verify_sources();
  request.ignore_veto = message.ignore_veto();
  request.backfill = message.backfill();
  if (!IsRequestId(message.request_id())) {
    return Invalid("REQUEST_ID_INVALID", "request_id",
                   fmt::format("is '{}', must be empty or 1 to {} characters of [A-Za-z0-9._-]",
                               EscapeNonUtf8(message.request_id().substr(0, kMaxRequestIdBytes)), kMaxRequestIdBytes));
  }
  request.request_id = message.request_id();
  return request;
}

void FillRun(const RunSummary& summary, v1::Run* message) {
  message->set_name(RunResource(summary.job, summary.run));
  message->set_state(static_cast<v1::Run::State>(static_cast<int>(summary.state) + 1));
  if (summary.snapshot > 0) message->set_snapshot(SnapshotResource(summary.job, summary.snapshot));
  message->set_digest(summary.digest);
  if (const auto as_of = ParseDay(summary.as_of); as_of.ok()) FillDate(*as_of, message->mutable_as_of());
  if (summary.follows > 0) message->set_follows(SnapshotResource(summary.job, summary.follows));
  message->set_ledger_version(summary.ledger_version);
  message->set_ledger_digest(summary.ledger_digest);
  message->set_customers(summary.customers);
  message->set_customers_with_purchase(summary.customers_with_purchase);
  FillRowCounts(summary.rows, message->mutable_rows());
  FillRowCounts(summary.rows_new, message->mutable_rows_new());
  FillRejected(summary.rejected_by_reason, message->mutable_rejected());
  for (const TableSummary& table : summary.tables) FillTable(table, message->add_tables());
  for (const std::string& key : summary.quarantine_objects) message->add_quarantine_objects(key);
  for (const std::string& warning : summary.warnings) message->add_warnings(EscapeNonUtf8(warning));
  message->set_published(summary.published);
  message->set_activated(summary.activated);
  message->set_back_dated(summary.back_dated);
  FillSeconds(summary, message->mutable_seconds());
  message->set_peak_rss_bytes(summary.peak_rss_bytes);
  FillTime(summary.started_ms, message->mutable_start_time());
  if (summary.state != RunState::kRunning) FillTime(summary.finished_ms, message->mutable_end_time());
  message->set_request_id(summary.request_id);
  message->set_ledger_only(summary.ledger_only);
  if (summary.removed.any()) FillRemoved(summary.removed, message->mutable_removed());
  message->set_resumed(summary.resumed);
  if (const absl::Status error = ErrorOf(summary); !error.ok()) *message->mutable_error() = ToRpcStatus(error);
  for (const BrokenRule& rule : summary.broken_rules) {
    v1::Run::BrokenRule* broken = message->add_broken_rules();
    broken->set_rule(rule.rule);
    broken->set_found(EscapeNonUtf8(rule.found));
    broken->set_allowed(rule.allowed);
  }
  for (const FinishOutcome& outcome : summary.on_finish) {
    v1::Run::FinishOutcome* finish = message->add_on_finish();
    finish->set_kind(outcome.kind);
    finish->set_ok(outcome.ok);
    finish->set_attempts(outcome.attempts);
    finish->set_seconds(outcome.seconds);
    finish->set_message(EscapeNonUtf8(outcome.message));
  }
}

absl::StatusOr<RunSummary> ReadRun(const v1::Run& message) {
  RunSummary summary;
  if (const absl::Status identity = ReadIdentity(message, &summary); !identity.ok()) {
    return AnswerInvalid("run", StdView(identity.message()));
  }
  if (message.state() == v1::Run::STATE_UNSPECIFIED || !v1::Run::State_IsValid(message.state())) {
    return AnswerInvalid("run.state",
                         fmt::format("{} is no state this program knows", static_cast<int>(message.state())));
  }
  summary.state = static_cast<RunState>(static_cast<int>(message.state()) - 1);
  summary.digest = message.digest();
  summary.ledger_version = message.ledger_version();
  summary.ledger_digest = message.ledger_digest();
  summary.customers = message.customers();
  summary.customers_with_purchase = message.customers_with_purchase();
  STRATA_ASSIGN_OR_RETURN(summary.rows, ReadRowCounts(message.rows(), "run.rows"));
  STRATA_ASSIGN_OR_RETURN(summary.rows_new, ReadRowCounts(message.rows_new(), "run.rows_new"));
  summary.rejected_by_reason = ReadRejected(message.rejected());
  for (const v1::Run::TableRows& table : message.tables()) {
    STRATA_ASSIGN_OR_RETURN(summary.tables.emplace_back(), ReadTable(table));
  }
  summary.quarantine_objects.assign(message.quarantine_objects().begin(), message.quarantine_objects().end());
  summary.warnings.assign(message.warnings().begin(), message.warnings().end());
  summary.published = message.published();
  summary.activated = message.activated();
  summary.back_dated = message.back_dated();
  ReadSeconds(message.seconds(), &summary);
  summary.peak_rss_bytes = message.peak_rss_bytes();
  summary.request_id = message.request_id();
  summary.ledger_only = message.ledger_only();
  if (message.has_removed()) {
    STRATA_ASSIGN_OR_RETURN(summary.removed, ReadRemoved(message.removed()));
  }
  summary.resumed = message.resumed();
  if (message.has_error()) SetError(FromRpcStatus(message.error()), &summary);
  for (const auto& rule : message.broken_rules()) {
    summary.broken_rules.push_back({rule.rule(), rule.found(), rule.allowed()});
  }
  for (const auto& finish : message.on_finish()) {
    summary.on_finish.push_back({.kind = finish.kind(),
                                 .ok = finish.ok(),
                                 .attempts = finish.attempts(),
                                 .seconds = finish.seconds(),
                                 .message = finish.message()});
  }
  return summary;
}

void FillRunMetadata(const RunProgressFacts& progress, v1::RunMetadata* message) {
  message->set_run(RunResource(progress.job, progress.run));
  if (progress.stage.has_value()) message->set_stage(static_cast<v1::RunStage>(*progress.stage));
  for (const RunProgressFacts::StageTasks& tasks : progress.stages) {
    v1::RunMetadata::StageProgress* stage = message->add_stages();
    stage->set_stage(static_cast<v1::RunStage>(tasks.stage));
    stage->set_tasks_done(tasks.done);
    stage->set_tasks_total(tasks.total);
  }
  message->set_rows_read(progress.rows_read);
  message->set_workers(progress.workers);
  message->set_message(EscapeNonUtf8(progress.message));
}

absl::StatusOr<RunProgressFacts> ReadRunMetadata(const v1::RunMetadata& message) {
  RunProgressFacts progress;
  const auto run = ParseRunName("run", message.run());
  if (!run.ok()) return AnswerInvalid("run", StdView(run.status().message()));
  progress.job = run->job;
  progress.run = run->number;
  if (message.stage() != v1::RUN_STAGE_UNSPECIFIED) {
    STRATA_ASSIGN_OR_RETURN(progress.stage, ReadStage(message.stage()));
  }
  for (const v1::RunMetadata::StageProgress& stage : message.stages()) {
    RunProgressFacts::StageTasks tasks{.done = stage.tasks_done(), .total = stage.tasks_total()};
    STRATA_ASSIGN_OR_RETURN(tasks.stage, ReadStage(stage.stage()));
    progress.stages.push_back(tasks);
  }
  progress.rows_read = message.rows_read();
  progress.workers = message.workers();
  progress.message = message.message();
  return progress;
}

absl::StatusOr<ListRunsQuestion> ReadListRuns(const v1::ListRunsRequest& request) {
  ListRunsQuestion question;
  STRATA_ASSIGN_OR_RETURN(question.job, ParseJobName("parent", request.parent()));
  STRATA_ASSIGN_OR_RETURN(question.page_size, ReadPageSize(request.page_size()));
  if (request.page_token().empty()) return question;
  STRATA_ASSIGN_OR_RETURN(const PagePosition position, DecodePageToken(Scope(question.job), request.page_token()));
  question.before = position.version;
  return question;
}

std::string RunsToken(const std::string& job, int64_t before) {
  return EncodePageToken(Scope(job), {.version = before});
}

}  // namespace strata
