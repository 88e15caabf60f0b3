#include "data/synthetic/tables/generated_tables.h"

#include <fmt/format.h>

#include "data/synthetic/tables/made_parquet.h"
#include "data/synthetic/tables/tables_text.h"

namespace strata {
namespace {

constexpr uint32_t kFileMode = 0644;  // nobody in it exists

std::string FolderOf(const BaseOptions& options, TableId table) {
  return fmt::format("{}/{}", options.out, SchemaOf(table).name);
}

}  // namespace

absl::Status CreateTableFolders(const BaseOptions& options, FileSystem* files) {
  for (const TableId table : kCustomerTables) {
    STRATA_RETURN_IF_ERROR(files->CreateFolders(FolderOf(options, table)));
  }
  return absl::OkStatus();
}

MadeTables GeneratedTables::Make(int file, int files, uint32_t first_customer, std::span<const CustomerTruth> truths,
                                 std::span<const size_t> first_row, std::span<const SyntheticRow> rows) const {
  TableMaker maker(world_);
  if (file == 0) maker.AddActivities();
  for (size_t i = 0; i < truths.size(); ++i) {
    maker.AddBuyer(first_customer + static_cast<uint32_t>(i), truths[i],
                   rows.subspan(first_row[i], first_row[i + 1] - first_row[i]));
  }
  const int64_t never_buy = options_.world.customers / kNeverBuysDivisor;
  for (int64_t i = never_buy * file / files; i < never_buy * (file + 1) / files; ++i) {
    maker.AddWhoNeverBuys(static_cast<uint32_t>(options_.world.customers + i));
  }
  return maker.Take();
}

absl::Status GeneratedTables::WriteTable(const std::string& path, const MadeTable& made) const {
  std::string bytes;
  if (options_.format == SyntheticFormat::kCsv) {
    bytes = EncodeCsv(made);
  } else {
    STRATA_ASSIGN_OR_RETURN(bytes, EncodeParquet(made));
  }
  return files_->WriteNew(fmt::format("{}.{}", path, Name(options_.format)), bytes, kFileMode);
}

absl::Status GeneratedTables::Write(int file, MadeTables made) {
  for (size_t i = 0; i < kCustomerTables.size(); ++i) {
    const std::string path = fmt::format("{}/part-{:05}", FolderOf(options_, kCustomerTables[i]), file);
    STRATA_RETURN_IF_ERROR(WriteTable(path, made.tables[i]));
  }
  const std::lock_guard lock(mutex_);
  for (size_t i = 0; i < counts_.size(); ++i) counts_[i].Add(made.counts[i]);
  truth_.emplace(file, std::move(made.truth));
  return absl::OkStatus();
}

absl::Status GeneratedTables::Finish() {
  const std::lock_guard lock(mutex_);
  STRATA_RETURN_IF_ERROR(WriteTable(options_.out + "/products", MakeProducts(world_)));
  STRATA_RETURN_IF_ERROR(WriteTable(options_.out + "/market", MakeMarket(world_)));
  MadeTable truth = TruthTable();
  for (const auto& [file, part] : truth_) truth.Append(part);
  truth_.clear();
  STRATA_ASSIGN_OR_RETURN(const std::string bytes, EncodeParquet(truth));
  STRATA_RETURN_IF_ERROR(files_->WriteNew(options_.out + "/truth_tables.parquet", bytes, kFileMode));
  STRATA_RETURN_IF_ERROR(
      files_->WriteNew(options_.out + "/truth_tables.json", TablesTruthText(world_, counts_), kFileMode));
  for (const TableId table : kCustomerTables) STRATA_RETURN_IF_ERROR(files_->SyncFolder(FolderOf(options_, table)));
  return absl::OkStatus();
}

}  // namespace strata
