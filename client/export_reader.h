// Reads back what `strata export --out FILE.parquet` wrote (client/export_writer.h).
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/status.h"
#include "wire/score_export.h"

namespace strata {

struct ExportFileFacts {
  std::string job;
  int64_t snapshot = 0;
  std::string digest;
};

// An open file; reading starts from its begin each time. Not thread-safe.
class ExportReader {
 public:
  virtual ~ExportReader() = default;
  virtual const ExportFileFacts& facts() const = 0;
  // All customers in chunks; an error of `on_rows` ends it with that error. INVALID_ARGUMENT (EXPORT_UNREADABLE).
  virtual absl::Status Read(const std::function<absl::Status(const std::vector<ExportedScore>&)>& on_rows) = 0;
};

// INVALID_ARGUMENT (EXPORT_UNREADABLE) names the file and what is wrong: no Parquet, a column missing or of another
// type, no word on which snapshot it is.
absl::StatusOr<std::unique_ptr<ExportReader>> OpenParquetExport(const std::string& path);

}  // namespace strata
