// Accepted rows of one split of a table on their way to their shards: kept column by column as they come, with one
// dictionary a column, and dealt out at the end. Keeps the order of rows within a shard. Not thread-safe.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "data/rows/table_batch.h"
#include "data/source/word_table.h"

namespace strata {

// The id of a kKey column as it is stored.
int64_t StoredKey(std::string_view id);

// What a row is beside its columns.
struct TableRowHead {
  std::string_view customer_id;  // empty: of the reference shard
  Day day = kTimelessDay;
  int16_t minute = 0;
  // Where the layout has a key:
  Hash128 key;
  int64_t version = kNoWhole;
  uint64_t row_hash = 0;
};

class TableRows {
 public:
  // Of so many shards of customers, and the reference shard; `file_number` goes into every row.
  TableRows(TableLayout layout, uint32_t shards, int32_t file_number);

  // Makes room for so many rows in all.
  void Expect(int64_t rows);
  // A row; then its values, exactly one for each column of the layout, in any order.
  void Add(const TableRowHead& head);
  // Columns that are not coded; kNoWhole: missing.
  void AddWhole(size_t column, int64_t value) { columns_[column].whole.push_back(value); }
  // Coded columns; empty: missing.
  void AddWord(size_t column, std::string_view word);

  const TableLayout& layout() const { return layout_; }
  // Of every shard, the reference shard last; those without rows have no columns either. These rows are used up.
  // Precondition: fewer than 2^32 rows.
  std::vector<TableBatch> Take();

 private:
  struct Column {
    std::vector<int64_t> whole;
    std::vector<int32_t> code;  // places in words
    WordTable words;
  };

  // Rows by shard: order[begin[shard]] up to order[begin[shard + 1]].
  struct Order {
    std::vector<uint32_t> rows, begin;
  };
  Order ByShard() const;
  void DealOutHeads(const uint32_t* rows, size_t count, TableBatch* batch) const;

  TableLayout layout_;
  uint32_t shards_;
  int32_t file_number_;
  std::vector<uint32_t> shard_of_;  // of each row
  TableBatch heads_;                // without file numbers and columns
  std::vector<Column> columns_;
};

}  // namespace strata
