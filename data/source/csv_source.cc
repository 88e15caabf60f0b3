#include "data/source/csv_source.h"

#include <fmt/format.h>

#include <vector>

#include "data/source/csv_fields.h"
#include "data/source/csv_records.h"

namespace strata {
namespace {

// A cell and the field of a record that it shows.
struct MappedCell {
  Cell* cell;
  size_t column;
};

// The words for a record that is malformed.
Fault RecordFault(FaultKind kind, const CsvRecord& record, size_t fields, size_t columns, size_t max_record_bytes) {
  Fault fault{.kind = kind, .value = record.bytes};
  switch (kind) {
    case FaultKind::kFieldCount:
      fault.found = fmt::format("{} fields", fields);
      fault.allowed = fmt::format("{} fields, as in the header", columns);
      break;
    case FaultKind::kQuoteUnclosed:
      fault.found = "a quote that is not closed";
      fault.allowed = fmt::format("quotes closed within {} bytes and before the end of the file", max_record_bytes);
      break;
    case FaultKind::kQuoteTrailingText:
      fault.found = "text after a closing quote";
      fault.allowed = "a delimiter or the line's end there; a quote inside quotes is written twice";
      break;
    case FaultKind::kRecordTooLong:
      fault.found = fmt::format("a record of {} bytes", record.bytes.size());
      fault.allowed = fmt::format("at most {} bytes", max_record_bytes);
      break;
    default:
      fault.found = "a NUL byte";
      fault.allowed = "text in UTF-8";
      break;
  }
  return fault;
}

}  // namespace

absl::Status ScanCsv(std::string_view bytes, std::string_view path, const SourceFields& source, const CsvLimits& limits,
                     FileScan* scan, const std::function<void(uint64_t)>& passed) {
  STRATA_ASSIGN_OR_RETURN(const CsvLayout layout, ReadCsvLayout(bytes, path, source, limits.max_record_bytes));
  CsvRecords records(bytes.substr(layout.data_begin), layout.data_line, source.delimiter, limits.max_record_bytes);
  CsvRecord record;
  Split split{.begin = layout.data_begin, .end = layout.data_begin, .first_line = layout.data_line};
  scan->records = 0;
  scan->splits.clear();
  while (records.Next(&record)) {
    ++scan->records;
    ++split.records;
    split.end = layout.data_begin + records.offset();
    split.bytes = split.end - split.begin;
    if (split.bytes < limits.split_bytes) continue;
    scan->splits.push_back(split);
    if (passed) passed(split.end);
    split = {.begin = split.end, .end = split.end, .first_line = records.line()};
  }
  if (split.end > split.begin) scan->splits.push_back(split);
  return absl::OkStatus();
}

void ReadCsvRows(std::string_view bytes, const CsvLayout& layout, const Split& split, char delimiter,
                 size_t max_record_bytes, int64_t max_records, RowSink* sink) {
  CsvRecords records(bytes.substr(split.begin, split.end - split.begin), split.first_line, delimiter, max_record_bytes);
  CsvFields fields(delimiter);
  CsvRecord record;
  std::vector<Cell> cells(layout.field_columns.size());
  std::vector<MappedCell> mapped;
  for (size_t i = 0; i < cells.size(); ++i) {
    if (layout.field_columns[i] < 0) continue;
    mapped.push_back({.cell = &cells[i], .column = static_cast<size_t>(layout.field_columns[i])});
    cells[i].kind = Cell::Kind::kText;
  }
  for (int64_t count = 0; count < max_records && records.Next(&record); ++count) {
    if (IsBlankRecord(record.bytes, delimiter)) {
      sink->OnBlank(record.line);
      continue;
    }
    FaultKind fault = record.fault;
    if (fault == FaultKind::kNone) fault = fields.Split(record);
    if (fault == FaultKind::kNone && fields.fields().size() != layout.columns) fault = FaultKind::kFieldCount;
    if (fault != FaultKind::kNone) {
      sink->OnMalformed(record.line,
                        RecordFault(fault, record, fields.fields().size(), layout.columns, max_record_bytes));
      continue;
    }
    for (const MappedCell& one : mapped) one.cell->text = fields.fields()[one.column];
    sink->OnRow(record.line, cells);
  }
}

}  // namespace strata
