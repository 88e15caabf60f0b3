// What products cost, and which category they have, on a day. Views tables that must outlive it; read-only, so
// thread-safe.
#pragma once

#include <cstdint>
#include <vector>

#include "base/date.h"
#include "data/rows/table_shard.h"

namespace strata {

class ProductVersions {
 public:
  // `products` is of the reference shard, opened with Versions::kAll; null: there is none. Products are asked for by
  // the codes that `lines` has for them.
  ProductVersions(const TableShard* products, const TableShard& lines);

  // The row in `products` of the version that applies: the latest not after the day; -1: none. `code` -1: none.
  int64_t RowAt(int32_t code, Day day) const;
  // Of a row; kNoWhole and -1 where the row, or the column, has none.
  int64_t UnitCost(int64_t row) const { return unit_cost_.empty() || row < 0 ? kNoWhole : unit_cost_[At(row)]; }
  int32_t Category(int64_t row) const { return category_.empty() || row < 0 ? -1 : category_[At(row)]; }

 private:
  struct Version {
    Day day;
    int64_t row;
  };
  static size_t At(int64_t row) { return static_cast<size_t>(row); }

  std::vector<Version> versions_;  // product by product, ascending by day
  std::vector<size_t> begin_;      // by code of the lines, and the end of the last; empty: there are no products
  std::span<const int64_t> unit_cost_;
  std::span<const int32_t> category_;
};

}  // namespace strata
