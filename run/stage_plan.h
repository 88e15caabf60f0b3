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

namespace strata {

struct PlannedFile {
  std::string path;
  uint64_t size_bytes = 0;
  int64_t modified_ns = 0;
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

  std::string Encode() const;
  static absl::StatusOr<StagePlan> Decode(std::string_view bytes);
};

}  // namespace strata
