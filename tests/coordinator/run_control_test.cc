// What the records say of runs when coordinators come and go.
#include "coordinator/run_control.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data/snapshot/current_objects.h"
#include "run/keys.h"
#include "run/snapshot_record.h"
#include "tests/base/fake_clock.h"
#include "tests/base/status_matchers.h"
#include "tests/base/temporary_folder.h"

namespace strata {
namespace {

class RunControlTest : public testing::Test {
 protected:
  RunControlTest() : files_(NewPosixFileSystem()) {
    metadata_ = *OpenSqliteMetadata(folder_.Under("metadata.db"), &clock_);
    objects_ = *NewLocalObjectStore(files_.get(), root_);
    seams_ = {.sources = files_.get(), .objects = objects_.get(), .metadata = metadata_.get(), .clock = &clock_};
    Lead();
  }
  // A new coordinator, after the old one is gone.
  void Lead() {
    if (leadership_.token != 0) {
      ASSERT_THAT(metadata_->Resign(leadership_), IsOk());
    }
    leadership_ = *metadata_->Campaign("test", 1000);
    ASSERT_THAT(TakeOver(seams_, leadership_, root_), IsOk());
  }

  TemporaryFolder folder_;
  FakeClock clock_;
  std::string root_ = folder_.Under("objects");
  std::unique_ptr<FileSystem> files_;
  std::unique_ptr<Metadata> metadata_;
  std::unique_ptr<ObjectStore> objects_;
  StateSeams seams_;
  Leadership leadership_;
};

TEST_F(RunControlTest, ARunWhoseCoordinatorDiedHasFailedOnceTheNextOneLeads) {
  ASSERT_THAT(BeginRun(seams_, leadership_, "shop", "night-1"), IsOk());
  EXPECT_EQ(GetRun(*metadata_, "shop", 1)->state, RunState::kRunning);
  Lead();
  const RunSummary closed = *GetRun(*metadata_, "shop", 1);
  EXPECT_EQ(closed.state, RunState::kFailed);
  EXPECT_THAT(ErrorOf(closed), FailsWith(absl::StatusCode::kAborted, "COORDINATOR_LOST"));
  // Whoever repeats the request learns that it ended, and does not wait for ever.
  const auto repeated = BeginRun(seams_, leadership_, "shop", "night-1");
  ASSERT_THAT(repeated, IsOk());
  EXPECT_TRUE(repeated->existing);
  EXPECT_EQ(repeated->summary.state, RunState::kFailed);
  EXPECT_EQ(BeginRun(seams_, leadership_, "shop", "night-2")->summary.run, 2);
}

TEST_F(RunControlTest, AJobHasOneActiveRun) {
  ASSERT_THAT(BeginRun(seams_, leadership_, "shop", ""), IsOk());
  EXPECT_THAT(BeginRun(seams_, leadership_, "shop", ""),
              FailsWith(absl::StatusCode::kFailedPrecondition, "RUN_ACTIVE"));
  EXPECT_THAT(BeginRun(seams_, leadership_, "other", ""), IsOk());
}

TEST_F(RunControlTest, TheNewestRunsAreEveryJobsLastAndThenTheNewestOthers) {
  const auto end_one = [this](const std::string& job) {
    clock_.Advance(1000);
    ASSERT_THAT(RecordCancelled(seams_, leadership_, BeginRun(seams_, leadership_, job, "")->summary), IsOk());
  };
  for (const char* job : {"old", "shop", "shop", "shop"}) end_one(job);
  ASSERT_THAT(BeginRun(seams_, leadership_, "shop", ""), IsOk());  // not ended: not listed
  const auto names = [this](size_t count) {
    std::string text;
    const auto runs = NewestRuns(seams_, count);
    EXPECT_THAT(runs, IsOk());
    for (const RunSummary& run : *runs) text += run.job + std::to_string(run.run) + " ";
    return text;
  };
  EXPECT_EQ(names(8), "shop3 shop2 shop1 old1 ");
  EXPECT_EQ(names(3), "shop3 shop2 old1 ");
  EXPECT_EQ(names(1), "shop3 old1 ") << "a job's last run is always there";
}

TEST_F(RunControlTest, ADeposedCoordinatorBeginsNothing) {
  const Leadership old = leadership_;
  Lead();
  EXPECT_THAT(BeginRun(seams_, old, "shop", ""), FailsWith(absl::StatusCode::kAborted, "LEADERSHIP_LOST"));
}

TEST_F(RunControlTest, ADeposedCoordinatorDeletesNothingOfItsRun) {
  RunSummary summary = BeginRun(seams_, leadership_, "shop", "")->summary;
  const std::string key = RunFolder("shop", 1) + "/map/part";
  ASSERT_THAT(objects_->Put(key, "rows"), IsOk());
  const Leadership old = leadership_;
  Lead();
  Driver driver({.metadata = metadata_.get(),
                 .objects = objects_.get(),
                 .clock = &clock_,
                 .run_elsewhere = [](std::function<void()> work) { work(); },
                 .log = {},
                 .observe = {}},
                {});
  NightRequest request;
  request.job.name = "shop";
  request.job.transactions.uri = folder_.Under("missing.csv");
  EXPECT_THAT(ExecuteRun(seams_, old, &driver, std::move(request), std::move(summary), nullptr),
              FailsWith(absl::StatusCode::kAborted, "LEADERSHIP_LOST"));
  EXPECT_THAT(objects_->Map(key), IsOk()) << "its successor may read it";
}

CurrentPointer Pointer(int64_t generation, int64_t snapshot) {
  return {.generation = generation, .snapshot = snapshot, .manifest_checksum = 0xab};
}

class PointerObjects : public RunControlTest {
 protected:
  void Commit(const CurrentPointer& pointer) {
    ASSERT_THAT(metadata_->Commit({.puts = {{CurrentKey("shop"), pointer.ToJson()}}}), IsOk());
  }
  std::optional<CurrentPointer> InObjects() { return FindCurrentObject(*objects_, "shop")->pointer; }
  CurrentPointer InMetadata() { return *CurrentPointer::FromJson((*metadata_->Get(CurrentKey("shop")))->value); }
};

TEST_F(PointerObjects, WhatACrashLeftOutIsWrittenByTheNextLead) {
  Lead();
  EXPECT_EQ(InObjects(), std::nullopt);
  Commit(Pointer(3, 7));  // and dies before the object is written
  Lead();
  EXPECT_EQ(InObjects(), Pointer(3, 7));
  Lead();
  EXPECT_EQ(InObjects(), Pointer(3, 7));
  EXPECT_EQ(InMetadata(), Pointer(3, 7));
}

TEST_F(PointerObjects, AfterAnOlderCopyOfTheMetadataWasPutBackReplicasFollowAgain) {
  Commit(Pointer(5, 9));
  Lead();
  Commit(Pointer(4, 8));
  Lead();
  EXPECT_EQ(InMetadata(), Pointer(6, 8)) << "past what replicas saw";
  EXPECT_EQ(InObjects(), Pointer(6, 8));
  Commit(Pointer(6, 9));  // the same generation, another snapshot
  Lead();
  EXPECT_EQ(InMetadata(), Pointer(7, 9));
  EXPECT_EQ(InObjects(), Pointer(7, 9));
}

TEST_F(RunControlTest, AnAbandonedRunLeavesNoManifestThatAReplicaCouldTakeForASnapshot) {
  ASSERT_THAT(BeginRun(seams_, leadership_, "shop", ""), IsOk());
  ASSERT_THAT(objects_->Put(ManifestKey("shop", 1), "{}"), IsOk());
  Lead();
  EXPECT_TRUE(absl::IsNotFound(objects_->Get(ManifestKey("shop", 1), 0, 1).status()));
  // Of a run that had published, it stays.
  ASSERT_THAT(BeginRun(seams_, leadership_, "shop", ""), IsOk());
  ASSERT_THAT(objects_->Put(ManifestKey("shop", 2), "{}"), IsOk());
  const SnapshotRecord record{.number = 2, .digest = "00"};
  ASSERT_THAT(metadata_->Commit({.puts = {{SnapshotRecordKey("shop", 2), record.ToJson()}}}), IsOk());
  Lead();
  EXPECT_EQ(GetRun(*metadata_, "shop", 2)->state, RunState::kSucceeded);
  EXPECT_THAT(objects_->Get(ManifestKey("shop", 2), 0, 1), IsOk());
}

}  // namespace
}  // namespace strata
