#include "data/source/split_reader.h"

#include <fmt/format.h>

#include <limits>

#include "data/source/csv_source.h"
#include "data/source/parquet_source.h"
#include "data/source/pinned_file.h"

namespace strata {
namespace {

constexpr int64_t kAllRecords = std::numeric_limits<int64_t>::max();

absl::Status ReadCsvSplit(std::string_view bytes, const std::string& path, const SourceFields& source,
                          const Split& split, RowSink* sink) {
  STRATA_ASSIGN_OR_RETURN(const CsvLayout layout, ReadCsvLayout(bytes, path, source, kMaxRecordBytes));
  if (split.begin < layout.data_begin || split.end < split.begin || split.end > bytes.size()) {
    return MakeError(absl::StatusCode::kInternal, "SPLIT_INVALID",
                     fmt::format("{}: found a split of bytes {} to {}; allowed: within {} to {}", path, split.begin,
                                 split.end, layout.data_begin, bytes.size()));
  }
  ReadCsvRows(bytes, layout, split, source.delimiter, kMaxRecordBytes, kAllRecords, sink);
  return absl::OkStatus();
}

}  // namespace

absl::Status ReadSplit(FileSystem& file_system, const std::string& path, const FileScan& expected, const Split& split,
                       const SourceFields& source, RowSink* sink) {
  STRATA_ASSIGN_OR_RETURN(const auto pinned, PinnedFile::Map(file_system, {.path = path,
                                                                           .size_bytes = expected.size_bytes,
                                                                           .modified_ns = expected.modified_ns}));
  const std::string_view bytes = pinned->bytes();
  const absl::Status read = FormatOf(path) == FileFormat::kParquet
                                ? ReadParquetRows(bytes, path, source, split, kAllRecords, sink)
                                : ReadCsvSplit(bytes, path, source, split, sink);
  return pinned->IfUnchanged(read);
}

}  // namespace strata
