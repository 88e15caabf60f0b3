#include "data/reports/report_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "base/utf8.h"

namespace strata {
namespace {

constexpr std::array<std::pair<ReportType, const char*>, 7> kTypeNames = {{{ReportType::kText, "text"},
                                                                           {ReportType::kInteger, "integer"},
                                                                           {ReportType::kMoney, "money"},
                                                                           {ReportType::kNumber, "number"},
                                                                           {ReportType::kShare, "share"},
                                                                           {ReportType::kDay, "day"},
                                                                           {ReportType::kFlag, "flag"}}};

absl::Status Invalid(std::string_view report, const std::string& message) {
  return MakeError(absl::StatusCode::kInternal, "REPORT_INVALID", fmt::format("report {}: {}", report, message),
                   {{"report", std::string(report)}});
}

absl::Status Overflow(std::string_view report, const std::string& message) {
  return MakeError(absl::StatusCode::kOutOfRange, "REPORT_OVERFLOW", fmt::format("report {}: {}", report, message),
                   {{"report", std::string(report)}});
}

bool IsKey(ReportType type) {
  return type == ReportType::kText || type == ReportType::kInteger || type == ReportType::kDay ||
         type == ReportType::kFlag;
}

// How many cells a column has where its type stores them; nullopt where another storage has any.
std::optional<size_t> CellsOf(const ReportTable& table, size_t column, ReportStorage storage) {
  const std::array<size_t, 3> cells = {table.whole[column].size(), table.number[column].size(),
                                       table.text[column].size()};  // by ReportStorage
  const size_t own = cells.at(static_cast<size_t>(storage));
  if (cells[0] + cells[1] + cells[2] != own) return std::nullopt;
  return own;
}

absl::Status CheckCells(std::string_view report, const ReportColumn& column, const ReportTable& table, size_t index) {
  for (size_t row = 0; row < table.rows; ++row) {
    if (column.type == ReportType::kText) {
      const std::optional<std::string>& text = table.text[index][row];
      if (text.has_value() && !IsUtf8(*text)) {
        return Invalid(report, fmt::format("column {}, row {} is not UTF-8", column.name, row));
      }
    } else if (column.type == ReportType::kFlag) {
      const int64_t flag = table.whole[index][row];
      if (flag != 0 && flag != 1 && flag != kNoWhole) {
        return Invalid(report, fmt::format("column {}, row {} is {}, a flag is 0 or 1", column.name, row, flag));
      }
    } else if (column.type == ReportType::kDay) {
      const int64_t day = table.whole[index][row];
      if (day != kNoWhole && !std::in_range<int32_t>(day)) {
        return Invalid(report, fmt::format("column {}, row {} is {}, which is no day", column.name, row, day));
      }
    }
  }
  return absl::OkStatus();
}

// -1, 0 or 1: how rows compare in one column of the key.
int Compare(const ReportTable& table, size_t column, ReportType type, size_t a, size_t b) {
  if (type == ReportType::kText) {
    const auto& texts = table.text[column];
    return texts[a] < texts[b] ? -1 : (texts[b] < texts[a] ? 1 : 0);  // no value comes before any
  }
  const auto& values = table.whole[column];
  return values[a] < values[b] ? -1 : (values[b] < values[a] ? 1 : 0);  // kNoWhole is the least
}

template <typename T>
void Reorder(const std::vector<size_t>& order, std::vector<T>* values) {
  if (values->empty()) return;
  std::vector<T> moved;
  moved.reserve(order.size());
  for (const size_t from : order) moved.push_back(std::move((*values)[from]));
  *values = std::move(moved);
}

}  // namespace

const char* Name(ReportType type) {
  for (const auto& [known, name] : kTypeNames) {
    if (known == type) return name;
  }
  return "";
}

std::optional<ReportType> ReportTypeNamed(std::string_view name) {
  for (const auto& [type, known] : kTypeNames) {
    if (known == name) return type;
  }
  return std::nullopt;
}

ReportStorage StorageOf(ReportType type) {
  if (type == ReportType::kText) return ReportStorage::kText;
  return type == ReportType::kNumber || type == ReportType::kShare ? ReportStorage::kNumber : ReportStorage::kWhole;
}

ReportTable EmptyTable(size_t columns) {
  ReportTable table;
  table.whole.resize(columns);
  table.number.resize(columns);
  table.text.resize(columns);
  return table;
}

absl::Status CheckReportTable(std::string_view report, const std::vector<ReportColumn>& columns,
                              const ReportTable& table) {
  if (table.whole.size() != columns.size() || table.number.size() != columns.size() ||
      table.text.size() != columns.size()) {
    return Invalid(report, fmt::format("has {}, {} and {} columns of whole numbers, numbers and texts; declared are {}",
                                       table.whole.size(), table.number.size(), table.text.size(), columns.size()));
  }
  for (size_t i = 0; i < columns.size(); ++i) {
    const std::optional<size_t> cells = CellsOf(table, i, StorageOf(columns[i].type));
    if (!cells.has_value() || *cells != table.rows) {
      return Invalid(report, fmt::format("column {} has not {} cells of type {}", columns[i].name, table.rows,
                                         Name(columns[i].type)));
    }
    STRATA_RETURN_IF_ERROR(CheckCells(report, columns[i], table, i));
  }
  return absl::OkStatus();
}

void SortRows(const std::vector<ReportColumn>& columns, ReportTable* table) {
  size_t keys = 0;
  while (keys < columns.size() && IsKey(columns[keys].type)) ++keys;
  std::vector<size_t> order(table->rows);
  std::iota(order.begin(), order.end(), size_t{0});
  const auto before = [&](size_t a, size_t b) {
    for (size_t i = 0; i < keys; ++i) {
      const int compared = Compare(*table, i, columns[i].type, a, b);
      if (compared != 0) return compared < 0;
    }
    return false;
  };
  if (std::is_sorted(order.begin(), order.end(), before)) return;
  std::stable_sort(order.begin(), order.end(), before);
  for (auto& values : table->whole) Reorder(order, &values);
  for (auto& values : table->number) Reorder(order, &values);
  for (auto& values : table->text) Reorder(order, &values);
}

ReportRows::ReportRows(std::string report, std::vector<ReportColumn> columns)
    : report_(std::move(report)), columns_(std::move(columns)), table_(EmptyTable(columns_.size())) {}

void ReportRows::Keep(absl::Status status) {
  if (status_.ok()) status_ = std::move(status);
}

void ReportRows::Add(std::vector<ReportCell> cells) {
  if (!status_.ok()) return;
  if (cells.size() != columns_.size()) {
    return Keep(Invalid(report_,
                        fmt::format("row {} has {} cells for {} columns", table_.rows, cells.size(), columns_.size())));
  }
  for (size_t i = 0; i < cells.size(); ++i) {
    const ReportStorage storage = StorageOf(columns_[i].type);
    const bool is_null = std::holds_alternative<std::monostate>(cells[i]);
    if (storage == ReportStorage::kText && (is_null || std::holds_alternative<std::string>(cells[i]))) {
      table_.text[i].push_back(is_null ? std::nullopt : std::optional(std::get<std::string>(std::move(cells[i]))));
    } else if (storage == ReportStorage::kNumber && (is_null || std::holds_alternative<double>(cells[i]))) {
      table_.number[i].push_back(is_null ? std::numeric_limits<double>::quiet_NaN() : std::get<double>(cells[i]));
    } else if (storage == ReportStorage::kWhole && (is_null || std::holds_alternative<int64_t>(cells[i]))) {
      if (!is_null && std::get<int64_t>(cells[i]) == kNoWhole) {
        return Keep(Overflow(report_, fmt::format("column {}, row {} is {}, which stands for no value",
                                                  columns_[i].name, table_.rows, kNoWhole)));
      }
      table_.whole[i].push_back(is_null ? kNoWhole : std::get<int64_t>(cells[i]));
    } else {
      return Keep(Invalid(
          report_, fmt::format("column {}, row {} is no {}", columns_[i].name, table_.rows, Name(columns_[i].type))));
    }
  }
  ++table_.rows;
}

ReportCell ReportRows::Whole(Int128 value) {
  constexpr Int128 kMax = std::numeric_limits<int64_t>::max();
  if (value > kMax || value < -kMax) {
    Keep(Overflow(report_, fmt::format("a sum in row {} is {}, allowed are {} to {}", table_.rows, ToString(value),
                                       -std::numeric_limits<int64_t>::max(), std::numeric_limits<int64_t>::max())));
    return std::monostate();
  }
  return static_cast<int64_t>(value);
}

ReportCell ReportRows::Ratio(Int128 part, Int128 whole) {
  if (whole == 0) return std::monostate();
  return ToDouble(part) / ToDouble(whole);
}

absl::StatusOr<ReportTable> ReportRows::Take() {
  STRATA_RETURN_IF_ERROR(status_);
  STRATA_RETURN_IF_ERROR(CheckReportTable(report_, columns_, table_));
  SortRows(columns_, &table_);
  return std::move(table_);
}

}  // namespace strata
