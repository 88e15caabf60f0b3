#include "coordinator/plan/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/coordinator/plan_story.h"

namespace strata {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

std::string MessageOf(const FailRun& fail) { return std::string(StdView(fail.status.message())); }

TEST(Plan, TasksOfAStageAreSharedOutCommittedAndHandedBackInOrder) {
  PlanStory story;
  story.Join("a", 1);
  story.Join("b", 1);
  story.BeginStage(3);
  const auto started = story.Sent<StartTask>();
  ASSERT_THAT(started, SizeIs(3));
  EXPECT_NE(started[0].first, started[1].first);  // both work
  for (auto it = started.rbegin(); it != started.rend(); ++it) {
    story.Finish(it->first, it->second.attempt, "result " + std::to_string(it->second.index));
  }
  EXPECT_THAT(story.Take<StageDone>(), SizeIs(0)) << "nothing is done before it is recorded";
  story.CommitAll();
  const auto done = story.Take<StageDone>();
  ASSERT_THAT(done, SizeIs(1));
  for (uint32_t i = 0; i < 3; ++i) EXPECT_EQ(done[0].results[i].inline_bytes, "result " + std::to_string(i));
}

TEST(Plan, CommitsAreBatchedWithinTheLimit) {
  PlanStory story;
  story.Join("a", 100);
  story.BeginStage(60);
  for (const auto& [worker, task] : story.Sent<StartTask>()) story.Finish(worker, task.attempt, "r");
  story.Do(Drained{});
  const auto commits = story.Take<CommitTasks>();
  ASSERT_THAT(commits, SizeIs(3));
  for (const CommitTasks& commit : commits) EXPECT_LE(commit.results.size(), kMaxTasksPerCommit);
}

TEST(Plan, ASilentWorkerLosesItsTasksToAnotherOne) {
  PlanStory story;
  story.Join("a");
  story.BeginStage(1);
  const auto first = story.Sent<StartTask>();
  story.Join("b");
  story.Pass(600);
  story.Do(WorkerBeat{"b"});
  story.Pass(600);  // a is silent for 1200 ms, its lease is 1000
  EXPECT_THAT(story.Take<ForgetWorker>(), SizeIs(1));
  const auto second = story.Sent<StartTask>();
  ASSERT_THAT(second, SizeIs(1));
  EXPECT_EQ(second[0].first, "b");
  story.Finish("b", second[0].second.attempt, "r");
  story.CommitAll();
  EXPECT_THAT(story.Take<StageDone>(), SizeIs(1));
  // The lost one comes back with its old result: it changes nothing.
  story.Finish("a", first[0].second.attempt, "r");
  EXPECT_THAT(story.Take<FailRun>(), SizeIs(0));
}

TEST(Plan, TheFirstValidAttemptWinsEvenFromAWorkerGivenUp) {
  PlanStory story;
  story.Join("a");
  story.BeginStage(2);
  const auto first = story.Sent<StartTask>();
  story.Join("b");
  story.Pass(1001);
  story.Join("b");
  const auto again = story.Sent<StartTask>();
  ASSERT_THAT(again, SizeIs(2));
  story.Finish("a", first[0].second.attempt, "same");
  story.Finish("b", again[0].second.attempt, "same");
  story.Finish("b", again[1].second.attempt, "other");
  story.Do(Drained{});
  const auto commits = story.Take<CommitTasks>();
  ASSERT_THAT(commits, SizeIs(1));
  EXPECT_THAT(commits[0].results, SizeIs(2)) << "one result a task";
}

TEST(Plan, AttemptsThatDisagreeFailTheRunAndAreBothNamed) {
  PlanStory story;
  story.Join("a");
  story.BeginStage(1);
  const auto first = story.Sent<StartTask>();
  story.Pass(1001);
  story.Join("b");
  const auto second = story.Sent<StartTask>();
  story.Finish("b", second[0].second.attempt, "4");
  story.Finish("a", first[0].second.attempt, "5");
  const auto failed = story.Take<FailRun>();
  ASSERT_THAT(failed, SizeIs(1));
  EXPECT_THAT(MessageOf(failed[0]), HasSubstr("worker a"));
  EXPECT_THAT(MessageOf(failed[0]), HasSubstr("worker b"));
  EXPECT_EQ(DetailOf(failed[0].status)->reason, "RESULTS_DIFFER");
}

TEST(Plan, ATaskThatKillsItsWorkersIsNamedAfterFourAttempts) {
  PlanStory story;
  story.BeginStage(1);
  for (int i = 0; i < kMaxAttempts; ++i) {
    story.Join("w" + std::to_string(i));
    EXPECT_THAT(story.Sent<StartTask>(), SizeIs(1)) << i;
    story.Pass(1001);
  }
  const auto failed = story.Take<FailRun>();
  ASSERT_THAT(failed, SizeIs(1));
  EXPECT_THAT(MessageOf(failed[0]), HasSubstr("task 0"));
  EXPECT_THAT(MessageOf(failed[0]), HasSubstr("w3"));
}

TEST(Plan, ErrorsDecideByTheirClass) {
  const auto fail_with = [](absl::Status status) {
    PlanStory story;
    story.Join("a");
    story.BeginStage(1);
    const auto started = story.Sent<StartTask>();
    story.Do(FrameReceived{"a", TaskFailed{started[0].second.attempt, std::move(status)}});
    return std::pair(story.Take<FailRun>().size(), story.Sent<StartTask>().size());
  };
  EXPECT_EQ(fail_with(absl::UnavailableError("disk")), (std::pair<size_t, size_t>(0, 1))) << "retryable: tried again";
  EXPECT_EQ(fail_with(absl::InvalidArgumentError("row")), (std::pair<size_t, size_t>(1, 0)))
      << "bad input: ends the run";
  EXPECT_EQ(fail_with(absl::InternalError("bug")), (std::pair<size_t, size_t>(1, 0))) << "fatal: ends the run";
}

TEST(Plan, WorkersOfAnotherBuildWaitAndTheRunSaysSo) {
  PlanStory story;
  story.Join("old", 1, {}, "b0");
  story.BeginStage(1);
  EXPECT_THAT(story.Sent<StartTask>(), SizeIs(0));
  for (int i = 0; i < 8; ++i) {
    story.Do(WorkerBeat{"old"});
    story.Pass(900);
  }
  const auto failed = story.Take<FailRun>();
  ASSERT_THAT(failed, SizeIs(1));
  EXPECT_EQ(DetailOf(failed[0].status)->reason, "NO_WORKERS");
  EXPECT_THAT(MessageOf(failed[0]), HasSubstr("another build"));
}

TEST(Plan, AReconnectedWorkerKeepsWhatItStillHas) {
  PlanStory story;
  story.Join("a", 2);
  story.BeginStage(2);
  const auto started = story.Sent<StartTask>();
  story.Do(WorkerDisconnected{"a"});
  story.Join("a", 2, {started[0].second.attempt, 999});
  EXPECT_THAT(story.Sent<CancelTask>(), SizeIs(1)) << "999 is not ours";
  const auto again = story.Sent<StartTask>();
  ASSERT_THAT(again, SizeIs(1)) << "the other one got lost with the stream";
  EXPECT_EQ(again[0].second.index, started[1].second.index);
}

TEST(Plan, ARoundCountsEveryShardOnceThoughAWorkerIsLost) {
  PlanStory story;
  story.Join("a", 1);
  story.Join("b", 1);
  story.Do(RoundBegun{.round = 0, .shards = 4, .plan = {}, .request = {}});
  const auto first = story.Sent<StartRound>();
  ASSERT_THAT(first, SizeIs(2));
  story.Do(FrameReceived{"b", RoundDone{first[1].second.assignment, {.inline_bytes = "b", .object = {}}}});
  story.Pass(600);
  story.Do(WorkerBeat{"b"});
  story.Pass(600);
  const auto second = story.Sent<StartRound>();
  ASSERT_THAT(second, SizeIs(1));
  EXPECT_EQ(second[0].second.shards, first[0].second.shards);
  story.Do(FrameReceived{"a", RoundDone{first[0].second.assignment, {.inline_bytes = "late", .object = {}}}});
  EXPECT_THAT(story.Take<RoundDoneByAll>(), SizeIs(0)) << "an answer to a lost assignment does not count";
  story.Do(FrameReceived{"b", RoundDone{second[0].second.assignment, {.inline_bytes = "a", .object = {}}}});
  const auto done = story.Take<RoundDoneByAll>();
  ASSERT_THAT(done, SizeIs(1));
  ASSERT_THAT(done[0].partials, SizeIs(2));
  EXPECT_EQ(done[0].partials[0].inline_bytes, "a");
  EXPECT_EQ(done[0].partials[1].inline_bytes, "b");
}

TEST(Plan, AnUnknownCommitIsReadBackBeforeAnythingElse) {
  for (const bool present : {true, false}) {
    PlanStory story;
    story.Join("a");
    story.BeginStage(1);
    story.Finish("a", story.Sent<StartTask>()[0].second.attempt, "r");
    story.Do(Drained{});
    const uint64_t batch = story.Take<CommitTasks>()[0].batch;
    story.Do(CommitUnknown{batch});
    ASSERT_THAT(story.Take<ReadCommit>(), SizeIs(1));
    story.Do(CommitRead{batch, present});
    EXPECT_THAT(story.Take<StageDone>(), SizeIs(present ? 1 : 0));
    EXPECT_THAT(story.Take<CommitTasks>(), SizeIs(present ? 0 : 1));
  }
}

TEST(Plan, ARefusedCommitMeansThatSomebodyElseActs) {
  PlanStory story;
  story.Join("a");
  story.BeginStage(1);
  story.Finish("a", story.Sent<StartTask>()[0].second.attempt, "r");
  story.Do(Drained{});
  story.Do(CommitRefused{story.Take<CommitTasks>()[0].batch, "leadership"});
  EXPECT_EQ(DetailOf(story.Take<FailRun>().at(0).status)->reason, "LEADERSHIP_LOST");
}

TEST(Plan, AResumedStageRunsOnlyWhatIsNotRecorded) {
  PlanStory story;
  story.Join("a", 4);
  story.Do(
      StageBegun{.stage = Stage::kMap,
                 .tasks = 3,
                 .plan = {},
                 .committed = {{0, {.inline_bytes = "x", .object = {}}}, {2, {.inline_bytes = "z", .object = {}}}}});
  const auto started = story.Sent<StartTask>();
  ASSERT_THAT(started, SizeIs(1));
  EXPECT_EQ(started[0].second.index, 1u);
}

}  // namespace
}  // namespace strata
