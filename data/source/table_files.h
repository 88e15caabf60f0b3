// Reads the files of merged identities and of rates, CSV or Parquet, as transactions are read: ids and texts, times and
// decimals by the rules of row_parser.h; CSV with commas, times in ISO 8601. These tables are small and decide over
// whole histories, so a row that is not as it must be fails the run instead of being left out. Pure functions of the
// files and the job; thread-safe.
//
// Errors name file and row: those of ScanFile (FILE_CHANGED when a file is not as listed), and INVALID_ARGUMENT:
// TABLE_ROW_INVALID (a value that is missing or cannot be read; a rate that is not above 0, or not 1 for the job's own
// currency), TABLE_TOO_LARGE, ALIAS_SELF (an id that stands for itself), ALIAS_CYCLE (alias_resolver.h), FX_CONFLICT
// (two rates of a currency for one day).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/status.h"
#include "data/source/ingest.h"
#include "data/tables/alias_resolver.h"
#include "data/tables/fx_table.h"
#include "run/job.h"
#include "store/file_system.h"

namespace strata {

// `files` as they were listed, in the order of their paths. Precondition: the job has the table.
absl::StatusOr<ResolvedAliases> ReadAliasFiles(FileSystem& file_system, const std::vector<FileInfo>& files,
                                               const Job& job);
absl::StatusOr<FxTable> ReadFxFiles(FileSystem& file_system, const std::vector<FileInfo>& files, const Job& job);

struct TableFileSize {
  FileFormat format = FileFormat::kCsv;
  int64_t rows = 0;  // blank ones included
  uint64_t bytes = 0;
};

// Of the files of both tables, from a scan that keeps no row. Precondition: the job has each table whose files are
// named. Errors are those of ScanFile.
absl::StatusOr<std::vector<TableFileSize>> SizeTableFiles(FileSystem& file_system,
                                                          const std::vector<FileInfo>& alias_files,
                                                          const std::vector<FileInfo>& fx_files, const Job& job);

}  // namespace strata
