#include "store/posix_file_system.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/base/temporary_folder.h"
#include "tests/store/faulty_calls.h"
#include "tests/store/file_system_conformance.h"

namespace strata {
namespace {

class PosixWorld final : public FileSystemWorld {
 public:
  FileSystem& file_system() override { return *files_; }
  std::string root() override { return folder_.path(); }

 private:
  TemporaryFolder folder_;
  std::unique_ptr<FileSystem> files_ = NewPosixFileSystem();
};

INSTANTIATE_TEST_SUITE_P(Posix, FileSystemConformance,
                         testing::Values(FileSystemWorldFactory([] { return std::make_unique<PosixWorld>(); })));

std::string ReadAll(FileSystem& files, const std::string& path) {
  const auto view = files.Map(path);
  return view.ok() ? std::string((*view)->bytes()) : view.status().ToString();
}

TEST(PosixFileSystem, GoesOnAfterInterruptsAndShortCounts) {
  TemporaryFolder folder;
  const PosixCalls real;
  PosixCalls calls;
  int turn = 0;
  int interrupts = 0;
  const auto interrupted = [&] {
    if (++turn % 2 == 0) return false;
    ++interrupts;
    errno = EINTR;
    return true;
  };
  calls.open = [&](const char* path, int flags, mode_t mode) {
    return interrupted() ? -1 : real.open(path, flags, mode);
  };
  calls.write = [&](int descriptor, const void* data, size_t size) {
    return interrupted() ? -1 : real.write(descriptor, data, std::min<size_t>(size, 3));
  };
  calls.pread = [&](int descriptor, void* data, size_t size, off_t offset) {
    return interrupted() ? -1 : real.pread(descriptor, data, std::min<size_t>(size, 2), offset);
  };
  calls.fsync = [&](int descriptor) { return interrupted() ? -1 : real.fsync(descriptor); };
  const auto files = NewPosixFileSystem(calls);
  ASSERT_OK(files->WriteNew(folder.Under("a"), "0123456789abc", 0600));
  const auto read = files->ReadRange(folder.Under("a"), 1, 11);
  ASSERT_OK(read);
  EXPECT_EQ(*read, "123456789ab");
  EXPECT_GT(interrupts, 10);
}

TEST(PosixFileSystem, EveryErrnoHasItsCode) {
  const struct {
    int error;
    absl::StatusCode code;
    const char* reason;
  } rows[] = {
      {ENOSPC, absl::StatusCode::kResourceExhausted, "DISK_FULL"},
      {EDQUOT, absl::StatusCode::kResourceExhausted, "DISK_FULL"},
      {EMFILE, absl::StatusCode::kResourceExhausted, "TOO_MANY_OPEN_FILES"},
      {EFBIG, absl::StatusCode::kResourceExhausted, "FILE_TOO_BIG"},
      {EACCES, absl::StatusCode::kPermissionDenied, "ACCESS_DENIED"},
      {EROFS, absl::StatusCode::kPermissionDenied, "DISK_READ_ONLY"},
      {ENAMETOOLONG, absl::StatusCode::kInvalidArgument, "PATH_TOO_LONG"},
      {EIO, absl::StatusCode::kDataLoss, "IO_ERROR"},
      {EBADF, absl::StatusCode::kInternal, "SYSTEM_CALL_FAILED"},
  };
  TemporaryFolder folder;
  for (const auto& row : rows) {
    for (int call = 1; call <= 4; ++call) {  // open, write, fsync, close
      FaultPlan plan{.fail_at = call, .error = row.error};
      const auto files = NewPosixFileSystem(FaultyCalls(&plan));
      const absl::Status status = files->WriteNew(folder.Under("a"), "bytes", 0600);
      EXPECT_THAT(status, FailsWith(row.code, row.reason)) << "call " << call;
      EXPECT_THAT(status, SaysThat(folder.Under("a")));
      EXPECT_TRUE(absl::IsNotFound(files->Stat(folder.Under("a")).status())) << "call " << call << " left a file";
    }
  }
}

TEST(PosixFileSystem, AFailedFsyncIsNotTriedAgain) {
  TemporaryFolder folder;
  const PosixCalls real;
  PosixCalls calls;
  int fsyncs = 0;
  calls.fsync = [&](int) {
    ++fsyncs;
    errno = EIO;
    return -1;
  };
  const auto files = NewPosixFileSystem(calls);
  EXPECT_THAT(files->WriteNew(folder.Under("a"), "x", 0600), FailsWith(absl::StatusCode::kDataLoss, "IO_ERROR"));
  EXPECT_EQ(fsyncs, 1);
  ASSERT_OK(NewPosixFileSystem()->WriteNew(folder.Under("b"), "x", 0600));
  EXPECT_THAT(files->RenameNew(folder.Under("b"), folder.Under("c")),
              FailsWith(absl::StatusCode::kDataLoss, "IO_ERROR"));
  EXPECT_EQ(fsyncs, 2);
  EXPECT_TRUE(absl::IsNotFound(files->Stat(folder.Under("c")).status())) << "a name that may not last is taken back";
}

TEST(PosixFileSystem, RenamesByLinkWhereTheDiskKnowsNoBetterWay) {
  TemporaryFolder folder;
  PosixCalls calls;
  calls.rename_no_replace = [](const char*, const char*) {
    errno = EINVAL;
    return -1;
  };
  const auto files = NewPosixFileSystem(calls);
  ASSERT_OK(files->WriteNew(folder.Under("from"), "moved", 0600));
  ASSERT_OK(files->WriteNew(folder.Under("taken"), "kept", 0600));
  EXPECT_TRUE(absl::IsAlreadyExists(files->RenameNew(folder.Under("from"), folder.Under("taken"))));
  EXPECT_EQ(ReadAll(*files, folder.Under("taken")), "kept");
  ASSERT_OK(files->RenameNew(folder.Under("from"), folder.Under("to")));
  EXPECT_EQ(ReadAll(*files, folder.Under("to")), "moved");
  EXPECT_TRUE(absl::IsNotFound(files->Stat(folder.Under("from")).status()));
}

TEST(PosixFileSystem, FilesHaveTheModeAskedFor) {
  TemporaryFolder folder;
  const auto files = NewPosixFileSystem();
  for (const mode_t mode : {0600u, 0400u}) {
    const std::string path = folder.Under(std::to_string(mode));
    ASSERT_OK(files->WriteNew(path, "x", mode));
    struct stat stat = {};
    ASSERT_EQ(::stat(path.c_str(), &stat), 0);
    EXPECT_EQ(stat.st_mode & 07777u, mode);
  }
}

TEST(PosixFileSystem, APipeIsRefusedInsteadOfWaitedFor) {
  TemporaryFolder folder;
  ASSERT_EQ(mkfifo(folder.Under("pipe").c_str(), 0600), 0);
  const auto files = NewPosixFileSystem();
  EXPECT_THAT(files->ReadRange(folder.Under("pipe"), 0, 1),
              FailsWith(absl::StatusCode::kInvalidArgument, "NOT_A_REGULAR_FILE"));
  EXPECT_THAT(files->Map("/dev/zero"), FailsWith(absl::StatusCode::kInvalidArgument, "NOT_A_REGULAR_FILE"));
}

TEST(PosixFileSystem, LinksAreFollowedAndDanglingOnesListed) {
  TemporaryFolder folder;
  const auto files = NewPosixFileSystem();
  ASSERT_OK(files->WriteNew(folder.Under("target"), "1234", 0600));
  ASSERT_EQ(symlink("target", folder.Under("link").c_str()), 0);
  ASSERT_EQ(symlink("gone", folder.Under("dangling").c_str()), 0);
  const auto children = files->List(folder.path());
  ASSERT_OK(children);
  ASSERT_EQ(children->size(), 3u);
  EXPECT_EQ((*children)[0].path, folder.Under("dangling"));
  EXPECT_EQ((*children)[1].size_bytes, 4u);
  EXPECT_EQ(ReadAll(*files, folder.Under("link")), "1234");
  EXPECT_TRUE(absl::IsNotFound(files->Map(folder.Under("dangling")).status()));
  EXPECT_TRUE(absl::IsAlreadyExists(files->WriteNew(folder.Under("dangling"), "x", 0600))) << "never written through";
}

TEST(PosixFileSystem, RelativePathsAreRelativeToTheProcess) {
  TemporaryFolder folder;
  const auto files = NewPosixFileSystem();
  const auto info = files->Stat("tests/store");
  ASSERT_OK(info);
  EXPECT_TRUE(info->is_directory);
}

}  // namespace
}  // namespace strata
