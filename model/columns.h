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
  std::string name; ColumnType type = ColumnType::kInteger; std::string unit;
  std::span<const int64_t> whole;         // all but kNumber and kText
  std::span<const double> number;         // NaN: null
  std::span<const int32_t> code;          // kText; -1: null
  std::span<const std::string> words;     // ascending by bytes
};
class ColumnSet {
 public:
  void Add(Column column);                // names are unique
  const Column* Find(std::string_view name) const;
  const std::vector<Column>& columns() const;
  size_t rows() const;
};

}  // namespace strata
