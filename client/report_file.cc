#include "client/report_file.h"

#include <fmt/format.h>

#include <cmath>

#include "client/export_writer.h"
#include "client/partial_text_file.h"
#include "client/text/money.h"

namespace strata {
namespace {

std::string WholeField(ReportType type, int64_t value) {
  if (value == kNoWhole) return "";
  if (type == ReportType::kMoney) return ExactAmount(value);
  if (type == ReportType::kDay) return FormatDay(static_cast<Day>(value));
  if (type == ReportType::kFlag) return value != 0 ? "true" : "false";
  return fmt::format("{}", value);
}

std::string Field(ReportType type, const ReportTable& table, size_t column, size_t row) {
  switch (StorageOf(type)) {
    case ReportStorage::kText: {
      const std::optional<std::string>& text = table.text[column][row];
      if (!text.has_value()) return "";
      return text->empty() ? "\"\"" : CsvField(*text);
    }
    case ReportStorage::kNumber: {
      const double number = table.number[column][row];
      return std::isnan(number) ? "" : fmt::format("{}", number);
    }
    case ReportStorage::kWhole:
      break;
  }
  return WholeField(type, table.whole[column][row]);
}

}  // namespace

std::string ReportCsv(const ReportAnswer& answer) {
  const std::vector<ReportColumn>& columns = answer.report.columns;
  std::string csv;
  for (size_t i = 0; i < columns.size(); ++i) csv += (i == 0 ? "" : ",") + CsvField(columns[i].name);
  csv += "\n";
  for (size_t row = 0; row < answer.table.rows; ++row) {
    for (size_t i = 0; i < columns.size(); ++i) {
      csv += (i == 0 ? "" : ",") + Field(columns[i].type, answer.table, i, row);
    }
    csv += "\n";
  }
  return csv;
}

absl::Status WriteReportFile(const ReportAnswer& answer, const std::string& path) {
  STRATA_RETURN_IF_ERROR(CheckExportPath(path));
  std::string bytes;
  if (path.ends_with(".csv")) {
    bytes = ReportCsv(answer);
  } else {
    STRATA_ASSIGN_OR_RETURN(bytes, EncodeReport(answer.report.name, answer.report.columns, answer.table));
  }
  PartialTextFile file(path);
  STRATA_RETURN_IF_ERROR(file.Open());
  STRATA_RETURN_IF_ERROR(file.Append(bytes));
  return file.Finish();
}

}  // namespace strata
