#include "data/reports/reports_markdown.h"

#include <fmt/format.h>

#include <string_view>

namespace strata {
namespace {

constexpr char kHead[] =
    "# Reports\n"
    "\n"
    "Every analysis is a report: a table with typed columns, computed at night, published with the snapshot as\n"
    "`reports/NAME.parquet` and listed in `reports/index.json`. `strata report list` shows those of a snapshot,\n"
    "`strata report NAME` prints one, `ReportService` serves them, and any tool that knows Parquet reads the files.\n"
    "A report whose table, column or scheme the job lacks is left out, with the reason in the list.\n"
    "\n"
    "Types: text, integer (int64), money (decimal(38, 6), the job's currency), number (double), share (double, 0 to "
    "1),\n"
    "day (date), flag (boolean). Rows are sorted by the leading columns that are text, integer, day or flag.\n";

// Bars would end a cell of a table.
std::string Cell(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '|') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

std::string Section(const ReportEntry& entry) {
  std::string text = fmt::format("\n## {}\n\n{}. Answers {}.", entry.name, entry.title, fmt::join(entry.sources, ", "));
  if (!entry.tables.empty()) text += fmt::format(" Needs the tables {}.", fmt::join(entry.tables, ", "));
  text += fmt::format("\n\n{}\n\n| column | type | unit | meaning |\n| --- | --- | --- | --- |\n", entry.method);
  for (const ReportColumn& column : entry.columns) {
    text += fmt::format("| `{}` | {} | {} | {} |\n", column.name, Name(column.type), Cell(column.unit),
                        Cell(column.meaning));
  }
  return text;
}

}  // namespace

std::string ReportsMarkdown(const std::vector<ReportEntry>& reports) {
  std::string text = kHead;
  text += "\n| report | answers | what it is |\n| --- | --- | --- |\n";
  for (const ReportEntry& entry : reports) {
    text += fmt::format("| [{}](#{}) | {} | {} |\n", entry.name, entry.name, fmt::join(entry.sources, ", "),
                        Cell(entry.title));
  }
  for (const ReportEntry& entry : reports) text += Section(entry);
  return text;
}

}  // namespace strata
