// The plan when workers are slow, deaf or dying: second attempts, suspects, numbers of attempts over several terms.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/coordinator/plan_story.h"

namespace strata {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

const PlanOptions kPatient{.build_id = "b1", .lease_ms = 1'000'000, .worker_wait_ms = 1'000'000, .straggler_ms = 1000};

TEST(PlanRecovery, AttemptsOfAnotherTermHaveOtherNumbers) {
  std::set<AttemptId> seen;
  for (const int64_t term : {1, 2, 3}) {
    PlanStory story({.build_id = "b1", .term = term});
    story.Join("a", 8);
    story.BeginStage(16);
    for (const auto& [worker, start] : story.Sent<StartTask>()) EXPECT_TRUE(seen.insert(start.attempt).second);
  }
  EXPECT_THAT(seen, SizeIs(48));
}

TEST(PlanRecovery, AnAnswerForAnotherTermsAttemptCountsForNothing) {
  PlanStory before({.build_id = "b1", .term = 1}), after({.build_id = "b1", .term = 2});
  for (PlanStory* story : {&before, &after}) {
    story->Join("a");
    story->BeginStage(1);
  }
  after.Finish("a", before.Sent<StartTask>()[0].second.attempt, "of another run");
  after.CommitAll();
  EXPECT_THAT(after.Take<StageDone>(), IsEmpty());
}

TEST(PlanRecovery, AStageOfThreeTasksHelpsItsLastOne) {
  PlanStory story(kPatient);
  story.Join("a");
  story.Join("b");
  story.BeginStage(3);
  const auto started = story.Sent<StartTask>();
  ASSERT_THAT(started, SizeIs(3));
  for (const auto& [worker, start] : started) {
    if (start.index < 2) story.Finish(worker, start.attempt, std::to_string(start.index));
  }
  story.CommitAll();
  story.Pass(1500);
  EXPECT_THAT(story.Sent<StartTask>(), SizeIs(1));
}

TEST(PlanRecovery, AResumedStageHelpsItsLastTaskThoughNobodyKnowsHowLongTheOthersTook) {
  PlanStory story(kPatient);
  story.Join("a");
  story.Join("b");
  StageBegun begun{.stage = Stage::kMap, .tasks = 4, .plan = {}, .committed = {}};
  for (const uint32_t index : {0u, 1u, 3u}) begun.committed[index] = {.inline_bytes = "x", .object = {}};
  story.Do(begun);
  ASSERT_THAT(story.Sent<StartTask>(), SizeIs(1));
  story.Pass(900);
  EXPECT_THAT(story.Sent<StartTask>(), IsEmpty()) << "not yet";
  story.Pass(200);
  const auto again = story.Sent<StartTask>();
  ASSERT_THAT(again, SizeIs(1));
  EXPECT_EQ(again[0].second.index, 2u);
}

// Found by the simulation: a paused coordinator failed its run, because no worker had come while it did not listen.
TEST(PlanRecovery, ItsOwnAbsenceIsNoSilenceOfTheWorkers) {
  for (const bool absent : {true, false}) {
    Plan plan({.build_id = "b", .lease_ms = 1000, .worker_wait_ms = 5000});
    const auto count = [](const std::vector<Action>& actions, auto kind) {
      return std::count_if(actions.begin(), actions.end(),
                           [](const Action& action) { return std::holds_alternative<decltype(kind)>(action); });
    };
    plan.Handle(WorkerJoined{{.worker = "a", .build_id = "b", .slots = 1, .attempts = {}}}, 0);
    plan.Handle(StageBegun{.stage = Stage::kMap, .tasks = 1, .plan = {}, .committed = {}}, 0);
    if (absent) plan.Handle(WasAbsent{3000}, 3000);
    EXPECT_EQ(count(plan.Handle(Tick{}, 3000), ForgetWorker{}), absent ? 0 : 1) << "the lease";
    plan.Handle(Tick{}, 4500);  // now it is silent
    if (absent) plan.Handle(WasAbsent{20'000}, 24'500);
    EXPECT_EQ(count(plan.Handle(Tick{}, 24'500), FailRun{}), absent ? 0 : 1) << "the wait for a worker";
    if (!absent) continue;
    EXPECT_EQ(count(plan.Handle(Tick{}, 29'600), FailRun{}), 1) << "which ends nevertheless";
  }
}

TEST(PlanRecovery, AStragglerGetsASecondAttemptElsewhereAndTheFirstAnswerCounts) {
  for (const bool second_wins : {true, false}) {
    PlanStory story(kPatient);
    story.Join("a");
    story.Join("b");
    story.BeginStage(4);
    const auto started = story.Sent<StartTask>();
    ASSERT_THAT(started, SizeIs(4));
    story.Pass(100);
    std::pair<WorkerId, AttemptId> slow;
    for (const auto& [worker, start] : started) {
      if (start.index == 3) {
        slow = {worker, start.attempt};
      } else {
        story.Finish(worker, start.attempt, std::to_string(start.index));
      }
    }
    story.CommitAll();
    story.Pass(500);
    EXPECT_THAT(story.Sent<StartTask>(), IsEmpty()) << "not yet";
    story.Pass(1000);
    const auto again = story.Sent<StartTask>();
    ASSERT_THAT(again, SizeIs(1));
    EXPECT_EQ(again[0].second.index, 3u);
    EXPECT_NE(again[0].first, slow.first);
    story.Pass(100'000);
    EXPECT_THAT(story.Sent<StartTask>(), IsEmpty()) << "two are enough";
    if (second_wins) {
      story.Finish(again[0].first, again[0].second.attempt, "3");
    } else {
      story.Finish(slow.first, slow.second, "3");
    }
    const auto stopped = story.Sent<CancelTask>();
    ASSERT_THAT(stopped, SizeIs(1));
    EXPECT_EQ(stopped[0].first, second_wins ? slow.first : again[0].first);
    story.CommitAll();
    EXPECT_THAT(story.Take<StageDone>(), SizeIs(1));
  }
}

TEST(PlanRecovery, ATaskThatFailedAtAWorkerIsTriedElsewhereWhileThereIsAnybodyElse) {
  PlanStory story(kPatient);
  story.Join("broken", 4);  // fails at once, and so is always the freest
  story.BeginStage(1);
  story.Join("whole");
  const auto fail = [&story](const std::pair<WorkerId, StartTask>& at) {
    const absl::Status full = MakeError(absl::StatusCode::kResourceExhausted, "DISK_FULL", "no space");
    story.Do(FrameReceived{at.first, TaskFailed{at.second.attempt, full}});
  };
  std::vector<WorkerId> tried;
  for (int attempt = 1; attempt <= kMaxAttempts; ++attempt) {
    const auto started = story.Sent<StartTask>();
    ASSERT_THAT(started, SizeIs(1)) << attempt;
    tried.push_back(started[0].first);
    fail(started[0]);
  }
  EXPECT_THAT(tried, testing::ElementsAre("broken", "whole", "broken", "broken")) << "anybody, when all have failed it";
  EXPECT_THAT(story.Take<FailRun>(), SizeIs(1));
}

TEST(PlanRecovery, ShardsOfASlowAssignmentGoToAnotherWorkerAndCountOnce) {
  PlanStory story(kPatient);
  story.Join("a");
  story.Join("b");
  story.Do(RoundBegun{.round = 1, .shards = 8, .plan = {}, .request = {}});
  const auto started = story.Sent<StartRound>();
  ASSERT_THAT(started, SizeIs(2));
  story.Do(FrameReceived{"a", RoundDone{started[0].second.assignment, {.inline_bytes = "a", .object = {}}}});
  story.Pass(2000);
  const auto again = story.Sent<StartRound>();
  ASSERT_THAT(again, SizeIs(1));
  EXPECT_EQ(again[0].first, "a");
  EXPECT_EQ(again[0].second.shards, started[1].second.shards);
  ASSERT_THAT(story.Sent<CancelRound>(), SizeIs(1));
  story.Do(FrameReceived{"b", RoundDone{started[1].second.assignment, {.inline_bytes = "late", .object = {}}}});
  EXPECT_THAT(story.Take<RoundDoneByAll>(), IsEmpty()) << "it was taken from b";
  story.Do(FrameReceived{"a", RoundDone{again[0].second.assignment, {.inline_bytes = "b", .object = {}}}});
  const auto done = story.Take<RoundDoneByAll>();
  ASSERT_THAT(done, SizeIs(1));
  EXPECT_THAT(done[0].partials, SizeIs(2));
}

TEST(PlanRecovery, TasksBesideAPoisonedOneAreNotLostWithIt) {
  PlanStory story;
  story.BeginStage(6);
  int workers = 0;
  std::optional<absl::Status> failed;
  for (int step = 0; step < 100 && !failed.has_value(); ++step) {
    const WorkerId worker = "w" + std::to_string(++workers);
    story.Join(worker, 2);
    // It works in the order in which tasks arrive, and task 2 ends the process.
    for (bool dead = false; !dead;) {
      const auto started = story.Sent<StartTask>();
      if (started.empty()) break;
      for (const auto& [to, start] : started) {
        if (start.index == 2) dead = true;
        if (!dead) story.Finish(to, start.attempt, std::to_string(start.index));
      }
      story.CommitAll();
    }
    story.Do(WorkerDisconnected{worker});
    story.Pass(1100);
    for (const FailRun& fail : story.Take<FailRun>()) failed = fail.status;
  }
  ASSERT_TRUE(failed.has_value());
  EXPECT_EQ(DetailOf(*failed)->reason, "ATTEMPTS_EXHAUSTED");
  EXPECT_EQ(DetailOf(*failed)->metadata.at("task"), "2");
}

TEST(PlanRecovery, ADiskThatFailsCostsTheAttemptAndAFourthOneTheRunWithEveryCause) {
  const char* const reasons[] = {"IO_ERROR", "DISK_READ_ONLY", "DISK_FULL", "SYSTEM_CALL_FAILED"};
  const absl::StatusCode codes[] = {absl::StatusCode::kDataLoss, absl::StatusCode::kPermissionDenied,
                                    absl::StatusCode::kResourceExhausted, absl::StatusCode::kInternal};
  PlanStory story;
  story.Join("a");
  story.BeginStage(1);
  for (int i = 0; i < 4; ++i) {
    EXPECT_THAT(story.Take<FailRun>(), IsEmpty());
    const auto started = story.Sent<StartTask>();
    ASSERT_THAT(started, SizeIs(1)) << i;
    story.Do(FrameReceived{"a", TaskFailed{started[0].second.attempt, MakeError(codes[i], reasons[i], reasons[i])}});
  }
  const auto failed = story.Take<FailRun>();
  ASSERT_THAT(failed, SizeIs(1));
  for (const char* reason : reasons) EXPECT_THAT(failed[0].status.ToString(), testing::HasSubstr(reason));
}

TEST(PlanRecovery, AWorkerWithoutAStreamIsLostThoughItsHeartbeatsArrive) {
  PlanStory story;
  story.Join("deaf");
  story.BeginStage(1);
  ASSERT_THAT(story.Sent<StartTask>(), SizeIs(1));
  story.Do(WorkerDisconnected{"deaf"});
  story.Join("b");
  for (int beat = 0; beat < 12; ++beat) {
    for (const char* worker : {"deaf", "b"}) story.Do(WorkerBeat{worker});
    story.Pass(100);
  }
  const auto lost = story.Take<ForgetWorker>();
  ASSERT_THAT(lost, SizeIs(1));
  EXPECT_EQ(lost[0].worker, "deaf");
  EXPECT_THAT(story.Sent<StartTask>(), SizeIs(1));
}

TEST(PlanRecovery, AnAnswerThatComesAfterItsStageFreesItsWorker) {
  PlanStory story;
  story.Join("a");
  for (int stage = 0; stage < 10; ++stage) {
    story.BeginStage(1);
    const AttemptId first = story.Sent<StartTask>().at(0).second.attempt;
    story.Join("a");  // a new session knows nothing of it
    const auto again = story.Sent<StartTask>();
    ASSERT_THAT(again, SizeIs(1)) << "stage " << stage;
    story.Finish("a", first, "r");  // was on its way in the old one
    story.CommitAll();
    ASSERT_THAT(story.Take<StageDone>(), SizeIs(1));
    story.Finish("a", again[0].second.attempt, "r");
  }
}

}  // namespace
}  // namespace strata
