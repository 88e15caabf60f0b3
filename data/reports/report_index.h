// The list of a snapshot's reports, reports/index.json: what each is, its columns, and how many rows it has or why it
// was left out. It describes the files beside it completely, so that a later build reads reports that it no longer
// makes, and any tool knows units and meanings. Plain values and pure functions, except the last three, which read
// objects; thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "data/reports/report_table.h"
#include "data/snapshot/snapshot.h"
#include "store/object_store.h"

namespace strata {

inline constexpr int kReportIndexVersion = 1;
inline constexpr char kReportIndexName[] = "reports/index.json";  // logical name in the manifest

struct ReportEntry {
  std::string name;                  // [a-z][a-z0-9_]{0,62}
  std::string title;                 // for people
  std::vector<std::string> sources;  // analyses and schemes that it answers: "A20", "C4"
  std::vector<std::string> tables;   // input tables that it needs beside transactions
  std::string method;                // how it is computed, in words and formulas
  std::vector<ReportColumn> columns;
  int64_t rows = 0;
  std::string skipped;  // why there is no file; empty: there is one
  bool operator==(const ReportEntry&) const = default;
};

struct ReportIndex {
  std::vector<ReportEntry> reports;  // by name

  const ReportEntry* Find(std::string_view name) const;  // null: there is none
};

std::string ReportFileName(std::string_view report);  // reports/<name>.parquet, the logical name

// JSON with a stable order of fields; sorts the reports by name. Equal indexes have equal bytes.
std::string EncodeReportIndex(const ReportIndex& index);
// DATA_LOSS (SNAPSHOT_CORRUPT) names the field; FAILED_PRECONDITION (FORMAT_UNKNOWN) the version. Names are checked to
// be ascending, so each report is there once.
absl::StatusOr<ReportIndex> DecodeReportIndex(std::string_view json);

inline constexpr char kSegmentsReportName[] = "segments";
// The entry of reports/segments.parquet (data/snapshot/snapshot.h), which is a report as any other to readers.
ReportEntry SegmentsReportEntry(int64_t rows);

// The index of an open snapshot; without reports where the snapshot has none. Reads and verifies an object, so not for
// threads that must not wait.
absl::StatusOr<ReportIndex> ReadReportIndex(ObjectStore& store, const Manifest& manifest);
// Where the report's file is. NOT_FOUND (REPORT_UNKNOWN) lists the names of the snapshot's reports,
// FAILED_PRECONDITION (REPORT_SKIPPED) says why it was left out, DATA_LOSS (SNAPSHOT_CORRUPT) that the file is missing.
absl::StatusOr<ManifestEntry> FindReportFile(const ReportIndex& index, const Manifest& manifest,
                                             std::string_view report);
// DATA_LOSS (SNAPSHOT_CORRUPT) where the file is not as `entry` describes it.
absl::StatusOr<ReportTable> ReadReportTable(ObjectStore& store, const ManifestEntry& file, const ReportEntry& entry);

}  // namespace strata
