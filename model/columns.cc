#include "model/columns.h"

#include <algorithm>
#include <utility>

namespace strata {
namespace {

size_t LengthOf(const Column& column) {
  return column.type == ColumnType::kNumber ? column.number.size()
         : column.type == ColumnType::kText ? column.code.size()
                                            : column.whole.size();
}

}  // namespace

void ColumnSet::Add(Column column) {
  rows_ = LengthOf(column);
  columns_.push_back(std::move(column));
}

const Column* ColumnSet::Find(std::string_view name) const {
  const auto found =
      std::find_if(columns_.begin(), columns_.end(), [name](const Column& column) { return column.name == name; });
  return found == columns_.end() ? nullptr : &*found;
}

}  // namespace strata
