// Accepted rows of one table of one shard, column by column. Plain values, not thread-safe. Columns are those that the
// job maps, in the order of the schema, then extra ones; all have the length of `hash`.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "base/status.h"
#include "data/row_batch.h"
#include "run/table_source.h"

namespace strata {

struct TableColumn {
  ValueType type = ValueType::kCategory;
  std::vector<int64_t> whole;       // kKey, kInteger, kDecimal, kMoney, kShare, kDay, kTime, kFlag; kNoWhole: missing
  std::vector<int32_t> code;        // kCategory, kChoice, kTags: place in words; -1: missing
  TextColumn words;                 // distinct, in any order until a segment is made
};
struct TableBatch {
  std::vector<uint64_t> hash;       // of the customer id; 0 in the reference shard
  TextColumn id;                    // empty texts there
  std::vector<Day> day;             // of the row's time or valid_from; kTimelessDay
  std::vector<int16_t> minute;
  std::vector<int32_t> file;
  std::vector<Hash128> key;         // empty vector: the table has no row key
  std::vector<int64_t> version;     // updated_at in microseconds, kNoUpdatedAt where none; with key
  std::vector<uint64_t> row_hash;   // empty only for details without transaction_id
  std::vector<TableColumn> columns;
  size_t size() const { return hash.size(); }
};
struct TableLayout {  // what batches and segments of a table of a job look like
  TableId table; std::vector<std::string> names; std::vector<ValueType> types; bool has_key = false; Effect effect;
};
TableLayout LayoutOf(const TableSource& source);
TableLayout LineLayoutOf(const TransactionSource& source);  // net, is_return, quantity, order_id, product_id, category, region,
                                                            // channel, promotion_id, discount, cost, due_date, payment_date: those mapped
bool KeepsLines(const TransactionSource& source);
std::string EncodeTableBatches(const std::vector<TableBatch>& shards);  // shards + reference
absl::StatusOr<TableBatch> DecodeTableBatch(std::string_view object, uint32_t shard, const TableLayout& layout);

}  // namespace strata
