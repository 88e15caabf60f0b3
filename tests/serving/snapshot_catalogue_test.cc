#include "serving/snapshot_catalogue.h"

#include <gtest/gtest.h>

#include <atomic>

#include "run/keys.h"
#include "tests/base/status_matchers.h"
#include "tests/serving/small_state.h"

namespace strata {
namespace {

constexpr auto kNotFound = absl::StatusCode::kNotFound;
constexpr auto kUnavailable = absl::StatusCode::kUnavailable;

class SnapshotCatalogueTest : public testing::Test {
 protected:
  // The number of the snapshot that answers for the job; 0 for none.
  int64_t Serving(const std::string& job = "shop") {
    const auto found = catalogue_.Find({job, 0});
    return found.ok() ? (*found)->record.number : 0;
  }
  std::shared_ptr<const JobView> View(const std::string& job = "shop") { return catalogue_.view()->at(job); }

  SmallState state_;
  SnapshotCatalogue catalogue_{&state_.objects(), NewPublishedInMetadata(&state_.metadata())};
};

TEST_F(SnapshotCatalogueTest, IsEmptyBeforeAnythingWasPublished) {
  EXPECT_OK(catalogue_.Refresh());
  EXPECT_TRUE(catalogue_.view()->empty());
  EXPECT_THAT(catalogue_.Find({"shop", 0}), FailsWith(kNotFound, "JOB_UNKNOWN"));
  EXPECT_THAT(catalogue_.Open({"shop", 1}), FailsWith(kNotFound, "JOB_UNKNOWN"));
}

TEST_F(SnapshotCatalogueTest, FollowsTheCurrentPointerForwardAndBack) {
  state_.Publish("shop", 1);
  state_.Activate("shop", 1);
  ASSERT_OK(catalogue_.Refresh());
  EXPECT_EQ(Serving(), 1);
  EXPECT_EQ((*catalogue_.Find({"shop", 0}))->snapshot->Find("c3")->net_micros, NetMicros(1, 3));

  state_.Publish("shop", 2);
  ASSERT_OK(catalogue_.Refresh());
  EXPECT_EQ(Serving(), 1) << "published is not activated";
  EXPECT_EQ(View()->records.size(), 2u);

  state_.Activate("shop", 2);
  ASSERT_OK(catalogue_.Refresh());
  EXPECT_EQ(Serving(), 2);

  // Going back needs nothing from disk: the one before stayed open.
  const int maps = state_.objects().maps();
  state_.Activate("shop", 1);
  ASSERT_OK(catalogue_.Refresh());
  EXPECT_EQ(Serving(), 1);
  EXPECT_EQ(View()->pointer->generation, 3);
  EXPECT_EQ(state_.objects().maps(), maps);
}

TEST_F(SnapshotCatalogueTest, KeepsJobsApart) {
  state_.Publish("shop", 1);
  state_.Activate("shop", 1);
  state_.Publish("web", 1);
  ASSERT_OK(catalogue_.Refresh());
  EXPECT_EQ(Serving("shop"), 1);
  EXPECT_THAT(catalogue_.Find({"web", 0}), FailsWith(kUnavailable, "SNAPSHOT_UNAVAILABLE"));
  EXPECT_THAT(catalogue_.Find({"web", 0}), SaysThat("none was activated yet"));
}

TEST_F(SnapshotCatalogueTest, FindsANewJobWhenToldOrInTime) {
  ASSERT_OK(catalogue_.Refresh());
  state_.Publish("shop", 1);
  state_.Activate("shop", 1);
  ASSERT_OK(catalogue_.RefreshJob("shop"));
  EXPECT_EQ(Serving("shop"), 1);
  state_.Publish("web", 1);
  state_.Activate("web", 1);
  for (int i = 0; i < kDiscoverRefreshes; ++i) ASSERT_OK(catalogue_.Refresh());
  EXPECT_EQ(Serving("web"), 1);
}

TEST_F(SnapshotCatalogueTest, OpensPinnedSnapshotsOnDemandAndKeepsAFew) {
  constexpr int64_t kCurrent = 10;
  for (int64_t number = 1; number <= kCurrent; ++number) state_.Publish("shop", number);
  state_.Activate("shop", kCurrent);
  ASSERT_OK(catalogue_.Refresh());
  ASSERT_OK(catalogue_.Find({"shop", 3}));
  EXPECT_EQ(*catalogue_.Find({"shop", 3}), nullptr) << "there, but not open yet";
  EXPECT_EQ((*catalogue_.Open({"shop", 3}))->snapshot->Find("c0")->net_micros, NetMicros(3, 0));
  EXPECT_EQ((*catalogue_.Find({"shop", 3}))->record.number, 3);

  for (int64_t number = 1; number < kCurrent; ++number) ASSERT_OK(catalogue_.Open({"shop", number}));
  EXPECT_EQ(View()->open.size(), kMaxPinnedSnapshots + 1);
  EXPECT_EQ(Serving(), kCurrent);
  EXPECT_EQ(*catalogue_.Find({"shop", 1}), nullptr) << "the oldest went";
  EXPECT_NE(*catalogue_.Find({"shop", kCurrent}), nullptr);
  EXPECT_THAT(catalogue_.Find({"shop", 99}), FailsWith(kNotFound, "SNAPSHOT_UNKNOWN"));
}

TEST_F(SnapshotCatalogueTest, ManyNightsDoNotPileUpOpenSnapshots) {
  for (int64_t number = 1; number <= 12; ++number) {
    state_.Publish("shop", number);
    state_.Activate("shop", number);
    ASSERT_OK(catalogue_.Refresh());
    EXPECT_EQ(Serving(), number);
  }
  EXPECT_EQ(View()->open.size(), kMaxPinnedSnapshots + 1);
}

TEST_F(SnapshotCatalogueTest, ADamagedSnapshotIsNeverServedAndTheLastGoodOneStays) {
  state_.Publish("shop", 1);
  state_.Activate("shop", 1);
  ASSERT_OK(catalogue_.Refresh());
  state_.Publish("shop", 2);
  state_.Damage("shop", 2, LookupName(1));
  state_.Activate("shop", 2);
  EXPECT_THAT(catalogue_.Refresh(), FailsWith(absl::StatusCode::kDataLoss, "CHECKSUM_MISMATCH"));
  EXPECT_EQ(Serving(), 1);
  EXPECT_EQ(View()->pointer->snapshot, 2);
  EXPECT_THAT(View()->problem, SaysThat("jobs/shop/snapshots/2"));

  // Not read again at every refresh, but when the pointer moves on.
  const int maps = state_.objects().maps();
  EXPECT_FALSE(catalogue_.Refresh().ok());
  EXPECT_EQ(state_.objects().maps(), maps);
  state_.Publish("shop", 3);
  state_.Activate("shop", 3);
  EXPECT_OK(catalogue_.Refresh());
  EXPECT_EQ(Serving(), 3);
  EXPECT_OK(View()->problem);
}

TEST_F(SnapshotCatalogueTest, ADamagedSnapshotIsTriedAgainAfterAWhile) {
  state_.Publish("shop", 1);
  state_.Damage("shop", 1, kSegmentsReport);
  state_.Activate("shop", 1);
  EXPECT_FALSE(catalogue_.Refresh().ok());
  EXPECT_THAT(catalogue_.Find({"shop", 0}), FailsWith(kUnavailable, "SNAPSHOT_UNAVAILABLE"));
  EXPECT_THAT(catalogue_.Find({"shop", 0}), SaysThat("snapshot 1 of job 'shop' is current, but cannot be served"));
  EXPECT_THAT(catalogue_.Open({"shop", 1}), FailsWith(kUnavailable, "SNAPSHOT_UNAVAILABLE"));

  state_.Damage("shop", 1, kSegmentsReport);  // the same bit again: mended
  int refreshes = 0;
  while (!catalogue_.Refresh().ok() && refreshes <= kRetryRefreshes) ++refreshes;
  EXPECT_EQ(Serving(), 1);
  EXPECT_EQ(refreshes, kRetryRefreshes);
}

TEST_F(SnapshotCatalogueTest, APointerThatItsRecordContradictsIsNotFollowed) {
  state_.Publish("shop", 1);
  state_.Activate("shop", 1);
  ASSERT_OK(catalogue_.Refresh());
  const SnapshotRecord second = state_.Publish("shop", 2);
  state_.WritePointer("shop", {.generation = 2, .snapshot = 2, .manifest_checksum = second.manifest_checksum ^ 1});
  EXPECT_THAT(catalogue_.Refresh(), FailsWith(absl::StatusCode::kDataLoss, "SNAPSHOT_CORRUPT"));
  EXPECT_EQ(Serving(), 1);

  SnapshotRecord wrong = second;
  wrong.customers += 1;
  state_.WriteRecord("shop", wrong);
  state_.WritePointer("shop", {.generation = 3, .snapshot = 2, .manifest_checksum = second.manifest_checksum});
  EXPECT_THAT(catalogue_.Refresh(), SaysThat("its manifest and its record disagree"));
  EXPECT_EQ(Serving(), 1);

  state_.WritePointer("shop", {.generation = 4, .snapshot = 9, .manifest_checksum = 1});
  EXPECT_THAT(catalogue_.Refresh(), FailsWith(kUnavailable, "SNAPSHOT_UNAVAILABLE"));
  EXPECT_EQ(Serving(), 1);
}

TEST_F(SnapshotCatalogueTest, NeverGoesBackInGeneration) {
  state_.Publish("shop", 1);
  state_.Publish("shop", 2);
  state_.Activate("shop", 1);
  state_.Activate("shop", 2);
  ASSERT_OK(catalogue_.Refresh());
  state_.WritePointer(
      "shop", {.generation = 1, .snapshot = 1, .manifest_checksum = state_.Record("shop", 1).manifest_checksum});
  EXPECT_THAT(catalogue_.Refresh(), FailsWith(absl::StatusCode::kDataLoss, "GENERATION_WENT_BACK"));
  EXPECT_EQ(Serving(), 2);
}

TEST_F(SnapshotCatalogueTest, UnreadableMetadataLeavesEverythingAsItWas) {
  state_.Publish("shop", 1);
  state_.Activate("shop", 1);
  ASSERT_OK(catalogue_.Refresh());
  state_.WriteMetadata(SnapshotRecordKey("shop", 2), "{}");
  EXPECT_THAT(catalogue_.Refresh(), FailsWith(absl::StatusCode::kDataLoss, "SNAPSHOT_RECORD_CORRUPT"));
  EXPECT_THAT(catalogue_.Refresh(), SaysThat("jobs/shop/snapshots/0000000002"));
  EXPECT_EQ(Serving(), 1);
  state_.DeleteRecord("shop", 2);
  state_.WriteMetadata(CurrentKey("shop"), "nonsense");
  EXPECT_THAT(catalogue_.Refresh(), FailsWith(absl::StatusCode::kDataLoss, "CURRENT_CORRUPT"));
  EXPECT_EQ(Serving(), 1);
}

TEST_F(SnapshotCatalogueTest, DeletedSnapshotsAreForgotten) {
  for (int64_t number = 1; number <= 3; ++number) state_.Publish("shop", number);
  state_.Activate("shop", 3);
  ASSERT_OK(catalogue_.Refresh());
  ASSERT_OK(catalogue_.Open({"shop", 1}));
  ASSERT_OK(catalogue_.Open({"shop", 2}));
  SnapshotRecord going = state_.Record("shop", 1);
  going.state = SnapshotState::kDeleting;
  state_.WriteRecord("shop", going);
  state_.DeleteRecord("shop", 2);
  ASSERT_OK(catalogue_.Refresh());
  EXPECT_THAT(catalogue_.Find({"shop", 1}), SaysThat("is being deleted"));
  EXPECT_THAT(catalogue_.Find({"shop", 2}), SaysThat("was never published, or was deleted"));
  EXPECT_EQ(View()->open.size(), 1u);
}

TEST_F(SnapshotCatalogueTest, VerifiesOpenSnapshotsAnew) {
  state_.Publish("shop", 1);
  state_.Activate("shop", 1);
  ASSERT_OK(catalogue_.Refresh());
  EXPECT_EQ(catalogue_.Verify({"shop", 0})->record.number, 1);
  EXPECT_EQ(catalogue_.Verify({"shop", 1})->record.number, 1);
  state_.Damage("shop", 1, ModelName("rfm"));
  EXPECT_THAT(catalogue_.Verify({"shop", 1}), FailsWith(absl::StatusCode::kDataLoss, "CHECKSUM_MISMATCH"));
  EXPECT_THAT(catalogue_.Verify({"shop", 7}), FailsWith(kNotFound, "SNAPSHOT_UNKNOWN"));
}

TEST_F(SnapshotCatalogueTest, TellsItsListenerOfEveryChange) {
  state_.Publish("shop", 1);
  state_.Activate("shop", 1);
  int64_t seen = 0;
  catalogue_.SetListener([&] { seen = Serving(); });
  ASSERT_OK(catalogue_.Refresh());
  EXPECT_EQ(seen, 1);
  catalogue_.SetListener(nullptr);
  state_.Publish("shop", 2);
  state_.Activate("shop", 2);
  ASSERT_OK(catalogue_.Refresh());
  EXPECT_EQ(seen, 1);
}

}  // namespace
}  // namespace strata
