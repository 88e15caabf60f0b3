#include "data/segments/column_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/local_minutes.h"

namespace strata {
namespace {

constexpr std::string_view kProductsPrefix = "products.";

absl::Status Missing(std::string_view where, const Expression& column) {
  return MakeError(absl::StatusCode::kInternal, "SEGMENT_COLUMN_MISSING",
                   fmt::format("a segment needs column {} of {}, of type {}, which is not there", column.text, where,
                               TypeName(column.type)),
                   {{"column", column.text}});
}

void ReadTable(const TableShard& table, int column, const Expression& expression, ColumnReader* reader) {
  if (!expression.IsText()) {
    reader->kind = ColumnReader::Kind::kWhole;
    reader->whole = table.whole(column).data();
    reader->takes_day = expression.stored == Stored::kMinutes;
    return;
  }
  reader->kind = ColumnReader::Kind::kCode;
  reader->code = table.code(column).data();
  const size_t words = table.words(column);
  reader->words.reserve(words);
  for (size_t i = 0; i < words; ++i) reader->words.push_back(table.word(column, static_cast<int32_t>(i)));
}

// The time of a row is its day and minute, whatever the table calls it.
bool IsRowTime(TableId table, std::string_view name) {
  const ColumnSchema* schema = FindColumn(table, name);
  return schema != nullptr && schema->Is(kRowTime);
}

}  // namespace

const int64_t* ColumnReader::Plain() const {
  return kind == Kind::kWhole && through == nullptr && !takes_day ? whole : nullptr;
}

void ColumnReader::Read(size_t begin, size_t n, int64_t* out) const {
  const auto read = [&](const auto& value) {
    for (size_t i = 0; i < n; ++i) {
      const size_t row = begin + i;
      if (through == nullptr) {
        out[i] = value(row);
      } else {
        out[i] = through[row] < 0 ? kNoWhole : value(static_cast<size_t>(through[row]));
      }
    }
  };
  switch (kind) {
    case Kind::kNumber:
      break;
    case Kind::kWhole:
      if (takes_day) {
        read([this](size_t row) { return whole[row] == kNoWhole ? kNoWhole : DayOfMinutes(whole[row]); });
      } else {
        read([this](size_t row) { return whole[row]; });
      }
      break;
    case Kind::kCode:
      read([this](size_t row) { return code[row] < 0 ? kNoWhole : int64_t{code[row]}; });
      break;
    case Kind::kDay:
      read([this](size_t row) { return day[row] == kTimelessDay ? kNoWhole : int64_t{day[row]}; });
      break;
    case Kind::kDaysAgo:
      read([this](size_t row) { return day[row] == kTimelessDay ? kNoWhole : int64_t{as_of} - day[row]; });
      break;
    case Kind::kMinute:
      read([this](size_t row) { return int64_t{minute[row]}; });
      break;
  }
}

absl::StatusOr<ColumnReader> ReaderOf(const Expression& column, const ColumnSet& columns) {
  const Column* found = columns.Find(column.text);
  if (found == nullptr || found->type != column.type) return Missing("customers", column);
  ColumnReader reader;
  if (found->type == ColumnType::kNumber) {
    reader.kind = ColumnReader::Kind::kNumber;
    reader.number = found->number.data();
  } else if (found->type == ColumnType::kText) {
    reader.kind = ColumnReader::Kind::kCode;
    reader.code = found->code.data();
    reader.words.assign(found->words.begin(), found->words.end());
  } else {
    reader.whole = found->whole.data();
  }
  return reader;
}

std::vector<int32_t> ProductRows(const TableShard& events, const TableShard& products) {
  const int named = events.Column("product_id");
  const int id = products.Column("product_id");
  if (named < 0 || id < 0) return std::vector<int32_t>(events.rows(), -1);
  // Words of both sides ascend, so the rows of words are found in one walk.
  std::vector<int32_t> row_of_word(products.words(id), -1);
  const std::span<const int32_t> ids = products.code(id);
  for (size_t row = 0; row < products.rows(); ++row) {
    if (ids[row] >= 0) row_of_word[static_cast<size_t>(ids[row])] = static_cast<int32_t>(row);
  }
  std::vector<int32_t> row_of_named(events.words(named), -1);
  size_t word = 0;
  for (size_t i = 0; i < row_of_named.size(); ++i) {
    const std::string_view wanted = events.word(named, static_cast<int32_t>(i));
    while (word < row_of_word.size() && products.word(id, static_cast<int32_t>(word)) < wanted) ++word;
    const bool found = word < row_of_word.size() && products.word(id, static_cast<int32_t>(word)) == wanted;
    if (found) row_of_named[i] = row_of_word[word];
  }
  std::vector<int32_t> rows;
  rows.reserve(events.rows());
  for (const int32_t code : events.code(named)) rows.push_back(code < 0 ? -1 : row_of_named[static_cast<size_t>(code)]);
  return rows;
}

absl::StatusOr<ColumnReader> ReaderOf(const Expression& column, TableId table, const TableShard& events,
                                      const TableShard* products, const std::vector<int32_t>& product_rows, Day as_of) {
  ColumnReader reader;
  reader.as_of = as_of;
  reader.day = events.day().data();
  reader.minute = events.minute().data();
  const std::string_view name = column.text;
  if (name == "day" || IsRowTime(table, name)) {
    reader.kind = ColumnReader::Kind::kDay;
    return reader;
  }
  if (name == "days_ago") {
    reader.kind = ColumnReader::Kind::kDaysAgo;
    return reader;
  }
  if (name == "minute") {
    reader.kind = ColumnReader::Kind::kMinute;
    return reader;
  }
  if (name.starts_with(kProductsPrefix)) {
    const int of_product = products == nullptr ? -1 : products->Column(name.substr(kProductsPrefix.size()));
    if (of_product < 0) return Missing(SchemaOf(table).name, column);
    ReadTable(*products, of_product, column, &reader);
    reader.through = product_rows.data();
    return reader;
  }
  const int own = events.Column(name);
  if (own < 0) return Missing(SchemaOf(table).name, column);
  ReadTable(events, own, column, &reader);
  return reader;
}

}  // namespace strata
