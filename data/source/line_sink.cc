#include "data/source/line_sink.h"

#include <algorithm>

namespace strata {
namespace {

constexpr size_t kNet = 0;
constexpr size_t kIsReturn = 1;
constexpr size_t kFirstDetail = 2;
constexpr int64_t kNanosPerMinute = 60'000'000'000;

TransactionField FieldOf(std::string_view name) {
  return std::find_if(kTransactionFields.begin(), kTransactionFields.end(),
                      [name](const TransactionFieldInfo& info) { return info.name == name; })
      ->field;
}

}  // namespace

LineSink::LineSink(const TransactionSource& source, uint32_t shards, int32_t file_number)
    : rows_(LineLayoutOf(source), shards, file_number) {
  const std::vector<std::string>& names = rows_.layout().names;
  for (size_t i = kFirstDetail; i < names.size(); ++i) fields_.push_back(FieldOf(names[i]));
}

std::optional<int64_t> LineSink::WholeOf(TransactionField field, const ParsedRow& row, const RowParser& parser) {
  switch (field) {
    case TransactionField::kQuantity:
      return parser.quantity();
    case TransactionField::kDiscount:
      return row.discount_micros;
    case TransactionField::kCost:
      return row.cost_micros;
    case TransactionField::kDueDate:
      return parser.due_date();
    default:
      return parser.payment_date();
  }
}

void LineSink::Add(const ParsedRow& row, const Cells& cells, const RowParser& parser) {
  rows_.Add({.customer_id = row.customer_id,
             .day = row.time.day,
             .minute = static_cast<int16_t>(row.time.nanos / kNanosPerMinute),
             .key = row.transaction,
             .version = row.updated_at_us,
             .row_hash = row.row_hash});
  rows_.AddWhole(kNet, row.net_micros);
  rows_.AddWhole(kIsReturn, row.is_return ? 1 : 0);
  for (size_t i = 0; i < fields_.size(); ++i) {
    const Cell& cell = cells[static_cast<size_t>(fields_[i])];
    const size_t column = kFirstDetail + i;
    const ValueType type = rows_.layout().types[column];
    if (IsCoded(type)) {
      rows_.AddWord(column, IsMissing(cell) ? std::string_view() : cell.text);
    } else if (type == ValueType::kKey) {
      rows_.AddWhole(column, IsMissing(cell) ? kNoWhole : StoredKey(cell.text));
    } else {
      rows_.AddWhole(column, WholeOf(fields_[i], row, parser).value_or(kNoWhole));
    }
  }
}

}  // namespace strata
