// A Parquet file that is written beside its name and appears under it only when it is whole. Without Finish nothing is
// left behind. Not thread-safe.
#pragma once

#include <memory>
#include <string>

#include "base/status.h"

namespace arrow {
class Schema;
class Status;
class Table;
}  // namespace arrow

namespace strata {

// Readers work a row group at a time; smaller ones compress badly.
inline constexpr int64_t kExportRowsPerGroup = 128 * 1024;

class PartialParquetFile {
 public:
  explicit PartialParquetFile(std::string path);
  ~PartialParquetFile();
  PartialParquetFile(const PartialParquetFile&) = delete;
  PartialParquetFile& operator=(const PartialParquetFile&) = delete;

  // All of them: INTERNAL (EXPORT_UNWRITTEN) names the file and the cause.
  absl::Status Open();
  // A row group; the first one brings the schema with its metadata. An empty table is a file without rows.
  absl::Status Write(const arrow::Table& group);
  absl::Status Finish();
  // An error of whoever makes the groups, as one of this file.
  absl::Status Say(const arrow::Status& status) const;

  bool has_schema() const;

 private:
  struct Parts;
  std::string path_;
  std::unique_ptr<Parts> parts_;
};

}  // namespace strata
