// Ingest of transactions: which files a source names, how a file falls into splits, and what the rows of a split are.
// Reads CSV (RFC 4180, quotes, embedded newlines, BOM, CRLF) and Parquet. Every record lands in exactly one class of
// RowCounts; rejects go to the quarantine with their place and reason. Pure functions of the file's bytes and the job;
// thread-safe. Files are read through FileSystem, so a disk that fails can be simulated.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "data/row_batch.h"
#include "data/tables/map_tables.h"
#include "run/job.h"
#include "run/row_counts.h"
#include "run/source_fields.h"
#include "store/file_system.h"

namespace strata {

inline constexpr uint64_t kSplitBytes = 16u << 20;         // CSV: a few tenths of a second of one core per task
inline constexpr int64_t kSplitRows = 500'000;             // Parquet: row groups are added up to this
inline constexpr size_t kMaxRecordBytes = 1u << 20;        // a longer CSV record is a forgotten quote
inline constexpr size_t kMaxCustomerIdBytes = 256;         // ids are keys, not documents
inline constexpr int64_t kQuarantineRowsPerReason = 1000;  // stored per file and reason, smallest positions first
inline constexpr size_t kQuarantineValueBytes = 256;       // a stored value is cut here

inline constexpr size_t kMaxSourceFiles = 100'000;  // more are compacted by whoever writes them

enum class FileFormat { kCsv, kParquet };

// Files of a source: `uri` is a file, a folder (all *.csv and *.parquet directly in it, hidden files left out) or a
// glob
// (*, ?, [..] in any path segment). A relative uri is relative to `base_folder`; s3://bucket/... is read where
// `file_system` does (store/open_store.h). Sorted by path. Errors name the uri: NOT_FOUND (SOURCE_MISSING,
// BUCKET_MISSING), INVALID_ARGUMENT (SOURCE_EMPTY: no file matches; SOURCE_UNSUPPORTED: another scheme, or an ending
// other than .csv, .tsv, .txt or .parquet, in any case; SOURCE_TOO_LARGE; S3_URI_INVALID).
absl::StatusOr<std::vector<FileInfo>> ListSource(FileSystem& file_system, const std::string& uri,
                                                 const std::string& base_folder);

FileFormat FormatOf(std::string_view path);  // by ending: .parquet or else CSV

// A unit of map work. CSV: bytes [begin, end) between record boundaries, the header left out. Parquet: row groups
// [begin, end).
struct Split {
  uint64_t begin = 0;
  uint64_t end = 0;
  int64_t first_line = 0;  // CSV: physical line of the first record (the header is line 1); Parquet: first row (from 1)
  // How much there is to read, known before it is read.
  int64_t records = 0;  // as FileScan counts them
  uint64_t bytes = 0;   // of the file that belong to it
  bool operator==(const Split&) const = default;
};

struct FileScan {
  uint64_t size_bytes = 0;
  int64_t modified_ns = 0;
  uint64_t checksum = 0;  // XXH3-64 of all bytes
  int64_t records = 0;    // CSV: records after the header, blank ones included; Parquet: rows
  std::vector<Split> splits;
};

// Scans a file once: checksum, quote-aware boundaries, and that every mapped column exists (INVALID_ARGUMENT,
// COLUMN_MISSING, names the file, the column, the key of the job and the columns that are there). A file without a
// record has no splits; a CSV file of zero bytes is INVALID_ARGUMENT (FILE_EMPTY).
absl::StatusOr<FileScan> ScanFile(FileSystem& file_system, const FileInfo& file, const SourceFields& source);
absl::StatusOr<FileScan> ScanFile(FileSystem& file_system, const FileInfo& file, const TransactionSource& source);

class LineSink;  // data/source/line_sink.h

struct QuarantineRow {
  std::string file;
  int64_t line = 0;     // CSV: physical line where the record begins; Parquet: row, from 1
  std::string column;   // source column; empty when the whole record is at fault
  std::string value;    // what was found: bytes that are no text as \xNN, cut at kQuarantineValueBytes
  std::string reason;   // closed upper-case code, e.g. AMOUNT_TOO_PRECISE
  std::string message;  // for people: what was found and what is allowed
};

struct MappedRows {
  RowCounts counts;                       // duplicates and skipped_after_as_of are not known yet and stay 0
  std::vector<RowBatch> shards;           // job.shards batches, most of them possibly empty
  std::vector<QuarantineRow> quarantine;  // smallest positions first, at most kQuarantineRowsPerReason per reason
  std::vector<std::pair<std::string, int64_t>> rejected_by_reason;  // never capped; sorted by reason
  std::vector<FxUse> fx_uses;                                       // rates that rows asked for, ascending
};

// Reads, parses, validates and partitions one split. `expected` is the file's scan: FAILED_PRECONDITION (FILE_CHANGED)
// when size or time differ before or after reading. `file_number` goes into every row. `tables`: where the job has
// merged identities a row goes to the customer that its id stands for; where it has rates an amount in another currency
// is converted. `lines`: gets the details of every accepted row; null: nobody wants them, and they cost nothing.
absl::StatusOr<MappedRows> MapSplit(FileSystem& file_system, const std::string& path, const FileScan& expected,
                                    const Split& split, const Job& job, int32_t file_number,
                                    const MapTables& tables = {}, LineSink* lines = nullptr);

}  // namespace strata
