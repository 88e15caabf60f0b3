// What every ObjectStore promises (store/object_store.h). An implementation joins with
//   INSTANTIATE_TEST_SUITE_P(Mine, ObjectStoreConformance, testing::Values(ObjectStoreWorldFactory(MakeMyWorld)));
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/hash.h"
#include "store/object_store.h"
#include "tests/base/status_matchers.h"

namespace strata {

// An empty place for objects; several stores may be opened on it, as by several processes.
class ObjectStoreWorld {
 public:
  virtual ~ObjectStoreWorld() = default;
  virtual std::unique_ptr<ObjectStore> Open() = 0;
};
using ObjectStoreWorldFactory = std::function<std::unique_ptr<ObjectStoreWorld>()>;

class ObjectStoreConformance : public testing::TestWithParam<ObjectStoreWorldFactory> {
 protected:
  std::string ReadAll(const std::string& key) {
    const auto view = store_->Map(key);
    return view.ok() ? std::string((*view)->bytes()) : view.status().ToString();
  }
  std::vector<std::string> Keys(const std::string& prefix) {
    std::vector<std::string> keys;
    const auto objects = store_->List(prefix);
    if (!objects.ok()) return {objects.status().ToString()};
    for (const ObjectInfo& object : *objects) keys.push_back(object.key);
    return keys;
  }

  void SetUp() override {
    store_ = world_->Open();
    ASSERT_NE(store_, nullptr);
  }

  std::unique_ptr<ObjectStoreWorld> world_ = GetParam()();
  std::unique_ptr<ObjectStore> store_;
};

TEST_P(ObjectStoreConformance, ANewStoreIsEmpty) {
  EXPECT_THAT(Keys(""), testing::IsEmpty());
  EXPECT_THAT(Keys("jobs/"), testing::IsEmpty());
}

TEST_P(ObjectStoreConformance, AnObjectLivesFromPutToDelete) {
  const std::string key = "jobs/cdnow/snapshots/1/parts/00.lookup";
  EXPECT_TRUE(absl::IsNotFound(store_->Map(key).status()));
  EXPECT_TRUE(absl::IsNotFound(store_->Get(key, 0, 1).status()));
  ASSERT_OK(store_->Put(key, "content"));
  EXPECT_EQ(ReadAll(key), "content");
  const auto objects = world_->Open()->List("");
  ASSERT_OK(objects);
  ASSERT_EQ(objects->size(), 1u);
  EXPECT_EQ(objects->front().key, key);
  EXPECT_EQ(objects->front().size_bytes, 7u);
  ASSERT_OK(store_->Delete(key));
  EXPECT_TRUE(absl::IsNotFound(store_->Map(key).status()));
  EXPECT_THAT(Keys(""), testing::IsEmpty());
  EXPECT_OK(store_->Delete(key)) << "deleting again";
  EXPECT_OK(store_->Put(key, "other content")) << "the key is free again";
}

TEST_P(ObjectStoreConformance, FoldersAreNamedOnceInOrder) {
  for (const char* key : {"jobs/b/1", "jobs/b-c/x/y", "jobs/b/2/3", "jobs/a/x", "jobs/object", "jobsX/z/1", "top"}) {
    ASSERT_OK(store_->Put(key, "x"));
  }
  EXPECT_EQ(*store_->ListFolders("jobs/"), (std::vector<std::string>{"a", "b", "b-c"}));
  EXPECT_EQ(*store_->ListFolders("jobs/b/"), std::vector<std::string>{"2"});
  EXPECT_EQ(*store_->ListFolders("jobs/a/"), std::vector<std::string>());
  EXPECT_EQ(*store_->ListFolders("missing/"), std::vector<std::string>());
  EXPECT_EQ(*store_->ObjectStore::ListFolders("jobs/"), *store_->ListFolders("jobs/"));
  EXPECT_THAT(store_->ListFolders("../"), FailsWith(absl::StatusCode::kInvalidArgument, "KEY_INVALID"));
}

TEST_P(ObjectStoreConformance, EqualBytesMayBePutAgainOthersNever) {
  ASSERT_OK(store_->Put("a/b", "bytes"));
  EXPECT_OK(store_->Put("a/b", "bytes"));
  EXPECT_OK(world_->Open()->Put("a/b", "bytes"));
  for (const char* other : {"", "byte", "bytez", "bytes and more"}) {
    EXPECT_THAT(store_->Put("a/b", other), FailsWith(absl::StatusCode::kAlreadyExists, "OBJECT_DIFFERS")) << other;
  }
  EXPECT_EQ(ReadAll("a/b"), "bytes");
}

TEST_P(ObjectStoreConformance, VolatileObjectsAreObjectsToo) {
  ASSERT_OK(store_->PutVolatile("runs/1/rows-1", "bytes", 0600));
  EXPECT_OK(store_->PutVolatile("runs/1/rows-1", "bytes", 0600)) << "a repeated attempt";
  EXPECT_OK(world_->Open()->PutVolatile("runs/1/rows-1", "bytes", 0600)) << "of another worker";
  ASSERT_OK(store_->PutVolatile("runs/1/empty", "", 0600));
  EXPECT_EQ(ReadAll("runs/1/rows-1"), "bytes");
  EXPECT_THAT(Keys("runs/"), testing::ElementsAre("runs/1/empty", "runs/1/rows-1"));
  EXPECT_OK(store_->Put("runs/1/rows-1", "bytes"));
  EXPECT_THAT(store_->PutVolatile("../rows", "x", 0600), FailsWith(absl::StatusCode::kInvalidArgument, "KEY_INVALID"));
  ASSERT_OK(store_->Delete("runs/1/rows-1"));
  EXPECT_THAT(Keys("runs/"), testing::ElementsAre("runs/1/empty"));
}

TEST_P(ObjectStoreConformance, AnObjectMayBeEmpty) {
  ASSERT_OK(store_->Put("empty", ""));
  EXPECT_EQ(ReadAll("empty"), "");
  EXPECT_OK(store_->Put("empty", ""));
  EXPECT_THAT(store_->Put("empty", "x"), FailsWith(absl::StatusCode::kAlreadyExists, "OBJECT_DIFFERS"));
}

TEST_P(ObjectStoreConformance, ARangeIsShortOnlyAtTheEnd) {
  ASSERT_OK(store_->Put("digits", "0123456789"));
  const struct {
    uint64_t offset, size;
    const char* expected;
  } rows[] = {{0, 10, "0123456789"}, {3, 4, "3456"}, {8, 100, "89"}, {10, 1, ""}, {50, 1, ""}, {4, 0, ""}};
  for (const auto& row : rows) {
    const auto bytes = store_->Get("digits", row.offset, row.size);
    ASSERT_OK(bytes) << row.offset << "+" << row.size;
    EXPECT_EQ(*bytes, row.expected) << row.offset << "+" << row.size;
  }
}

TEST_P(ObjectStoreConformance, OnlyKeysAreTaken) {
  const std::string long_segment(kMaxKeySegmentBytes + 1, 'a');
  std::string long_key = "a";
  while (long_key.size() <= kMaxKeyBytes) long_key += "/a";
  const std::string keys[] = {"",           "/",     "/a",     "a/",      "a//b", "..",   "../a",
                              "a/../b",     ".",     "a/.",    ".hidden", "a b",  "a\\b", "a/\xc3\xa4",
                              "a\n",        "a:b",   ".tmp/a", "~",       "a/*",  "a?",   std::string("a\0b", 3),
                              long_segment, long_key};
  for (const std::string& key : keys) {
    const auto refused = FailsWith(absl::StatusCode::kInvalidArgument, "KEY_INVALID");
    EXPECT_THAT(store_->Put(key, "x"), refused) << key;
    EXPECT_THAT(store_->Get(key, 0, 1), refused) << key;
    EXPECT_THAT(store_->Map(key), refused) << key;
    EXPECT_THAT(store_->Delete(key), refused) << key;
  }
  EXPECT_THAT(store_->List("../"), FailsWith(absl::StatusCode::kInvalidArgument, "KEY_INVALID"));
  EXPECT_THAT(store_->List("/"), FailsWith(absl::StatusCode::kInvalidArgument, "KEY_INVALID"));
  EXPECT_THAT(Keys(""), testing::IsEmpty());
  EXPECT_OK(store_->Put("A-Z_a.z=0/9..9/" + std::string(kMaxKeySegmentBytes, 'a'), "x"));
}

TEST_P(ObjectStoreConformance, AKeyThatOthersUseAsFolderIsNoObject) {
  ASSERT_OK(store_->Put("a/b/c", "x"));
  EXPECT_TRUE(absl::IsNotFound(store_->Map("a/b").status()));
  EXPECT_TRUE(absl::IsNotFound(store_->Get("a/b", 0, 1).status()));
  EXPECT_OK(store_->Delete("a/b"));
  EXPECT_EQ(ReadAll("a/b/c"), "x");
}

TEST_P(ObjectStoreConformance, AListIsTheSortedKeysWithThePrefix) {
  for (uint64_t seed = 1; seed <= 4; ++seed) {
    std::mt19937_64 random(seed);
    const auto pick = [&random](uint64_t below) { return random() % below; };
    const std::string top = "seed" + std::to_string(seed) + "/";
    std::set<std::string> expected;
    for (int i = 0; i < 30; ++i) {
      // Folders and objects have different letters, so that no key is another's folder.
      std::string key = top;
      for (uint64_t depth = pick(3); depth > 0; --depth) key += std::string(1 + pick(2), "ab"[pick(2)]) + "/";
      key += std::string(1 + pick(2), "xy.-"[pick(2)]);
      expected.insert(key);
      ASSERT_OK(store_->Put(key, key));
    }
    for (const std::string tail : {"", "a", "a/", "aa", "b/a", "x", "b/xx", "nothing", "a/a/a/a"}) {
      std::vector<std::string> with_prefix;
      for (const std::string& key : expected) {
        if (key.starts_with(top + tail)) with_prefix.push_back(key);
      }
      EXPECT_THAT(Keys(top + tail), testing::ElementsAreArray(with_prefix)) << "seed " << seed << " prefix " << tail;
    }
  }
}

TEST_P(ObjectStoreConformance, OfManyWritersOfOneKeyOneWins) {
  const int kWriters = 4;
  for (int round = 0; round < 20; ++round) {
    const std::string key = "race/" + std::to_string(round);
    std::atomic<int> stored{0}, refused{0};
    std::vector<std::thread> threads;
    for (int writer = 0; writer < kWriters; ++writer) {
      threads.emplace_back([&, writer] {
        const absl::Status status = store_->Put(key, std::string(10'000, static_cast<char>('a' + writer % 2)));
        if (status.ok()) ++stored;
        if (absl::IsAlreadyExists(status)) ++refused;
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(stored, kWriters / 2) << "the writers of the bytes that won";
    EXPECT_EQ(refused, kWriters / 2) << "the writers of the others";
    const std::string found = ReadAll(key);
    EXPECT_EQ(found, std::string(10'000, found.front()));
  }
}

TEST_P(ObjectStoreConformance, AVerifiedMapComparesTheChecksum) {
  ASSERT_OK(store_->Put("a", "content"));
  const auto view = MapVerified(*store_, "a", Hash64("content"));
  ASSERT_OK(view);
  EXPECT_EQ((*view)->bytes(), "content");
  const auto wrong = MapVerified(*store_, "a", Hash64("Content"));
  EXPECT_THAT(wrong, FailsWith(absl::StatusCode::kDataLoss, "CHECKSUM_MISMATCH"));
  EXPECT_THAT(wrong, SaysThat("object 'a'"));
  EXPECT_TRUE(absl::IsNotFound(MapVerified(*store_, "b", 0).status()));
}

}  // namespace strata
