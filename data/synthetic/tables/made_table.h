// Rows of a table that are made up, column by column, and their file as CSV. A row is begun, what is planted is set,
// and the rest is drawn by the schema. Not thread-safe; EncodeCsv is a pure function.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/column_type.h"
#include "data/source/word_table.h"
#include "data/synthetic/draws.h"
#include "run/table_schema.h"

namespace strata {

struct MadeColumn {
  std::string name;
  ValueType type = ValueType::kCategory;
  bool may_be_missing = true;
  std::vector<std::string> fillers;  // words to draw from; empty: nothing is drawn, unless it is a flag
  std::vector<int64_t> whole;        // by row, unless IsText(type); kNoWhole: missing
  std::vector<int32_t> code;         // by row, where IsText(type): place in words; -1: missing
  WordTable words;

  bool IsMissing(size_t row) const;
};

// Keys, categories, choices and tags; the others are whole numbers as table_schema.h says.
bool IsText(ValueType type);

class MadeTable {
 public:
  // A column for each of the schema but those of `without`.
  explicit MadeTable(TableId table, const std::vector<std::string_view>& without = {});
  // Columns of its own.
  explicit MadeTable(std::vector<std::pair<std::string, ValueType>> columns);

  // A further column. Precondition: there are no rows.
  void AddColumn(std::string name, ValueType type);

  void Begin();  // a row
  // Of the row begun last. Precondition: the table has the column.
  void Text(std::string_view column, std::string_view value);  // empty: missing, and stays so
  void Whole(std::string_view column, int64_t value);          // kNoWhole: likewise
  // Columns that were not set: choices, categories and flags are drawn, a tenth of those that need no value left out.
  void Fill(DrawStream* draws);
  // The row begun last once more.
  void Repeat();

  // The rows of a table with the same columns.
  void Append(const MadeTable& other);

  size_t rows() const { return rows_; }
  const std::vector<MadeColumn>& columns() const { return columns_; }

 private:
  size_t At(std::string_view column) const;

  std::vector<MadeColumn> columns_;
  std::vector<bool> is_set_;  // by column, of the row begun last
  size_t rows_ = 0;
};

std::string EncodeCsv(const MadeTable& table);

}  // namespace strata
