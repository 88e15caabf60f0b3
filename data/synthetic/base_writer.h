// Writes a synthetic base into a folder:
//   transactions/part-00000.parquet (or .csv), ...  customers in equal runs, rows of a file in the order of time
//   truth.parquet, products.parquet, truth.json     what is planted
//   job.yaml                                        last: a folder with it is a whole base
// and, where all tables are asked for,
//   customers/part-00000.parquet (or .csv), ...     and so on for each of kCustomerTables, of the same customers
//   products.parquet, market.parquet (or .csv)
//   truth_tables.parquet, truth_tables.json         what is planted in them
// A file is made by one thread from its customers alone, so bytes depend on the options, the number of files included,
// and never on threads. Equal options give equal bytes with one build on one kind of machine.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/status.h"
#include "data/synthetic/base_words.h"
#include "data/synthetic/counts.h"
#include "data/synthetic/tables/faults.h"
#include "data/synthetic/world.h"
#include "store/file_system.h"

namespace strata {

inline constexpr int kSyntheticFilesMax = 10'000;
inline constexpr int64_t kRowsPerFile = 480'000;       // by default: one row group, about one map task
inline constexpr int64_t kRowsPerFileMax = 4'000'000;  // a file is made in memory: about 1 GB a thread then
inline constexpr int kSyntheticThreadsMax = 256;

struct BaseOptions {
  WorldOptions world;
  std::string out;  // a folder that is missing or empty
  SyntheticFormat format = SyntheticFormat::kParquet;
  int files = 0;    // 0: as many as kRowsPerFile asks for
  int threads = 1;  // 1..kSyntheticThreadsMax
};

struct GeneratedBase {
  World world;
  SyntheticCounts counts;
  int files = 0;
  uint64_t bytes = 0;               // of the transaction files
  std::vector<TableCounts> tables;  // by kCustomerTables; empty without them
};

// Of the transaction files; called by one thread at a time, not always the same.
struct GenerationProgress {
  int files_done = 0;
  int files = 0;
};

// INVALID_ARGUMENT (FLAG_INVALID) names the flag: those of MakeWorld, --out for a folder that holds something, --files.
// Errors of the file system name the path; what was written by then stays, without job.yaml.
absl::StatusOr<GeneratedBase> GenerateBase(const BaseOptions& options, FileSystem* files,
                                           const std::function<void(const GenerationProgress&)>& on_progress);

}  // namespace strata
