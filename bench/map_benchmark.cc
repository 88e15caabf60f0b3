// What mapping costs a row: reading, checking and dealing out of transactions, from CSV and from Parquet.
// STRATA_MAP_BENCHMARK_FILES names a folder of transactions as `strata generate` writes it.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "data/source/ingest.h"
#include "store/file_system.h"

namespace strata {
namespace {

Job JobOf(bool all_columns) {
  Job job;
  job.currency = "EUR";
  job.shards = 64;
  TransactionColumns& columns = job.transactions.columns;
  columns.customer_id = "customer_id";
  columns.time = "time";
  columns.amount = "amount";
  if (!all_columns) return job;
  columns.quantity = "quantity";
  columns.unit_price = "unit_price";
  columns.transaction_id = "transaction_id";
  columns.order_id = "order_id";
  columns.product_id = "product_id";
  columns.region = "region";
  columns.channel = "channel";
  return job;
}

// Rows read.
absl::StatusOr<int64_t> MapAll(FileSystem& file_system, const std::vector<FileInfo>& files, const Job& job) {
  int64_t rows = 0;
  for (const FileInfo& file : files) {
    STRATA_ASSIGN_OR_RETURN(const FileScan scan, ScanFile(file_system, file, job.transactions));
    for (const Split& split : scan.splits) {
      STRATA_ASSIGN_OR_RETURN(const MappedRows mapped, MapSplit(file_system, file.path, scan, split, job, 1));
      rows += mapped.counts.read;
    }
  }
  return rows;
}

void MapFiles(benchmark::State& state, bool all_columns) {
  const char* folder = std::getenv("STRATA_MAP_BENCHMARK_FILES");
  if (folder == nullptr) {
    state.SkipWithError("STRATA_MAP_BENCHMARK_FILES names no folder");
    return;
  }
  const std::unique_ptr<FileSystem> file_system = NewPosixFileSystem();
  const Job job = JobOf(all_columns);
  const auto files = ListSource(*file_system, folder, "");
  if (!files.ok()) {
    state.SkipWithError(std::string(files.status().message()).c_str());
    return;
  }
  int64_t rows = 0;
  for (auto _ : state) {
    const absl::StatusOr<int64_t> mapped = MapAll(*file_system, *files, job);
    if (!mapped.ok()) {
      state.SkipWithError(std::string(mapped.status().message()).c_str());
      return;
    }
    rows += *mapped;
  }
  state.SetItemsProcessed(rows);
}

void ThreeColumns(benchmark::State& state) { MapFiles(state, false); }
void AllColumns(benchmark::State& state) { MapFiles(state, true); }
BENCHMARK(ThreeColumns)->Unit(benchmark::kMillisecond);
BENCHMARK(AllColumns)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace strata

BENCHMARK_MAIN();
