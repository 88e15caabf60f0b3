// A catalogue that has nothing but an object store, through whatever happens to it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "run/keys.h"
#include "serving/snapshot_catalogue.h"
#include "tests/base/status_matchers.h"
#include "tests/serving/small_state.h"
#include "tests/store/unreliable_object_store.h"

namespace strata {
namespace {

constexpr auto kDataLoss = absl::StatusCode::kDataLoss;
constexpr auto kUnavailable = absl::StatusCode::kUnavailable;
using Call = UnreliableObjectStore::Call;

class FollowingObjects : public testing::Test {
 protected:
  SnapshotCatalogue& Start(HeldJobs held = {}) {
    catalogue_ = std::make_unique<SnapshotCatalogue>(&objects_, NewPublishedInObjects(&objects_), std::move(held));
    return *catalogue_;
  }
  void PublishAndActivate(const std::string& job, int64_t number) {
    state_.Publish(job, number);
    state_.Activate(job, number);
  }
  // The number of the snapshot that answers for the job, as one of its customers shows; 0 for none.
  int64_t Serving(const std::string& job = "shop") {
    const auto found = catalogue_->Find({job, 0});
    return found.ok() ? (*found)->snapshot->Find("c0")->net_micros / 1000 : 0;
  }
  std::shared_ptr<const JobView> View(const std::string& job = "shop") { return catalogue_->view()->at(job); }

  SmallState state_;
  UnreliableObjectStore objects_{&state_.objects()};
  std::unique_ptr<SnapshotCatalogue> catalogue_;
};

TEST_F(FollowingObjects, ForwardAndBackWithRisingGenerations) {
  SnapshotCatalogue& catalogue = Start();
  PublishAndActivate("shop", 1);
  ASSERT_OK(catalogue.Refresh());
  EXPECT_EQ(Serving(), 1);
  PublishAndActivate("shop", 2);
  ASSERT_OK(catalogue.Refresh());
  EXPECT_EQ(Serving(), 2);
  state_.Activate("shop", 1);  // roll-back: an older number, a higher generation
  ASSERT_OK(catalogue.Refresh());
  EXPECT_EQ(Serving(), 1);
  EXPECT_EQ(View()->pointer->generation, 3);
  EXPECT_EQ((*catalogue.Open({"shop", 2}))->record, state_.Record("shop", 2));
}

TEST_F(FollowingObjects, TwoJobsEachByTheirOwnPointer) {
  PublishAndActivate("shop", 1);
  PublishAndActivate("web", 4);
  SnapshotCatalogue& catalogue = Start();
  ASSERT_OK(catalogue.Refresh());
  EXPECT_EQ(Serving("shop"), 1);
  EXPECT_EQ(Serving("web"), 4);
  PublishAndActivate("web", 5);
  ASSERT_OK(catalogue.Refresh());
  EXPECT_EQ(Serving("shop"), 1);
  EXPECT_EQ(Serving("web"), 5);
}

TEST_F(FollowingObjects, AStoreThatIsAwayAtTheStart) {
  objects_.GoAway();
  PublishAndActivate("shop", 1);
  SnapshotCatalogue& catalogue = Start();
  EXPECT_THAT(catalogue.Ready(), FailsWith(kUnavailable, "NOT_READY"));
  EXPECT_FALSE(catalogue.Refresh().ok());
  EXPECT_THAT(catalogue.Ready(), SaysThat("no answer for 'jobs/'"));
  // Nobody knows yet which jobs there are, so nobody may say that this is none.
  EXPECT_THAT(catalogue.Find({"shop", 0}), FailsWith(kUnavailable, "NOT_READY"));
  EXPECT_THAT(catalogue.Find({"typo", 0}), FailsWith(kUnavailable, "NOT_READY"));
  objects_.ComeBack();
  ASSERT_OK(catalogue.Refresh());
  EXPECT_OK(catalogue.Ready());
  EXPECT_EQ(Serving(), 1);
  EXPECT_THAT(catalogue.Find({"typo", 0}), FailsWith(absl::StatusCode::kNotFound, "JOB_UNKNOWN"));
}

TEST_F(FollowingObjects, AnEmptyStoreIsWatchedUntilSomethingIsPublished) {
  SnapshotCatalogue& catalogue = Start();
  ASSERT_OK(catalogue.Refresh());
  EXPECT_THAT(catalogue.Ready(), SaysThat("nothing is published yet"));
  PublishAndActivate("shop", 1);
  ASSERT_OK(catalogue.Refresh());
  EXPECT_OK(catalogue.Ready());
}

TEST_F(FollowingObjects, AStoreThatGoesAwayLeavesWhatIsServed) {
  PublishAndActivate("shop", 1);
  SnapshotCatalogue& catalogue = Start();
  ASSERT_OK(catalogue.Refresh());
  objects_.GoAway();
  PublishAndActivate("shop", 2);
  for (int i = 0; i < 2 * kDiscoverRefreshes; ++i) EXPECT_FALSE(catalogue.Refresh().ok());
  EXPECT_EQ(Serving(), 1);
  EXPECT_THAT(View()->problem, FailsWith(kUnavailable, "STORE_AWAY"));
  EXPECT_OK(catalogue.Ready()) << "what is open still answers";
  objects_.ComeBack();
  ASSERT_OK(catalogue.Refresh());
  EXPECT_EQ(Serving(), 2);
  EXPECT_OK(View()->problem);
}

TEST_F(FollowingObjects, ListingsThatMissTheNewestNeverGoBack) {
  PublishAndActivate("shop", 1);
  PublishAndActivate("shop", 2);
  SnapshotCatalogue& catalogue = Start();
  ASSERT_OK(catalogue.Refresh());
  objects_.Hide([](const std::string& key) { return key == CurrentObject("shop", 2); });
  EXPECT_THAT(catalogue.Refresh(), FailsWith(kDataLoss, "GENERATION_WENT_BACK"));
  EXPECT_EQ(Serving(), 2);
  // An emptied folder, as of a disk that is not mounted.
  objects_.Hide([](const std::string&) { return true; });
  for (int i = 0; i < 2 * kSnapshotListingReads; ++i) {
    EXPECT_THAT(catalogue.Refresh(), FailsWith(kDataLoss, "GENERATION_WENT_BACK"));
  }
  EXPECT_EQ(Serving(), 2);
  EXPECT_EQ(View()->records.size(), 2u);
  EXPECT_THAT(View()->problem, SaysThat("gone after generation 2"));
  objects_.Hide(nullptr);
  EXPECT_OK(catalogue.Refresh());
  EXPECT_EQ(Serving(), 2);
}

TEST_F(FollowingObjects, MalformedPointersAreSteppedOverAndSaid) {
  PublishAndActivate("shop", 1);
  SnapshotCatalogue& catalogue = Start();
  MustBeOk(state_.objects().Put(CurrentObject("shop", 99), R"({"format":1,"generation":99})", 0640));
  EXPECT_THAT(catalogue.Refresh(), FailsWith(kDataLoss, "OBJECTS_IGNORED"));
  EXPECT_EQ(Serving(), 1);
  EXPECT_OK(catalogue.Ready());
  EXPECT_THAT(View()->problem, SaysThat("jobs/shop/current/0000000099"));
  PublishAndActivate("shop", 2);
  EXPECT_FALSE(catalogue.Refresh().ok());
  EXPECT_EQ(Serving(), 2);
}

TEST_F(FollowingObjects, AnotherPointerOfTheSameGenerationIsRefused) {
  state_.Publish("shop", 2);
  PublishAndActivate("shop", 1);
  SnapshotCatalogue& catalogue = Start();
  ASSERT_OK(catalogue.Refresh());
  MustBeOk(state_.objects().Delete(CurrentObject("shop", 1)));
  const CurrentPointer forged{
      .generation = 1, .snapshot = 2, .manifest_checksum = state_.Record("shop", 2).manifest_checksum};
  MustBeOk(state_.objects().Put(CurrentObject("shop", 1), forged.ToJson(), 0640));
  EXPECT_THAT(catalogue.Refresh(), FailsWith(kDataLoss, "GENERATION_WENT_BACK"));
  EXPECT_EQ(Serving(), 1);
}

TEST_F(FollowingObjects, DamagedOrIncompleteSnapshotsNeverAnswer) {
  PublishAndActivate("shop", 1);
  SnapshotCatalogue& catalogue = Start();
  ASSERT_OK(catalogue.Refresh());
  int64_t number = 2;
  for (const std::string& name : {LookupName(1), ModelName("rfm"), std::string(kSegmentsReport)}) {
    state_.Publish("shop", number);
    state_.Damage("shop", number, name);
    state_.Activate("shop", number++);
    EXPECT_THAT(catalogue.Refresh(), FailsWith(kDataLoss, "CHECKSUM_MISMATCH")) << name;
    EXPECT_EQ(Serving(), 1) << name;
  }
  state_.Publish("shop", number);
  MustBeOk(state_.objects().Delete(ManifestKey("shop", number)));
  state_.Activate("shop", number++);
  EXPECT_FALSE(catalogue.Refresh().ok());
  EXPECT_THAT(View()->problem, SaysThat("has no record"));
  // Other bytes under the manifest's key: complete, but not what was committed.
  state_.Publish("shop", number);
  MustBeOk(state_.objects().Delete(ManifestKey("shop", number)));
  state_.Activate("shop", number);
  state_.clock().Advance(1000);
  state_.Publish("shop", number++);
  EXPECT_THAT(catalogue.Refresh(), FailsWith(kDataLoss, "CHECKSUM_MISMATCH"));
  EXPECT_THAT(View()->problem, SaysThat("manifest.json"));
  EXPECT_EQ(Serving(), 1);
  EXPECT_OK(catalogue.Ready());
  PublishAndActivate("shop", number);
  EXPECT_THAT(catalogue.Refresh(), FailsWith(kDataLoss, "OBJECTS_IGNORED")) << "the damaged manifest is still said";
  EXPECT_EQ(Serving(), number);
}

TEST_F(FollowingObjects, AHeldJobStaysWhateverThePointerSays) {
  PublishAndActivate("shop", 1);
  PublishAndActivate("shop", 2);
  PublishAndActivate("web", 1);
  SnapshotCatalogue& catalogue = Start({{"shop", 1}});
  ASSERT_OK(catalogue.Refresh());
  EXPECT_EQ(Serving(), 1);
  EXPECT_EQ(View()->pointer->snapshot, 2) << "what is published is still told";
  EXPECT_EQ(catalogue.Verify({"shop", 0})->record.number, 1);
  PublishAndActivate("shop", 3);
  PublishAndActivate("web", 2);
  ASSERT_OK(catalogue.Refresh());
  EXPECT_EQ(Serving("shop"), 1);
  EXPECT_EQ(Serving("web"), 2);
}

TEST_F(FollowingObjects, AHeldSnapshotThatIsNotThereIsWaitedFor) {
  PublishAndActivate("shop", 1);
  SnapshotCatalogue& catalogue = Start({{"shop", 7}, {"typo", 3}});
  EXPECT_THAT(catalogue.Refresh(), FailsWith(kUnavailable, "SNAPSHOT_UNAVAILABLE"));
  EXPECT_EQ(Serving(), 0) << "another snapshot never steps in";
  EXPECT_THAT(catalogue.Find({"shop", 0}), SaysThat("snapshot 7, at which this server is held, is not published"));
  EXPECT_THAT(catalogue.Ready(), FailsWith(kUnavailable, "NOT_READY"));
  state_.Publish("shop", 7);
  while (Serving() == 0 && View("typo")->current == nullptr) {
    const absl::Status waiting = catalogue.Refresh();
    ASSERT_THAT(waiting, FailsWith(kUnavailable, "SNAPSHOT_UNAVAILABLE"));
  }
  EXPECT_EQ(Serving(), 7);
  EXPECT_THAT(catalogue.Ready(), SaysThat("snapshot 3 of job 'typo'"));
  state_.Publish("typo", 3);
  for (int i = 0; i < kSnapshotListingReads; ++i) (void)catalogue.Refresh();
  EXPECT_OK(catalogue.Ready());
}

TEST_F(FollowingObjects, WhatNobodyAsksForIsClosed) {
  for (int64_t number = 1; number <= 3; ++number) PublishAndActivate("shop", number);
  SnapshotCatalogue& catalogue = Start();
  ASSERT_OK(catalogue.Refresh());
  ASSERT_OK(catalogue.Open({"shop", 1}));
  ASSERT_OK(catalogue.Open({"shop", 2}));
  std::weak_ptr<const Snapshot> first = (*catalogue.Find({"shop", 1}))->snapshot;
  std::weak_ptr<const Snapshot> current = (*catalogue.Find({"shop", 0}))->snapshot;
  for (int i = 0; i < kIdleRefreshes; ++i) {
    ASSERT_OK(catalogue.Refresh());
    ASSERT_NE(*catalogue.Find({"shop", 2}), nullptr) << "asked for all the time";
  }
  EXPECT_EQ(*catalogue.Find({"shop", 1}), nullptr);
  EXPECT_TRUE(first.expired()) << "unmapped, so that its bytes may be evicted";
  EXPECT_FALSE(current.expired());
  // A call under way keeps what it reads.
  auto under_way = *catalogue.Find({"shop", 2});
  const std::weak_ptr<const Snapshot> second = under_way->snapshot;
  for (int i = 0; i < kIdleRefreshes; ++i) ASSERT_OK(catalogue.Refresh());
  EXPECT_EQ(under_way->snapshot->Find("c1")->net_micros, NetMicros(2, 1));
  under_way.reset();
  EXPECT_TRUE(second.expired());
  EXPECT_EQ(View()->open.size(), 1u);
}

TEST_F(FollowingObjects, TheOneBeforeIsClosedWhenNobodyGoesBack) {
  PublishAndActivate("shop", 1);
  SnapshotCatalogue& catalogue = Start();
  ASSERT_OK(catalogue.Refresh());
  const std::weak_ptr<const Snapshot> first = (*catalogue.Find({"shop", 0}))->snapshot;
  PublishAndActivate("shop", 2);
  ASSERT_OK(catalogue.Refresh());
  for (int i = 1; i < kIdleRefreshes; ++i) ASSERT_OK(catalogue.Refresh());
  EXPECT_FALSE(first.expired()) << "going back is immediate for a while";
  ASSERT_OK(catalogue.Refresh());
  EXPECT_TRUE(first.expired());
}

TEST_F(FollowingObjects, WithoutRoomForTheNewOneTheIdleOnesGo) {
  for (int64_t number = 1; number <= 3; ++number) PublishAndActivate("shop", number);
  SnapshotCatalogue& catalogue = Start();
  ASSERT_OK(catalogue.Refresh());
  ASSERT_OK(catalogue.Open({"shop", 1}));
  const std::weak_ptr<const Snapshot> idle = (*catalogue.Find({"shop", 1}))->snapshot;
  // A cache that has no room for snapshot 4 while snapshot 1 is mapped.
  objects_.FailWith([&idle](Call call, const std::string& key) {
    const bool full = call == Call::kMap && key.find("/snapshots/4/parts") != std::string::npos && !idle.expired();
    return full ? MakeError(absl::StatusCode::kResourceExhausted, "CACHE_FULL", key) : absl::OkStatus();
  });
  PublishAndActivate("shop", 4);
  EXPECT_THAT(catalogue.Refresh(), FailsWith(absl::StatusCode::kResourceExhausted, "CACHE_FULL"));
  EXPECT_EQ(Serving(), 3);
  EXPECT_OK(catalogue.Refresh());
  EXPECT_EQ(Serving(), 4);
}

}  // namespace
}  // namespace strata
