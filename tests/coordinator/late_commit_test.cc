// Commits whose outcome is not known, and which take effect when everybody has gone on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "coordinator/run_control.h"
#include "coordinator/run_end.h"
#include "coordinator/run_recovery.h"
#include "coordinator/sure_commit.h"
#include "run/keys.h"
#include "tests/coordinator/led_state.h"
#include "tests/coordinator/shop_request.h"

namespace strata {
namespace {

using Fate = VagueMetadata::Fate;

class LateCommit : public LedState {
 protected:
  CommitRequest Create(const std::string& value) {
    return {.compares = {{"key", 0}}, .puts = {{"key", value}}, .deletes = {}, .token = leadership_.token};
  }
};

TEST_F(LateCommit, AnUnknownOutcomeIsFoundOut) {
  const struct {
    std::vector<Fate> fates;
    int commits;
  } rows[] = {{{}, 1}, {{Fate::kDone}, 1}, {{Fate::kLost}, 2}, {{Fate::kLost, Fate::kDone}, 2}, {{Fate::kLate}, 2}};
  for (const auto& row : rows) {
    ASSERT_THAT(real_->Commit({.deletes = {"key"}}), IsOk());
    for (const Fate fate : row.fates) metadata_->Next(fate);
    metadata_->commits = 0;
    EXPECT_THAT(CommitSurely(*metadata_, Create("mine"), "a test"), IsOk());
    EXPECT_EQ(metadata_->commits, row.commits);
    metadata_->Arrive();
    EXPECT_EQ((*real_->Get("key"))->value, "mine");
  }
}

TEST_F(LateCommit, DeletesAreInForceWhenAllKeysAreGone) {
  for (const Fate fate : {Fate::kLost, Fate::kDone}) {
    ASSERT_THAT(real_->Commit({.puts = {{"there", "x"}}}), IsOk());
    metadata_->Next(fate);
    EXPECT_THAT(CommitSurely(*metadata_, {.deletes = {"gone-before", "there"}, .token = leadership_.token}, "a test"),
                IsOk());
    EXPECT_FALSE(real_->Get("there")->has_value()) << "the first key says nothing";
  }
}

TEST_F(LateCommit, WhatCannotBeFoundOutIsSaid) {
  for (int i = 0; i < 4; ++i) metadata_->Next(Fate::kLost);
  EXPECT_THAT(CommitSurely(*metadata_, Create("mine"), "a test"),
              FailsWith(absl::StatusCode::kUnavailable, "OUTCOME_UNKNOWN"));
}

TEST_F(LateCommit, SomebodyElsesValueIsAConflictAndANewerLeadIsNamed) {
  ASSERT_THAT(real_->Commit(Create("theirs")), IsOk());
  EXPECT_THAT(CommitSurely(*metadata_, Create("mine"), "a test"),
              FailsWith(absl::StatusCode::kAborted, "COMMIT_CONFLICT"));
  metadata_->Next(Fate::kLost);
  EXPECT_THAT(CommitSurely(*metadata_, Create("mine"), "a test"),
              FailsWith(absl::StatusCode::kAborted, "COMMIT_CONFLICT"));
  ASSERT_THAT(real_->Resign(leadership_), IsOk());
  EXPECT_THAT(CommitSurely(*metadata_, Create("mine"), "a test"),
              FailsWith(absl::StatusCode::kAborted, "LEADERSHIP_LOST"));
}

// A submission comes on another thread than the one that collects.
TEST_F(LateCommit, ARunThatBeginsWhileLeftoversAreCollectedLosesNothing) {
  ASSERT_THAT(BeginRun(seams_, leadership_, "shop", "", AskedFor(ShopRequest(), "b1")), IsOk());
  ASSERT_THAT(RecordCancelled(seams_, leadership_, *GetRun(*real_, "shop", 1)), IsOk());
  bool begun = false;
  metadata_->AfterRead(ActiveRunKey("shop"), [&] {
    StateSeams seams = seams_;
    seams.metadata = real_.get();
    ASSERT_THAT(BeginRun(seams, leadership_, "shop", "", AskedFor(ShopRequest(), "b1")), IsOk());
    begun = true;
  });
  ASSERT_THAT(CollectLeftovers(seams_, leadership_), IsOk());
  EXPECT_TRUE(begun);
  EXPECT_TRUE(real_->Get(RunStateKey("shop", 2, RunRequestRecord::kName))->has_value()) << "it can be resumed";
}

// Found by the simulation: the run's end was overwritten, and whoever waited for it waited for ever.
TEST_F(LateCommit, AResumptionThatIsRecordedLateDoesNotTakeBackTheRunsEnd) {
  ASSERT_THAT(BeginRun(seams_, leadership_, "shop", "", AskedFor(ShopRequest(), "b1")), IsOk());
  metadata_->Next(Fate::kLate);
  auto resumed = RecoverRuns(seams_, leadership_, {.build_id = "b1", .is_mine = {}, .why_not = {}});
  ASSERT_THAT(resumed, IsOk());
  ASSERT_EQ(resumed->size(), 1u);
  RunSummary& summary = resumed->front().summary;
  summary.state = RunState::kFailed;
  SetError(MakeError(absl::StatusCode::kInternal, "IO_ERROR", "a disk failed"), &summary);
  ASSERT_THAT(EndRun(seams_, leadership_, &summary), IsOk());
  metadata_->Arrive();
  EXPECT_EQ(GetRun(*real_, "shop", 1)->state, RunState::kFailed);
}

}  // namespace
}  // namespace strata
