// Plans and reads a CSV file. Pure functions of its bytes; thread-safe. Record rules: csv_records.h.
//
// A record is blank (no characters, or only delimiters and blanks), or malformed (wrong number of fields, a quote gone
// wrong, too long, a NUL byte), or a row. Quotes make a field not blank: `"",""` is a row of empty values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>

#include "base/status.h"
#include "data/source/csv_layout.h"
#include "data/source/ingest.h"
#include "data/source/row_sink.h"

namespace strata {

// The limits of ingest.h; tests plan with smaller ones.
struct CsvLimits {
  uint64_t split_bytes = kSplitBytes;
  size_t max_record_bytes = kMaxRecordBytes;
};

// Counts the records of a file's bytes and cuts them into splits: a split ends at the first record boundary at or after
// split_bytes. Fills records and splits of `scan`. `passed` is told from time to time how many bytes of the beginning
// are not looked at again. Errors are those of ReadCsvLayout.
absl::Status ScanCsv(std::string_view bytes, std::string_view path, const SourceFields& source, const CsvLimits& limits,
                     FileScan* scan, const std::function<void(uint64_t)>& passed = {});

// Hands the records of a split to `sink`, at most `max_records` of them. Precondition: `split` came from ScanCsv of the
// same bytes with the same source and max_record_bytes.
void ReadCsvRows(std::string_view bytes, const CsvLayout& layout, const Split& split, char delimiter,
                 size_t max_record_bytes, int64_t max_records, RowSink* sink);

}  // namespace strata
