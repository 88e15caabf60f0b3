// What tasks and rounds take from the memory budget.
#include <fmt/format.h>

#include "base/process_memory.h"
#include "data/ledger/arrow_memory.h"
#include "data/ledger/map_output_size.h"
#include "data/source/split_size.h"
#include "model/fit/night_fit.h"
#include "worker/task_executor.h"
#include "worker/task_needs.h"

namespace strata {
namespace {

uint64_t SizeOf(const std::vector<ObjectRef>& refs) {
  uint64_t bytes = 0;
  for (const ObjectRef& ref : refs) bytes += ref.size_bytes;
  return bytes;
}

}  // namespace

// Of the shard, in all map outputs.
absl::StatusOr<uint64_t> TaskExecutor::FreshBytes(const Context& context, uint32_t shard) {
  std::vector<std::string> keys;
  for (const ObjectRef& ref : context.plan.map_outputs) keys.push_back(ref.key);
  objects_->Prefetch(keys);
  uint64_t bytes = 0;
  for (const std::string& key : keys) {
    STRATA_ASSIGN_OR_RETURN(const auto view, objects_->Map(key));
    STRATA_ASSIGN_OR_RETURN(const uint64_t block, MapOutputBytes(view->bytes(), shard));
    bytes += block;
  }
  return bytes;
}

absl::StatusOr<MemoryBudget::Grant> TaskExecutor::TakeMemory(const Context& context, const StartTask& task) {
  if (compute_.memory == nullptr) return MemoryBudget::Grant();
  const StagePlan& plan = context.plan;
  const uint32_t index = task.index;
  std::string what = fmt::format("shard {}", index);
  uint64_t needs = ScanNeeds();
  if (task.stage == Stage::kPlan && index < plan.files.size()) what = plan.files[index].path;
  // An index that the plan does not have is the task's own error.
  if (task.stage == Stage::kMap && index < plan.splits.size()) {
    const PlannedSplit& split = plan.splits[index];
    STRATA_ASSIGN_OR_RETURN(const auto view, sources_->Map(split.path));
    STRATA_ASSIGN_OR_RETURN(const SplitSize size,
                            SizeOfSplit(view->bytes(), split.path,
                                        {.begin = split.begin, .end = split.end, .first_line = split.first_line}));
    needs = MapNeeds(size, !context.job.transactions.columns.transaction_id.empty());
    what = fmt::format("the {} rows of {} from {} {} on", size.rows, split.path,
                       FormatOf(split.path) == FileFormat::kParquet ? "row" : "line", split.first_line);
  } else if (const size_t moved = index - plan.splits.size();
             task.stage == Stage::kMap && index >= plan.splits.size() && moved < plan.leaving.size()) {
    const uint32_t shard = plan.leaving[moved];
    if (shard < plan.segments.size()) needs = LedgerNeeds(0, SizeOf(plan.segments[shard]));
    what = fmt::format("the rows that leave shard {}", shard);
  } else if (task.stage == Stage::kLedger && index < plan.segments.size()) {
    STRATA_ASSIGN_OR_RETURN(const uint64_t fresh, FreshBytes(context, index));
    needs = LedgerNeeds(fresh, SizeOf(plan.segments[index]));
  } else if (task.stage == Stage::kFeature && index < plan.segments.size()) {
    needs = FeatureNeeds(SizeOf(plan.segments[index]));
  } else if (task.stage == Stage::kScore && index < plan.features.size()) {
    needs = ScoreNeeds(plan.features[index].size_bytes);
  }
  STRATA_RETURN_IF_ERROR(CheckFits(task.stage, what, needs, compute_.memory->limit_bytes()));
  return compute_.memory->Take(needs);
}

// As many shards together as this executor's share of the limit allows, one at least.
absl::StatusOr<std::string> TaskExecutor::AccumulateWithin(MemoryBudget* memory, const Context& context,
                                                           const StartRound& round, std::string_view request) {
  STRATA_ASSIGN_OR_RETURN(RoundSum sum, RoundSum::ForRequest(request, *compute_.kernels));
  const std::vector<ObjectRef>& features = context.plan.features;
  uint64_t all_bytes = 0;
  for (const uint32_t shard : round.shards) all_bytes += features[shard].size_bytes;
  const uint64_t share = memory->limit_bytes() / compute_.memory_sharers;
  for (size_t next = 0; next < round.shards.size();) {
    uint64_t needs = RoundNeeds(all_bytes);
    std::vector<uint32_t> group;
    while (next < round.shards.size()) {
      const uint64_t more = RoundShardNeeds(features[round.shards[next]].size_bytes);
      if (!group.empty() && needs + more > share) break;
      needs += more;
      group.push_back(round.shards[next++]);
    }
    STRATA_RETURN_IF_ERROR(
        CheckFits(Stage::kFit, fmt::format("shard {}", group.front()), needs, memory->limit_bytes()));
    const MemoryBudget::Grant grant = memory->Take(needs);
    std::vector<std::shared_ptr<const OpenFeatures>> open;
    std::vector<const ShardFeatures*> shards;
    for (const uint32_t shard : group) {
      STRATA_ASSIGN_OR_RETURN(open.emplace_back(), Features(features[shard]));
      shards.push_back(&open.back()->file.features());
    }
    sum.Add(shards);
  }
  std::string partial = sum.Take();
  ReturnMemory();
  return partial;
}

void TaskExecutor::ReturnMemory() const {
  if (compute_.memory == nullptr) return;
  ReturnArrowMemory();
  ReturnFreedMemory();
}

}  // namespace strata
