#include "data/source/quarantine.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace strata {
namespace {

void AppendField(std::string_view text, std::string* csv) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) {
    csv->append(text);
    return;
  }
  csv->push_back('"');
  for (const char c : text) {
    if (c == '"') csv->push_back('"');
    csv->push_back(c);
  }
  csv->push_back('"');
}

}  // namespace

void CapPerReason(std::vector<QuarantineRow>* rows) {
  std::map<std::string, int64_t> kept;
  std::erase_if(*rows, [&kept](const QuarantineRow& row) { return ++kept[row.reason] > kQuarantineRowsPerReason; });
}

void QuarantineMerger::Add(std::vector<QuarantineRow> rows,
                           const std::vector<std::pair<std::string, int64_t>>& rejected_by_reason) {
  std::move(rows.begin(), rows.end(), std::back_inserter(merged_.rows));
  for (const auto& [reason, count] : rejected_by_reason) {
    merged_.rejected_by_reason[reason] += count;
    merged_.rejected += count;
  }
}

FileQuarantine QuarantineMerger::Finish() {
  std::stable_sort(merged_.rows.begin(), merged_.rows.end(),
                   [](const QuarantineRow& a, const QuarantineRow& b) { return a.line < b.line; });
  CapPerReason(&merged_.rows);
  merged_.cut = merged_.rejected - static_cast<int64_t>(merged_.rows.size());
  return std::move(merged_);
}

std::string QuarantineCsv(const std::vector<QuarantineRow>& rows) {
  std::string csv;
  for (const QuarantineRow& row : rows) {
    AppendField(row.file, &csv);
    csv += fmt::format(",{},", row.line);
    for (const std::string* text : {&row.column, &row.value, &row.reason}) {
      AppendField(*text, &csv);
      csv.push_back(',');
    }
    AppendField(row.message, &csv);
    csv.push_back('\n');
  }
  return csv;
}

}  // namespace strata
