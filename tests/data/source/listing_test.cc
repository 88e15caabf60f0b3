#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data/source/ingest.h"
#include "tests/base/status_matchers.h"
#include "tests/data/source/memory_file_system.h"

namespace strata {
namespace {

using ::testing::ElementsAre;

MemoryFileSystem Shop() {
  MemoryFileSystem files;
  for (const char* path :
       {"jobs/in/b.csv", "jobs/in/a.csv", "jobs/in/c.PARQUET", "jobs/in/.hidden.csv", "jobs/in/readme.md",
        "jobs/in/old/z.csv", "jobs/in/notes.txt", "jobs/y=2023/m=1/p.parquet", "jobs/y=2024/m=1/p.parquet",
        "jobs/y=2024/m=2/p.parquet", "jobs/odd[1].csv", "jobs/docs/readme.md", "/abs/x.csv"}) {
    files.Set(path, "x");
  }
  return files;
}

std::vector<std::string> PathsOf(const std::string& uri) {
  MemoryFileSystem files = Shop();
  const auto listed = ListSource(files, uri, "jobs");
  EXPECT_OK(listed) << uri;
  std::vector<std::string> paths;
  if (listed.ok()) {
    for (const FileInfo& file : *listed) paths.push_back(file.path);
  }
  return paths;
}

TEST(ListSource, FindsFilesFoldersAndGlobs) {
  EXPECT_THAT(PathsOf("in/a.csv"), ElementsAre("jobs/in/a.csv"));
  EXPECT_THAT(PathsOf("in/notes.txt"), ElementsAre("jobs/in/notes.txt"));
  EXPECT_THAT(PathsOf("in"), ElementsAre("jobs/in/a.csv", "jobs/in/b.csv", "jobs/in/c.PARQUET"));
  EXPECT_THAT(PathsOf("in/*.csv"), ElementsAre("jobs/in/a.csv", "jobs/in/b.csv"));
  EXPECT_THAT(PathsOf("in//[bc].*"), ElementsAre("jobs/in/b.csv", "jobs/in/c.PARQUET"));
  EXPECT_THAT(PathsOf("y=*/m=1/*.parquet"), ElementsAre("jobs/y=2023/m=1/p.parquet", "jobs/y=2024/m=1/p.parquet"));
  EXPECT_THAT(PathsOf("y=2024/*/p.parquet"), ElementsAre("jobs/y=2024/m=1/p.parquet", "jobs/y=2024/m=2/p.parquet"));
  EXPECT_THAT(PathsOf("odd[1].csv"), ElementsAre("jobs/odd[1].csv"));  // a name that exists is meant
  EXPECT_THAT(PathsOf("/abs/*.csv"), ElementsAre("/abs/x.csv"));
  EXPECT_THAT(PathsOf("/abs"), ElementsAre("/abs/x.csv"));
}

TEST(ListSource, NamesTheUriThatItCannotServe) {
  struct Case {
    const char* uri;
    absl::StatusCode code;
    const char* reason;
    const char* message;
  };
  const Case cases[] = {
      {"nowhere.csv", absl::StatusCode::kNotFound, "SOURCE_MISSING", "jobs/nowhere.csv"},
      {"in/*.tsv", absl::StatusCode::kInvalidArgument, "SOURCE_EMPTY", "in/*.tsv"},
      {"none/*.csv", absl::StatusCode::kInvalidArgument, "SOURCE_EMPTY", "none/*.csv"},
      {"docs", absl::StatusCode::kInvalidArgument, "SOURCE_EMPTY", "docs"},
      {"in/readme.md", absl::StatusCode::kInvalidArgument, "SOURCE_UNSUPPORTED", "readme.md"},
      {"in/*", absl::StatusCode::kInvalidArgument, "SOURCE_UNSUPPORTED", "readme.md"},
      {"s3://bucket/x.csv", absl::StatusCode::kNotFound, "SOURCE_MISSING", "s3://bucket/x.csv"},
      {"http://host/x.csv", absl::StatusCode::kInvalidArgument, "SOURCE_UNSUPPORTED", "'http://'"},
  };
  for (const Case& c : cases) {
    MemoryFileSystem files = Shop();
    const auto listed = ListSource(files, c.uri, "jobs");
    EXPECT_THAT(listed, FailsWith(c.code, c.reason)) << c.uri;
    EXPECT_THAT(listed, SaysThat(std::string("source '") + c.uri + "'"));
    EXPECT_THAT(listed, SaysThat(c.message));
  }
}

TEST(ListSource, HasALimit) {
  MemoryFileSystem files;
  for (size_t i = 0; i <= kMaxSourceFiles; ++i) files.Set("in/" + std::to_string(i) + ".csv", "");
  for (const char* uri : {"in", "in/*.csv"}) {
    EXPECT_THAT(ListSource(files, uri, ""), FailsWith(absl::StatusCode::kInvalidArgument, "SOURCE_TOO_LARGE"));
  }
}

TEST(FormatOf, GoesByTheEnding) {
  EXPECT_EQ(FormatOf("a/b.parquet"), FileFormat::kParquet);
  EXPECT_EQ(FormatOf("a/b.PARQUET"), FileFormat::kParquet);
  EXPECT_EQ(FormatOf("a.parquet/b.csv"), FileFormat::kCsv);
  EXPECT_EQ(FormatOf("parquet"), FileFormat::kCsv);
}

}  // namespace
}  // namespace strata
