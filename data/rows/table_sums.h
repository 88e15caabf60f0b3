// What counts in a table of a shard, added up customer by customer. Not thread-safe.
//
// The digest is logical: the sum mod 2^128 (Plus, base/hash_sum.h) over all rows that count of XXH3-128 over the
// customer's id, day, minute, the row's identity where the table has a key, and all columns, words as texts. No file,
// no layout of segments and no order is in it, so whatever changes costs what changed.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/rows/row_rules.h"
#include "data/rows/table_shard.h"

namespace strata {

class TableSums {
 public:
  explicit TableSums(const TableLayout& layout) : layout_(layout) {}

  // Hashes all rows of a source now, in the order in which they lie: new rows lie anywhere but in the order of their
  // customers, and reading them column by column and row by row in that order costs several times as much.
  void HashAhead(std::span<const RowSpans> sources, size_t source);
  // The winners of a customer whom the rules have settled; `sign` is 1, or -1 to take them away.
  void Add(const RowRules& settled, std::string_view id, int64_t sign);
  TableTotals Finish();

 private:
  Hash128 DigestOf(const RowSpans& source, size_t row, std::string_view id);
  template <typename T>
  void Append(T value) {
    std::memcpy(Room(sizeof(T)), &value, sizeof(T));
  }
  void AppendText(std::string_view text) {
    Append(static_cast<uint32_t>(text.size()));
    if (!text.empty()) std::memcpy(Room(text.size()), text.data(), text.size());
  }
  char* Room(size_t bytes);

  const TableLayout& layout_;
  TableTotals totals_;
  std::vector<int64_t> rows_by_day_;  // from kFirstDay on
  int64_t timeless_rows_ = 0;
  std::vector<std::vector<Hash128>> ahead_;  // by source and row; empty: not hashed ahead
  std::string bytes_;                        // the first size_ ones are of the row at hand
  size_t size_ = 0;
};

}  // namespace strata
