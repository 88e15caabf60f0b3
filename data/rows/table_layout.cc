#include <algorithm>
#include <array>

#include "data/rows/table_batch.h"
#include "run/source_fields.h"
#include "run/table_schema.h"

namespace strata {
namespace {

constexpr std::array<std::string_view, 11> kLineColumns = {"quantity", "order_id", "product_id",   "category",
                                                           "region",   "channel",  "promotion_id", "discount",
                                                           "cost",     "due_date", "payment_date"};

bool Maps(const SourceFields& fields, std::string_view name) {
  return std::any_of(fields.fields.begin(), fields.fields.end(),
                     [name](const SourceField& field) { return field.name == name && field.is_mapped(); });
}

}  // namespace

TableLayout LayoutOf(const TableSource& source) {
  const TableSchema& schema = SchemaOf(source.table);
  TableLayout layout{.table = source.table,
                     .names = {},
                     .types = {},
                     .has_key = source.HasRowKey(),
                     .effect = schema.effect,
                     .entity = {}};
  for (const ColumnSchema& column : schema.columns) {
    if (!source.Maps(column.name) || (column.marks & kPlacingMarks) != 0) continue;
    if (schema.effect == Effect::kVersion && column.Is(kRowKey)) layout.entity.push_back(layout.names.size());
    layout.names.emplace_back(column.name);
    layout.types.push_back(column.type);
  }
  for (const ExtraColumn& extra : source.extra) {
    layout.names.push_back(extra.name);
    layout.types.push_back(extra.type);
  }
  return layout;
}

TableLayout LineLayoutOf(const TransactionSource& source) {
  const SourceFields fields = FieldsOf(source);
  TableLayout layout{.table = TableId::kTransactions,
                     .names = {"net", "is_return"},
                     .types = {ValueType::kMoney, ValueType::kFlag},
                     .has_key = Maps(fields, "transaction_id"),
                     .effect = Effect::kEvent,
                     .entity = {}};
  for (const std::string_view name : kLineColumns) {
    if (!Maps(fields, name)) continue;
    layout.names.emplace_back(name);
    layout.types.push_back(FindColumn(TableId::kTransactions, name)->type);
  }
  return layout;
}

TableLayout LinkLayout() {
  TableSource links;
  links.table = TableId::kLinks;
  for (const ColumnSchema& column : SchemaOf(TableId::kLinks).columns) links.columns.emplace(column.name, column.name);
  return LayoutOf(links);
}

bool HasLinks(const TableSource& source) {
  return source.table == TableId::kCustomers && (source.Maps("referrer_id") || source.Maps("parent_id"));
}

bool KeepsLines(const TransactionSource& source) {
  if (!source.keep_lines) return false;
  const SourceFields fields = FieldsOf(source);
  const std::span<const ColumnSchema> columns = SchemaOf(TableId::kTransactions).columns;
  return std::any_of(columns.begin(), columns.end(), [&fields](const ColumnSchema& column) {
    return column.Is(kLineDetail) && Maps(fields, column.name);
  });
}

}  // namespace strata
