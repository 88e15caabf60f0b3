// What counts in a table of a shard, added up customer by customer. Not thread-safe.
//
// The digest is logical: the sum mod 2^128 (Plus, base/hash_sum.h) over all rows that count of XXH3-128 over the
// customer's id, day, minute, the row's identity where the table has a key, and all columns, words as texts. No file,
// no layout of segments and no order is in it, so whatever changes costs what changed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "data/rows/row_rules.h"
#include "data/rows/table_shard.h"

namespace strata {

class TableSums {
 public:
  explicit TableSums(const TableLayout& layout) : layout_(layout) {}

  // The winners of a customer whom the rules have settled; `sign` is 1, or -1 to take them away.
  void Add(const RowRules& settled, std::string_view id, int64_t sign);
  TableTotals Finish();

 private:
  Hash128 DigestOf(const RowRules& settled, const RowAt& at, std::string_view id);
  template <typename T>
  void Append(T value) {
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof(T));
  }

  const TableLayout& layout_;
  TableTotals totals_;
  std::vector<int64_t> rows_by_day_;  // from kFirstDay on
  int64_t timeless_rows_ = 0;
  std::string bytes_;  // of the row at hand
};

}  // namespace strata
