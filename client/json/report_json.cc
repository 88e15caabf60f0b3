#include "client/json/report_json.h"

#include <nlohmann/json.hpp>

#include "client/json/score_json.h"

namespace strata {
namespace {

using Json = nlohmann::ordered_json;

Json EntryJson(const ReportEntry& entry) {
  Json columns = Json::array();
  for (const ReportColumn& column : entry.columns) {
    columns.push_back(
        {{"name", column.name}, {"type", Name(column.type)}, {"unit", column.unit}, {"meaning", column.meaning}});
  }
  return {{"name", entry.name},       {"title", entry.title},
          {"sources", entry.sources}, {"tables", entry.tables},
          {"method", entry.method},   {"columns", std::move(columns)},
          {"rows", entry.rows},       {"skipped", entry.skipped.empty() ? Json(nullptr) : Json(entry.skipped)}};
}

Json WholeJson(ReportType type, int64_t value) {
  if (value == kNoWhole) return nullptr;
  if (type == ReportType::kDay) return FormatDay(static_cast<Day>(value));
  if (type == ReportType::kFlag) return value != 0;
  return value;
}

Json CellJson(ReportType type, const ReportTable& table, size_t column, size_t row) {
  switch (StorageOf(type)) {
    case ReportStorage::kText: {
      const std::optional<std::string>& text = table.text[column][row];
      return text.has_value() ? Json(*text) : Json(nullptr);
    }
    case ReportStorage::kNumber:
      return NumberOrNull(table.number[column][row]);
    case ReportStorage::kWhole:
      break;
  }
  return WholeJson(type, table.whole[column][row]);
}

}  // namespace

std::string ReportsJson(const ReportsAnswer& answer) {
  Json json = InfoJson(answer.info);
  json["reports"] = Json::array();
  for (const ReportEntry& entry : answer.reports) json["reports"].push_back(EntryJson(entry));
  return OneLine(json);
}

std::string ReportJson(const ReportAnswer& answer) {
  Json json = InfoJson(answer.info);
  json["report"] = EntryJson(answer.report);
  Json& rows = json["rows"];
  rows = Json::array();
  for (size_t row = 0; row < answer.table.rows; ++row) {
    Json object = Json::object();
    for (size_t i = 0; i < answer.report.columns.size(); ++i) {
      const ReportColumn& column = answer.report.columns[i];
      const bool is_money = column.type == ReportType::kMoney;
      object[is_money ? column.name + "_micros" : column.name] = CellJson(column.type, answer.table, i, row);
    }
    rows.push_back(std::move(object));
  }
  return OneLine(json);
}

}  // namespace strata
