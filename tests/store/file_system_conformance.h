// What every FileSystem promises (store/file_system.h). An implementation joins with
//   INSTANTIATE_TEST_SUITE_P(Mine, FileSystemConformance, testing::Values(FileSystemWorldFactory(MakeMyWorld)));
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "store/file_system.h"
#include "tests/base/status_matchers.h"

namespace strata {

// A file system with an empty folder for one test.
class FileSystemWorld {
 public:
  virtual ~FileSystemWorld() = default;
  virtual FileSystem& file_system() = 0;
  virtual std::string root() = 0;
};
using FileSystemWorldFactory = std::function<std::unique_ptr<FileSystemWorld>()>;

class FileSystemConformance : public testing::TestWithParam<FileSystemWorldFactory> {
 protected:
  std::string Path(const std::string& name) { return world_->root() + "/" + name; }
  std::string ReadAll(const std::string& path) {
    const auto view = files_.Map(path);
    return view.ok() ? std::string((*view)->bytes()) : view.status().ToString();
  }
  std::vector<std::string> Names(const std::string& folder) {
    std::vector<std::string> names;
    const auto children = files_.List(folder);
    if (!children.ok()) return {children.status().ToString()};
    for (const FileInfo& child : *children) names.push_back(child.path.substr(folder.size() + 1));
    return names;
  }

  std::unique_ptr<FileSystemWorld> world_ = GetParam()();
  FileSystem& files_ = world_->file_system();
};

TEST_P(FileSystemConformance, WhatIsWrittenCanBeRead) {
  const std::string bytes("zero \0 and newline \n inside", 26);
  ASSERT_OK(files_.WriteNew(Path("a"), bytes, 0600));
  const auto info = files_.Stat(Path("a"));
  ASSERT_OK(info);
  EXPECT_EQ(info->path, Path("a"));
  EXPECT_EQ(info->size_bytes, 26u);
  EXPECT_FALSE(info->is_directory);
  EXPECT_EQ(ReadAll(Path("a")), bytes);
}

TEST_P(FileSystemConformance, AnEmptyFileIsAFile) {
  ASSERT_OK(files_.WriteNew(Path("empty"), "", 0600));
  const auto view = files_.Map(Path("empty"));
  ASSERT_OK(view);
  EXPECT_EQ((*view)->bytes().size(), 0u);
  const auto range = files_.ReadRange(Path("empty"), 0, 10);
  ASSERT_OK(range);
  EXPECT_EQ(*range, "");
}

TEST_P(FileSystemConformance, ARangeIsShortOnlyAtTheEnd) {
  ASSERT_OK(files_.WriteNew(Path("digits"), "0123456789", 0600));
  const struct {
    uint64_t offset, size;
    const char* expected;
  } rows[] = {{0, 10, "0123456789"},    {0, 0, ""},     {3, 4, "3456"}, {8, 2, "89"},
              {8, 100, "89"},           {10, 1, ""},    {11, 1, ""},    {1ull << 40, 1, ""},
              {0, ~0ull, "0123456789"}, {9, ~0ull, "9"}};
  for (const auto& row : rows) {
    const auto bytes = files_.ReadRange(Path("digits"), row.offset, row.size);
    ASSERT_OK(bytes) << row.offset << "+" << row.size;
    EXPECT_EQ(*bytes, row.expected) << row.offset << "+" << row.size;
  }
}

TEST_P(FileSystemConformance, WriteNewNeverOverwrites) {
  ASSERT_OK(files_.WriteNew(Path("a"), "first", 0600));
  EXPECT_THAT(files_.WriteNew(Path("a"), "second", 0600), FailsWith(absl::StatusCode::kAlreadyExists, "FILE_EXISTS"));
  EXPECT_EQ(ReadAll(Path("a")), "first");
}

TEST_P(FileSystemConformance, RenameNewMovesButNeverOverwrites) {
  ASSERT_OK(files_.WriteNew(Path("from"), "moved", 0600));
  ASSERT_OK(files_.WriteNew(Path("taken"), "kept", 0600));
  EXPECT_THAT(files_.RenameNew(Path("from"), Path("taken")),
              FailsWith(absl::StatusCode::kAlreadyExists, "FILE_EXISTS"));
  EXPECT_EQ(ReadAll(Path("from")), "moved");
  EXPECT_EQ(ReadAll(Path("taken")), "kept");
  ASSERT_OK(files_.RenameNew(Path("from"), Path("to")));
  EXPECT_THAT(Names(world_->root()), testing::ElementsAre("taken", "to"));
  EXPECT_EQ(ReadAll(Path("to")), "moved");
}

TEST_P(FileSystemConformance, WriteVolatileLeavesOneWholeFileAndNeverOverwrites) {
  ASSERT_OK(files_.WriteVolatile(Path("temporary"), Path("a"), "first", 0600));
  EXPECT_THAT(Names(world_->root()), testing::ElementsAre("a"));
  EXPECT_EQ(ReadAll(Path("a")), "first");
  EXPECT_THAT(files_.WriteVolatile(Path("temporary"), Path("a"), "second", 0600),
              FailsWith(absl::StatusCode::kAlreadyExists, "FILE_EXISTS"));
  ASSERT_OK(files_.WriteNew(Path("taken"), "debris", 0600));
  EXPECT_THAT(files_.WriteVolatile(Path("taken"), Path("b"), "third", 0600),
              FailsWith(absl::StatusCode::kAlreadyExists, "FILE_EXISTS"));
  EXPECT_EQ(files_.WriteVolatile(Path("no/such"), Path("b"), "x", 0600).code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(Names(world_->root()), testing::ElementsAre("a", "taken"));
  EXPECT_EQ(ReadAll(Path("a")), "first");
}

TEST_P(FileSystemConformance, WhatIsMissingIsNamed) {
  const std::string missing = Path("no/such");
  const std::pair<const char*, absl::Status> rows[] = {
      {"Stat", files_.Stat(missing).status()},
      {"List", files_.List(missing).status()},
      {"WriteNew", files_.WriteNew(missing, "x", 0600)},
      {"RenameNew", files_.RenameNew(missing, Path("to"))},
      {"SyncFolder", files_.SyncFolder(missing)},
      {"Remove", files_.Remove(missing)},
      {"ReadRange", files_.ReadRange(missing, 0, 1).status()},
      {"Map", files_.Map(missing).status()},
  };
  for (const auto& [operation, status] : rows) {
    EXPECT_EQ(status.code(), absl::StatusCode::kNotFound) << operation << ": " << status;
    EXPECT_THAT(status, SaysThat("no/such")) << operation;
  }
}

TEST_P(FileSystemConformance, AFolderListsItsDirectChildrenSorted) {
  ASSERT_OK(files_.CreateFolders(Path("b/inner")));
  ASSERT_OK(files_.WriteNew(Path("c"), "", 0600));
  ASSERT_OK(files_.WriteNew(Path("a"), "1234", 0600));
  ASSERT_OK(files_.WriteNew(Path("b/deep"), "", 0600));
  const auto children = files_.List(world_->root());
  ASSERT_OK(children);
  ASSERT_EQ(children->size(), 3u);
  EXPECT_THAT(Names(world_->root()), testing::ElementsAre("a", "b", "c"));
  EXPECT_EQ((*children)[0].size_bytes, 4u);
  EXPECT_FALSE((*children)[0].is_directory);
  EXPECT_TRUE((*children)[1].is_directory);
  EXPECT_THAT(Names(Path("b")), testing::ElementsAre("deep", "inner"));
}

TEST_P(FileSystemConformance, FoldersAreMadeWithTheirParentsAndMayExist) {
  ASSERT_OK(files_.CreateFolders(Path("one/two/three")));
  ASSERT_OK(files_.CreateFolders(Path("one/two/three")));
  ASSERT_OK(files_.CreateFolders(Path("one/two/four")));
  EXPECT_THAT(Names(Path("one/two")), testing::ElementsAre("four", "three"));
  ASSERT_OK(files_.SyncFolder(Path("one/two")));
  ASSERT_OK(files_.WriteNew(Path("file"), "", 0600));
  EXPECT_FALSE(files_.CreateFolders(Path("file")).ok());
  EXPECT_FALSE(files_.CreateFolders(Path("file/below")).ok());
}

TEST_P(FileSystemConformance, ARemovedFileIsGoneButItsViewLives) {
  ASSERT_OK(files_.WriteNew(Path("a"), "still here", 0600));
  const auto view = files_.Map(Path("a"));
  ASSERT_OK(view);
  ASSERT_OK(files_.Remove(Path("a")));
  EXPECT_EQ((*view)->bytes(), "still here");
  EXPECT_TRUE(absl::IsNotFound(files_.Stat(Path("a")).status()));
  ASSERT_OK(files_.WriteNew(Path("a"), "another", 0600));
  EXPECT_EQ((*view)->bytes(), "still here");
}

TEST_P(FileSystemConformance, AFolderIsNoFile) {
  ASSERT_OK(files_.CreateFolders(Path("folder")));
  EXPECT_THAT(files_.ReadRange(Path("folder"), 0, 1),
              FailsWith(absl::StatusCode::kInvalidArgument, "NOT_A_REGULAR_FILE"));
  EXPECT_THAT(files_.Map(Path("folder")), FailsWith(absl::StatusCode::kInvalidArgument, "NOT_A_REGULAR_FILE"));
  EXPECT_THAT(files_.Remove(Path("folder")), FailsWith(absl::StatusCode::kInvalidArgument, "NOT_A_REGULAR_FILE"));
}

}  // namespace strata
