// Hands the records of one split of a file to a sink, whatever the file's format. Pure functions of the file's bytes;
// thread-safe.
#pragma once

#include <string>

#include "base/status.h"
#include "data/source/ingest.h"
#include "data/source/row_sink.h"
#include "run/source_fields.h"
#include "store/file_system.h"

namespace strata {

// `expected` is the file's scan: FAILED_PRECONDITION (FILE_CHANGED) when size or time differ before or after reading.
// Other errors are those of ReadCsvLayout and ReadParquetRows. What the sink was told counts only when this is OK.
absl::Status ReadSplit(FileSystem& file_system, const std::string& path, const FileScan& expected, const Split& split,
                       const SourceFields& source, RowSink* sink);

}  // namespace strata
