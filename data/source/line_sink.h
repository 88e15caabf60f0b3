// Keeps what a transaction says beside its day and net (order, product, quantity, ...) as rows of a table: RowMapper
// hands it every accepted row. Not thread-safe; one per split.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "data/rows/table_batch.h"
#include "data/source/row_parser.h"
#include "data/source/table_rows.h"
#include "run/job.h"

namespace strata {

class LineSink {
 public:
  // `file_number` goes into every row.
  LineSink(const TransactionSource& source, uint32_t shards, int32_t file_number);

  // Makes room for so many rows in all.
  void Expect(int64_t rows) { rows_.Expect(rows); }
  // `row` is what `parser` made of `cells`, its customer the one that the id stands for.
  void Add(const ParsedRow& row, const Cells& cells, const RowParser& parser);

  const TableLayout& layout() const { return rows_.layout(); }
  // Of every shard, the reference shard, which is empty, last. This sink is used up.
  std::vector<TableBatch> Take() { return rows_.Take(); }

 private:
  static std::optional<int64_t> WholeOf(TransactionField field, const ParsedRow& row, const RowParser& parser);

  TableRows rows_;
  std::vector<TransactionField> fields_;  // of the layout's columns after net and is_return
};

}  // namespace strata
