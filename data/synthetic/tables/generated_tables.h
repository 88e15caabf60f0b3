// The files of the tables beside transactions: those of a run of customers as soon as they are made, the truth in the
// order of customers at the end. Make and Write are called by any thread, each for a file of its own.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <span>
#include <vector>

#include "base/status.h"
#include "data/synthetic/base_writer.h"
#include "data/synthetic/tables/table_maker.h"

namespace strata {

absl::Status CreateTableFolders(const BaseOptions& options, FileSystem* files);

class GeneratedTables {
 public:
  // All must outlive this.
  GeneratedTables(const BaseOptions& options, const World& world, FileSystem* files)
      : options_(options), world_(world), files_(files), counts_(kCustomerTables.size()) {}

  // Of the customers from `first_customer` on, whose rows begin at `first_row` (one more than there are customers), and
  // of the file's share of those who never buy.
  MadeTables Make(int file, int files, uint32_t first_customer, std::span<const CustomerTruth> truths,
                  std::span<const size_t> first_row, std::span<const SyntheticRow> rows) const;
  absl::Status Write(int file, MadeTables made);
  // Products, market and truth; once all files are written.
  absl::Status Finish();

  const std::vector<TableCounts>& counts() const { return counts_; }  // by kCustomerTables

 private:
  absl::Status WriteTable(const std::string& path, const MadeTable& made) const;

  const BaseOptions& options_;
  const World& world_;
  FileSystem* files_;
  std::mutex mutex_;  // guards what follows
  std::vector<TableCounts> counts_;
  std::map<int, MadeTable> truth_;  // by file
};

}  // namespace strata
