#include "coordinator/cluster_facts.h"

#include "coordinator/run_operation.h"

namespace strata {

static_assert(kRecentRuns == kMaxRecentRuns);

CoordinatorFacts ClusterFactsOf(RunHost* host, const Leadership& leadership, const std::string& holder) {
  const HostStatus status = host->Status();
  CoordinatorFacts facts;
  facts.leading = true;
  facts.term = leadership.token;
  facts.holder = holder;
  for (const Plan::WorkerLine& line : status.workers) {
    WorkerFacts worker{
        .id = line.id, .slots = line.slots, .connected = line.connected, .eligible = line.eligible, .tasks = {}};
    for (const auto& work : line.work) {
      worker.tasks.push_back({.stage = work.stage, .index = work.index, .shards = work.shards});
    }
    facts.workers.push_back(std::move(worker));
  }
  if (status.running.has_value()) {
    facts.run = CurrentRunFacts{.progress = FactsOf(host, *status.running),
                                .started_ms = status.running->started_ms,
                                .stage_seconds = status.progress.seconds_in_stage};
  }
  for (const auto& [job, run] : status.queued) facts.queued.push_back({.job = job, .number = run});
  facts.recent = status.recent;
  return facts;
}

}  // namespace strata
