#include <arrow/util/decimal.h>
#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "base/date.h"
#include "data/ledger/arrow_bytes.h"
#include "data/reports/report_table.h"
#include "data/snapshot/parquet_bytes.h"

namespace strata {
namespace {

constexpr int kMoneyDigits = 38;   // all that decimal128 has
constexpr int kMoneyDecimals = 6;  // of micros

std::shared_ptr<arrow::DataType> ArrowType(ReportType type) {
  switch (type) {
    case ReportType::kText:
      return arrow::utf8();
    case ReportType::kInteger:
      return arrow::int64();
    case ReportType::kMoney:
      return arrow::decimal128(kMoneyDigits, kMoneyDecimals);
    case ReportType::kNumber:
    case ReportType::kShare:
      return arrow::float64();
    case ReportType::kDay:
      return arrow::date32();
    case ReportType::kFlag:
      return arrow::boolean();
  }
  return arrow::null();
}

absl::Status Corrupt(const std::string& what, const std::string& message) {
  return MakeError(absl::StatusCode::kDataLoss, "SNAPSHOT_CORRUPT", fmt::format("{}: {}", what, message));
}

void AddColumn(const ReportColumn& column, const ReportTable& table, size_t index, TableColumns* out) {
  const std::vector<int64_t>& whole = table.whole[index];
  const std::vector<double>& number = table.number[index];
  const auto type = ArrowType(column.type);
  const auto cell = [&whole]<typename T>(size_t row, T value) {
    return whole[row] == kNoWhole ? std::nullopt : std::optional<T>(value);
  };
  switch (column.type) {
    case ReportType::kText:
      return out->Add<arrow::StringBuilder>(column.name, type, [&](size_t row) { return table.text[index][row]; });
    case ReportType::kInteger:
      return out->Add<arrow::Int64Builder>(column.name, type, [&](size_t row) { return cell(row, whole[row]); });
    case ReportType::kMoney:
      return out->Add<arrow::Decimal128Builder>(column.name, type,
                                                [&](size_t row) { return cell(row, arrow::Decimal128(whole[row])); });
    case ReportType::kNumber:
    case ReportType::kShare:
      return out->Add<arrow::DoubleBuilder>(column.name, type, [&](size_t row) {
        return std::isnan(number[row]) ? std::nullopt : std::optional(number[row]);
      });
    case ReportType::kDay:
      return out->Add<arrow::Date32Builder>(column.name, type,
                                            [&](size_t row) { return cell(row, static_cast<Day>(whole[row])); });
    case ReportType::kFlag:
      return out->Add<arrow::BooleanBuilder>(column.name, type, [&](size_t row) { return cell(row, whole[row] != 0); });
  }
}

// Appends the cells of a chunk, whose type was compared before. False: an amount beyond 64 bits, or the one that stands
// for no value.
bool AppendCells(const arrow::Array& chunk, ReportType type, size_t index, ReportTable* table) {
  for (int64_t row = 0; row < chunk.length(); ++row) {
    const bool is_null = chunk.IsNull(row);
    if (type == ReportType::kText) {
      table->text[index].push_back(
          is_null ? std::nullopt : std::optional(static_cast<const arrow::StringArray&>(chunk).GetString(row)));
      continue;
    }
    if (StorageOf(type) == ReportStorage::kNumber) {
      table->number[index].push_back(is_null ? std::nan("") : static_cast<const arrow::DoubleArray&>(chunk).Value(row));
      continue;
    }
    int64_t value = kNoWhole;
    if (!is_null && type == ReportType::kInteger) value = static_cast<const arrow::Int64Array&>(chunk).Value(row);
    if (!is_null && type == ReportType::kDay) value = static_cast<const arrow::Date32Array&>(chunk).Value(row);
    if (!is_null && type == ReportType::kFlag) value = static_cast<const arrow::BooleanArray&>(chunk).Value(row);
    if (!is_null && type == ReportType::kMoney) {
      const arrow::Decimal128 amount(static_cast<const arrow::Decimal128Array&>(chunk).GetValue(row));
      if (!amount.ToInteger(&value).ok()) return false;
    }
    if (!is_null && value == kNoWhole) return false;
    table->whole[index].push_back(value);
  }
  return true;
}

}  // namespace

absl::StatusOr<std::string> EncodeReport(std::string_view report, const std::vector<ReportColumn>& columns,
                                         const ReportTable& table) {
  STRATA_RETURN_IF_ERROR(CheckReportTable(report, columns, table));
  TableColumns out(table.rows);
  std::vector<std::string> texts;
  for (size_t i = 0; i < columns.size(); ++i) {
    AddColumn(columns[i], table, i, &out);
    if (columns[i].type == ReportType::kText) texts.push_back(columns[i].name);
  }
  const auto arrow_table = out.Finish();
  if (!arrow_table.ok()) return FromArrow(arrow_table.status(), "SNAPSHOT_CORRUPT", report);
  return WriteParquet(**arrow_table, texts);
}

absl::StatusOr<ReportTable> DecodeReport(std::string_view report, std::string_view bytes,
                                         const std::vector<ReportColumn>& columns) {
  const std::string what = fmt::format("report {}", report);
  STRATA_ASSIGN_OR_RETURN(const auto found, ReadParquet(bytes, what));
  if (std::cmp_not_equal(found->num_columns(), columns.size())) {
    return Corrupt(what, fmt::format("{} columns, declared are {}", found->num_columns(), columns.size()));
  }
  ReportTable table = EmptyTable(columns.size());
  table.rows = static_cast<size_t>(found->num_rows());
  for (size_t i = 0; i < columns.size(); ++i) {
    const arrow::Field& field = *found->field(static_cast<int>(i));
    const auto type = ArrowType(columns[i].type);
    if (field.name() != columns[i].name || !field.type()->Equals(type)) {
      return Corrupt(what, fmt::format("column {} is {}, declared is {}: {}", i, field.ToString(), columns[i].name,
                                       type->ToString()));
    }
    for (const auto& chunk : found->column(static_cast<int>(i))->chunks()) {
      if (!AppendCells(*chunk, columns[i].type, i, &table)) {
        return Corrupt(what, fmt::format("column {} has a value beyond 64 bits", columns[i].name));
      }
    }
  }
  return table;
}

}  // namespace strata
