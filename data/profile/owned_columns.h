// Columns of a shard's customers while they are made: what a ColumnSet (model/columns.h) views. Not thread-safe.
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/columns.h"

namespace strata {

class OwnedColumns {
 public:
  explicit OwnedColumns(size_t rows) : rows_(rows) {}
  OwnedColumns(OwnedColumns&&) = default;
  OwnedColumns& operator=(OwnedColumns&&) = default;

  // A column of any type but kNumber and kText. Precondition: as many values as rows.
  void AddWhole(std::string name, ColumnType type, std::string unit, std::vector<int64_t> values);
  // Codes are places in `words`, -1: null. Words that no row has are left out, so that equal values give equal columns.
  // Precondition: words ascend by bytes, each once.
  void AddText(std::string name, std::vector<int32_t> codes, std::span<const std::string_view> words);

  size_t rows() const { return rows_; }
  // Views what this owns.
  ColumnSet View() const;

 private:
  struct Owned {
    Column column;  // without its spans
    std::vector<int64_t> whole;
    std::vector<int32_t> code;
    std::vector<std::string> words;
  };

  size_t rows_;
  std::deque<Owned> columns_;
};

}  // namespace strata
