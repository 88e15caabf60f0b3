#include "client/json/top_json.h"

#include <nlohmann/json.hpp>

#include "base/date.h"
#include "client/json/score_json.h"

namespace strata {
namespace {

using Json = nlohmann::ordered_json;

Json WorkerJson(const WorkerFacts& worker) {
  Json tasks = Json::array();
  for (const WorkerFacts::Task& task : worker.tasks) {
    tasks.push_back({{"stage", Name(task.stage)}, {"index", task.index}, {"shards", task.shards}});
  }
  return {{"worker", worker.id},
          {"slots", worker.slots},
          {"connected", worker.connected},
          {"eligible", worker.eligible},
          {"tasks", std::move(tasks)}};
}

Json RunJson(const CurrentRunFacts& run) {
  Json stages = Json::array();
  for (const RunProgressFacts::StageTasks& tasks : run.progress.stages) {
    stages.push_back({{"stage", Name(tasks.stage)}, {"done", tasks.done}, {"total", tasks.total}});
  }
  return {{"job", run.progress.job},
          {"run", run.progress.run},
          {"stage", run.progress.stage.has_value() ? Json(Name(*run.progress.stage)) : Json(nullptr)},
          {"stages", std::move(stages)},
          {"stage_seconds", run.stage_seconds},
          {"rows_read", run.progress.rows_read},
          {"workers", run.progress.workers},
          {"start_time", JsonTime(run.started_ms)},
          {"message", run.progress.message}};
}

Json CoordinatorJson(const CoordinatorFacts& facts) {
  Json workers = Json::array();
  for (const WorkerFacts& worker : facts.workers) workers.push_back(WorkerJson(worker));
  Json queued = Json::array();
  for (const RunName& run : facts.queued) queued.push_back({{"job", run.job}, {"run", run.number}});
  Json recent = Json::array();
  for (const RunSummary& run : facts.recent) recent.push_back(Json::parse(run.ToJson()));
  return {{"leading", facts.leading},
          {"term", facts.term},
          {"holder", facts.holder},
          {"workers", std::move(workers)},
          {"run", facts.run.has_value() ? RunJson(*facts.run) : Json(nullptr)},
          {"queued_runs", std::move(queued)},
          {"recent_runs", std::move(recent)}};
}

Json ServedJson(const ServedFacts& served) {
  const bool loaded = served.snapshot != 0;
  return {{"job", served.job},
          {"snapshot", served.snapshot},
          {"current_snapshot", served.current},
          {"generation", served.generation},
          {"as_of", loaded ? Json(FormatDay(served.as_of)) : Json(nullptr)},
          {"publish_time", loaded ? Json(JsonTime(served.published_ms)) : Json(nullptr)},
          {"load_time", loaded ? Json(JsonTime(served.loaded_ms)) : Json(nullptr)},
          {"age_seconds", loaded ? Json(served.age_ms / 1000) : Json(nullptr)},
          {"customers", served.customers},
          {"problem", served.problem.empty() ? Json(nullptr) : Json(served.problem)}};
}

}  // namespace

std::string TopJson(const std::string& target, const ClusterStatus& status, const std::vector<MethodRates>& rates) {
  Json snapshots = Json::array();
  for (const ServedFacts& served : status.snapshots) snapshots.push_back(ServedJson(served));
  Json methods = Json::array();
  for (const MethodRates& rate : rates) {
    methods.push_back({{"method", rate.method},
                       {"calls", rate.calls},
                       {"errors", rate.errors},
                       {"in_flight", rate.in_flight},
                       {"calls_per_second", NumberOrNull(rate.calls_per_second)},
                       {"p50_seconds", NumberOrNull(rate.p50_seconds)},
                       {"p99_seconds", NumberOrNull(rate.p99_seconds)}});
  }
  return OneLine(
      {{"target", target},
       {"program", status.program},
       {"version", status.version},
       {"time", JsonTime(status.now_ms)},
       {"start_time", JsonTime(status.started_ms)},
       {"coordinator", status.coordinator.has_value() ? CoordinatorJson(*status.coordinator) : Json(nullptr)},
       {"snapshots", std::move(snapshots)},
       {"methods", std::move(methods)}});
}

}  // namespace strata
