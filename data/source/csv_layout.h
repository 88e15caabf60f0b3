// What the first record of a CSV file says: which column serves which field, and where the data begin. Pure functions;
// thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/status.h"
#include "data/source/columns.h"
#include "run/source_fields.h"

namespace strata {

struct CsvLayout {
  size_t columns = 0;          // fields of the header, and so of every record
  FieldColumns field_columns;  // place of each field
  uint64_t data_begin = 0;     // offset of the first record after the header
  int64_t data_line = 0;       // its physical line
};

// `bytes` is the file from its start; a UTF-8 byte order mark is skipped. INVALID_ARGUMENT: FILE_EMPTY (no bytes but a
// mark), FILE_ENCODING (UTF-16 or UTF-32, or NUL bytes in the header), HEADER_INVALID (blank, or a quote gone wrong),
// COLUMN_MISSING, COLUMN_DUPLICATE.
absl::StatusOr<CsvLayout> ReadCsvLayout(std::string_view bytes, std::string_view path, const SourceFields& source,
                                        size_t max_record_bytes);

}  // namespace strata
