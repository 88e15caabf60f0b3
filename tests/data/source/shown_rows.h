// Rows of batches as a person would write them down.
#pragma once

#include <string>
#include <vector>

#include "data/rows/table_batch.h"

namespace strata {

inline std::string ShownValue(const TableColumn& column, size_t row) {
  if (IsCoded(column.type)) {
    const int32_t code = column.code[row];
    return code < 0 ? "-" : std::string(column.words[static_cast<size_t>(code)]);
  }
  return column.whole[row] == kNoWhole ? "-" : std::to_string(column.whole[row]);
}

// "id day minute file value value …".
inline std::vector<std::string> ShownRows(const TableBatch& batch) {
  std::vector<std::string> rows;
  for (size_t row = 0; row < batch.size(); ++row) {
    std::string& text = rows.emplace_back(batch.id[row]);
    text += " " + (batch.day[row] == kTimelessDay ? "always" : FormatDay(batch.day[row]));
    text += " " + std::to_string(batch.minute[row]) + " " + std::to_string(batch.file[row]);
    for (const TableColumn& column : batch.columns) text += " " + ShownValue(column, row);
  }
  return rows;
}

}  // namespace strata
