// A file that is pinned: what was read of it counts only if all of it was there and nobody changed it.
#include "data/source/pinned_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <string>

#include "store/posix_file_system.h"
#include "tests/base/status_matchers.h"
#include "tests/base/temporary_folder.h"

namespace strata {
namespace {

constexpr size_t kBytes = 1 << 20;
constexpr size_t kReadable = 300'000;

class PinnedFileTest : public testing::Test {
 protected:
  PinnedFileTest() {
    EXPECT_THAT(files_->WriteNew(path_, std::string(kBytes, 'x'), 0600), IsOk());
    planned_ = *files_->Stat(path_);
  }

  // To the kernel a byte behind the end and a byte that the disk does not give are one: the read of either is SIGBUS.
  void LoseTheTail() { ASSERT_EQ(truncate(path_.c_str(), kReadable), 0); }
  // What Stat sees is what it saw before: on a disk that fails it never was anything else.
  void LookUnchanged() {
    ASSERT_EQ(truncate(path_.c_str(), kBytes), 0);
    const timespec modified = {.tv_sec = planned_.modified_ns / 1'000'000'000,
                               .tv_nsec = planned_.modified_ns % 1'000'000'000};
    const timespec times[] = {modified, modified};
    ASSERT_EQ(utimensat(AT_FDCWD, path_.c_str(), times, 0), 0);
  }

  const TemporaryFolder folder_;
  const std::string path_ = folder_.Under("sales.csv");
  const std::unique_ptr<FileSystem> files_ = NewPosixFileSystem();
  FileInfo planned_;
};

TEST_F(PinnedFileTest, BytesThatTheDiskDoesNotGiveAreAnErrorAndNoZeros) {
  const auto pinned = PinnedFile::Map(*files_, planned_);
  ASSERT_OK(pinned);
  LoseTheTail();
  const std::string_view bytes = (*pinned)->bytes();
  EXPECT_EQ(std::count(bytes.begin(), bytes.end(), 'x'), static_cast<std::ptrdiff_t>(kReadable));
  LookUnchanged();
  const absl::Status malformed = MakeError(absl::StatusCode::kInvalidArgument, "FILE_UNREADABLE", "zeros are no rows");
  for (const absl::Status& read : {absl::OkStatus(), malformed}) {
    const absl::Status status = (*pinned)->IfUnchanged(read);
    EXPECT_THAT(status, FailsWith(absl::StatusCode::kUnavailable, "SOURCE_UNREADABLE"));
    EXPECT_EQ(ClassOf(status), ErrorClass::kRetryable);
    EXPECT_THAT(status, SaysThat(path_));
  }
}

TEST_F(PinnedFileTest, WhatNobodyReadIsNotMissed) {
  const auto pinned = PinnedFile::Map(*files_, planned_);
  ASSERT_OK(pinned);
  LoseTheTail();
  EXPECT_EQ((*pinned)->bytes().front(), 'x');
  LookUnchanged();
  EXPECT_OK((*pinned)->IfUnchanged(absl::OkStatus()));
  const absl::Status wrong = MakeError(absl::StatusCode::kInvalidArgument, "COLUMN_MISSING", "no column");
  EXPECT_EQ((*pinned)->IfUnchanged(wrong), wrong);
}

TEST_F(PinnedFileTest, AFileThatWasCutHasChangedWhateverWasRead) {
  const auto pinned = PinnedFile::Map(*files_, planned_);
  ASSERT_OK(pinned);
  LoseTheTail();
  EXPECT_EQ((*pinned)->bytes().back(), '\0');
  const auto changed = FailsWith(absl::StatusCode::kFailedPrecondition, "FILE_CHANGED");
  EXPECT_THAT((*pinned)->IfUnchanged(absl::OkStatus()), changed);
  EXPECT_THAT(PinnedFile::Map(*files_, planned_), changed);
}

}  // namespace
}  // namespace strata
