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
// What a row keeps as its customer, day and minute, or version is not kept again in a column.
constexpr uint16_t kKeptApart = kCustomer | kRowTime | kValidFrom;
constexpr std::string_view kVersionColumn = "updated_at";

bool Has(const ColumnSchema& column, uint16_t mark) { return (column.marks & mark) != 0; }

bool Maps(const TableSource& source, const ColumnSchema& column) {
  const auto found = source.columns.find(std::string(column.name));
  return found != source.columns.end() && !found->second.empty();
}

bool Maps(const SourceFields& fields, std::string_view name) {
  return std::any_of(fields.fields.begin(), fields.fields.end(),
                     [name](const SourceField& field) { return field.name == name && !field.column.empty(); });
}

// Whether the rows have a key: its first column says so.
bool HasKey(const TableSource& source) {
  const std::span<const ColumnSchema> columns = SchemaOf(source.table).columns;
  const auto first =
      std::find_if(columns.begin(), columns.end(), [](const ColumnSchema& column) { return Has(column, kRowKey); });
  return first != columns.end() && Maps(source, *first);
}

}  // namespace

TableLayout LayoutOf(const TableSource& source) {
  const TableSchema& schema = SchemaOf(source.table);
  TableLayout layout{.table = source.table,
                     .names = {},
                     .types = {},
                     .has_key = HasKey(source),
                     .effect = schema.effect,
                     .entity = {}};
  for (const ColumnSchema& column : schema.columns) {
    if (!Maps(source, column) || Has(column, kKeptApart) || column.name == kVersionColumn) continue;
    if (schema.effect == Effect::kVersion && Has(column, kRowKey)) layout.entity.push_back(layout.names.size());
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

bool MapsLineDetails(const TransactionSource& source) {
  const SourceFields fields = FieldsOf(source);
  const std::span<const ColumnSchema> columns = SchemaOf(TableId::kTransactions).columns;
  return std::any_of(columns.begin(), columns.end(), [&fields](const ColumnSchema& column) {
    return Has(column, kLineDetail) && Maps(fields, column.name);
  });
}

}  // namespace strata
