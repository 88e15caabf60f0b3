#include "data/synthetic/base_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <new>
#include <optional>
#include <system_error>
#include <thread>

#include "data/synthetic/base_parquet.h"
#include "data/synthetic/life.h"
#include "data/synthetic/row_values.h"
#include "data/synthetic/tables/generated_tables.h"
#include "data/synthetic/tables/tables_text.h"
#include "data/synthetic/transactions_csv.h"

namespace strata {
namespace {

constexpr uint32_t kFileMode = 0644;     // nobody in it exists
constexpr double kReserveMargin = 1.05;  // files differ by chance

absl::Status Invalid(std::string_view flag, const std::string& found, const std::string& allowed) {
  return MakeError(absl::StatusCode::kInvalidArgument, "FLAG_INVALID", fmt::format("{} {}: {}", flag, found, allowed),
                   {{"flag", std::string(flag)}, {"found", found}});
}

absl::Status CheckFolder(const std::string& out, FileSystem* files) {
  const auto info = files->Stat(out);
  if (info.status().code() == absl::StatusCode::kNotFound) return absl::OkStatus();
  STRATA_RETURN_IF_ERROR(info.status());
  if (!info->is_directory) return Invalid("--out", out, "is a file; allowed is a new or empty folder");
  STRATA_ASSIGN_OR_RETURN(const std::vector<FileInfo> children, files->List(out));
  if (children.empty()) return absl::OkStatus();
  return Invalid("--out", out,
                 fmt::format("holds {} already; allowed is a new or empty folder", children.front().path));
}

absl::StatusOr<int> FileCount(const BaseOptions& options, double expected_rows) {
  const int64_t customers = options.world.customers;
  const auto needed = [&](int64_t rows) { return static_cast<int64_t>(expected_rows / static_cast<double>(rows)) + 1; };
  if (options.files == 0) {
    return static_cast<int>(std::min({needed(kRowsPerFile), customers, int64_t{kSyntheticFilesMax}}));
  }
  const int64_t fewest = needed(kRowsPerFileMax);
  const int64_t most = std::min<int64_t>(customers, kSyntheticFilesMax);
  if (options.files >= fewest && options.files <= most) return options.files;
  return Invalid("--files", fmt::format("{}", options.files),
                 fmt::format("allowed is {} to {}: at most {} rows and at least one customer a file", fewest, most,
                             kRowsPerFileMax));
}

// Makes the transaction files in any number of threads, and the truth in the order of customers.
class Generation {
 public:
  Generation(const BaseOptions& options, const World& world, int file_count, FileSystem* files,
             const std::function<void(const GenerationProgress&)>& on_progress)
      : options_(options),
        world_(world),
        file_count_(file_count),
        files_(files),
        on_progress_(on_progress),
        truth_(world),
        waiting_(static_cast<size_t>(file_count)),
        tables_(options, world, files) {}

  absl::Status Run();
  const SyntheticCounts& counts() const { return counts_; }
  uint64_t bytes() const { return bytes_; }
  GeneratedTables& tables() { return tables_; }
  absl::StatusOr<std::string> Truth() { return truth_.Finish(); }

 private:
  uint32_t FirstCustomer(int file) const {
    return static_cast<uint32_t>(options_.world.customers * file / file_count_);
  }
  void Work();
  absl::Status MakeFile(int file);
  absl::StatusOr<std::string> Encode(const std::vector<SyntheticRow>& rows, int file) const;
  absl::Status Take(int file, std::vector<CustomerTruth> truths, const SyntheticCounts& counts, uint64_t bytes);

  const BaseOptions& options_;
  const World& world_;
  const int file_count_;
  FileSystem* files_;
  const std::function<void(const GenerationProgress&)>& on_progress_;
  std::atomic<int> next_file_{0};
  std::atomic<bool> failed_{false};

  std::mutex mutex_;  // guards what follows
  TruthParquet truth_;
  std::vector<std::optional<std::vector<CustomerTruth>>> waiting_;  // by file, for their turn in the truth
  size_t next_truth_ = 0;
  SyntheticCounts counts_;
  uint64_t bytes_ = 0;
  int done_ = 0;
  int error_file_ = 0;
  absl::Status error_;  // of the first file that failed, by number
  GeneratedTables tables_;
};

absl::Status Generation::Run() {
  std::vector<std::jthread> threads;
  const int wanted = std::min(options_.threads, file_count_);
  try {
    for (int i = 1; i < wanted; ++i) threads.emplace_back([this] { Work(); });
  } catch (const std::system_error& error) {
    failed_ = true;
    return MakeError(absl::StatusCode::kResourceExhausted, "TOO_MANY_THREADS",
                     fmt::format("--threads {}: the system has no more threads: {}", options_.threads, error.what()));
  }
  Work();
  threads.clear();  // joins
  return error_;
}

void Generation::Work() {
  while (!failed_) {
    const int file = next_file_++;
    if (file >= file_count_) return;
    absl::Status status;
    try {
      status = MakeFile(file);
    } catch (const std::bad_alloc&) {
      status = MakeError(absl::StatusCode::kResourceExhausted, "OUT_OF_MEMORY",
                         "no memory for a file of transactions; use more --files or fewer --threads");
    }
    if (status.ok()) continue;
    failed_ = true;
    const std::lock_guard lock(mutex_);
    if (error_.ok() || file < error_file_) {
      error_ = status;
      error_file_ = file;
    }
  }
}

absl::Status Generation::MakeFile(int file) {
  const uint32_t begin = FirstCustomer(file);
  const uint32_t end = FirstCustomer(file + 1);
  std::vector<SyntheticRow> rows;
  rows.reserve(static_cast<size_t>(kReserveMargin * world_.expected_rows / file_count_));
  std::vector<CustomerTruth> truths;
  truths.reserve(end - begin);
  SyntheticCounts counts;
  std::vector<size_t> first_row;
  for (uint32_t customer = begin; customer < end; ++customer) {
    first_row.push_back(rows.size());
    STRATA_ASSIGN_OR_RETURN(const CustomerTruth truth, LiveLife(world_, customer, &rows));
    counts.Add(truth);
    truths.push_back(truth);
  }
  const size_t clean = rows.size();
  first_row.push_back(clean);
  std::optional<MadeTables> tables;
  if (world_.catalogue.has_value()) tables = tables_.Make(file, file_count_, begin, truths, first_row, rows);
  AddDirt(world_, 0, &rows);
  for (size_t i = clean; i < rows.size(); ++i) counts.AddDirty(rows[i].dirt);
  SortByTime(&rows);
  STRATA_ASSIGN_OR_RETURN(const std::string bytes, Encode(rows, file));
  const std::string path = fmt::format("{}/transactions/part-{:05}.{}", options_.out, file, Name(options_.format));
  STRATA_RETURN_IF_ERROR(files_->WriteNew(path, bytes, kFileMode));
  if (tables.has_value()) STRATA_RETURN_IF_ERROR(tables_.Write(file, std::move(*tables)));
  return Take(file, std::move(truths), counts, bytes.size());
}

absl::StatusOr<std::string> Generation::Encode(const std::vector<SyntheticRow>& rows, int file) const {
  if (options_.format == SyntheticFormat::kCsv) return EncodeTransactionsCsv(world_, rows);
  const uint32_t begin = FirstCustomer(file);
  return EncodeTransactionsParquet(world_, rows, begin, FirstCustomer(file + 1) - begin);
}

absl::Status Generation::Take(int file, std::vector<CustomerTruth> truths, const SyntheticCounts& counts,
                              uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  counts_.Add(counts);
  bytes_ += bytes;
  ++done_;
  waiting_[static_cast<size_t>(file)] = std::move(truths);
  while (next_truth_ < waiting_.size() && waiting_[next_truth_].has_value()) {
    STRATA_RETURN_IF_ERROR(truth_.Append(FirstCustomer(static_cast<int>(next_truth_)), *waiting_[next_truth_]));
    waiting_[next_truth_++].reset();
  }
  if (on_progress_) on_progress_({.files_done = done_, .files = file_count_});
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<GeneratedBase> GenerateBase(const BaseOptions& options, FileSystem* files,
                                           const std::function<void(const GenerationProgress&)>& on_progress) {
  STRATA_ASSIGN_OR_RETURN(World world, MakeWorld(options.world));
  STRATA_ASSIGN_OR_RETURN(const int file_count, FileCount(options, world.expected_rows));
  STRATA_RETURN_IF_ERROR(CheckFolder(options.out, files));
  STRATA_RETURN_IF_ERROR(files->CreateFolders(options.out + "/transactions"));
  if (world.catalogue.has_value()) STRATA_RETURN_IF_ERROR(CreateTableFolders(options, files));
  Generation generation(options, world, file_count, files, on_progress);
  STRATA_RETURN_IF_ERROR(generation.Run());
  const SyntheticCounts& counts = generation.counts();
  STRATA_ASSIGN_OR_RETURN(const std::string truth, generation.Truth());
  STRATA_RETURN_IF_ERROR(files->WriteNew(options.out + "/truth.parquet", truth, kFileMode));
  STRATA_RETURN_IF_ERROR(
      files->WriteNew(options.out + "/truth.json", TruthText(world, counts, options.format, file_count), kFileMode));
  std::string sources, models;
  if (world.catalogue.has_value()) {
    STRATA_RETURN_IF_ERROR(generation.tables().Finish());
    sources = TableSourcesText(options.world.shape, generation.tables().counts(), options.format);
    models = TableModelsText();
  } else {
    STRATA_ASSIGN_OR_RETURN(const std::string products, EncodeProductsParquet(world));
    STRATA_RETURN_IF_ERROR(files->WriteNew(options.out + "/products.parquet", products, kFileMode));
  }
  STRATA_RETURN_IF_ERROR(files->SyncFolder(options.out + "/transactions"));
  STRATA_RETURN_IF_ERROR(files->SyncFolder(options.out));
  // By its name a base is whole, so the name comes with the whole file.
  const std::string job = options.out + "/job.yaml";
  STRATA_RETURN_IF_ERROR(files->WriteNew(job + ".part", JobText(world, counts, sources, models), kFileMode));
  STRATA_RETURN_IF_ERROR(files->RenameNew(job + ".part", job));
  const uint64_t bytes = generation.bytes();
  SyntheticCounts taken = counts;
  return GeneratedBase{.world = std::move(world),
                       .counts = std::move(taken),
                       .files = file_count,
                       .bytes = bytes,
                       .tables = generation.tables().counts()};
}

}  // namespace strata
