// Runs the tasks of a job's stages one after another in one executor, as the coordinator would send them: from the text
// of a file to segments and to features. Not thread-safe.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "run/table_results.h"
#include "run/task_results.h"
#include "store/posix_file_system.h"
#include "tests/base/status_matchers.h"
#include "tests/base/temporary_folder.h"
#include "worker/task_executor.h"

namespace strata {

class JobRunner {
 public:
  JobRunner(std::string name, std::string yaml, uint32_t shards)
      : name_(std::move(name)),
        yaml_(std::move(yaml)),
        shards_(shards),
        files_(NewPosixFileSystem()),
        objects_(*NewLocalObjectStore(files_.get(), folder_.Under("objects"))),
        executor_(files_.get(), objects_.get()) {}

  ObjectStore& objects() { return *objects_; }

  StagePlan Plan(Stage stage) const {
    StagePlan plan;
    plan.stage = stage;
    plan.job_name = name_;
    plan.run = 1;
    plan.job_yaml = yaml_;
    return plan;
  }

  absl::StatusOr<Blob> Run(const StagePlan& plan, uint32_t index) {
    const std::string bytes = plan.Encode();
    const std::string key = "jobs/" + name_ + "/plan-" + Hex(Hash64(bytes));
    EXPECT_THAT(objects_->Put(key, bytes), IsOk());
    return executor_.RunTask({.attempt = 1,
                              .stage = plan.stage,
                              .index = index,
                              .plan = {.key = key, .checksum = Hash64(bytes), .size_bytes = bytes.size()}});
  }

  // The file of a table, scanned and mapped.
  MapResult Mapped(TableId table, const std::string& text) {
    const std::string path = folder_.Under(std::to_string(++written_) + ".csv");
    std::ofstream(path) << text;
    const FileInfo info = *files_->Stat(path);
    StagePlan scan = Plan(Stage::kPlan);
    scan.files = {{info.path, info.size_bytes, info.modified_ns, table}};
    const auto scanned = Run(scan, 0);
    EXPECT_THAT(scanned, IsOk());
    const ScanResult found = *ScanResult::Decode(scanned->inline_bytes);
    StagePlan map = Plan(Stage::kMap);
    for (const ScannedSplit& split : found.splits) {
      map.splits.push_back({.path = path,
                            .size_bytes = found.size_bytes,
                            .modified_ns = found.modified_ns,
                            .checksum = found.checksum,
                            .begin = split.begin,
                            .end = split.end,
                            .first_line = split.first_line,
                            .file_number = written_,
                            .table = table});
    }
    const auto mapped = Run(map, 0);
    EXPECT_THAT(mapped, IsOk());
    return *MapResult::Decode(mapped->inline_bytes);
  }

  PlannedTable Planned(TableId table, std::vector<ObjectRef> outputs) const {
    PlannedTable planned;
    planned.table = table;
    planned.segments.resize(shards_ + 1);
    planned.outputs = std::move(outputs);
    return planned;
  }

  // What the ledger stage makes of all shards and the reference shard.
  std::vector<LedgerResult> Ledger(const StagePlan& plan) {
    std::vector<LedgerResult> results;
    for (uint32_t shard = 0; shard <= shards_; ++shard) {
      const auto result = Run(plan, shard);
      EXPECT_THAT(result, IsOk());
      results.push_back(*LedgerResult::Decode(result->inline_bytes));
    }
    return results;
  }

 private:
  const std::string name_, yaml_;
  const uint32_t shards_;
  TemporaryFolder folder_;
  std::unique_ptr<FileSystem> files_;
  std::unique_ptr<ObjectStore> objects_;
  TaskExecutor executor_;
  int32_t written_ = 0;
};

}  // namespace strata
