// Jobs for the tests of ingest.
#pragma once

#include <string>

#include "data/source/ingest.h"
#include "run/job.h"
#include "tests/data/source/memory_file_system.h"

namespace strata {

// Maps customer_id: id, time: day, amount: amount of sales.csv, one shard.
inline Job SampleJob() {
  Job job;
  job.name = "sample";
  job.currency = "USD";
  job.shards = 1;
  job.transactions.uri = "sales.csv";
  job.transactions.columns.customer_id = "id";
  job.transactions.columns.time = "day";
  job.transactions.columns.amount = "amount";
  return job;
}

// Scans and maps a whole file. The first error of either.
inline absl::StatusOr<std::vector<MappedRows>> MapFile(FileSystem& files, const FileInfo& file, const Job& job,
                                                       int32_t file_number = 0) {
  STRATA_ASSIGN_OR_RETURN(const FileScan scan, ScanFile(files, file, job.transactions));
  std::vector<MappedRows> mapped;
  for (const Split& split : scan.splits) {
    STRATA_ASSIGN_OR_RETURN(mapped.emplace_back(), MapSplit(files, file.path, scan, split, job, file_number));
  }
  return mapped;
}

// A text as the only file "sales.csv". It must map, in one split.
inline MappedRows MapText(const std::string& text, const Job& job) {
  MemoryFileSystem files;
  files.Set("sales.csv", text);
  return MapFile(files, files.Info("sales.csv"), job).value().at(0);
}

}  // namespace strata
