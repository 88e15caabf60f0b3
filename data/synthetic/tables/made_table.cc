#include "data/synthetic/tables/made_table.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/local_minutes.h"
#include "data/source/decimal.h"

namespace strata {
namespace {

constexpr int kCategoryWords = 8;  // "education 1" to "education 8"
constexpr double kLeftOut = 0.1;

std::string TimeText(int64_t minutes) {
  const int64_t minute = MinuteOfDay(minutes);
  return fmt::format("{} {:02}:{:02}", FormatDay(static_cast<Day>(DayOfMinutes(minutes))), minute / 60, minute % 60);
}

void AppendValue(const MadeColumn& column, size_t row, std::string* csv) {
  if (column.IsMissing(row)) return;
  if (IsText(column.type)) {  // no word that is made up needs quotes
    csv->append(column.words.words()[static_cast<size_t>(column.code[row])]);
    return;
  }
  const int64_t value = column.whole[row];
  switch (column.type) {
    case ValueType::kInteger:
      return void(csv->append(fmt::format("{}", value)));
    case ValueType::kDay:
      return void(csv->append(FormatDay(static_cast<Day>(value))));
    case ValueType::kTime:
      return void(csv->append(TimeText(value)));
    case ValueType::kFlag:
      return void(csv->append(value != 0 ? "true" : "false"));
    default:
      return void(csv->append(FormatMicros(value)));
  }
}

}  // namespace

bool IsText(ValueType type) {
  return type == ValueType::kKey || type == ValueType::kCategory || type == ValueType::kChoice ||
         type == ValueType::kTags;
}

bool MadeColumn::IsMissing(size_t row) const { return IsText(type) ? code[row] < 0 : whole[row] == kNoWhole; }

MadeTable::MadeTable(TableId table, const std::vector<std::string_view>& without) {
  for (const ColumnSchema& schema : SchemaOf(table).columns) {
    if (std::find(without.begin(), without.end(), schema.name) != without.end()) continue;
    MadeColumn& column = columns_.emplace_back();
    column.name = schema.name;
    column.type = schema.type;
    column.may_be_missing = !schema.Is(kRequired);
    column.fillers = WordsOf(schema);
    if (schema.type != ValueType::kCategory || schema.Is(kOfProducts)) continue;
    for (int i = 1; i <= kCategoryWords; ++i) column.fillers.push_back(fmt::format("{} {}", schema.name, i));
  }
  is_set_.resize(columns_.size());
}

MadeTable::MadeTable(std::vector<std::pair<std::string, ValueType>> columns) {
  for (auto& [name, type] : columns) AddColumn(std::move(name), type);
}

void MadeTable::AddColumn(std::string name, ValueType type) {
  MadeColumn& column = columns_.emplace_back();
  column.name = std::move(name);
  column.type = type;
  is_set_.resize(columns_.size());
}

void MadeTable::Begin() {
  for (MadeColumn& column : columns_) {
    IsText(column.type) ? column.code.push_back(-1) : column.whole.push_back(kNoWhole);
  }
  is_set_.assign(columns_.size(), false);
  ++rows_;
}

size_t MadeTable::At(std::string_view column) const {
  size_t at = 0;
  while (columns_[at].name != column) ++at;
  return at;
}

void MadeTable::Text(std::string_view column, std::string_view value) {
  const size_t at = At(column);
  columns_[at].code.back() = value.empty() ? -1 : columns_[at].words.CodeOf(value);
  is_set_[at] = true;
}

void MadeTable::Whole(std::string_view column, int64_t value) {
  const size_t at = At(column);
  columns_[at].whole.back() = value;
  is_set_[at] = true;
}

void MadeTable::Fill(DrawStream* draws) {
  for (size_t i = 0; i < columns_.size(); ++i) {
    MadeColumn& column = columns_[i];
    const bool is_flag = column.type == ValueType::kFlag;
    if (is_set_[i] || (column.fillers.empty() && !is_flag)) continue;
    if (column.may_be_missing && draws->Unit() < kLeftOut) continue;
    if (is_flag) {
      column.whole.back() = draws->Below(2);
    } else {
      column.code.back() =
          column.words.CodeOf(column.fillers[draws->Below(static_cast<uint32_t>(column.fillers.size()))]);
    }
  }
}

void MadeTable::Repeat() {
  for (MadeColumn& column : columns_) {
    IsText(column.type) ? column.code.push_back(column.code.back()) : column.whole.push_back(column.whole.back());
  }
  ++rows_;
}

void MadeTable::Append(const MadeTable& other) {
  for (size_t i = 0; i < columns_.size(); ++i) {
    const MadeColumn& from = other.columns_[i];
    columns_[i].whole.insert(columns_[i].whole.end(), from.whole.begin(), from.whole.end());
    for (const int32_t code : from.code) {
      columns_[i].code.push_back(code < 0 ? -1
                                          : columns_[i].words.CodeOf(from.words.words()[static_cast<size_t>(code)]));
    }
  }
  rows_ += other.rows_;
}

std::string EncodeCsv(const MadeTable& table) {
  std::string csv;
  for (const MadeColumn& column : table.columns()) csv.append(column.name).push_back(',');
  csv.back() = '\n';
  for (size_t row = 0; row < table.rows(); ++row) {
    for (const MadeColumn& column : table.columns()) {
      AppendValue(column, row, &csv);
      csv.push_back(',');
    }
    csv.back() = '\n';
  }
  return csv;
}

}  // namespace strata
