// The two ways to learn what is published, side by side, and what only the objects have.
#include "serving/published_snapshots.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "run/keys.h"
#include "tests/base/status_matchers.h"
#include "tests/serving/small_state.h"
#include "tests/store/unreliable_object_store.h"

namespace strata {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class PublishedSnapshotsTest : public testing::Test {
 protected:
  // Reads until snapshots were looked for again.
  PublishedJob ReadPastAListing() {
    for (int i = 1; i < kSnapshotListingReads; ++i) EXPECT_OK(by_objects_->Read("shop"));
    auto published = by_objects_->Read("shop");
    EXPECT_OK(published);
    return *std::move(published);
  }

  SmallState state_;
  UnreliableObjectStore objects_{&state_.objects()};
  std::unique_ptr<PublishedSnapshots> by_objects_ = NewPublishedInObjects(&objects_);
  std::unique_ptr<PublishedSnapshots> by_metadata_ = NewPublishedInMetadata(&state_.metadata());
};

TEST_F(PublishedSnapshotsTest, BothSayTheSame) {
  EXPECT_THAT(*by_objects_->Jobs(), IsEmpty());
  EXPECT_THAT(*by_metadata_->Jobs(), IsEmpty());
  for (const int64_t number : {2, 5, 11}) state_.Publish("shop", number);
  state_.Publish("web", 1);
  state_.Activate("shop", 5);
  for (PublishedSnapshots* published : {by_objects_.get(), by_metadata_.get()}) {
    EXPECT_THAT(*published->Jobs(), ElementsAre("shop", "web"));
    EXPECT_EQ(published->Read("web")->pointer, std::nullopt);
    EXPECT_EQ(published->Read("shop")->pointer->snapshot, 5);
    EXPECT_OK(published->Read("shop")->remark);
  }
  EXPECT_EQ(by_objects_->Read("shop")->records, by_metadata_->Read("shop")->records);
  EXPECT_EQ(by_objects_->Read("shop")->pointer, by_metadata_->Read("shop")->pointer);
  EXPECT_EQ(by_objects_->Read("shop")->records.size(), 3u);
  EXPECT_TRUE(by_objects_->Read("unknown")->records.empty());
}

TEST_F(PublishedSnapshotsTest, WhatThePointerNamesIsSeenAtOnceOthersInTime) {
  state_.Publish("shop", 1);
  ASSERT_OK(by_objects_->Read("shop"));
  state_.Publish("shop", 2);
  state_.Publish("shop", 3);
  state_.Activate("shop", 3);
  EXPECT_THAT(by_objects_->Read("shop")->records, testing::SizeIs(2)) << "1 and 3";
  EXPECT_THAT(ReadPastAListing().records, testing::SizeIs(3));
  // Deleted: the manifest goes first.
  ASSERT_OK(state_.objects().Delete(ManifestKey("shop", 1)));
  EXPECT_THAT(ReadPastAListing().records, testing::SizeIs(2));
}

TEST_F(PublishedSnapshotsTest, AFolderWithoutAManifestIsNoSnapshot) {
  ASSERT_OK(state_.objects().Put("jobs/shop/snapshots/1/parts/00000-aa.lookup", "a run under way", 0640));
  EXPECT_TRUE(by_objects_->Read("shop")->records.empty());
  EXPECT_OK(by_objects_->Read("shop")->remark);
}

TEST_F(PublishedSnapshotsTest, DamagedAndForeignObjectsAreIgnoredAndSaid) {
  state_.Publish("shop", 1);
  state_.Activate("shop", 1);
  ASSERT_OK(state_.objects().Put(ManifestKey("shop", 2), "{}", 0640));
  const std::string other = *state_.objects().Get(ManifestKey("shop", 1), 0, 1 << 20);
  ASSERT_OK(state_.objects().Put(ManifestKey("shop", 3), other, 0640));
  ASSERT_OK(state_.objects().Put("jobs/shop/snapshots/007/x", "x", 0640));
  ASSERT_OK(state_.objects().Put("jobs/shop/current/0000000009", "x", 0640));
  ASSERT_OK(state_.objects().Put("jobs/No_Job/x", "x", 0640));
  const auto published = by_objects_->Read("shop");
  ASSERT_OK(published);
  EXPECT_EQ(published->pointer->snapshot, 1);
  EXPECT_EQ(published->records.size(), 1u);
  EXPECT_THAT(published->unreadable.at(2), FailsWith(absl::StatusCode::kDataLoss, "SNAPSHOT_CORRUPT"));
  EXPECT_THAT(published->unreadable.at(3), SaysThat("is of snapshot 1"));
  EXPECT_THAT(published->remark, FailsWith(absl::StatusCode::kDataLoss, "OBJECTS_IGNORED"));
  for (const char* named :
       {"jobs/shop/current/0000000009", "jobs/shop/snapshots/007", "jobs/shop/snapshots/2/manifest"}) {
    EXPECT_THAT(published->remark, SaysThat(named));
  }
  EXPECT_THAT(*by_objects_->Jobs(), ElementsAre("shop"));
}

TEST_F(PublishedSnapshotsTest, ThePointerIsFollowedWhileSnapshotsCannotBeListed) {
  state_.Publish("shop", 1);
  state_.Activate("shop", 1);
  objects_.FailWith([](UnreliableObjectStore::Call call, const std::string& key) {
    return call == UnreliableObjectStore::Call::kList && key.ends_with("/snapshots/")
               ? MakeError(absl::StatusCode::kUnavailable, "STORE_AWAY", "try later")
               : absl::OkStatus();
  });
  auto published = by_objects_->Read("shop");
  ASSERT_OK(published);
  EXPECT_EQ(published->records.size(), 1u);
  EXPECT_THAT(published->remark, SaysThat("try later"));
  objects_.ComeBack();
  EXPECT_OK(by_objects_->Read("shop")->remark) << "listed again at once";
}

TEST_F(PublishedSnapshotsTest, AManifestThatCouldNotBeReadIsReadAgain) {
  state_.Publish("shop", 1);
  state_.Activate("shop", 1);
  state_.Publish("shop", 2);
  objects_.FailWith([](UnreliableObjectStore::Call call, const std::string&) {
    return call == UnreliableObjectStore::Call::kMap
               ? MakeError(absl::StatusCode::kUnavailable, "STORE_AWAY", "try later")
               : absl::OkStatus();
  });
  EXPECT_THAT(by_objects_->Read("shop")->unreadable.at(1), FailsWith(absl::StatusCode::kUnavailable, "STORE_AWAY"));
  objects_.ComeBack();
  EXPECT_EQ(by_objects_->Read("shop")->records.size(), 2u);
  EXPECT_TRUE(by_objects_->Read("shop")->unreadable.empty());
  objects_.GoAway();
  EXPECT_THAT(by_objects_->Read("shop"), FailsWith(absl::StatusCode::kUnavailable, "STORE_AWAY"));
}

}  // namespace
}  // namespace strata
