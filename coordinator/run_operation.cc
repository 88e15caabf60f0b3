#include "coordinator/run_operation.h"

#include "google/longrunning/operations_proto.pb.h"
#include "strata/v1/run_service.pb.h"
#include "wire/errors.h"
#include "wire/names.h"
#include "wire/runs.h"

namespace strata {
RunProgressFacts FactsOf(RunHost* host, const RunSummary& summary) {
  RunProgressFacts facts;
  facts.job = summary.job;
  facts.run = summary.run;
  if (summary.state != RunState::kRunning) {
    facts.message = Name(summary.state);
    facts.rows_read = summary.rows.read;
    return facts;
  }
  const std::optional<RunProgress> progress = host->Progress(summary.job, summary.run);
  if (!progress.has_value()) {
    facts.message = "waiting for the runs before it";
    return facts;
  }
  const Plan::Progress& plan = progress->plan;
  facts.stage = plan.stage;
  facts.workers = static_cast<int32_t>(plan.workers);
  facts.rows_read = progress->rows_read;
  for (int stage = 1; stage < static_cast<int>(plan.stage); ++stage) {
    facts.stages.push_back({.stage = static_cast<Stage>(stage), .done = 0, .total = 0});
  }
  const bool fit = plan.stage == Stage::kFit;
  facts.stages.push_back({.stage = plan.stage, .done = fit ? plan.round : plan.done, .total = fit ? 0 : plan.total});
  if (plan.workers == 0) {
    facts.message = plan.workers_waiting == 0
                        ? "waiting for a worker"
                        : "waiting: the connected workers are of another build than the coordinator";
  }
  return facts;
}

void FillOperation(RunHost* host, const RunSummary& summary, google::longrunning::Operation* operation) {
  operation->set_name(OperationResource(summary.job, summary.run));
  v1::RunMetadata metadata;
  FillRunMetadata(FactsOf(host, summary), &metadata);
  operation->mutable_metadata()->PackFrom(metadata);
  operation->set_done(summary.state != RunState::kRunning);
  if (!operation->done()) return;
  if (const absl::Status error = ErrorOf(summary); !error.ok()) {
    *operation->mutable_error() = ToRpcStatus(error);
    return;
  }
  v1::Run run;
  FillRun(summary, &run);
  operation->mutable_response()->PackFrom(run);
}

}  // namespace strata
