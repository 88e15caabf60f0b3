#include "data/source/ingest.h"

#include <fmt/format.h>

#include <limits>

#include "base/hash.h"
#include "data/source/csv_source.h"
#include "data/source/parquet_source.h"
#include "data/source/pinned_file.h"
#include "data/source/row_mapper.h"

namespace strata {
namespace {

// XXH3-64, a piece at a time, so that a file larger than memory is none the more in it.
uint64_t HashOf(const FileView& view) {
  constexpr uint64_t kPieceBytes = 4u << 20;
  StreamHash hash;
  const std::string_view bytes = view.bytes();
  for (uint64_t begin = 0; begin < bytes.size(); begin += kPieceBytes) {
    hash.Add(bytes.substr(begin, kPieceBytes));
    view.Release(begin, begin + kPieceBytes);
  }
  return hash.Digest64();
}

absl::Status ReadCsvSplit(std::string_view bytes, const std::string& path, const SourceFields& source,
                          const Split& split, RowSink* sink) {
  STRATA_ASSIGN_OR_RETURN(const CsvLayout layout, ReadCsvLayout(bytes, path, source, kMaxRecordBytes));
  if (split.begin < layout.data_begin || split.end < split.begin || split.end > bytes.size()) {
    return MakeError(absl::StatusCode::kInternal, "SPLIT_INVALID",
                     fmt::format("{}: found a split of bytes {} to {}; allowed: within {} to {}", path, split.begin,
                                 split.end, layout.data_begin, bytes.size()));
  }
  ReadCsvRows(bytes, layout, split, source.delimiter, kMaxRecordBytes, std::numeric_limits<int64_t>::max(), sink);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<FileScan> ScanFile(FileSystem& file_system, const FileInfo& file, const TransactionSource& source) {
  return ScanFile(file_system, file, FieldsOf(source));
}

absl::StatusOr<FileScan> ScanFile(FileSystem& file_system, const FileInfo& file, const SourceFields& source) {
  STRATA_ASSIGN_OR_RETURN(const auto pinned, PinnedFile::Map(file_system, file));
  const std::string_view bytes = pinned->bytes();
  FileScan scan{.size_bytes = file.size_bytes, .modified_ns = file.modified_ns, .checksum = HashOf(pinned->view())};
  const auto is_done_to = [&pinned](uint64_t end) { pinned->view().Release(0, end); };
  const absl::Status read = FormatOf(file.path) == FileFormat::kParquet
                                ? ScanParquet(bytes, file.path, source, kSplitRows, &scan)
                                : ScanCsv(bytes, file.path, source, CsvLimits{}, &scan, is_done_to);
  STRATA_RETURN_IF_ERROR(pinned->IfUnchanged(read));
  return scan;
}

absl::StatusOr<MappedRows> MapSplit(FileSystem& file_system, const std::string& path, const FileScan& expected,
                                    const Split& split, const Job& job, int32_t file_number, const MapTables& tables) {
  STRATA_ASSIGN_OR_RETURN(const auto pinned, PinnedFile::Map(file_system, {.path = path,
                                                                           .size_bytes = expected.size_bytes,
                                                                           .modified_ns = expected.modified_ns}));
  const std::string_view bytes = pinned->bytes();
  STRATA_ASSIGN_OR_RETURN(RowMapper mapper, RowMapper::ForJob(job, path, file_number, tables));
  const SourceFields source = FieldsOf(job.transactions);
  const absl::Status read =
      FormatOf(path) == FileFormat::kParquet
          ? ReadParquetRows(bytes, path, source, split, std::numeric_limits<int64_t>::max(), &mapper)
          : ReadCsvSplit(bytes, path, source, split, &mapper);
  STRATA_RETURN_IF_ERROR(pinned->IfUnchanged(read));
  MappedRows mapped = mapper.Take();
  STRATA_RETURN_IF_ERROR(CheckFxUseCount(mapped.fx_uses.size()));
  return mapped;
}

}  // namespace strata
