#include <gtest/gtest.h>

#include "tests/base/status_matchers.h"
#include "tests/data/source/sample_job.h"

namespace strata {
namespace {

TEST(ParquetAbsent, SaysThatThisBuildReadsCsvAlone) {
  MemoryFileSystem files;
  files.Set("f.parquet", "PAR1");
  const Job job = SampleJob();
  const FileInfo info = files.Info("f.parquet");
  EXPECT_THAT(ScanFile(files, info, job.transactions),
              FailsWith(absl::StatusCode::kInvalidArgument, "PARQUET_UNAVAILABLE"));
  const FileScan scan{.size_bytes = info.size_bytes, .modified_ns = info.modified_ns};
  EXPECT_THAT(MapSplit(files, "f.parquet", scan, Split{.end = 1, .first_line = 1}, job, 0),
              FailsWith(absl::StatusCode::kInvalidArgument, "PARQUET_UNAVAILABLE"));
}

}  // namespace
}  // namespace strata
