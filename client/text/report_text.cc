#include "client/text/report_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "client/text/money.h"
#include "client/text/numbers.h"
#include "client/text/table.h"

namespace strata {
namespace {

constexpr int kNumberDigits = 6;  // significant ones of a number of unknown size
constexpr double kMicros = 1e6;

std::string WholeCell(ReportType type, int64_t value, const std::string& currency) {
  if (value == kNoWhole) return kNothing;
  if (type == ReportType::kMoney) return Amount(static_cast<double>(value) / kMicros, currency);
  if (type == ReportType::kDay) return FormatDay(static_cast<Day>(value));
  if (type == ReportType::kFlag) return value != 0 ? "yes" : "no";
  return Grouped(value);
}

std::string CellText(ReportType type, const ReportTable& table, size_t column, size_t row,
                     const std::string& currency) {
  switch (StorageOf(type)) {
    case ReportStorage::kText:
      return table.text[column][row].value_or(kNothing);
    case ReportStorage::kNumber: {
      const double number = table.number[column][row];
      if (std::isnan(number)) return kNothing;
      return type == ReportType::kShare ? Percent(number, 2) : Significant(number, kNumberDigits);
    }
    case ReportStorage::kWhole:
      break;
  }
  return WholeCell(type, table.whole[column][row], currency);
}

// The name with its unit where it has one: "q1 (days)".
std::string Head(const ReportColumn& column, const std::string& currency) {
  if (column.type == ReportType::kMoney) return fmt::format("{} ({})", column.name, currency);
  const bool says_more = column.type == ReportType::kInteger || column.type == ReportType::kNumber;
  if (!says_more || column.unit.empty() || column.unit == "1" || column.unit == column.name) return column.name;
  return fmt::format("{} ({})", column.name, column.unit == "currency" ? currency : column.unit);
}

}  // namespace

std::string ReportsTable(const std::vector<ReportEntry>& reports) {
  if (reports.empty()) return "This snapshot lists no reports.\n";
  Table table({{"report", Align::kLeft}, {"answers", Align::kLeft}, {"rows", Align::kRight}, {"", Align::kLeft}});
  for (const ReportEntry& entry : reports) {
    const bool skipped = !entry.skipped.empty();
    table.AddRow({entry.name, fmt::format("{}", fmt::join(entry.sources, " ")),
                  skipped ? "skipped" : Grouped(entry.rows), skipped ? entry.skipped : entry.title});
  }
  return table.Render();
}

std::string ReportText(const ReportEntry& entry, const ReportTable& table, const std::string& currency) {
  std::vector<Table::Column> columns;
  for (const ReportColumn& column : entry.columns) {
    const bool is_number = column.type != ReportType::kText && column.type != ReportType::kFlag;
    columns.push_back({Head(column, currency), is_number ? Align::kRight : Align::kLeft});
  }
  Table shown(std::move(columns));
  const size_t rows = std::min(table.rows, kShownReportRows);
  for (size_t row = 0; row < rows; ++row) {
    std::vector<std::string> cells;
    for (size_t i = 0; i < entry.columns.size(); ++i) {
      cells.push_back(CellText(entry.columns[i].type, table, i, row, currency));
    }
    shown.AddRow(std::move(cells));
  }
  std::string text = fmt::format("{} ({})\n{}\n\n{}", Printable(entry.title), fmt::join(entry.sources, ", "),
                                 Printable(entry.method), shown.Render());
  if (table.rows > rows) {
    text += fmt::format("\n{} of {} rows; --out FILE.csv or FILE.parquet has all, and so has --json.\n",
                        Grouped(static_cast<int64_t>(rows)), Grouped(static_cast<int64_t>(table.rows)));
  }
  return text;
}

}  // namespace strata
