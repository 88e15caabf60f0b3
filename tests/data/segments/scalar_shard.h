// Customers of the scalar evaluator as a shard has them: columns, and tables of rows made the way the ledger makes
// them. What it shows lives as long as it does.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "data/rows/table_shard.h"
#include "model/columns.h"
#include "run/segments/catalogue.h"
#include "tests/run/segments/scalar_evaluator.h"

namespace strata {

class ScalarShard {
 public:
  // Columns of customers are those of the catalogue, tables those of SampleCatalogue(). Customers keep their places.
  ScalarShard(const ScalarBase& base, const ColumnCatalogue& catalogue);
  ScalarShard(const ScalarShard&) = delete;
  ScalarShard& operator=(const ScalarShard&) = delete;

  const ColumnSet& columns() const { return columns_; }
  const ShardTables& tables() const { return tables_; }

 private:
  void AddColumn(const std::string& name, const NameInfo& info, const ScalarBase& base);
  void AddTable(const TableLayout& layout, const ScalarBase& base);
  void AddProducts(Day as_of);
  const TableShard* Opened(const TableLayout& layout, const TableBatch& batch, Day as_of);

  std::vector<std::string> ids_;  // by customer, ascending by (hash, id)
  std::vector<uint64_t> hash_;
  std::deque<std::vector<int64_t>> whole_;
  std::deque<std::vector<double>> number_;
  std::deque<std::vector<int32_t>> code_;
  std::deque<std::vector<std::string>> words_;
  std::deque<std::string> segments_;
  std::deque<TableShard> shards_;
  ColumnSet columns_;
  ShardTables tables_;
};

}  // namespace strata
