// Accepted rows on their way to their shards. Rows are dealt out a block at a time and column by column, because
// writing each row to the columns of its shard at once would touch hundreds of places in memory in turn. Keeps the
// order of rows within a shard. Not thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/row_batch.h"
#include "data/source/row_parser.h"

namespace strata {

class StagedRows {
 public:
  // `file_number` goes into every row.
  StagedRows(uint32_t shards, bool has_transaction_id, int32_t file_number);

  // Makes room for so many rows in all.
  void Expect(int64_t rows, std::vector<RowBatch>* shards) const;
  void Add(const ParsedRow& row, std::vector<RowBatch>* shards);
  // Deals out what is left. Precondition: `shards` has as many batches as were promised.
  void Flush(std::vector<RowBatch>* shards);

 private:
  void DealOut(const uint32_t* rows, size_t count, RowBatch* batch) const;

  uint32_t shards_;
  bool has_transaction_id_;
  int32_t file_number_;
  RowBatch block_;                  // without file numbers
  std::vector<uint32_t> shard_of_;  // of each row of the block
  std::vector<uint32_t> begin_;     // of each shard in order_; one more than there are shards
  std::vector<uint32_t> order_;     // rows of the block by shard
};

}  // namespace strata
