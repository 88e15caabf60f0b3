#include "worker/task_executor.h"

#include <fmt/format.h>

#include "data/ledger/ledger_state.h"
#include "data/rows/ledger_layouts.h"
#include "data/snapshot/models_file.h"
#include "data/snapshot/snapshot.h"
#include "data/source/ingest.h"
#include "model/fit/night_fit.h"
#include "model/lifetime/unseen_traits.h"
#include "model/score.h"
#include "model/segment_profile.h"
#include "run/job_file.h"
#include "run/keys.h"
#include "run/task_results.h"
#include "store/intermediate.h"
#include "store/side_by_side.h"
#include "worker/intermediate.h"
#include "worker/profile_task.h"
#include "worker/report_task.h"
#include "worker/table_ledger_task.h"
#include "worker/table_map_task.h"

namespace strata {
namespace {

absl::Status CheckIndex(uint32_t index, size_t size, std::string_view what) {
  if (index < size) return absl::OkStatus();
  return MakeError(absl::StatusCode::kInternal, "TASK_UNKNOWN",
                   fmt::format("task {} of {}: the plan has {}", index, what, size));
}

}  // namespace

absl::StatusOr<std::shared_ptr<const TaskExecutor::Context>> TaskExecutor::Load(const ObjectRef& ref) {
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = contexts_.find(ref.key); found != contexts_.end()) return found->second;
  }
  STRATA_ASSIGN_OR_RETURN(const auto view, MapVerified(*objects_, ref.key, ref.checksum));
  auto context = std::make_shared<Context>();
  STRATA_ASSIGN_OR_RETURN(context->plan, StagePlan::Decode(view->bytes()));
  STRATA_ASSIGN_OR_RETURN(context->job, ParseJob(context->plan.job_yaml, context->plan.job_name));
  STRATA_ASSIGN_OR_RETURN(context->tables, OpenTablesOf(*objects_, context->plan));
  context->layouts = LayoutsOf(context->job.transactions, context->job.tables);
  STRATA_RETURN_IF_ERROR(SizeUp(context.get()));
  const std::lock_guard lock(mutex_);
  if (const std::string folder = RunFolder(context->plan.job_name, context->plan.run); folder != run_folder_) {
    // Another run: what is mapped of the last one has been deleted and only holds disk and memory.
    contexts_.clear();
    features_.clear();
    verified_.clear();
    followed_.Clear();
    fit_caches_.Clear();
    scoring_models_.Clear();
    segments_.Clear();
    run_folder_ = folder;
  }
  // Whoever is at a later stage has no task left that takes one.
  if (context->plan.stage == Stage::kFit || context->plan.stage == Stage::kScore) segments_.Clear();
  if (context->plan.stage == Stage::kScore) fit_caches_.Clear();
  contexts_[ref.key] = context;
  return context;
}

// Verified when it is mapped for the first time in this run.
absl::StatusOr<std::shared_ptr<const FileView>> TaskExecutor::MapOnceVerified(const ObjectRef& ref) {
  bool is_verified = false;
  {
    const std::lock_guard lock(mutex_);
    is_verified = verified_.contains(ref.key);
  }
  STRATA_ASSIGN_OR_RETURN(auto view, is_verified ? MapIntermediate(*objects_, ref.key)
                                                 : MapVerifiedIntermediate(*objects_, ref.key, ref.checksum));
  const std::lock_guard lock(mutex_);
  verified_.insert(ref.key);
  return view;
}

absl::StatusOr<std::shared_ptr<const TaskExecutor::OpenFeatures>> TaskExecutor::Features(const StagePlan& plan,
                                                                                         uint32_t shard) {
  const ObjectRef& ref = plan.features[shard];
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = features_.find(ref.key); found != features_.end()) return found->second;
  }
  auto open = std::make_shared<OpenFeatures>();
  STRATA_ASSIGN_OR_RETURN(open->view, MapOnceVerified(ref));
  STRATA_ASSIGN_OR_RETURN(open->file, FeatureFile::Open(open->view->bytes()));
  open->features = open->file.features();
  if (shard < plan.profiles.size()) {
    STRATA_ASSIGN_OR_RETURN(open->profile_view, MapOnceVerified(plan.profiles[shard]));
    STRATA_ASSIGN_OR_RETURN(open->profile, ColumnFile::Open(open->profile_view->bytes()));
    if (open->profile->columns().rows() != open->features.today.size()) {
      return MakeError(absl::StatusCode::kDataLoss, "COLUMNS_CORRUPT",
                       fmt::format("{} has {} rows for {} customers", plan.profiles[shard].key,
                                   open->profile->columns().rows(), open->features.today.size()));
    }
    open->features.profile = &open->profile->columns();
  }
  if (shard < plan.cutoff_profiles.size()) {
    STRATA_RETURN_IF_ERROR(OpenCutoffProfiles(plan.cutoff_profiles[shard], open.get()));
  }
  if (compute_.memory != nullptr) return open;
  const std::lock_guard lock(mutex_);
  features_[ref.key] = open;
  return open;
}

absl::Status TaskExecutor::OpenCutoffProfiles(const ObjectRef& ref, OpenFeatures* open) {
  STRATA_ASSIGN_OR_RETURN(open->cutoff_view, MapOnceVerified(ref));
  STRATA_ASSIGN_OR_RETURN(open->cutoff_profiles, CutoffProfiles::Open(open->cutoff_view->bytes()));
  const std::span<const ColumnSet* const> columns = open->cutoff_profiles->columns();
  const ShardFeatures& features = open->features;
  bool fits = columns.size() == 1 + features.churn_views.size();
  for (size_t i = 0; fits && i < columns.size(); ++i) {
    fits = columns[i]->rows() == (i == 0 ? features.today : features.churn_views[i - 1]).size();
  }
  if (!fits) {
    return MakeError(absl::StatusCode::kDataLoss, "COLUMNS_CORRUPT",
                     fmt::format("{} is not of the views of its shard", ref.key));
  }
  open->features.churn_profiles = columns;
  return absl::OkStatus();
}

// Those of the shards that are not open yet.
absl::Status TaskExecutor::PrefetchFeatures(const Context& context, const std::vector<uint32_t>& shards) {
  std::vector<std::string> keys;
  for (const uint32_t shard : shards) {
    STRATA_RETURN_IF_ERROR(CheckIndex(shard, context.plan.features.size(), "fit"));
    const std::string& key = context.plan.features[shard].key;
    const std::lock_guard lock(mutex_);
    if (features_.contains(key)) continue;
    keys.push_back(key);
    for (const std::vector<ObjectRef>* profiles : {&context.plan.profiles, &context.plan.cutoff_profiles}) {
      if (shard < profiles->size()) keys.push_back((*profiles)[shard].key);
    }
  }
  objects_->Prefetch(keys);
  return absl::OkStatus();
}

absl::StatusOr<Blob> TaskExecutor::ToBlob(const Context& context, std::string bytes, Kept kept) {
  if (bytes.size() <= kMaxInlineBytes) return Blob{.inline_bytes = std::move(bytes), .object = {}};
  ObjectRef ref{.key = {}, .checksum = Hash64(bytes), .size_bytes = bytes.size()};
  const StagePlan& plan = context.plan;
  if (kept == Kept::kRecorded) {
    ref.key = BlobObject(plan.job_name, plan.run, ref.checksum);
    STRATA_RETURN_IF_ERROR(objects_->Put(ref.key, bytes, kPrivateMode));
  } else {
    ref.key = PartialObject(plan.job_name, plan.run, ref.checksum);
    STRATA_RETURN_IF_ERROR(objects_->PutVolatile(ref.key, bytes, kPrivateMode));
  }
  return Blob{.inline_bytes = {}, .object = std::move(ref)};
}

absl::StatusOr<Blob> TaskExecutor::RunTask(const StartTask& task) {
  STRATA_ASSIGN_OR_RETURN(const auto context, Load(task.plan));
  STRATA_ASSIGN_OR_RETURN(const MemoryBudget::Grant grant, TakeMemory(*context, task));
  absl::StatusOr<std::string> result;
  switch (task.stage) {
    case Stage::kPlan:
      result = Scan(*context, task.index);
      break;
    case Stage::kMap:
      result = Map(*context, task.index);
      break;
    case Stage::kLedger:
      result = Ledger(*context, task.index);
      break;
    case Stage::kFeature:
      result = Feature(*context, task.index);
      break;
    case Stage::kScore:
      result = Score(*context, task.index);
      break;
    case Stage::kReport:
      result = Report(*context, task.index);
      break;
    default:
      result = MakeError(absl::StatusCode::kInternal, "TASK_UNKNOWN",
                         fmt::format("stage {} has no tasks", Name(task.stage)));
  }
  ReturnMemory();
  if (!result.ok()) return result.status();
  return ToBlob(*context, *std::move(result), Kept::kRecorded);
}

absl::StatusOr<Blob> TaskExecutor::RunRound(const StartRound& round) {
  STRATA_ASSIGN_OR_RETURN(const auto context, Load(round.plan));
  std::string request = round.request.inline_bytes;
  if (!round.request.object.empty()) {
    STRATA_ASSIGN_OR_RETURN(const auto view,
                            MapVerified(*objects_, round.request.object.key, round.request.object.checksum));
    request = view->bytes();
  }
  STRATA_RETURN_IF_ERROR(PrefetchFeatures(*context, round.shards));
  STRATA_ASSIGN_OR_RETURN(std::string partial, Accumulate(*context, round, request));
  return ToBlob(*context, std::move(partial), Kept::kForTheRound);
}

absl::StatusOr<std::string> TaskExecutor::Scan(const Context& context, uint32_t index) {
  if (index == context.plan.files.size() && HasTablesTask(context.plan)) {
    STRATA_ASSIGN_OR_RETURN(const TablesResult tables, RunTablesTask(*sources_, *objects_, context.plan, context.job));
    return tables.Encode();
  }
  STRATA_RETURN_IF_ERROR(CheckIndex(index, context.plan.files.size(), "plan"));
  const PlannedFile& planned = context.plan.files[index];
  const FileInfo file{.path = planned.path, .size_bytes = planned.size_bytes, .modified_ns = planned.modified_ns};
  STRATA_ASSIGN_OR_RETURN(const SourceFields fields, FieldsOfTable(context.job, planned.table));
  STRATA_ASSIGN_OR_RETURN(const FileScan scan, ScanFile(*sources_, file, fields));
  ScanResult result{.size_bytes = scan.size_bytes,
                    .modified_ns = scan.modified_ns,
                    .checksum = scan.checksum,
                    .records = scan.records,
                    .splits = {}};
  CountRows(Stage::kPlan, scan.records);
  for (const Split& split : scan.splits) {
    result.splits.push_back({split.begin, split.end, split.first_line, split.records, split.bytes});
  }
  return result.Encode();
}

absl::StatusOr<std::string> TaskExecutor::Map(const Context& context, uint32_t index) {
  const size_t splits = context.plan.splits.size();
  STRATA_RETURN_IF_ERROR(CheckIndex(index, splits + context.plan.leaving.size(), "map"));
  if (index >= splits) {
    STRATA_ASSIGN_OR_RETURN(const MoveResult moved, RunMoveTask(*objects_, context.plan, context.job, context.layouts,
                                                                context.tables, index - static_cast<uint32_t>(splits)));
    return moved.Encode();
  }
  STRATA_ASSIGN_OR_RETURN(const MapResult result,
                          RunMapTask(*sources_, *objects_, context.plan, context.job, context.tables, index));
  CountRows(Stage::kMap, result.counts.read);
  return result.Encode();
}

// Those that the map stage left for a shard.
absl::StatusOr<std::vector<RowBatch>> TaskExecutor::FreshRows(const Context& context, uint32_t shard) {
  std::vector<std::string> outputs;
  for (const ObjectRef& ref : context.plan.map_outputs) outputs.push_back(ref.key);
  objects_->Prefetch(outputs);
  std::vector<RowBatch> fresh;
  for (const ObjectRef& ref : context.plan.map_outputs) {
    // Verified block by block inside the object: reading all of it for one shard would read everything once per shard.
    STRATA_ASSIGN_OR_RETURN(const auto view, MapIntermediate(*objects_, ref.key));
    STRATA_ASSIGN_OR_RETURN(RowBatch batch, DecodeMapOutput(view->bytes(), shard));
    if (batch.size() > 0) fresh.push_back(std::move(batch));
  }
  return fresh;
}

absl::StatusOr<std::string> TaskExecutor::Ledger(const Context& context, uint32_t index) {
  const size_t shards = context.plan.segments.size();
  STRATA_RETURN_IF_ERROR(CheckIndex(index, shards + (context.plan.tables.empty() ? 0 : 1), "ledger"));
  LedgerResult result;  // the reference shard has nothing but rows of tables
  if (index < shards) {
    STRATA_ASSIGN_OR_RETURN(result, LedgerDays(context, index));
  }
  const AliasTable* moves = context.tables.moves.has_value() ? &*context.tables.moves : nullptr;
  STRATA_ASSIGN_OR_RETURN(result.tables, RunTableLedger(*objects_, context.plan, context.layouts, moves, index));
  int64_t rows = result.rows;
  for (const TableLedgerResult& table : result.tables) rows += table.rows;
  CountRows(Stage::kLedger, rows);
  return result.Encode();
}

absl::StatusOr<LedgerResult> TaskExecutor::LedgerDays(const Context& context, uint32_t index) {
  const std::vector<ObjectRef>& segments = context.plan.segments[index];
  const bool counts_change = context.plan.counts_change;
  STRATA_ASSIGN_OR_RETURN(const std::vector<RowBatch> fresh, FreshRows(context, index));
  if (counts_change && fresh.empty()) {
    LedgerResult unchanged;
    unchanged.kept = static_cast<uint32_t>(segments.size());
    return unchanged;
  }
  STRATA_ASSIGN_OR_RETURN(const StoredShard parent, OpenShard(*objects_, segments, context.plan.removed_files));
  std::vector<std::shared_ptr<const FileView>> moved_views;
  STRATA_ASSIGN_OR_RETURN(const ShardMoves moves,
                          MovesOfShard(*objects_, context.plan, context.tables, index, &moved_views));
  STRATA_ASSIGN_OR_RETURN(
      const ShardUpdate update,
      UpdateShard(parent.shard, fresh, !context.job.transactions.columns.transaction_id.empty(),
                  Compaction::kWhenItPays, moves, counts_change ? Counting::kChange : Counting::kAllRows));
  if (compute_.memory == nullptr) segments_.Keep(std::span(segments).first(update.kept), parent);
  LedgerResult result{.kept = static_cast<uint32_t>(update.kept),
                      .segment = {},
                      .customers = update.totals.customers,
                      .rows = update.totals.rows,
                      .digest = update.totals.digest,
                      .rows_by_file = update.totals.rows_by_file,
                      .conflicts = update.totals.conflicts,
                      .rows_by_day = update.totals.rows_by_day,
                      .tables = {}};
  if (!update.segment.empty()) {
    result.segment = {.key = {}, .checksum = Hash64(update.segment), .size_bytes = update.segment.size()};
    result.segment.key = SegmentObject(context.plan.job_name, index, result.segment.checksum);
    STRATA_RETURN_IF_ERROR(objects_->Put(result.segment.key, update.segment, kPrivateMode));
  }
  return result;
}

absl::StatusOr<std::string> TaskExecutor::Feature(const Context& context, uint32_t index) {
  STRATA_RETURN_IF_ERROR(CheckIndex(index, context.plan.segments.size(), "feature"));
  STRATA_ASSIGN_OR_RETURN(const StoredShard stored,
                          segments_.Take(*objects_, context.plan.segments[index], context.plan.removed_files));
  STRATA_ASSIGN_OR_RETURN(ProfiledFeatures profiled,
                          BuildProfiledFeatures(*objects_, context.plan, context.job, index, stored.shard));
  const FeatureResult& features = profiled.features;
  FeatureTaskResult result{.features = {},
                           .customers = features.customers,
                           .customers_with_purchase = features.customers_with_purchase,
                           .rows = features.rows,
                           .rows_after_as_of_by_file = features.rows_after_as_of_by_file};
  CountRows(Stage::kFeature, features.rows);
  STRATA_ASSIGN_OR_RETURN(result.features, PutIntermediate(*objects_, context.plan, index, "arrow", features.bytes));
  result.statistics = std::move(profiled.statistics);
  result.history = std::move(profiled.history);
  if (!profiled.profile.empty()) {
    STRATA_ASSIGN_OR_RETURN(result.profile,
                            PutIntermediate(*objects_, context.plan, index, "profile", profiled.profile));
  }
  if (!profiled.cutoff_profiles.empty()) {
    STRATA_ASSIGN_OR_RETURN(result.cutoff_profiles,
                            PutIntermediate(*objects_, context.plan, index, "cutoffs", profiled.cutoff_profiles));
  }
  return result.Encode();
}

absl::StatusOr<std::string> TaskExecutor::Score(const Context& context, uint32_t index) {
  STRATA_RETURN_IF_ERROR(CheckIndex(index, context.plan.features.size(), "score"));
  STRATA_ASSIGN_OR_RETURN(const auto features, Features(context.plan, index));
  STRATA_ASSIGN_OR_RETURN(const auto in_use, scoring_models_.Of(objects_, context.plan.models));
  const FittedModels& models = in_use->models;
  const CustomerColumns& today = features->file.features().today;
  std::vector<CustomerScore> scores;
  ClusterColumns clusters;
  STRATA_ASSIGN_OR_RETURN(const ClassCodes classes,
                          ScoreCustomers(models, today, features->columns(), &scores, *compute_.kernels, &clusters,
                                         &in_use->ready, features->churn_columns()));
  std::vector<ScoredCustomer> rows(today.size());
  SegmentProfiles profiles;
  for (size_t i = 0; i < today.size(); ++i) {
    rows[i] = {.hash = today.hash[i], .id = features->file.id(i), .score = scores[i]};
    profiles.Add(scores[i].purchase_days > 0 ? today.as_of - scores[i].last_day : 0, scores[i]);
  }
  ScoreResult result;
  result.customers = static_cast<int64_t>(rows.size());
  CountRows(Stage::kScore, result.customers);
  const ScoredProfile profile{.models = &models,
                              .classes = &classes,
                              .columns = features->columns(),
                              .clusters = clusters.names.empty() ? nullptr : &clusters,
                              .churn = models.churn.has_value() ? &*models.churn : nullptr};
  STRATA_ASSIGN_OR_RETURN(const std::string parquet, EncodeScoresParquet(rows, features->file, profile));
  const std::string lookup = EncodeLookupPart(rows);
  const auto put = [&](std::string_view kind, const std::string& bytes, ObjectRef* ref) {
    *ref = {.key = {}, .checksum = Hash64(bytes), .size_bytes = bytes.size()};
    ref->key = SnapshotObject(context.plan.job_name, context.plan.snapshot, fmt::format("parts/{:05}.{}", index, kind),
                              ref->checksum);
    return objects_->Put(ref->key, bytes, kPrivateMode);
  };
  STRATA_RETURN_IF_ERROR(SideBySide(2, [&](size_t part) {
    return part == 0 ? put("lookup", lookup, &result.lookup) : put("parquet", parquet, &result.parquet);
  }));
  ByteWriter writer;
  profiles.Encode(&writer);
  result.profiles = writer.Take();
  if (models.lifetime.has_value() && models.lifetime->covariates.has_value()) {
    result.unseen = UnseenTraits::Of(*models.lifetime->covariates, today, features->columns()).Encode();
  }
  return result.Encode();
}

absl::StatusOr<std::string> TaskExecutor::Report(const Context& context, uint32_t index) {
  STRATA_RETURN_IF_ERROR(CheckIndex(index, ReportTasks(context.plan), "report"));
  std::shared_ptr<const OpenFeatures> features;
  if (index < context.plan.features.size()) {
    STRATA_ASSIGN_OR_RETURN(features, Features(context.plan, index));
  }
  STRATA_ASSIGN_OR_RETURN(
      const ReportResult result,
      RunReportTask(*objects_, context.plan, context.job, index, features == nullptr ? nullptr : &features->file,
                    features == nullptr ? nullptr : features->columns(), *compute_.kernels));
  CountRows(Stage::kReport, result.customers);
  return result.Encode();
}

}  // namespace strata
