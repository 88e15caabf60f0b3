#include "wire/reports.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "strata/v1/report_service.pb.h"
#include "wire/errors.h"
#include "wire/pages.h"
#include "wire/text.h"

namespace strata {
namespace {

constexpr size_t kNumberBytes = 12;  // of a value and its share of the frame, at most

v1::ReportValueType MessageType(ReportType type) {
  switch (type) {
    case ReportType::kText:
      return v1::REPORT_VALUE_TYPE_TEXT;
    case ReportType::kInteger:
      return v1::REPORT_VALUE_TYPE_INTEGER;
    case ReportType::kMoney:
      return v1::REPORT_VALUE_TYPE_MONEY;
    case ReportType::kNumber:
      return v1::REPORT_VALUE_TYPE_NUMBER;
    case ReportType::kShare:
      return v1::REPORT_VALUE_TYPE_SHARE;
    case ReportType::kDay:
      return v1::REPORT_VALUE_TYPE_DAY;
    case ReportType::kFlag:
      return v1::REPORT_VALUE_TYPE_FLAG;
  }
  return v1::REPORT_VALUE_TYPE_UNSPECIFIED;
}

absl::StatusOr<ReportType> DomainType(const v1::ReportColumn& column) {
  for (const ReportType type : {ReportType::kText, ReportType::kInteger, ReportType::kMoney, ReportType::kNumber,
                                ReportType::kShare, ReportType::kDay, ReportType::kFlag}) {
    if (MessageType(type) == column.type()) return type;
  }
  return AnswerInvalid("columns.type", fmt::format("column '{}' has type {}, which this program does not know",
                                                   column.name(), static_cast<int>(column.type())));
}

std::string ListScope(const v1::ListReportsRequest& request) { return "ListReports " + request.parent(); }
std::string GetScope(const v1::GetReportRequest& request) { return "GetReport " + request.name(); }

// The last row, exclusive, of a page that begins with `begin`.
size_t PageEnd(const std::vector<ReportColumn>& columns, const ReportTable& table, size_t begin, size_t rows) {
  const size_t most = std::min(table.rows, begin + rows);
  size_t bytes = 0;
  for (size_t row = begin; row < most; ++row) {
    for (size_t i = 0; i < columns.size(); ++i) {
      bytes += kNumberBytes;
      if (columns[i].type == ReportType::kText && table.text[i][row].has_value()) bytes += table.text[i][row]->size();
    }
    if (bytes > kMaxReportPageBytes && row > begin) return row;
  }
  return most;
}

void FillColumn(ReportStorage storage, const ReportTable& table, size_t column, size_t begin, size_t end,
                v1::ReportValues* values) {
  for (size_t row = begin; row < end; ++row) {
    bool is_null = false;
    if (storage == ReportStorage::kText) {
      is_null = !table.text[column][row].has_value();
      values->add_texts(is_null ? "" : *table.text[column][row]);
    } else if (storage == ReportStorage::kNumber) {
      is_null = std::isnan(table.number[column][row]);
      values->add_numbers(is_null ? 0 : table.number[column][row]);
    } else {
      is_null = table.whole[column][row] == kNoWhole;
      values->add_integers(is_null ? 0 : table.whole[column][row]);
    }
    if (is_null) values->add_null_rows(static_cast<uint32_t>(row - begin));
  }
}

// Rows of a page by one of its columns; -1 where the values are not those of the storage.
int RowsOf(const v1::ReportValues& values, ReportStorage storage) {
  const int all = values.texts_size() + values.integers_size() + values.numbers_size();
  const int own = storage == ReportStorage::kText     ? values.texts_size()
                  : storage == ReportStorage::kNumber ? values.numbers_size()
                                                      : values.integers_size();
  return own == all ? own : -1;
}

absl::Status ReadColumn(const v1::ReportValues& values, const ReportColumn& column, int rows, size_t index,
                        ReportTable* table) {
  const ReportStorage storage = StorageOf(column.type);
  if (RowsOf(values, storage) != rows) {
    return AnswerInvalid("values",
                         fmt::format("column '{}' has not {} values of type {}", column.name, rows, Name(column.type)));
  }
  const size_t before = table->rows;
  for (const std::string& text : values.texts()) table->text[index].emplace_back(text);
  for (const double number : values.numbers()) table->number[index].push_back(number);
  for (const int64_t whole : values.integers()) table->whole[index].push_back(whole);
  for (const uint32_t row : values.null_rows()) {
    if (std::cmp_greater_equal(row, rows)) {
      return AnswerInvalid("values.null_rows", fmt::format("has row {} of {}", row, rows));
    }
    if (storage == ReportStorage::kText) table->text[index][before + row].reset();
    if (storage == ReportStorage::kNumber) {
      table->number[index][before + row] = std::numeric_limits<double>::quiet_NaN();
    }
    if (storage == ReportStorage::kWhole) table->whole[index][before + row] = kNoWhole;
  }
  return absl::OkStatus();
}

}  // namespace

void FillReport(const ReportEntry& entry, const std::string& job, v1::Report* message) {
  message->set_name(ReportResource(job, entry.name));
  message->set_display_name(entry.name);
  message->set_title(EscapeNonUtf8(entry.title));
  for (const std::string& source : entry.sources) message->add_sources(EscapeNonUtf8(source));
  for (const std::string& table : entry.tables) message->add_tables(EscapeNonUtf8(table));
  message->set_method(EscapeNonUtf8(entry.method));
  for (const ReportColumn& column : entry.columns) {
    v1::ReportColumn* added = message->add_columns();
    added->set_name(EscapeNonUtf8(column.name));
    added->set_type(MessageType(column.type));
    added->set_unit(EscapeNonUtf8(column.unit));
    added->set_meaning(EscapeNonUtf8(column.meaning));
  }
  message->set_rows(entry.rows);
  message->set_skipped_reason(EscapeNonUtf8(entry.skipped));
}

absl::StatusOr<ReportEntry> ReadReport(const v1::Report& message) {
  ReportEntry entry;
  if (message.display_name().empty()) return AnswerInvalid("display_name", "is empty");
  if (message.rows() < 0) return AnswerInvalid("rows", fmt::format("is {}", message.rows()));
  entry.name = message.display_name();
  entry.title = message.title();
  entry.sources = {message.sources().begin(), message.sources().end()};
  entry.tables = {message.tables().begin(), message.tables().end()};
  entry.method = message.method();
  for (const v1::ReportColumn& column : message.columns()) {
    STRATA_ASSIGN_OR_RETURN(const ReportType type, DomainType(column));
    entry.columns.push_back({column.name(), type, column.unit(), column.meaning()});
  }
  entry.rows = message.rows();
  entry.skipped = message.skipped_reason();
  return entry;
}

size_t FillReportRows(const std::vector<ReportColumn>& columns, const ReportTable& table, size_t begin, size_t rows,
                      v1::GetReportResponse* response) {
  begin = std::min(begin, table.rows);
  const size_t end = PageEnd(columns, table, begin, rows);
  for (size_t i = 0; i < columns.size(); ++i) {
    FillColumn(StorageOf(columns[i].type), table, i, begin, end, response->add_values());
  }
  return end;
}

absl::Status ReadReportRows(const v1::GetReportResponse& response, const std::vector<ReportColumn>& columns,
                            ReportTable* table) {
  if (std::cmp_not_equal(response.values_size(), columns.size())) {
    return AnswerInvalid("values",
                         fmt::format("has {} columns, the report has {}", response.values_size(), columns.size()));
  }
  if (columns.empty()) return absl::OkStatus();
  const int rows = RowsOf(response.values(0), StorageOf(columns[0].type));
  if (rows < 0) return AnswerInvalid("values", fmt::format("column '{}' has other values", columns[0].name));
  for (size_t i = 0; i < columns.size(); ++i) {
    STRATA_RETURN_IF_ERROR(ReadColumn(response.values(static_cast<int>(i)), columns[i], rows, i, table));
  }
  table->rows += static_cast<size_t>(rows);
  return absl::OkStatus();
}

absl::StatusOr<ListReportsQuestion> ReadListReports(const v1::ListReportsRequest& request) {
  ListReportsQuestion question;
  STRATA_ASSIGN_OR_RETURN(question.snapshot, ParseSnapshotParent("parent", request.parent()));
  STRATA_ASSIGN_OR_RETURN(question.page_size, ReadPageSize(request.page_size()));
  if (request.page_token().empty()) return question;
  STRATA_ASSIGN_OR_RETURN(const PagePosition position, DecodePageToken(ListScope(request), request.page_token()));
  question.snapshot.number = position.version;
  question.begin = position.major;
  return question;
}

std::string ReportsToken(const v1::ListReportsRequest& request, int64_t snapshot, uint64_t begin) {
  return EncodePageToken(ListScope(request), {.version = snapshot, .major = begin});
}

absl::StatusOr<GetReportQuestion> ReadGetReport(const v1::GetReportRequest& request) {
  GetReportQuestion question;
  STRATA_ASSIGN_OR_RETURN(question.name, ParseReportName("name", request.name()));
  STRATA_ASSIGN_OR_RETURN(question.page_size, ReadPageSize(request.page_size(), kDefaultReportRows, kMaxReportRows));
  if (request.page_token().empty()) return question;
  STRATA_ASSIGN_OR_RETURN(const PagePosition position, DecodePageToken(GetScope(request), request.page_token()));
  question.name.snapshot.number = position.version;
  question.begin = position.major;
  return question;
}

std::string ReportRowsToken(const v1::GetReportRequest& request, int64_t snapshot, uint64_t begin) {
  return EncodePageToken(GetScope(request), {.version = snapshot, .major = begin});
}

}  // namespace strata
