#include "data/source/ingest.h"

#include "base/hash.h"
#include "data/source/csv_source.h"
#include "data/source/parquet_source.h"
#include "data/source/pinned_file.h"
#include "data/source/row_mapper.h"
#include "data/source/split_reader.h"

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
                                    const Split& split, const Job& job, int32_t file_number, const MapTables& tables,
                                    LineSink* lines) {
  STRATA_ASSIGN_OR_RETURN(RowMapper mapper, RowMapper::ForJob(job, path, file_number, tables, lines));
  STRATA_RETURN_IF_ERROR(ReadSplit(file_system, path, expected, split, FieldsOf(job.transactions), &mapper));
  MappedRows mapped = mapper.Take();
  STRATA_RETURN_IF_ERROR(CheckFxUseCount(mapped.fx_uses.size()));
  return mapped;
}

}  // namespace strata
