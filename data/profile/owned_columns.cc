#include "data/profile/owned_columns.h"

#include <utility>

namespace strata {

void OwnedColumns::AddWhole(std::string name, ColumnType type, std::string unit, std::vector<int64_t> values) {
  Owned& owned = columns_.emplace_back();
  owned.column.name = std::move(name);
  owned.column.type = type;
  owned.column.unit = std::move(unit);
  owned.whole = std::move(values);
}

void OwnedColumns::AddText(std::string name, std::vector<int32_t> codes, std::span<const std::string_view> words) {
  Owned& owned = columns_.emplace_back();
  owned.column.name = std::move(name);
  owned.column.type = ColumnType::kText;
  std::vector<int32_t> place(words.size(), -1);
  for (const int32_t code : codes) {
    if (code >= 0) place[static_cast<size_t>(code)] = 0;
  }
  for (size_t i = 0; i < words.size(); ++i) {
    if (place[i] < 0) continue;
    place[i] = static_cast<int32_t>(owned.words.size());
    owned.words.emplace_back(words[i]);
  }
  for (int32_t& code : codes) {
    if (code >= 0) code = place[static_cast<size_t>(code)];
  }
  owned.code = std::move(codes);
}

ColumnSet OwnedColumns::View() const {
  ColumnSet set;
  for (const Owned& owned : columns_) {
    Column column = owned.column;
    column.whole = owned.whole;
    column.code = owned.code;
    column.words = owned.words;
    set.Add(std::move(column));
  }
  return set;
}

}  // namespace strata
