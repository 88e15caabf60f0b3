// Accepted rows of one table of one shard, column by column: what ingest hands to the ledger, and what a map task
// leaves behind. Plain values, not thread-safe; the functions are pure and thread-safe.
//
// Errors: DATA_LOSS (BATCH_INCONSISTENT, TABLE_ROWS_CORRUPT) when rows or bytes are not as they must be,
// FAILED_PRECONDITION (FORMAT_UNKNOWN) for a version that this build does not know.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/column_type.h"
#include "base/hash.h"
#include "base/status.h"
#include "data/row_batch.h"
#include "run/job.h"
#include "run/table_source.h"

namespace strata {

// The words of such a column are in a dictionary, every row has the code of one.
constexpr bool IsCoded(ValueType type) {
  return type == ValueType::kCategory || type == ValueType::kChoice || type == ValueType::kTags;
}

struct TableColumn {
  ValueType type = ValueType::kCategory;
  std::vector<int64_t> whole;  // where IsCoded(type) is false; kNoWhole: missing
  std::vector<int32_t> code;   // where it is true: place in words; -1: missing
  TextColumn words;            // distinct, none empty, in any order; some may be out of use
  bool operator==(const TableColumn&) const = default;
};

// All columns have the length of `hash`, but for those that say when they are empty.
struct TableBatch {
  std::vector<uint64_t> hash;        // XXH3-64 of the customer id; 0 in the reference shard
  TextColumn id;                     // empty texts there
  std::vector<Day> day;              // of the row's time, or from which it holds; kTimelessDay: always
  std::vector<int16_t> minute;       // of that day, 0..1439
  std::vector<int32_t> file;         // file number in the ledger's file registry
  std::vector<Hash128> key;          // of the row; empty: the table has no row key, and so are the next three
  std::vector<int64_t> version;      // updated_at in microseconds since 1970 UTC, kNoWhole where there is none
  std::vector<uint64_t> row_hash;    // XXH3-64 over the canonical form of all mapped values
  std::vector<uint8_t> differs;      // 1: its file had rows of this key with other content; empty: nowhere
  std::vector<TableColumn> columns;  // in the order of the layout

  size_t size() const { return hash.size(); }
  bool operator==(const TableBatch&) const = default;
};

// What batches and segments of a table of a job look like.
struct TableLayout {
  TableId table = TableId::kTransactions;
  // Every mapped column in the order of the schema, then extra ones by name, but for those that a row keeps as its
  // customer, its day and minute (the row's time, valid_from) or its version (updated_at).
  std::vector<std::string> names;
  std::vector<ValueType> types;
  bool has_key = false;
  Effect effect = Effect::kEvent;
  // Of a version table: the columns that say, together with the customer, whose versions they are (the product of a
  // product, nothing for a customer). Places in `names`, ascending.
  std::vector<size_t> entity;
};
TableLayout LayoutOf(const TableSource& source);
// Details of transactions: net, is_return, then quantity, order_id, product_id, category, region, channel,
// promotion_id, discount, cost, due_date and payment_date as far as they are mapped. The key is the transaction id.
TableLayout LineLayoutOf(const TransactionSource& source);
// Whether the job keeps details: it maps a column for which they are kept (kLineDetail) and does not drop them.
bool KeepsLines(const TransactionSource& source);
// Whom the rows of the customers table name (TableId::kLinks): a row of the customer who is named, with one column,
// kind.
TableLayout LinkLayout();
// Whether the table has columns that name other customers.
bool HasLinks(const TableSource& source);

// A batch without rows is fine whatever its columns; any other must have the layout's.
absl::Status CheckTableBatch(const TableBatch& batch, const TableLayout& layout);

// What a map task leaves behind of a table: the batches of all shards and of the reference shard, which is the last
// one, in one object, with an index, so that a ledger task reads its shard alone; each shard has its own checksum. An
// empty shard costs its 24 bytes of index. Precondition: CheckTableBatch is content with every batch.
std::string EncodeTableBatches(const std::vector<TableBatch>& shards);
absl::StatusOr<TableBatch> DecodeTableBatch(std::string_view object, uint32_t shard, const TableLayout& layout);
// Adds the bytes of each shard's block to those of the shard, from the index alone. DATA_LOSS where the blocks do not
// fill the object, or are not as many as the vector has.
absl::Status AddTableBatchSizes(std::string_view object, std::vector<uint64_t>* bytes_by_shard);

}  // namespace strata
