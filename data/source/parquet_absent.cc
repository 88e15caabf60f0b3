#include <fmt/format.h>

#include "data/source/parquet_source.h"

namespace strata {
namespace {

absl::Status Unavailable(std::string_view path) {
  return MakeError(absl::StatusCode::kInvalidArgument, "PARQUET_UNAVAILABLE",
                   fmt::format("{}: found a Parquet file; this build reads CSV alone", path),
                   {{"file", std::string(path)}});
}

}  // namespace

absl::Status ScanParquet(std::string_view, std::string_view path, const SourceFields&, int64_t, FileScan*) {
  return Unavailable(path);
}

absl::Status ReadParquetRows(std::string_view, std::string_view path, const SourceFields&, const Split&, int64_t,
                             RowSink*) {
  return Unavailable(path);
}

}  // namespace strata
