// What `strata validate` shows of a source: a sample of its rows, judged exactly as a run would judge them. Reads,
// computes nothing. Pure functions of the files and the job; thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/date.h"
#include "base/status.h"
#include "data/source/ingest.h"
#include "data/source/table_profile.h"
#include "run/job.h"
#include "run/row_counts.h"
#include "run/table_source.h"
#include "store/file_system.h"

namespace strata {

struct SampleLimits {
  size_t files_max = 20;                  // the first ones by path; the columns of all files are checked
  int64_t records_per_file_max = 20'000;  // from each file's start
};

inline constexpr size_t kExamplesPerColumn = 3;  // enough to recognise a column
inline constexpr size_t kExampleBytes = 64;      // a value is cut here

struct ColumnProfile {
  std::string field;   // key in the job's columns
  std::string column;  // of the source
  int64_t present = 0;
  int64_t missing = 0;                                    // null or blank
  std::vector<std::pair<std::string, int64_t>> rejected;  // rows rejected for this column, by reason
  // Of the values that can be read: numbers and times by value, texts by bytes. Empty when there is none.
  std::string min;
  std::string max;
  std::vector<std::string> examples;  // the first distinct values that are present
};

struct SourceProfile {
  int64_t files = 0;
  int64_t files_sampled = 0;
  uint64_t bytes = 0;                  // of all files
  RowCounts counts;                    // of the sample; duplicates and rows after as_of are not looked for
  std::vector<ColumnProfile> columns;  // mapped ones, in the order of FieldsOf(source)
  std::optional<Day> first_day;        // of readable times of rows in the sample
  std::optional<Day> last_day;
  std::vector<std::pair<std::string, int64_t>> rejected_by_reason;
  std::vector<QuarantineRow> rejects;  // at most kQuarantineRowsPerReason per file and reason
  TablesProfile tables;                // of merged identities and rates; of transactions alone
};

// Of transactions. Errors are those of ListSource, ScanFile and ProfileTables.
absl::StatusOr<SourceProfile> ProfileSource(FileSystem& file_system, const Job& job, const std::string& base_folder,
                                            const SampleLimits& limits = {});

// Of another table of the job. Errors are those of ListSource, ScanFile and ValidFromOf (table_mapper.h).
absl::StatusOr<SourceProfile> ProfileTable(FileSystem& file_system, const Job& job, const TableSource& source,
                                           const std::string& base_folder, const SampleLimits& limits = {});

}  // namespace strata
