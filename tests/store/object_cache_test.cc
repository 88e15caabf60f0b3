#include "store/object_cache.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <thread>

#include "tests/base/status_matchers.h"
#include "tests/base/temporary_folder.h"

namespace strata {
namespace {

using Code = absl::StatusCode;

// The object of a name: its text, repeated up to `size`.
std::string Content(const std::string& name, size_t size) {
  std::string content;
  while (content.size() < size) content += name + "|";
  content.resize(size);
  return content;
}

class Cache : public testing::Test {
 protected:
  std::unique_ptr<ObjectCache> Open(uint64_t bytes_max = 1 << 20) {
    auto cache = ObjectCache::Open({.folder = folder_, .bytes_max = bytes_max});
    EXPECT_OK(cache);
    return *std::move(cache);
  }
  CacheSource Source(const std::string& name, size_t size) {
    return {.size = [size]() -> absl::StatusOr<uint64_t> { return size; },
            .fetch = [this, name](uint64_t bytes, const CacheSource::Sink& sink) -> absl::Status {
              ++fetches_;
              const std::string content = Content(name, bytes);
              STRATA_RETURN_IF_ERROR(sink(content.substr(0, bytes / 2)));
              return sink(content.substr(bytes / 2));
            }};
  }
  absl::StatusOr<std::shared_ptr<const FileView>> Map(ObjectCache& cache, const std::string& name, size_t size = 1000) {
    auto view = cache.Map(name, Source(name, size));
    if (view.ok()) {
      EXPECT_EQ((*view)->bytes(), Content(name, size)) << name;
    }
    return view;
  }
  // Whether mapping it fetches it.
  bool Fetches(ObjectCache& cache, const std::string& name, size_t size = 1000) {
    const int before = fetches_;
    EXPECT_OK(Map(cache, name, size));
    return fetches_ > before;
  }
  std::vector<std::filesystem::path> FilesIn(const std::string& inner) {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder_ + "/v1/" + inner))
      files.push_back(entry.path());
    return files;
  }
  uint64_t BytesOnDisk() {
    uint64_t bytes = 0;
    for (const auto& path : FilesIn("objects")) bytes += std::filesystem::file_size(path);
    return bytes;
  }

  TemporaryFolder temporary_;
  std::string folder_ = temporary_.Under("deep/cache");
  std::atomic<int> fetches_{0};
};

TEST_F(Cache, FetchesOnceAndSharesWithOtherProcesses) {
  const auto cache = Open();
  EXPECT_TRUE(Fetches(*cache, "a"));
  EXPECT_FALSE(Fetches(*cache, "a"));
  EXPECT_TRUE(Fetches(*cache, "b"));
  EXPECT_TRUE(Fetches(*cache, "empty", 0));
  EXPECT_FALSE(Fetches(*cache, "empty", 0));
  EXPECT_FALSE(Fetches(*Open(), "a")) << "as by another process";
  EXPECT_EQ(std::filesystem::status(folder_).permissions(), std::filesystem::perms::owner_all);
}

TEST_F(Cache, ForgettingFetchesAnewAndKeepsViews) {
  const auto cache = Open();
  const auto view = Map(*cache, "a");
  ASSERT_OK(cache->Forget("a"));
  EXPECT_TRUE(Fetches(*cache, "a"));
  EXPECT_EQ((*view)->bytes(), Content("a", 1000));
  EXPECT_OK(cache->Forget("never seen"));
}

TEST_F(Cache, TheLeastRecentlyMappedGoesFirst) {
  const auto cache = Open(4'500);  // four copies and what eviction frees beyond need
  for (const char* name : {"a", "b", "c", "d"}) EXPECT_TRUE(Fetches(*cache, name));
  EXPECT_FALSE(Fetches(*cache, "a"));
  EXPECT_TRUE(Fetches(*cache, "e"));
  EXPECT_LE(BytesOnDisk(), 4'500u);
  EXPECT_FALSE(Fetches(*cache, "a"));
  EXPECT_FALSE(Fetches(*cache, "d"));
  EXPECT_TRUE(Fetches(*cache, "b")) << "the oldest was evicted";
}

TEST_F(Cache, WhatIsMappedIsNeverEvictedAlsoNotByOthers) {
  const auto cache = Open(3'500);
  const auto other = Open(3'500);
  auto held = Map(*cache, "held");
  ASSERT_OK(held);
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(Fetches(i % 2 == 0 ? *cache : *other, std::to_string(i)));
  EXPECT_FALSE(Fetches(*other, "held"));
  EXPECT_LE(BytesOnDisk(), 3'500u);
  held = absl::CancelledError();
  for (int i = 20; i < 26; ++i) EXPECT_TRUE(Fetches(*other, std::to_string(i)));
  EXPECT_TRUE(Fetches(*cache, "held")) << "free to go once it was unmapped";
}

TEST_F(Cache, TooMuchInUseAndTooLargeAnObjectAreSaid) {
  const auto cache = Open(3'500);
  EXPECT_THAT(Map(*cache, "huge", 4'000), FailsWith(Code::kFailedPrecondition, "CACHE_TOO_SMALL"));
  EXPECT_THAT(Map(*cache, "huge", 4'000), SaysThat("--cache-bytes"));
  EXPECT_EQ(fetches_, 0);
  std::vector<std::shared_ptr<const FileView>> held;
  for (const char* name : {"a", "b", "c"}) held.push_back(*Map(*cache, name));
  EXPECT_THAT(Map(*cache, "d"), FailsWith(Code::kResourceExhausted, "CACHE_FULL"));
  EXPECT_THAT(Map(*cache, "d"), SaysThat("--cache-bytes"));
  held.pop_back();
  EXPECT_OK(Map(*cache, "d"));
}

TEST_F(Cache, ADamagedCopyIsFetchedAnew) {
  Map(*Open(), "a").IgnoreError();
  const std::filesystem::path path = FilesIn("objects").front();
  const uint64_t size = std::filesystem::file_size(path);
  for (uint64_t at = 0; at < size; at += 61) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(static_cast<int64_t>(at));
    const char good = static_cast<char>(file.get());
    file.seekp(static_cast<int64_t>(at));
    file.put(static_cast<char>(good ^ 1));
    file.close();
    EXPECT_TRUE(Fetches(*Open(), "a")) << "byte " << at;
  }
  for (const uint64_t length : {uint64_t{0}, uint64_t{10}, size / 2, size - 1}) {
    std::filesystem::resize_file(path, length);
    EXPECT_TRUE(Fetches(*Open(), "a")) << "cut to " << length;
    EXPECT_FALSE(Fetches(*Open(), "a"));
  }
}

TEST_F(Cache, AFetchThatFailsLeavesNothingAndTakesNoRoom) {
  const auto cache = Open(2'500);
  for (int i = 0; i < 50; ++i) {
    CacheSource source = Source("a", 2'000);
    source.fetch = [i](uint64_t size, const CacheSource::Sink& sink) -> absl::Status {
      STRATA_RETURN_IF_ERROR(sink(std::string(size / 2, 'x')));
      if (i % 2 == 0) return MakeError(Code::kUnavailable, "S3_UNAVAILABLE", "gone");
      return i % 4 == 1 ? absl::OkStatus() : sink(std::string(size, 'x'));  // too few bytes, or too many
    };
    const auto view = cache->Map("a", source);
    EXPECT_THAT(view, i % 2 == 0 ? FailsWith(Code::kUnavailable, "S3_UNAVAILABLE")
                                 : FailsWith(Code::kDataLoss, "SIZE_MISMATCH"));
  }
  EXPECT_TRUE(FilesIn("objects").empty());
  EXPECT_TRUE(FilesIn("filling").empty());
  EXPECT_TRUE(Fetches(*cache, "a", 2'000));
}

TEST_F(Cache, ManyThreadsFetchOnce) {
  const auto cache = Open();
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) threads.emplace_back([&] { EXPECT_OK(Map(*cache, "a", 100'000)); });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(fetches_, 1);
}

TEST_F(Cache, WhatADeadProcessLeftIsRemovedAndWhatALivingOneWritesIsNot) {
  const auto cache = Open();
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    CacheSource source = Source("a", 5'000);
    source.fetch = [](uint64_t, const CacheSource::Sink& sink) -> absl::Status {
      static_cast<void>(sink("half"));
      _exit(0);
    };
    const auto theirs = ObjectCache::Open({.folder = folder_, .bytes_max = 1 << 20});
    if (theirs.ok()) static_cast<void>((*theirs)->Map("a", source));
    _exit(1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  ASSERT_EQ(WEXITSTATUS(status), 0);
  ASSERT_EQ(FilesIn("filling").size(), 1u) << "the child died while it wrote";
  CacheSource source = Source("b", 1'000);
  source.fetch = [&](uint64_t size, const CacheSource::Sink& sink) -> absl::Status {
    Open();  // somebody starts while we write
    EXPECT_EQ(FilesIn("filling").size(), 1u);
    return sink(Content("b", size));
  };
  ASSERT_OK(cache->Map("b", source));
  EXPECT_TRUE(FilesIn("filling").empty());
  EXPECT_FALSE(Fetches(*cache, "b"));
}

// Processes that map at random what does not fit all at once: every byte is right, and the bound holds at the end.
TEST_F(Cache, ProcessesShareABoundedFolder) {
  constexpr uint64_t kBound = 60'000;
  constexpr int kProcesses = 3;
  std::vector<pid_t> children;
  for (int i = 0; i < kProcesses; ++i) {
    children.push_back(fork());
    ASSERT_GE(children.back(), 0);
    if (children.back() != 0) continue;
    const auto cache = ObjectCache::Open({.folder = folder_, .bytes_max = kBound});
    std::mt19937_64 random(static_cast<uint64_t>(i));
    bool good = cache.ok();
    std::vector<std::shared_ptr<const FileView>> held(3);
    for (int round = 0; good && round < 400; ++round) {
      const std::string name = std::to_string(random() % 40);
      const size_t size = 1'000 + 50 * std::stoul(name);
      auto view = (*cache)->Map(name, Source(name, size));
      good = view.ok() && (*view)->bytes() == Content(name, size);
      if (good) held[random() % held.size()] = *std::move(view);
    }
    _exit(good ? 0 : 1);
  }
  for (const pid_t child : children) {
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_EQ(WEXITSTATUS(status), 0);
  }
  EXPECT_LE(BytesOnDisk(), kBound);
  EXPECT_TRUE(FilesIn("filling").empty());
  EXPECT_GT(BytesOnDisk(), kBound / 2) << "the cache was hardly used";
}

TEST_F(Cache, ALowerBoundTakesHoldWhenItIsOpened) {
  {
    const auto cache = Open();
    for (int i = 0; i < 20; ++i) EXPECT_TRUE(Fetches(*cache, std::to_string(i)));
  }
  Open(5'000);
  EXPECT_LE(BytesOnDisk(), 5'000u);
}

TEST_F(Cache, AFolderThatIsNotOursIsRefused) {
  std::filesystem::create_directories(temporary_.Under("theirs"));
  std::filesystem::create_symlink(temporary_.Under("theirs"), temporary_.Under("link"));
  EXPECT_THAT(ObjectCache::Open({.folder = temporary_.Under("link")}).status(),
              FailsWith(Code::kPermissionDenied, "CACHE_NOT_OURS"));
  EXPECT_THAT(ObjectCache::Open({.folder = temporary_.Under("link")}).status(), SaysThat("--cache-dir"));
}

}  // namespace
}  // namespace strata
