#include "run/source_fields.h"

#include <fmt/format.h>

#include "run/transaction_fields.h"

namespace strata {
namespace {

FieldRead ReadOf(ValueType type) {
  switch (type) {
    case ValueType::kKey:
    case ValueType::kCategory:
    case ValueType::kChoice:
    case ValueType::kTags:
      return FieldRead::kText;
    case ValueType::kInteger:
    case ValueType::kDecimal:
    case ValueType::kMoney:
    case ValueType::kShare:
      return FieldRead::kNumber;
    case ValueType::kDay:
    case ValueType::kTime:
      return FieldRead::kTime;
    case ValueType::kFlag:
      return FieldRead::kFlag;
  }
  return FieldRead::kText;
}

FieldRead ReadOf(const TransactionFieldInfo& info) {
  if (info.field == TransactionField::kCurrency) return FieldRead::kCurrency;
  switch (info.kind) {
    case FieldKind::kText:
      return FieldRead::kText;
    case FieldKind::kNumber:
      return FieldRead::kNumber;
    case FieldKind::kTime:
      return FieldRead::kTime;
    case FieldKind::kFlag:
      return FieldRead::kFlag;
  }
  return FieldRead::kText;
}

}  // namespace

SourceField FieldNamed(std::string_view name, std::string_view column, std::string_view prefix, FieldRead read) {
  SourceField field;
  field.name = name;
  for (const char c : name) field.upper_name += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  field.column = column;
  field.key = fmt::format("{}{}", prefix, name);
  field.read = read;
  return field;
}

SourceFields FieldsOf(const TransactionSource& source) {
  SourceFields fields;
  fields.delimiter = source.delimiter;
  for (const TransactionFieldInfo& info : kTransactionFields) {
    fields.fields.push_back(
        FieldNamed(info.name, source.columns.*(info.column), "sources.transactions.columns.", ReadOf(info)));
  }
  return fields;
}

SourceFields FieldsOf(const TableSource& source) {
  const TableSchema& schema = SchemaOf(source.table);
  SourceFields fields;
  fields.delimiter = source.delimiter;
  const std::string prefix = fmt::format("sources.{}.columns.", schema.name);
  for (const ColumnSchema& column : schema.columns) {
    const auto found = source.columns.find(std::string(column.name));
    const std::string_view mapped = found == source.columns.end() ? std::string_view() : found->second;
    const FieldRead read = column.Is(kFlagServes) ? FieldRead::kTimeOrFlag : ReadOf(column.type);
    fields.fields.push_back(FieldNamed(column.name, mapped, prefix, read));
  }
  for (const ExtraColumn& extra : source.extra) {
    SourceField field =
        FieldNamed(extra.name, extra.column, fmt::format("sources.{}.extra.", schema.name), ReadOf(extra.type));
    field.key += ".column";
    fields.fields.push_back(std::move(field));
  }
  return fields;
}

}  // namespace strata
