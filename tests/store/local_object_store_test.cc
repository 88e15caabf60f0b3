#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <limits>

#include "store/object_store.h"
#include "tests/base/temporary_folder.h"
#include "tests/store/faulty_calls.h"
#include "tests/store/object_store_conformance.h"
#include "tests/store/unsynced_names.h"

namespace strata {
namespace {

class LocalWorld final : public ObjectStoreWorld {
 public:
  std::unique_ptr<ObjectStore> Open() override {
    auto store = NewLocalObjectStore(files_.get(), folder_.Under("objects"));
    return store.ok() ? *std::move(store) : nullptr;
  }

 private:
  TemporaryFolder folder_;
  std::unique_ptr<FileSystem> files_ = NewPosixFileSystem();
};

INSTANTIATE_TEST_SUITE_P(Local, ObjectStoreConformance,
                         testing::Values(ObjectStoreWorldFactory([] { return std::make_unique<LocalWorld>(); })));

class LocalObjectStore : public testing::Test {
 protected:
  std::unique_ptr<ObjectStore> Open(FileSystem* files) {
    auto store = NewLocalObjectStore(files, root_);
    EXPECT_OK(store);
    return *std::move(store);
  }
  std::string ReadAll(const std::string& key) {
    const auto view = Open(files_.get())->Map(key);
    return view.ok() ? std::string((*view)->bytes()) : view.status().ToString();
  }
  // Every key, read by a store that knows nothing of the others.
  std::vector<std::string> Keys() {
    std::vector<std::string> keys;
    const auto objects = Open(files_.get())->List("");
    EXPECT_OK(objects);
    for (const ObjectInfo& object : *objects) keys.push_back(object.key);
    return keys;
  }
  size_t Debris() {
    const auto files = files_->List(root_ + "/.tmp");
    return files.ok() ? files->size() : 0;
  }

  TemporaryFolder folder_;
  std::string root_ = folder_.Under("objects");
  FaultPlan no_fault_;
  std::unique_ptr<FileSystem> files_ = NewPosixFileSystem(FaultyCalls(&no_fault_));
};

// Fails each call of a Put in turn, until one Put meets no failure.
TEST_F(LocalObjectStore, NoFailureShowsAPartialObject) {
  const std::string bytes(10'000, 'x');
  int failed_puts = 0;
  for (const bool for_good : {false, true}) {
    for (const int error : {EIO, ENOSPC, EACCES}) {
      for (int call = 1;; ++call) {
        ASSERT_LT(call, 100) << "a Put of so many calls does not end";
        std::filesystem::remove_all(root_);
        FaultPlan plan{.fail_at = call, .error = error, .for_good = for_good};
        const auto faulty = NewPosixFileSystem(FaultyCalls(&plan));
        const absl::Status status = Open(faulty.get())->Put("jobs/cdnow/part", bytes);
        if (plan.fired == 0) {
          ASSERT_OK(status);
          break;
        }
        const std::string where = "call " + std::to_string(call) + " errno " + std::to_string(error);
        ++failed_puts;
        if (!status.ok()) {
          EXPECT_THAT(status, SaysThat("object 'jobs/cdnow/part'")) << where;
        }
        const std::vector<std::string> keys = Keys();
        if (status.ok() || !keys.empty()) {
          EXPECT_EQ(ReadAll("jobs/cdnow/part"), bytes) << where;
        }
        if (!for_good) {
          EXPECT_EQ(keys.empty(), !status.ok()) << where;
          EXPECT_EQ(Debris(), 0u) << where;
        }
        EXPECT_OK(Open(files_.get())->Put("jobs/cdnow/part", bytes)) << where << ": the next attempt";
        EXPECT_EQ(ReadAll("jobs/cdnow/part"), bytes) << where;
      }
    }
  }
  EXPECT_GT(failed_puts, 60) << "the failures were never met";
}

TEST_F(LocalObjectStore, APowerCutAfterAPutTakesNothingOfIt) {
  UnsyncedNames unsynced;
  const auto watched = NewPosixFileSystem(unsynced.Watch());
  const auto store = Open(watched.get());
  for (const char* key : {"a/b/c/1", "a/b/c/2", "a/b/3", "4"}) {
    ASSERT_OK(store->Put(key, "bytes"));
    EXPECT_THAT(unsynced.LostWith(root_ + "/" + key), testing::IsEmpty());
  }
}

TEST_F(LocalObjectStore, AVolatileObjectIsNotWaitedFor) {
  PosixCalls calls;
  int synced_files = 0;
  calls.fsync = [&synced_files](int descriptor) {
    struct stat stat = {};
    synced_files += fstat(descriptor, &stat) == 0 && S_ISREG(stat.st_mode) ? 1 : 0;
    return 0;
  };
  const auto files = NewPosixFileSystem(std::move(calls));
  const auto store = Open(files.get());
  ASSERT_OK(store->PutVolatile("runs/1/rows", "bytes"));
  EXPECT_EQ(synced_files, 0);
  ASSERT_OK(store->Put("parts/1", "bytes"));
  EXPECT_EQ(synced_files, 1);
}

// What a power cut leaves of a volatile object: nothing, a part of it, or a file of its size without its bytes.
TEST_F(LocalObjectStore, ARepeatedVolatilePutReplacesWhatAPowerCutLeft) {
  for (const std::string& left : {std::string(), std::string("by"), std::string("\0\0\0\0\0", 5)}) {
    std::filesystem::create_directories(root_ + "/runs/1");
    std::ofstream(root_ + "/runs/1/rows", std::ios::trunc) << left;
    ASSERT_OK(Open(files_.get())->PutVolatile("runs/1/rows", "bytes"));
    EXPECT_EQ(ReadAll("runs/1/rows"), "bytes");
    EXPECT_EQ(Debris(), 0u);
  }
}

TEST_F(LocalObjectStore, NoFailureOfAVolatilePutShowsAPartialObject) {
  const std::string bytes(10'000, 'x');
  int failed_puts = 0;
  for (int call = 1;; ++call) {
    ASSERT_LT(call, 100) << "a Put of so many calls does not end";
    std::filesystem::remove_all(root_);
    FaultPlan plan{.fail_at = call, .error = ENOSPC};
    const auto faulty = NewPosixFileSystem(FaultyCalls(&plan));
    const absl::Status status = Open(faulty.get())->PutVolatile("runs/1/rows", bytes);
    if (plan.fired == 0) {
      ASSERT_OK(status);
      break;
    }
    failed_puts += status.ok() ? 0 : 1;
    EXPECT_EQ(Keys().empty(), !status.ok()) << "call " << call;
    EXPECT_EQ(Debris(), 0u) << "call " << call;
    EXPECT_OK(Open(files_.get())->PutVolatile("runs/1/rows", bytes)) << "call " << call << ": the next attempt";
    EXPECT_EQ(ReadAll("runs/1/rows"), bytes) << "call " << call;
  }
  EXPECT_GT(failed_puts, 4) << "the failures were never met";
}

TEST_F(LocalObjectStore, APowerCutAfterARepeatedPutTakesNothingOfItEither) {
  ASSERT_OK(Open(files_.get())->Put("a/b/object", "bytes"));
  UnsyncedNames unsynced;
  unsynced.MadeByOthers(root_ + "/a/b/object");
  unsynced.MadeByOthers(root_ + "/a/b");
  unsynced.MadeByOthers(root_ + "/a");
  EXPECT_THAT(unsynced.LostWith(root_ + "/a/b/object"), testing::SizeIs(3)) << "its writer died before the last fsyncs";
  const auto watched = NewPosixFileSystem(unsynced.Watch());
  ASSERT_OK(Open(watched.get())->Put("a/b/object", "bytes"));
  EXPECT_THAT(unsynced.LostWith(root_ + "/a/b/object"), testing::IsEmpty());
}

TEST_F(LocalObjectStore, FoldersOfOthersAreMadeDurableToo) {
  std::filesystem::create_directories(root_ + "/a/b");
  UnsyncedNames unsynced;
  unsynced.MadeByOthers(root_ + "/a");
  unsynced.MadeByOthers(root_ + "/a/b");
  const auto watched = NewPosixFileSystem(unsynced.Watch());
  ASSERT_OK(Open(watched.get())->Put("a/b/object", "bytes"));
  EXPECT_THAT(unsynced.LostWith(root_ + "/a/b/object"), testing::IsEmpty());
}

TEST_F(LocalObjectStore, AFailedPutDoesNotSpoilTheStore) {
  FaultPlan plan;
  const auto faulty = NewPosixFileSystem(FaultyCalls(&plan));
  const auto store = Open(faulty.get());
  ASSERT_OK(store->Put("a/1", "first"));
  for (int call = 1; call <= 12; ++call) {
    plan = {.fail_at = call, .error = ENOSPC};
    const std::string key = "b" + std::to_string(call) + "/object";
    const absl::Status status = store->Put(key, "bytes");
    plan.fail_at = 0;
    EXPECT_OK(store->Put(key, "bytes")) << "after " << status;
    EXPECT_EQ(ReadAll(key), "bytes");
  }
}

TEST_F(LocalObjectStore, AFullDiskSaysSo) {
  FaultPlan plan{.fail_at = 1, .error = ENOSPC, .for_good = true};
  const auto faulty = NewPosixFileSystem(FaultyCalls(&plan));
  EXPECT_THAT(Open(faulty.get())->Put("a", "x"), FailsWith(absl::StatusCode::kResourceExhausted, "DISK_FULL"));
}

TEST_F(LocalObjectStore, AReadOnlyDiskIsReadAndRefusesToWrite) {
  ASSERT_OK(Open(files_.get())->Put("a", "x"));
  const PosixCalls real;
  PosixCalls calls;
  const auto read_only = [](auto...) {
    errno = EROFS;
    return -1;
  };
  calls.open = [&](const char* path, int flags, mode_t mode) {
    return (flags & O_CREAT) != 0 ? read_only() : real.open(path, flags, mode);
  };
  calls.mkdir = [&](const char*, mode_t) { return read_only(); };
  calls.unlink = [&](const char*) { return read_only(); };
  const auto files = NewPosixFileSystem(calls);
  const auto store = Open(files.get());
  EXPECT_EQ((*store->Map("a"))->bytes(), "x");
  EXPECT_OK(store->Put("a", "x")) << "it is there already";
  EXPECT_THAT(store->Put("b", "x"), FailsWith(absl::StatusCode::kPermissionDenied, "DISK_READ_ONLY"));
  EXPECT_THAT(store->Delete("a"), FailsWith(absl::StatusCode::kPermissionDenied, "DISK_READ_ONLY"));
}

TEST_F(LocalObjectStore, DebrisOfACrashIsNeverListedAndCanBeRemoved) {
  ASSERT_OK(Open(files_.get())->Put("a", "x"));
  ASSERT_OK(files_->WriteNew(root_ + "/.tmp/0123456789abcdef-7-0", "half an obj", 0600));
  ASSERT_OK(files_->WriteNew(root_ + "/notes of somebody.txt", "not a key", 0600));
  EXPECT_THAT(Keys(), testing::ElementsAre("a"));
  const auto young = RemoveStaleTemporaries(files_.get(), root_, 0);
  ASSERT_OK(young);
  EXPECT_EQ(*young, 0);
  const auto removed = RemoveStaleTemporaries(files_.get(), root_, std::numeric_limits<int64_t>::max());
  ASSERT_OK(removed);
  EXPECT_EQ(*removed, 1);
  EXPECT_EQ(Debris(), 0u);
  EXPECT_THAT(Keys(), testing::ElementsAre("a"));
  const auto nothing = RemoveStaleTemporaries(files_.get(), folder_.Under("missing"), 1);
  ASSERT_OK(nothing);
  EXPECT_EQ(*nothing, 0);
}

// A process of another container may have the same id, and so the same names.
TEST_F(LocalObjectStore, TakenTemporaryNamesAreSteppedOver) {
  ASSERT_OK(Open(files_.get())->Put("same", "x"));
  for (int i = 0; i < 3; ++i) {
    const std::string name = "/.tmp/" + Hex(Hash64("key")) + "-" + std::to_string(getpid()) + "-" + std::to_string(i);
    ASSERT_OK(files_->WriteNew(root_ + name, "theirs", 0600));
  }
  ASSERT_OK(Open(files_.get())->Put("key", "ours"));
  EXPECT_EQ(ReadAll("key"), "ours");
  EXPECT_EQ(Debris(), 3u) << "what belongs to others stays";
}

TEST_F(LocalObjectStore, AKeyBelowAnObjectOrOverAFolderIsAnError) {
  const auto store = Open(files_.get());
  ASSERT_OK(store->Put("a/b", "x"));
  EXPECT_TRUE(absl::IsAlreadyExists(store->Put("a", "x")));
  EXPECT_FALSE(store->Put("a/b/c", "x").ok());
  EXPECT_THAT(Keys(), testing::ElementsAre("a/b"));
  EXPECT_EQ(Debris(), 0u);
}

TEST_F(LocalObjectStore, AFolderThatSomebodyRemovedIsMadeAnew) {
  const auto store = Open(files_.get());
  ASSERT_OK(store->Put("a/1", "x"));
  std::filesystem::remove_all(root_ + "/a");
  EXPECT_TRUE(absl::IsNotFound(store->Put("a/2", "x")));
  EXPECT_OK(store->Put("a/2", "x"));
}

TEST_F(LocalObjectStore, ObjectsHaveTheModeAskedFor) {
  ASSERT_OK(Open(files_.get())->Put("private", "x", 0600));
  struct stat stat = {};
  ASSERT_EQ(::stat((root_ + "/private").c_str(), &stat), 0);
  EXPECT_EQ(stat.st_mode & 07777u, 0600u);
}

TEST_F(LocalObjectStore, TheRootMustBeAFolder) {
  ASSERT_OK(files_->WriteNew(folder_.Under("file"), "", 0600));
  EXPECT_THAT(NewLocalObjectStore(files_.get(), folder_.Under("file")).status(),
              FailsWith(absl::StatusCode::kFailedPrecondition, "ROOT_NOT_A_FOLDER"));
  for (const char* root : {"", "/", "//"}) {
    EXPECT_THAT(NewLocalObjectStore(files_.get(), root).status(),
                FailsWith(absl::StatusCode::kInvalidArgument, "ROOT_INVALID"));
  }
  const auto slashed = NewLocalObjectStore(files_.get(), root_ + "//");
  ASSERT_OK(slashed);
  ASSERT_OK((*slashed)->Put("a/b", "x"));
  EXPECT_THAT(Keys(), testing::ElementsAre("a/b"));
}

}  // namespace
}  // namespace strata
