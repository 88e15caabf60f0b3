// Plans and reads a Parquet file: mapped columns only, page checksums verified. A build without Arrow
// (STRATA_CORE_ONLY) answers INVALID_ARGUMENT (PARQUET_UNAVAILABLE) to both. Pure functions of the file's bytes;
// thread-safe.
//
// Types by field; null is missing:
//   ids and texts  string, binary, integers (as decimal), float and double (whole numbers below 2^53 as "17850"; a
//   fraction
//                  is a reject), decimal of scale 0; currency: string and binary alone
//   numbers        string, integers, float and double (their shortest decimal that reads back), decimal
//   times          string, timestamp (without zone: local; with: an instant), date
//   flags          string, boolean, integers; where a time or a flag will do: those of times, and boolean
// Each also dictionary-encoded.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/status.h"
#include "data/source/ingest.h"
#include "data/source/row_sink.h"
#include "run/source_fields.h"

namespace strata {

// Fills records and splits of `scan`: whole row groups, up to split_rows rows a split where they are smaller.
// INVALID_ARGUMENT: FILE_UNREADABLE (not Parquet, or damaged), COLUMN_MISSING, COLUMN_DUPLICATE, COLUMN_TYPE (names the
// column, its type and those allowed).
absl::Status ScanParquet(std::string_view bytes, std::string_view path, const SourceFields& source, int64_t split_rows,
                         FileScan* scan);

// Hands the rows of a split to `sink`, at most `max_records` of them. Errors as above, found late.
absl::Status ReadParquetRows(std::string_view bytes, std::string_view path, const SourceFields& source,
                             const Split& split, int64_t max_records, RowSink* sink);

}  // namespace strata
