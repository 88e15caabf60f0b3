// What retention removes from a state and what it leaves, also when somebody else acts or the store fails.
#include "coordinator/old_nights.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "coordinator/run_control.h"
#include "coordinator/run_recovery.h"
#include "data/snapshot/snapshot.h"
#include "run/current.h"
#include "run/keys.h"
#include "run/snapshot_record.h"
#include "tests/coordinator/led_state.h"
#include "tests/store/unreliable_object_store.h"

namespace strata {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr int64_t kDayMs = int64_t{24} * 60 * 60 * 1000;
constexpr Retention kThree{.snapshots_min = 3, .snapshots_days = 0, .runs_min = 4, .runs_days = 0};

class OldNightsTest : public LedState {
 protected:
  OldNightsTest() { seams_.objects = &unreliable_; }

  void PutObject(const std::string& key) { ASSERT_THAT(objects_->Put(key, "ten bytes."), IsOk()); }

  // A day's run; `publishes` one that made a snapshot.
  void Night(int64_t number, bool publishes = true) {
    clock_.Advance(kDayMs);
    RunSummary run;
    run.job = "shop";
    run.run = number;
    run.state = publishes ? RunState::kSucceeded : RunState::kFailed;
    run.request_id = "night-" + std::to_string(number);
    run.finished_ms = clock_.WallMs();
    Write(RunKey("shop", number), run.ToJson());
    Write(RequestKey("shop", run.request_id), std::to_string(number));
    PutObject(QuarantineObject("shop", number, 1, 7));
    PutObject(SnapshotObject("shop", number, "parts/00000.lookup", 7));
    if (!publishes) return;
    PutObject(ManifestKey("shop", number));
    Write(SnapshotRecordKey("shop", number), SnapshotRecord{.number = number,
                                                            .as_of = static_cast<Day>(number),
                                                            .published_ms = clock_.WallMs(),
                                                            .run = number,
                                                            .follows = number - 1}
                                                 .ToJson());
    Write(CurrentKey("shop"), CurrentPointer{.generation = number, .snapshot = number}.ToJson());
  }
  // At the end of run `number`, which has published.
  RunSummary Collect(int64_t number, const Retention& retention = kThree, bool published = true) {
    RunSummary run;
    run.job = "shop";
    run.run = number;
    run.published = published;
    run.follows = number - 1;
    status_ = CollectOld(seams_, leadership_, retention, &run);
    return run;
  }
  std::vector<int64_t> Snapshots() {
    std::vector<int64_t> numbers;
    const std::vector<KeyValue> records = *metadata_->List(SnapshotRecordsPrefix("shop"));
    for (const KeyValue& record : records) numbers.push_back(SnapshotRecord::FromJson(record.value)->number);
    std::sort(numbers.begin(), numbers.end());
    return numbers;
  }
  std::vector<std::string> Below(const std::string& folder) { return Keys(folder + "/"); }

  UnreliableObjectStore unreliable_{objects_.get()};
  absl::Status status_;
};

TEST_F(OldNightsTest, OldSnapshotsAndRunsGoWithEverythingTheyHad) {
  for (int64_t n = 1; n <= 8; ++n) Night(n);
  const RunSummary run = Collect(8);
  ASSERT_THAT(status_, IsOk());
  EXPECT_THAT(run.removed.snapshots, ElementsAre(1, 2, 3, 4, 5));
  EXPECT_EQ(run.removed.runs, 4) << "runs 5 to 8 are the newest four";
  EXPECT_EQ(run.removed.objects, 5 * 2 + 4);
  EXPECT_EQ(run.removed.size_bytes, 10 * run.removed.objects);
  EXPECT_THAT(Snapshots(), ElementsAre(6, 7, 8));
  for (const int64_t gone : {1, 3, 5}) EXPECT_THAT(Below(SnapshotFolder("shop", gone)), IsEmpty()) << gone;
  for (const int64_t kept : {6, 7, 8}) EXPECT_EQ(Below(SnapshotFolder("shop", kept)).size(), 2u) << kept;
  EXPECT_THAT(GetRun(*metadata_, "shop", 3), FailsWith(absl::StatusCode::kNotFound, "RUN_UNKNOWN"));
  EXPECT_THAT(GetRun(*metadata_, "shop", 5), IsOk());
  EXPECT_THAT(Below(RunFolder("shop", 3)), IsEmpty());
  EXPECT_EQ(Below(RunFolder("shop", 5)).size(), 1u) << "its quarantine";
  EXPECT_FALSE(metadata_->Get(RequestKey("shop", "night-3"))->has_value()) << "an id goes with its run";
  EXPECT_TRUE(metadata_->Get(RequestKey("shop", "night-5"))->has_value());
  EXPECT_THAT(ActivateSnapshot(seams_, leadership_, "shop", 4),
              FailsWith(absl::StatusCode::kNotFound, "SNAPSHOT_UNKNOWN"));
  EXPECT_FALSE(Collect(8).removed.any()) << "a second time there is nothing to do";
}

TEST_F(OldNightsTest, ARunThatPublishesNothingTakesNoSnapshot) {
  for (int64_t n = 1; n <= 8; ++n) Night(n);
  const RunSummary run = Collect(9, kThree, /*published=*/false);
  ASSERT_THAT(status_, IsOk());
  EXPECT_THAT(run.removed.snapshots, IsEmpty());
  EXPECT_EQ(Snapshots().size(), 8u);
}

TEST_F(OldNightsTest, WhatDeadCoordinatorsLeftIsCollectedButForTheQuarantineOfRunsOnRecord) {
  Night(1, /*publishes=*/false);
  Night(2);
  PutObject(QuarantineObject("shop", 900, 1, 1));           // nobody knows that run
  PutObject(JobPrefix("shop") + "snapshots/notes/readme");  // not ours
  PutObject(RunFolder("shop", 3) + "/map/part");            // of the run in progress
  Write(ActiveRunKey("shop"), "3");
  ASSERT_THAT(CollectLeftovers(seams_, leadership_), IsOk());
  EXPECT_THAT(Below(SnapshotFolder("shop", 1)), IsEmpty());
  EXPECT_THAT(Below(RunFolder("shop", 900)), IsEmpty());
  EXPECT_EQ(Below(RunFolder("shop", 1)).size(), 1u) << "the quarantine goes with the run's record";
  EXPECT_EQ(Below(RunFolder("shop", 3)).size(), 1u);
  EXPECT_EQ(Below(JobPrefix("shop") + "snapshots/notes").size(), 1u);
  EXPECT_THAT(Snapshots(), ElementsAre(2));
}

TEST_F(OldNightsTest, ADeposedCoordinatorRemovesNothing) {
  for (int64_t n = 1; n <= 8; ++n) Night(n);
  leadership_ = LeadAnew();
  const RunSummary run = Collect(8);
  EXPECT_THAT(status_, FailsWith(absl::StatusCode::kAborted, "LEADERSHIP_LOST"));
  EXPECT_FALSE(run.removed.any());
  EXPECT_EQ(Snapshots().size(), 8u);
  for (int64_t n = 1; n <= 8; ++n) EXPECT_EQ(Below(SnapshotFolder("shop", n)).size(), 2u);
}

TEST_F(OldNightsTest, WhoActivatesMeanwhileKeepsTheSnapshot) {
  for (int64_t n = 1; n <= 4; ++n) Night(n);
  const auto record = metadata_->Get(SnapshotRecordKey("shop", 1));
  const auto current = metadata_->Get(CurrentKey("shop"));
  const SnapshotRevisions seen{.record = (*record)->revision, .current = (*current)->revision};
  Write(CurrentKey("shop"), CurrentPointer{.generation = 5, .snapshot = 1}.ToJson());
  EXPECT_THAT(RemoveSnapshot(seams_, leadership_, "shop", 1, seen),
              FailsWith(absl::StatusCode::kAborted, "COMMIT_CONFLICT"));
  EXPECT_EQ(Below(SnapshotFolder("shop", 1)).size(), 2u);
  const RunSummary run = Collect(4, {.snapshots_min = 1, .snapshots_days = 0});
  EXPECT_THAT(run.removed.snapshots, ElementsAre(2)) << "3 is followed by the newest, 1 answers";
}

// Of each folder in turn nothing can be deleted: of a snapshot, whose record is gone before, or of the runs.
TEST_F(OldNightsTest, AStoreThatFailsLeavesDebrisForTheNextNight) {
  for (int64_t n = 1; n <= 8; ++n) Night(n);
  for (const auto& [folder, record] : {std::pair(SnapshotFolder("shop", 1), SnapshotRecordKey("shop", 1)),
                                       std::pair(RunFolder("shop", 2), RunKey("shop", 2))}) {
    unreliable_.FailWith([&](UnreliableObjectStore::Call call, const std::string& key) {
      if (call != UnreliableObjectStore::Call::kDelete || !key.starts_with(folder)) return absl::OkStatus();
      return MakeError(absl::StatusCode::kInternal, "IO_ERROR", "a disk failed");
    });
    Collect(8);
    EXPECT_THAT(status_, FailsWith(absl::StatusCode::kInternal, "IO_ERROR")) << folder;
    EXPECT_FALSE((*real_->Get(record)).has_value()) << "records first";
    EXPECT_FALSE(Below(folder).empty());
  }
  unreliable_.ComeBack();
  Collect(8);
  ASSERT_THAT(status_, IsOk());
  ASSERT_THAT(CollectLeftovers(seams_, leadership_), IsOk());
  for (const int64_t gone : {1, 2, 3, 4}) {
    EXPECT_THAT(Below(SnapshotFolder("shop", gone)), IsEmpty()) << gone;
    EXPECT_THAT(Below(RunFolder("shop", gone)), IsEmpty()) << gone;
  }
}

// Forty nights, each with its collection, the third of them served throughout.
TEST_F(OldNightsTest, FortyNightsHoldTheirBound) {
  for (int64_t n = 1; n <= 40; ++n) {
    Night(n);
    if (n >= 3) Write(CurrentKey("shop"), CurrentPointer{.generation = n, .snapshot = 3}.ToJson());
    Collect(n);
    ASSERT_THAT(status_, IsOk());
    EXPECT_LE(Snapshots().size(), 5u);
    EXPECT_LE(metadata_->List(JobPrefix("shop"))->size(), 5u + 2 * 8 + 1)
        << "snapshots, runs and their ids, the pointer";
  }
  EXPECT_THAT(Snapshots(), ElementsAre(2, 3, 38, 39, 40));
}

}  // namespace
}  // namespace strata
