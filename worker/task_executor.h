// Executes tasks and round assignments: reads what the stage's plan names, computes, writes objects, returns the
// result. Every result is a pure function of the task, so any worker may run any task at any time, twice if need be.
// What it keeps between calls (decoded plans, mapped segments and features) is a cache; under a memory limit features
// are mapped for as long as they are looked at.
//
// Thread-safe: several tasks may run at once. Errors keep their type: bad input, retryable, fatal.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/status.h"
#include "data/ledger/features.h"
#include "data/ledger/open_segments.h"
#include "data/profile/column_file.h"
#include "data/profile/cutoff_profile.h"
#include "data/rows/table_batch.h"
#include "model/kernels/kernels.h"
#include "run/frames.h"
#include "run/job.h"
#include "run/stage_plan.h"
#include "run/task_results.h"
#include "store/file_system.h"
#include "store/object_store.h"
#include "worker/fit_caches.h"
#include "worker/followed_labels.h"
#include "worker/memory_budget.h"
#include "worker/scoring_models.h"
#include "worker/table_tasks.h"

namespace strata {

// What a process may use, as it was told. Results never depend on it.
struct ComputeOptions {
  const Kernels* kernels = &WidestKernels();
  std::shared_ptr<MemoryBudget> memory = {};  // shared by the executors of a process; null: no limit
  uint32_t memory_sharers = 1;                // so many executors
};

class TaskExecutor {
 public:
  // `sources` reads what customers put there, `objects` is the state's store; both must outlive the executor.
  // `count_rows` is told how many rows (of the score stage: customers) a finished task went through; may be empty.
  TaskExecutor(FileSystem* sources, ObjectStore* objects, std::function<void(Stage, int64_t)> count_rows = {},
               const ComputeOptions& compute = {})
      : sources_(sources), objects_(objects), count_rows_(std::move(count_rows)), compute_(compute) {}

  absl::StatusOr<Blob> RunTask(const StartTask& task);
  // Uses the TBB threads of the calling arena.
  absl::StatusOr<Blob> RunRound(const StartRound& round);

 private:
  struct Context {
    StagePlan plan;
    Job job;
    OpenTables tables;
    std::vector<TableLayout> layouts;  // of the job's tables
    // Under a memory limit, of the ledger stage: what its tasks will read, by shard.
    std::vector<uint64_t> fresh_bytes;  // in map outputs
    std::vector<uint64_t> moved_bytes;  // in rows that arrive
    std::vector<std::vector<uint64_t>>
        table_bytes;  // in outputs of each of the plan's tables; the reference shard last
  };
  struct OpenFeatures {
    std::shared_ptr<const FileView> view;
    FeatureFile file;
    std::shared_ptr<const FileView> profile_view;  // null: the job has no profiles
    std::optional<ColumnFile> profile;
    std::shared_ptr<const FileView> cutoff_view;  // null: churn reads days alone
    std::optional<CutoffProfiles> cutoff_profiles;
    ShardFeatures features;  // of the file, with the profiles' columns

    const ColumnSet* columns() const { return features.profile; }
  };

  absl::StatusOr<std::shared_ptr<const Context>> Load(const ObjectRef& plan);
  absl::Status OpenCutoffProfiles(const ObjectRef& ref, OpenFeatures* open);
  absl::StatusOr<std::shared_ptr<const OpenFeatures>> Features(const StagePlan& plan, uint32_t shard);
  absl::StatusOr<std::shared_ptr<const FileView>> MapOnceVerified(const ObjectRef& ref);
  absl::Status PrefetchFeatures(const Context& context, const std::vector<uint32_t>& shards);
  // task_memory.cc: what the limit asks for.
  absl::StatusOr<MemoryBudget::Grant> TakeMemory(const Context& context, const StartTask& task);
  absl::Status SizeUp(Context* context);
  uint64_t LedgerTaskNeeds(const Context& context, uint32_t shard) const;
  absl::StatusOr<std::string> Accumulate(const Context& context, const StartRound& round, std::string_view request);
  void ReturnMemory() const;
  enum class Kept : uint8_t { kRecorded, kForTheRound };  // whether a record will point to it
  absl::StatusOr<Blob> ToBlob(const Context& context, std::string bytes, Kept kept);

  absl::StatusOr<std::string> Scan(const Context& context, uint32_t index);
  absl::StatusOr<std::string> Map(const Context& context, uint32_t index);
  absl::StatusOr<std::vector<RowBatch>> FreshRows(const Context& context, uint32_t shard);
  absl::StatusOr<std::string> Ledger(const Context& context, uint32_t index);
  absl::StatusOr<LedgerResult> LedgerDays(const Context& context, uint32_t index);
  absl::StatusOr<std::string> Feature(const Context& context, uint32_t index);
  absl::StatusOr<std::string> Score(const Context& context, uint32_t index);
  absl::StatusOr<std::string> Report(const Context& context, uint32_t index);

  void CountRows(Stage stage, int64_t rows) const {
    if (count_rows_) count_rows_(stage, rows);
  }

  FileSystem* sources_;
  ObjectStore* objects_;
  std::function<void(Stage, int64_t)> count_rows_;
  const ComputeOptions compute_;
  OpenSegments segments_;  // from the ledger stage to the feature stage of a run; unused under a memory limit
  std::mutex mutex_;
  std::string run_folder_;  // the caches are of this run alone, which bounds them by its shards; guarded by mutex_
  std::map<std::string, std::shared_ptr<const Context>> contexts_;       // by plan key; guarded by mutex_
  std::map<std::string, std::shared_ptr<const OpenFeatures>> features_;  // by object key; guarded by mutex_
  FitCaches fit_caches_;            // of the fit's shards; unused under a memory limit
  FollowedLabels followed_;         // of the run's shards
  ScoringModels scoring_models_;    // of the score stage
  std::set<std::string> verified_;  // features that are mapped anew whenever they are needed; guarded by mutex_
};

}  // namespace strata
