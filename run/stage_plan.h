// What the tasks of one stage need to know beyond their index: one object per stage and run, read by every worker.
// Plain values with a canonical encoding.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/date.h"
#include "base/status.h"
#include "run/frames.h"
#include "run/stage.h"
#include "run/table_schema.h"

namespace strata {

struct PlannedFile {
  std::string path;
  uint64_t size_bytes = 0;
  int64_t modified_ns = 0;
  TableId table = TableId::kTransactions;
};

struct PlannedSplit {
  std::string path;
  uint64_t size_bytes = 0;  // of the file, pinned when it was scanned
  int64_t modified_ns = 0;
  uint64_t checksum = 0;
  uint64_t begin = 0;  // as data/source/ingest.h defines a split
  uint64_t end = 0;
  int64_t first_line = 0;
  int32_t file_number = 0;
  int64_t records = 0;
  uint64_t bytes = 0;  // of the split
  TableId table = TableId::kTransactions;
};

// What a job's ledger has of one table. Transactions are among them where their details are kept: these, not the sums
// that StagePlan::segments has.
struct PlannedTable {
  TableId table = TableId::kTransactions;
  std::vector<std::vector<ObjectRef>> segments;  // by shard, oldest first; the last is the reference shard
  std::vector<int32_t> removed_files;            // ascending; their rows no longer count
  std::vector<ObjectRef> outputs;                // ledger: of map tasks, rows that moved among them
  bool counts_change = false;                    // ledger: as StagePlan::counts_change
  bool has_moves = false;                        // ledger: rows of the table move
};

struct StagePlan {
  Stage stage = Stage::kPlan;
  std::string job_name;
  int64_t run = 0;
  std::string job_yaml;

  std::vector<PlannedFile> files;                // plan: one task each
  std::vector<PlannedSplit> splits;              // map: one task each
  std::vector<ObjectRef> map_outputs;            // ledger
  std::vector<std::vector<ObjectRef>> segments;  // ledger and feature: by shard, oldest first
  std::vector<int32_t> removed_files;            // ledger and feature: ascending; their rows no longer count
  bool counts_change = false;                    // ledger: results say by how much the parent's totals change
  std::vector<ObjectRef> features;               // fit and score: by shard
  Day as_of = 0;                                 // feature
  int holdout_days = 0;                          // feature: of the lifetime value's hold-out; 0: there is none
  int churn_views = 0;                           // feature: cutoffs of churn, a test one and those to train on; 0: none
  ObjectRef models;                              // score: models as one object (data/snapshot/models_file.h)
  int64_t snapshot = 0;                          // score: number whose folder takes the parts

  // Merged identities and rates. Plan: one task more where there are files of either.
  std::vector<PlannedFile> alias_files;  // plan
  std::vector<PlannedFile> fx_files;     // plan
  ObjectRef aliases;                     // plan: of the parent version; map: those that hold
  ObjectRef fx;                          // plan: rates that the parent version used; map: all rates
  ObjectRef moves;                       // map and ledger: identities that are merged since the parent version
  std::vector<uint32_t> leaving;         // map: shards whose rows may move, one task each after those of the splits
  std::vector<ObjectRef> moved;          // ledger: the rows that moved, by any shard they left

  // Rows of tables, and details of transactions (data/rows). The reference shard is number `shards`: rows of no
  // customer, for which the ledger and report stages have one task more.
  // Map (where rows may move), ledger (those that there is something to do for), feature and report: by TableId.
  std::vector<PlannedTable> tables;
  std::vector<ObjectRef> profiles;  // fit, score, report: by shard; none where the job needs none
  // What churn knows of customers at its cutoffs (data/profile/cutoff_profile.h), likewise.
  std::vector<ObjectRef> cutoff_profiles;

  // What a job's reports and segments need.
  std::vector<ObjectRef> lookups;           // report: of this run's scores, by shard
  ObjectRef program;                        // report: percentiles that segments compare with
  std::vector<std::string> reports;         // report: names, in the order of partials
  int64_t previous_snapshot = 0;            // feature, fit and report: the one that is followed; 0: none
  Day previous_as_of = 0;                   // fit and report
  ObjectRef previous_models;                // report: as `models`
  std::vector<ObjectRef> previous_lookups;  // fit, where clusters are followed, and report: by shard
  std::vector<ObjectRef> previous_members;  // report: by shard; none where that snapshot has none

  std::string Encode() const;
  static absl::StatusOr<StagePlan> Decode(std::string_view bytes);
};

}  // namespace strata
