// What one stage opened, another one takes without reading it again; everything else is verified.
#include "data/ledger/open_segments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/base/status_matchers.h"
#include "tests/base/temporary_folder.h"
#include "tests/data/ledger/shards.h"

namespace strata {
namespace {

class OpenSegmentsTest : public testing::Test {
 protected:
  OpenSegmentsTest() : files_(NewPosixFileSystem()), objects_(*NewLocalObjectStore(files_.get(), folder_.path())) {}

  ObjectRef Store(uint64_t seed) {
    const std::string bytes = BuildShard({ToBatch(RandomRows(seed, 50), false)}, false)->segment;
    ObjectRef ref{.key = "segment-" + Hex(Hash64(bytes)), .checksum = Hash64(bytes), .size_bytes = bytes.size()};
    EXPECT_OK(objects_->Put(ref.key, bytes));
    return ref;
  }

  TemporaryFolder folder_;
  std::unique_ptr<FileSystem> files_;
  std::unique_ptr<ObjectStore> objects_;
  OpenSegments segments_;
};

TEST_F(OpenSegmentsTest, WhatIsKeptIsTakenOnceWithoutReadingIt) {
  const std::vector<ObjectRef> refs = {Store(1), Store(2)};
  const auto opened = OpenShard(*objects_, refs, {});
  ASSERT_OK(opened);
  segments_.Keep(std::span(refs).first(1), *opened);
  ASSERT_OK(objects_->Delete(refs[0].key));
  const auto taken = segments_.Take(*objects_, refs, {7});
  ASSERT_OK(taken);
  EXPECT_EQ(SumShard(taken->shard, false)->digest, SumShard(opened->shard, false)->digest);
  EXPECT_THAT(taken->shard.removed_files, testing::ElementsAre(7));
  EXPECT_EQ(taken->views.size(), 2u);
  EXPECT_EQ(segments_.Take(*objects_, refs, {}).status().code(), absl::StatusCode::kNotFound) << "it was handed over";
}

TEST_F(OpenSegmentsTest, NothingIsKeptBeyondClear) {
  const std::vector<ObjectRef> refs = {Store(1)};
  const auto opened = OpenShard(*objects_, refs, {});
  ASSERT_OK(opened);
  segments_.Keep(refs, *opened);
  segments_.Clear();
  ASSERT_OK(objects_->Delete(refs[0].key));
  EXPECT_EQ(segments_.Take(*objects_, refs, {}).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(OpenSegmentsTest, WhatIsNotKeptIsVerified) {
  std::vector<ObjectRef> refs = {Store(1)};
  const auto opened = OpenShard(*objects_, refs, {});
  ASSERT_OK(opened);
  segments_.Keep(refs, *opened);
  ++refs[0].checksum;  // another object is wanted than the one that was kept
  EXPECT_THAT(segments_.Take(*objects_, refs, {}), FailsWith(absl::StatusCode::kDataLoss, "CHECKSUM_MISMATCH"));
}

}  // namespace
}  // namespace strata
