#include "wire/cluster_status.h"

#include <fmt/format.h>

#include <algorithm>

#include "strata/v1/cluster_service.pb.h"
#include "wire/dates.h"
#include "wire/errors.h"
#include "wire/text.h"

namespace strata {
namespace {

constexpr int64_t kNsPerSecond = 1'000'000'000;

void FillTask(const WorkerFacts::Task& task, v1::WorkerTask* message) {
  message->set_stage(static_cast<v1::RunStage>(task.stage));
  message->set_index(static_cast<int32_t>(task.index));
  message->set_shards(static_cast<int32_t>(task.shards));
}

void FillCurrentRun(const CurrentRunFacts& run, v1::CurrentRun* message) {
  FillRunMetadata(run.progress, message->mutable_metadata());
  FillTime(run.started_ms, message->mutable_start_time());
  const auto ns = static_cast<int64_t>(run.stage_seconds * static_cast<double>(kNsPerSecond));
  message->mutable_stage_duration()->set_seconds(ns / kNsPerSecond);
  message->mutable_stage_duration()->set_nanos(static_cast<int32_t>(ns % kNsPerSecond));
}

void FillCoordinator(const CoordinatorFacts& facts, v1::CoordinatorStatus* message) {
  message->set_leading(facts.leading);
  message->set_term(facts.term);
  message->set_holder(EscapeNonUtf8(facts.holder));
  for (const WorkerFacts& worker : facts.workers) {
    v1::WorkerStatus* out = message->add_workers();
    out->set_worker_id(EscapeNonUtf8(worker.id));
    out->set_slots(static_cast<int32_t>(worker.slots));
    out->set_connected(worker.connected);
    out->set_eligible(worker.eligible);
    for (const WorkerFacts::Task& task : worker.tasks) FillTask(task, out->add_tasks());
  }
  if (facts.run.has_value()) FillCurrentRun(*facts.run, message->mutable_run());
  for (const RunName& run : facts.queued) message->add_queued_runs(RunResource(run.job, run.number));
  for (size_t i = 0; i < std::min(facts.recent.size(), kMaxRecentRuns); ++i) {
    RunSummary summary = facts.recent[i];
    summary.warnings.clear();
    summary.quarantine_objects.clear();
    summary.rejected_by_reason.clear();
    for (TableSummary& table : summary.tables) table.rejected_by_reason.clear();
    FillRun(summary, message->add_recent_runs());
  }
}

void FillServed(const ServedFacts& facts, v1::ServedSnapshot* message) {
  message->set_job(JobResource(facts.job));
  message->set_snapshot(facts.snapshot);
  message->set_current_snapshot(facts.current);
  message->set_generation(facts.generation);
  message->set_problem(EscapeNonUtf8(facts.problem));
  if (facts.current_published_ms != 0) FillTime(facts.current_published_ms, message->mutable_current_publish_time());
  if (facts.snapshot == 0) return;
  FillDate(facts.as_of, message->mutable_as_of());
  FillTime(facts.published_ms, message->mutable_publish_time());
  FillTime(facts.loaded_ms, message->mutable_load_time());
  message->set_customers(facts.customers);
}

void FillMethod(const MethodFacts& facts, v1::MethodStatistics* message) {
  message->set_method(facts.method);
  message->set_calls(facts.calls);
  message->set_errors(facts.errors);
  message->set_in_flight(facts.in_flight);
  for (const int64_t bound : facts.bounds_ns) message->add_bucket_bounds_ns(bound);
  for (const int64_t calls : facts.buckets) message->add_bucket_calls(calls);
}

absl::StatusOr<WorkerFacts> ReadWorker(const v1::WorkerStatus& message) {
  WorkerFacts worker{.id = message.worker_id(),
                     .slots = static_cast<uint32_t>(std::max(0, message.slots())),
                     .connected = message.connected(),
                     .eligible = message.eligible(),
                     .tasks = {}};
  for (const v1::WorkerTask& task : message.tasks()) {
    if (task.stage() == v1::RUN_STAGE_UNSPECIFIED || !v1::RunStage_IsValid(task.stage()) || task.index() < 0 ||
        task.shards() < 0) {
      return AnswerInvalid("workers.tasks", "names no task of a stage that this program knows");
    }
    worker.tasks.push_back({.stage = static_cast<Stage>(task.stage()),
                            .index = static_cast<uint32_t>(task.index()),
                            .shards = static_cast<uint32_t>(task.shards())});
  }
  return worker;
}

absl::StatusOr<CoordinatorFacts> ReadCoordinator(const v1::CoordinatorStatus& message) {
  CoordinatorFacts facts;
  facts.leading = message.leading();
  facts.term = message.term();
  facts.holder = message.holder();
  for (const v1::WorkerStatus& worker : message.workers()) {
    STRATA_ASSIGN_OR_RETURN(WorkerFacts read, ReadWorker(worker));
    facts.workers.push_back(std::move(read));
  }
  if (message.has_run()) {
    CurrentRunFacts run;
    STRATA_ASSIGN_OR_RETURN(run.progress, ReadRunMetadata(message.run().metadata()));
    STRATA_ASSIGN_OR_RETURN(run.started_ms, ReadTime(message.run().start_time(), "run.start_time"));
    const google::protobuf::Duration& stage = message.run().stage_duration();
    run.stage_seconds =
        static_cast<double>(stage.seconds()) + static_cast<double>(stage.nanos()) / static_cast<double>(kNsPerSecond);
    facts.run = std::move(run);
  }
  for (const std::string& name : message.queued_runs()) {
    STRATA_ASSIGN_OR_RETURN(RunName run, ParseRunName("queued_runs", name));
    facts.queued.push_back(std::move(run));
  }
  for (const v1::Run& run : message.recent_runs()) {
    STRATA_ASSIGN_OR_RETURN(RunSummary summary, ReadRun(run));
    facts.recent.push_back(std::move(summary));
  }
  return facts;
}

absl::StatusOr<ServedFacts> ReadServed(const v1::ServedSnapshot& message, int64_t now_ms) {
  ServedFacts facts;
  STRATA_ASSIGN_OR_RETURN(facts.job, ParseJobName("snapshots.job", message.job()));
  facts.snapshot = message.snapshot();
  facts.current = message.current_snapshot();
  facts.generation = message.generation();
  facts.problem = message.problem();
  if (message.has_current_publish_time()) {
    STRATA_ASSIGN_OR_RETURN(facts.current_published_ms,
                            ReadTime(message.current_publish_time(), "snapshots.current_publish_time"));
  }
  if (facts.snapshot == 0) return facts;
  STRATA_ASSIGN_OR_RETURN(facts.as_of, ReadDate(message.as_of(), "snapshots.as_of"));
  STRATA_ASSIGN_OR_RETURN(facts.published_ms, ReadTime(message.publish_time(), "snapshots.publish_time"));
  STRATA_ASSIGN_OR_RETURN(facts.loaded_ms, ReadTime(message.load_time(), "snapshots.load_time"));
  facts.customers = message.customers();
  facts.age_ms = std::max<int64_t>(0, now_ms - facts.published_ms);
  return facts;
}

absl::StatusOr<MethodFacts> ReadMethod(const v1::MethodStatistics& message) {
  if (message.bucket_calls_size() != message.bucket_bounds_ns_size() + 1 ||
      !std::is_sorted(message.bucket_bounds_ns().begin(), message.bucket_bounds_ns().end())) {
    return AnswerInvalid("methods",
                         fmt::format("{}: {} bucket bounds and {} buckets make no histogram", message.method(),
                                     message.bucket_bounds_ns_size(), message.bucket_calls_size()));
  }
  return MethodFacts{.method = message.method(),
                     .calls = message.calls(),
                     .errors = message.errors(),
                     .in_flight = message.in_flight(),
                     .bounds_ns = {message.bucket_bounds_ns().begin(), message.bucket_bounds_ns().end()},
                     .buckets = {message.bucket_calls().begin(), message.bucket_calls().end()}};
}

}  // namespace

void FillClusterStatus(const ClusterStatus& status, v1::GetStatusResponse* message) {
  message->set_program(status.program);
  message->set_version(status.version);
  FillTime(status.now_ms, message->mutable_time());
  FillTime(status.started_ms, message->mutable_start_time());
  if (status.coordinator.has_value()) FillCoordinator(*status.coordinator, message->mutable_coordinator());
  for (const ServedFacts& served : status.snapshots) FillServed(served, message->add_snapshots());
  for (const MethodFacts& method : status.methods) FillMethod(method, message->add_methods());
}

absl::StatusOr<ClusterStatus> ReadClusterStatus(const v1::GetStatusResponse& message) {
  ClusterStatus status;
  status.program = message.program();
  status.version = message.version();
  STRATA_ASSIGN_OR_RETURN(status.now_ms, ReadTime(message.time(), "time"));
  STRATA_ASSIGN_OR_RETURN(status.started_ms, ReadTime(message.start_time(), "start_time"));
  if (message.has_coordinator()) {
    STRATA_ASSIGN_OR_RETURN(status.coordinator, ReadCoordinator(message.coordinator()));
  }
  for (const v1::ServedSnapshot& served : message.snapshots()) {
    STRATA_ASSIGN_OR_RETURN(ServedFacts facts, ReadServed(served, status.now_ms));
    status.snapshots.push_back(std::move(facts));
  }
  for (const v1::MethodStatistics& method : message.methods()) {
    STRATA_ASSIGN_OR_RETURN(MethodFacts facts, ReadMethod(method));
    status.methods.push_back(std::move(facts));
  }
  return status;
}

}  // namespace strata
