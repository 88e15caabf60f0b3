// What tasks and rounds take from the memory budget.
#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "base/process_memory.h"
#include "data/ledger/arrow_memory.h"
#include "data/ledger/map_output_size.h"
#include "data/ledger/moved_rows.h"
#include "data/profile/job_churn_plan.h"
#include "data/rows/ledger_layouts.h"
#include "data/source/ingest.h"
#include "model/fit/night_fit.h"
#include "store/intermediate.h"
#include "worker/percentile_columns.h"
#include "worker/report_task.h"
#include "worker/task_executor.h"
#include "worker/task_needs.h"

namespace strata {
namespace {

// Of objects or files.
template <typename T>
uint64_t SizeOf(const std::vector<T>& all) {
  uint64_t bytes = 0;
  for (const T& one : all) bytes += one.size_bytes;
  return bytes;
}

// Columns that customers are clustered on, the weight among them; 0: they are not.
size_t ClusterFeaturesOf(const Job& job) {
  if (!job.clustering.has_value()) return 0;
  const ClusteringSettings& settings = *job.clustering;
  const size_t features = settings.features.empty() ? DefaultClusterFeatures().size() : settings.features.size();
  return features + (settings.weight.empty() ? 0 : 1);
}

// What a shard's customers have: features, and profiles where the job has them.
uint64_t ColumnBytesOf(const StagePlan& plan, uint32_t shard) {
  uint64_t bytes = 0;
  for (const std::vector<ObjectRef>* refs : {&plan.features, &plan.profiles, &plan.cutoff_profiles}) {
    if (shard < refs->size()) bytes += (*refs)[shard].size_bytes;
  }
  return bytes;
}

// Of the tables that are opened at every cutoff of churn.
uint64_t CutoffBytesOf(const Job& job, const StagePlan& plan, uint32_t shard) {
  if (ChurnColumnsOf(job).empty()) return 0;
  uint64_t bytes = 0;
  for (const PlannedTable& table : plan.tables) {
    if (table.table == TableId::kCustomers && shard < table.segments.size()) bytes += SizeOf(table.segments[shard]);
  }
  return bytes;
}

uint64_t ReportNeedsOf(const StagePlan& plan, uint32_t index) {
  uint64_t columns = ColumnBytesOf(plan, index);
  for (const std::vector<ObjectRef>* refs : {&plan.lookups, &plan.previous_lookups, &plan.previous_members}) {
    if (index < refs->size()) columns += (*refs)[index].size_bytes;
  }
  uint64_t tables = 0;
  for (const PlannedTable& table : plan.tables) {
    for (const size_t shard : {size_t{index}, table.segments.size() - 1}) {
      if (shard < table.segments.size()) tables += SizeOf(table.segments[shard]);
    }
  }
  return ReportNeeds(columns, tables);
}

}  // namespace

// Once for all tasks of the stage: each of them reads a part of every one of these objects.
absl::Status TaskExecutor::SizeUp(Context* context) {
  const StagePlan& plan = context->plan;
  if (compute_.memory == nullptr || plan.stage != Stage::kLedger) return absl::OkStatus();
  context->fresh_bytes.resize(plan.segments.size());
  context->moved_bytes.resize(plan.segments.size());
  std::vector<std::string> keys;
  for (const ObjectRef& ref : plan.map_outputs) keys.push_back(ref.key);
  for (const ObjectRef& ref : plan.moved) keys.push_back(ref.key);
  objects_->Prefetch(keys);
  for (size_t i = 0; i < keys.size(); ++i) {
    STRATA_ASSIGN_OR_RETURN(const auto view, MapIntermediate(*objects_, keys[i]));
    const absl::Status added = i < plan.map_outputs.size() ? AddMapOutputSizes(view->bytes(), &context->fresh_bytes)
                                                           : AddMovedSizes(view->bytes(), &context->moved_bytes);
    if (!added.ok()) return WithContext(added, keys[i]);
  }
  for (const PlannedTable& table : plan.tables) {
    std::vector<uint64_t>& bytes = context->table_bytes.emplace_back(table.segments.size());
    for (const ObjectRef& ref : table.outputs) {
      STRATA_ASSIGN_OR_RETURN(const auto view, MapIntermediate(*objects_, ref.key));
      const absl::Status added = AddTableBatchSizes(view->bytes(), &bytes);
      if (!added.ok()) return WithContext(added, ref.key);
    }
  }
  return absl::OkStatus();
}

// Days and tables are taken one after another, so it is the largest of them.
uint64_t TaskExecutor::LedgerTaskNeeds(const Context& context, uint32_t shard) const {
  const StagePlan& plan = context.plan;
  uint64_t needs = 0;
  if (shard < context.fresh_bytes.size()) {
    needs = LedgerNeeds(context.fresh_bytes[shard], context.moved_bytes[shard] + SizeOf(plan.segments[shard]));
  }
  for (size_t i = 0; i < plan.tables.size(); ++i) {
    if (shard >= plan.tables[i].segments.size()) continue;  // the task's own error
    needs = std::max(needs, TableLedgerNeeds(context.table_bytes[i][shard], SizeOf(plan.tables[i].segments[shard])));
  }
  return needs;
}

absl::StatusOr<MemoryBudget::Grant> TaskExecutor::TakeMemory(const Context& context, const StartTask& task) {
  if (compute_.memory == nullptr) return MemoryBudget::Grant();
  const StagePlan& plan = context.plan;
  const uint32_t index = task.index;
  std::string what = fmt::format("shard {}", index);
  uint64_t needs = ScanNeeds();
  // An index that the plan does not have is the task's own error.
  if (task.stage == Stage::kPlan && index < plan.files.size()) {
    what = plan.files[index].path;
  } else if (task.stage == Stage::kPlan && HasTablesTask(plan)) {
    STRATA_ASSIGN_OR_RETURN(const std::vector<TableFileSize> files, SizeTables(*sources_, plan, context.job));
    int64_t rows = 0;
    for (const TableFileSize& file : files) rows += file.rows;
    needs = TablesNeeds(files);
    what = fmt::format("the {} rows of merged identities and rates", rows);
  } else if (task.stage == Stage::kMap && index < plan.splits.size()) {
    const PlannedSplit& split = plan.splits[index];
    const bool is_of_transactions = split.table == TableId::kTransactions;
    const bool has_ids = !context.job.transactions.columns.transaction_id.empty();
    needs = is_of_transactions ? MapNeeds(split.records, split.bytes, has_ids) : ScanNeeds() + split.bytes;
    // Transactions without details have no layout.
    if (const auto layout = FindLayout(context.layouts, split.table); layout.ok()) {
      needs += TableRowsNeeds(split.records, **layout);
    }
    what = fmt::format("the {} rows of {} from {} {} on", split.records, split.path,
                       FormatOf(split.path) == FileFormat::kParquet ? "row" : "line", split.first_line);
  } else if (const size_t moved = index - plan.splits.size();
             task.stage == Stage::kMap && index >= plan.splits.size() && moved < plan.leaving.size()) {
    const uint32_t shard = plan.leaving[moved];
    if (shard < plan.segments.size()) needs = LedgerNeeds(0, SizeOf(plan.segments[shard]));
    for (const PlannedTable& table : plan.tables) {
      if (shard < table.segments.size()) needs = std::max(needs, TableLedgerNeeds(0, SizeOf(table.segments[shard])));
    }
    what = fmt::format("the rows that leave shard {}", shard);
  } else if (task.stage == Stage::kLedger) {
    needs = std::max(needs, LedgerTaskNeeds(context, index));
    if (index == plan.segments.size()) what = "the rows without a customer";
  } else if (task.stage == Stage::kFeature && index < plan.segments.size()) {
    uint64_t bytes = SizeOf(plan.segments[index]);
    for (const PlannedTable& table : plan.tables) {
      bytes += SizeOf(table.segments.back());
      if (index < table.segments.size()) bytes += SizeOf(table.segments[index]);
    }
    needs = FeatureNeeds(bytes, context.job.lifetime.has_value(), plan.holdout_days > 0, plan.churn_views,
                         CutoffBytesOf(context.job, plan, index));
  } else if (task.stage == Stage::kScore && index < plan.features.size()) {
    needs = ScoreNeeds(ColumnBytesOf(plan, index), ClusterFeaturesOf(context.job), context.job.lifetime.has_value());
  } else if (task.stage == Stage::kReport && index < ReportTasks(plan)) {
    needs = ReportNeedsOf(plan, index);
  }
  STRATA_RETURN_IF_ERROR(CheckFits(task.stage, what, needs, compute_.memory->limit_bytes()));
  return compute_.memory->Take(needs);
}

// As many shards together as this executor's share of the limit allows, one at least; all of them without a limit.
absl::StatusOr<std::string> TaskExecutor::Accumulate(const Context& context, const StartRound& round,
                                                     std::string_view request) {
  MemoryBudget* const memory = compute_.memory.get();
  STRATA_ASSIGN_OR_RETURN(RoundSum sum,
                          RoundSum::ForRequest(request, *compute_.kernels, ScoredColumns(*compute_.kernels)));
  const std::vector<ObjectRef>& features = context.plan.features;
  uint64_t all_bytes = 0;
  const auto bytes_of = [&](uint32_t shard) { return ColumnBytesOf(context.plan, shard); };
  for (const uint32_t shard : round.shards) all_bytes += bytes_of(shard);
  const size_t cluster_features = ClusterFeaturesOf(context.job);
  const uint64_t share =
      memory == nullptr ? std::numeric_limits<uint64_t>::max() : memory->limit_bytes() / compute_.memory_sharers;
  for (size_t next = 0; next < round.shards.size();) {
    uint64_t needs = RoundNeeds(all_bytes, request.size());
    std::vector<uint32_t> group;
    while (next < round.shards.size()) {
      const uint32_t shard = round.shards[next];
      const uint64_t more = RoundShardNeeds(bytes_of(shard)) +
                            ClusteringShardNeeds(features[shard].size_bytes, cluster_features) +
                            followed_.BytesToRead(context.plan, shard);
      if (!group.empty() && needs + more > share) break;
      needs += more;
      group.push_back(round.shards[next++]);
    }
    if (memory != nullptr) {
      STRATA_RETURN_IF_ERROR(
          CheckFits(Stage::kFit, fmt::format("shard {}", group.front()), needs, memory->limit_bytes()));
    }
    const MemoryBudget::Grant grant = memory == nullptr ? MemoryBudget::Grant() : memory->Take(needs);
    std::vector<std::shared_ptr<const OpenFeatures>> open;
    std::vector<FollowedLabels::Labels> labels;
    std::vector<FitCaches::Lease> caches;  // under a limit none are kept
    std::vector<ShardFeatures> of_round;
    for (const uint32_t shard : group) {
      STRATA_ASSIGN_OR_RETURN(open.emplace_back(), Features(context.plan, shard));
      const FeatureFile& file = open.back()->file;
      STRATA_ASSIGN_OR_RETURN(labels.emplace_back(), followed_.Of(*objects_, context.plan, shard, file.features().today,
                                                                  [&file](size_t row) { return file.id(row); }));
      ShardFeatures& shard_features = of_round.emplace_back(open.back()->features);
      shard_features.number = shard;
      shard_features.shards = static_cast<uint32_t>(features.size());
      if (memory == nullptr) shard_features.cache = caches.emplace_back(fit_caches_.Take(features[shard].key)).get();
      if (labels.back() != nullptr) shard_features.followed_cluster = *labels.back();
    }
    std::vector<const ShardFeatures*> shards;
    for (const ShardFeatures& one : of_round) shards.push_back(&one);
    sum.Add(shards);
  }
  absl::StatusOr<std::string> partial = sum.Take();
  ReturnMemory();
  return partial;
}

void TaskExecutor::ReturnMemory() const {
  if (compute_.memory == nullptr) return;
  ReturnArrowMemory();
  ReturnFreedMemory();
}

}  // namespace strata
