// Named typed columns of the customers of a shard, row by row as CustomerColumns. Views; whoever made them keeps them
// alive. Read-only once made, so thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/column_type.h"

namespace strata {

struct Column {
  std::string name;
  ColumnType type = ColumnType::kInteger;
  std::string unit;                    // "days", "micros", …; empty where a value has none
  std::span<const int64_t> whole;      // all types but kNumber and kText; kNoWhole: null
  std::span<const double> number;      // kNumber; NaN: null
  std::span<const int32_t> code;       // kText: place in words; -1: null
  std::span<const std::string> words;  // ascending by bytes
};

class ColumnSet {
 public:
  // Preconditions: no column has this name yet, and those that there are have as many rows.
  void Add(Column column);
  // Null: there is none. Looks through all names, so ask once a shard and not once a row.
  const Column* Find(std::string_view name) const;
  const std::vector<Column>& columns() const { return columns_; }
  size_t rows() const { return rows_; }  // 0 without columns

 private:
  std::vector<Column> columns_;
  size_t rows_ = 0;
};

}  // namespace strata
