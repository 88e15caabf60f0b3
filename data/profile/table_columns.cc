#include "data/profile/table_columns.h"

#include <optional>
#include <utility>

#include "base/column_type.h"
#include "data/profile/word_union.h"

namespace strata {

ColumnType ColumnTypeOf(ValueType type) {
  switch (type) {
    case ValueType::kMoney:
      return ColumnType::kMoney;
    case ValueType::kDecimal:
    case ValueType::kShare:
      return ColumnType::kShare;
    case ValueType::kDay:
      return ColumnType::kDay;
    case ValueType::kFlag:
      return ColumnType::kFlag;
    case ValueType::kCategory:
    case ValueType::kChoice:
    case ValueType::kTags:
      return ColumnType::kText;
    default:
      return ColumnType::kInteger;
  }
}

void AddTableColumn(const TableShard& table, std::string name, const ProfileAttribute& attribute, OwnedColumns* columns,
                    std::vector<int64_t>* present) {
  const size_t customers = columns->rows();
  const int column = table.Column(attribute.name);
  const ColumnType type = ColumnTypeOf(attribute.type);
  const auto row_of = [&table](size_t i) -> std::optional<size_t> {
    return table.begin(i) < table.end(i) ? std::optional(table.end(i) - 1) : std::nullopt;
  };
  const auto count = [present](size_t i, bool is_there) {
    if (present != nullptr) (*present)[i] += is_there ? 1 : 0;
  };
  if (type == ColumnType::kText) {
    std::vector<int32_t> codes(customers, -1);
    for (size_t i = 0; i < customers; ++i) {
      if (const auto row = row_of(i)) codes[i] = table.code(column)[*row];
      count(i, codes[i] >= 0);
    }
    columns->AddText(std::move(name), std::move(codes), WordsOf(&table, column));
    return;
  }
  std::vector<int64_t> values(customers, kNoWhole);
  for (size_t i = 0; i < customers; ++i) {
    if (const auto row = row_of(i)) values[i] = table.whole(column)[*row];
    count(i, values[i] != kNoWhole);
  }
  columns->AddWhole(std::move(name), type, type == ColumnType::kMoney ? "micros" : "", std::move(values));
}

}  // namespace strata
