// What the records say of runs when coordinators come and go.
#include "coordinator/run_control.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "coordinator/run_end.h"
#include "coordinator/run_recovery.h"
#include "data/snapshot/current_objects.h"
#include "data/snapshot/snapshot.h"
#include "run/keys.h"
#include "run/snapshot_record.h"
#include "tests/coordinator/led_state.h"
#include "tests/coordinator/shop_request.h"

namespace strata {
namespace {

class RunControlTest : public LedState {
 protected:
  RunControlTest() { Recover(); }
  // A new coordinator, after the old one is gone.
  void Lead() {
    LeadAnew();
    Recover();
  }
  void Recover() {
    ASSERT_THAT(TakeOver(seams_, leadership_, folder_.Under("objects")), IsOk());
    const auto resumed = RecoverRuns(seams_, leadership_, {.build_id = "b1", .is_mine = {}, .why_not = why_not_});
    ASSERT_THAT(resumed, IsOk());
    resumed_ = *resumed;
    ASSERT_THAT(CollectLeftovers(seams_, leadership_), IsOk());
  }

  // The job's first run has begun to work.
  void Work(const std::string& job) {
    const std::string key = "jobs/" + job + "/listing";
    ASSERT_THAT(objects_->Put(key, "files"), IsOk());
    const SourcesPin pin{.ledger_version = 0, .listing = {key, Hash64("files"), 5}};
    ASSERT_THAT(metadata_->Commit({.puts = {{RunStateKey(job, 1, SourcesPin::kName), pin.Encode()}}}), IsOk());
  }

  std::function<std::string(const RunRequestRecord&, const RunSummary&)> why_not_;
  std::vector<ResumedRun> resumed_;  // by the last Lead()
};

RunRequestRecord Asked(const std::string& job, const std::string& build = "b1") {
  NightRequest request = ShopRequest(job);
  request.follows = 0;
  request.activation = Activation::kNoActivate;
  request.rebuild_ledger = request.ledger_only = true;
  request.verify_sources = true;
  request.ignore_veto = true;
  request.backfill = true;
  return AskedFor(request, build);
}

TEST_F(RunControlTest, ARunWhoseCoordinatorDiedGoesOnUnderTheNextOne) {
  const RunSummary begun = BeginRun(seams_, leadership_, "shop", "night-1", Asked("shop"))->summary;
  clock_.Advance(1000);
  ASSERT_THAT(BeginRun(seams_, leadership_, "a-later-one", "", Asked("a-later-one")), IsOk());
  Work("shop");
  for (const int times : {1, 2}) {
    Lead();
    ASSERT_EQ(resumed_.size(), 2u);
    EXPECT_EQ(resumed_[0].summary.job, "shop") << "oldest first";
    EXPECT_EQ(resumed_[0].summary.run, begun.run);
    EXPECT_EQ(resumed_[0].summary.resumed, times);
    EXPECT_EQ(resumed_[1].summary.resumed, 0) << "it only waited";
    EXPECT_EQ(resumed_[0].summary.started_ms, begun.started_ms);
    EXPECT_EQ(AskedFor(resumed_[0].request, "b1"), Asked("shop")) << "every flag is kept";
    EXPECT_EQ(resumed_[0].request.job.shards, 2u);
    EXPECT_EQ(GetRun(*metadata_, "shop", 1)->state, RunState::kRunning);
  }
  EXPECT_TRUE(BeginRun(seams_, leadership_, "shop", "night-1")->existing);
}

TEST_F(RunControlTest, ARunThatCannotGoOnIsClosedWithTheReason) {
  const auto begin = [&](const std::string& job, const std::string& build = "b1") {
    ASSERT_THAT(BeginRun(seams_, leadership_, job, "", Asked(job, build)), IsOk());
  };
  const auto keep = [&](const std::string& job, const std::string& name, std::string value) {
    ASSERT_THAT(metadata_->Commit({.puts = {{RunStateKey(job, 1, name), std::move(value)}}}), IsOk());
  };
  begin("other-build", "b0");
  begin("no-listing");
  keep("no-listing", SourcesPin::kName,
       SourcesPin{.ledger_version = 0, .listing = {"jobs/no-listing/x", 1, 1}}.Encode());
  begin("damaged-plan");
  ASSERT_THAT(objects_->Put("jobs/damaged-plan/plan", "not what was written"), IsOk());
  keep("damaged-plan", StageRecord::NameOf(Stage::kMap),
       StageRecord{.tasks = 1, .plan = {"jobs/damaged-plan/plan", 1, 20}}.Encode());
  begin("unwanted");
  why_not_ = [](const RunRequestRecord&, const RunSummary& summary) {
    return summary.job == "unwanted" ? "it rains" : "";
  };
  Lead();
  EXPECT_TRUE(resumed_.empty());
  const std::pair<std::string, std::string> rows[] = {{"other-build", "begun by build b0 and this is build b1"},
                                                      {"no-listing", "jobs/no-listing/x"},
                                                      {"damaged-plan", "checksum"},
                                                      {"unwanted", "it rains"}};
  for (const auto& [job, why] : rows) {
    const absl::Status error = ErrorOf(*GetRun(*metadata_, job, 1));
    EXPECT_THAT(error, FailsWith(absl::StatusCode::kAborted, "COORDINATOR_LOST")) << job;
    EXPECT_THAT(error, SaysThat(why)) << job;
    EXPECT_THAT(*metadata_->List(RunStatePrefix(job)), testing::IsEmpty()) << job << ": nothing is left";
  }
}

TEST_F(RunControlTest, ARunThatEndsItsCoordinatorsIsNotResumedForEver) {
  ASSERT_THAT(BeginRun(seams_, leadership_, "shop", "", Asked("shop")), IsOk());
  Work("shop");
  for (int times = 1; times <= kMaxResumptions; ++times) {
    Lead();
    ASSERT_EQ(resumed_.size(), 1u) << times;
  }
  Lead();
  EXPECT_TRUE(resumed_.empty());
  EXPECT_THAT(ErrorOf(*GetRun(*metadata_, "shop", 1)), SaysThat("it was resumed 20 times already"));
}

TEST_F(RunControlTest, WhatAnEndedRunLeftBehindIsCollectedByTheNextLead) {
  RunSummary summary = BeginRun(seams_, leadership_, "shop", "", Asked("shop"))->summary;
  const std::string part = RunFolder("shop", 1) + "/map/part", rejects = RunFolder("shop", 1) + "/quarantine/1";
  ASSERT_THAT(objects_->Put(part, "rows"), IsOk());
  ASSERT_THAT(objects_->Put(rejects, "rows"), IsOk());
  ASSERT_THAT(objects_->Put(ManifestKey("shop", 1), "{}"), IsOk());
  // Its coordinator died between the end of the run and the removal.
  summary.state = RunState::kCancelled;
  ASSERT_THAT(metadata_->Commit({.puts = {{RunKey("shop", 1), summary.ToJson()}}, .deletes = {ActiveRunKey("shop")}}),
              IsOk());
  Lead();
  EXPECT_TRUE(absl::IsNotFound(objects_->Map(part).status()));
  EXPECT_TRUE(absl::IsNotFound(objects_->Map(ManifestKey("shop", 1)).status())) << "replicas would believe it";
  EXPECT_THAT(objects_->Map(rejects), IsOk()) << "the quarantine is for people";
  EXPECT_THAT(*metadata_->List(RunStatePrefix("shop")), testing::IsEmpty());
}

TEST_F(RunControlTest, ARunThatPublishedHasSucceededWhateverItsCoordinatorThought) {
  RunSummary summary = BeginRun(seams_, leadership_, "shop", "", Asked("shop"))->summary;
  // A commit of unknown outcome took effect after all.
  RunSummary published = summary;
  published.published = true;
  published.snapshot = 1;
  published.customers = 7;
  const SnapshotRecord record{.number = 1, .digest = "00"};
  ASSERT_THAT(metadata_->Commit(
                  {.puts = {{SnapshotRecordKey("shop", 1), record.ToJson()}, {RunKey("shop", 1), published.ToJson()}}}),
              IsOk());
  summary.state = RunState::kFailed;
  ASSERT_THAT(EndRun(seams_, leadership_, &summary), IsOk());
  EXPECT_EQ(summary.state, RunState::kSucceeded);
  EXPECT_EQ(GetRun(*metadata_, "shop", 1)->state, RunState::kSucceeded);
  EXPECT_EQ(GetRun(*metadata_, "shop", 1)->customers, 7);
}

TEST_F(RunControlTest, ASnapshotThatARunInProgressFollowsIsNotDeleted) {
  const SnapshotRecord record{.number = 7, .digest = "00"};
  ASSERT_THAT(BeginRun(seams_, leadership_, "shop", "", Asked("shop")), IsOk());
  ASSERT_THAT(metadata_->Commit({.puts = {{SnapshotRecordKey("shop", 7), record.ToJson()},
                                          {RunStateKey("shop", 1, DatesPin::kName),
                                           DatesPin{.ledger_version = 1, .as_of = 1, .follows = 7}.Encode()}}}),
              IsOk());
  const absl::Status refused = DeleteSnapshot(seams_, leadership_, "shop", 7);
  EXPECT_THAT(refused, FailsWith(absl::StatusCode::kFailedPrecondition, "SNAPSHOT_IN_USE"));
  EXPECT_THAT(refused, SaysThat("followed by run 1"));
}

TEST_F(RunControlTest, ARunOfWhichNobodyKnowsWhatWasAskedHasFailedOnceTheNextOneLeads) {
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
  RunSummary summary = BeginRun(seams_, leadership_, "shop", "", Asked("shop"))->summary;
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
  auto ended = ExecuteRun(seams_, old, &driver, std::move(request), std::move(summary), nullptr);
  ASSERT_THAT(ended, IsOk());
  EXPECT_THAT(ConcludeRun(seams_, old, {}, &*ended), FailsWith(absl::StatusCode::kAborted, "LEADERSHIP_LOST"));
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

TEST_F(RunControlTest, AHolderThatStandsInTheMiddleOfACommitIsWaitedFor) {
  ASSERT_THAT(metadata_->Resign(leadership_), IsOk());
  std::string noted;
  const auto lead = [&] {
    return TakeLead(
        seams_, "next", [&](int64_t ms) { clock_.Advance(ms); }, [&](const std::string& note) { noted = note; });
  };
  metadata_->BeBusy(3);
  const auto leadership = lead();
  ASSERT_THAT(leadership, IsOk());
  EXPECT_THAT(noted, testing::HasSubstr("the file is locked; waiting up to 15 s"));
  // One that never goes on is named in bounded time.
  const int64_t begun_ms = clock_.MonotonicMs();
  metadata_->BeBusy(1'000'000);
  EXPECT_THAT(lead(), FailsWith(absl::StatusCode::kUnavailable, "METADATA_BUSY"));
  EXPECT_LE(clock_.MonotonicMs() - begun_ms, 20'000);
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

// Found by the simulation: the manifest of a run that had failed was deleted, and was there again after a power cut.
TEST_F(RunControlTest, WhatComesBackOfASnapshotThatIsNoneIsCollected) {
  auto begun = BeginRun(seams_, leadership_, "shop", "");
  ASSERT_THAT(begun, IsOk());
  for (const int64_t number : {1, 2, 3}) {
    ASSERT_THAT(objects_->Put(ManifestKey("shop", number), "{}"), IsOk());
    ASSERT_THAT(objects_->Put(SnapshotObject("shop", number, "parts/00000.lookup", 1), "rows"), IsOk());
  }
  const SnapshotRecord record{.number = 2, .digest = "00"};
  ASSERT_THAT(metadata_->Commit({.puts = {{SnapshotRecordKey("shop", 2), record.ToJson()}}}), IsOk());
  ASSERT_THAT(CollectLeftovers(seams_, leadership_), IsOk());
  EXPECT_EQ(objects_->List(SnapshotFolder("shop", 1) + "/")->size(), 2u) << "the run is active";
  EXPECT_EQ(objects_->List(SnapshotFolder("shop", 2) + "/")->size(), 2u) << "it was published";
  EXPECT_EQ(objects_->List(SnapshotFolder("shop", 3) + "/")->size(), 0u);
}

}  // namespace
}  // namespace strata
