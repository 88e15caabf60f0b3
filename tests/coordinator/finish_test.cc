// What the end of a run brings about: recorded with the end, done by whoever leads, at least once, and never changing
// how the run ended.
#include "coordinator/finish/finish.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "coordinator/run_control.h"
#include "coordinator/run_end.h"
#include "coordinator/run_recovery.h"
#include "run/keys.h"
#include "tests/coordinator/led_state.h"
#include "tests/coordinator/shop_request.h"

namespace strata {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class FinishTest : public LedState {
 protected:
  RunSummary Begin(const std::string& on_finish) {
    NightRequest request = ShopRequest("shop", on_finish);
    request.job_folder = folder_.path();
    return BeginRun(seams_, leadership_, "shop", "", AskedFor(request, "b1"))->summary;
  }
  void End(RunSummary summary, RunState state) {
    summary.state = state;
    if (state != RunState::kSucceeded) SetError(absl::InternalError("it rained"), &summary);
    ASSERT_THAT(EndRun(seams_, leadership_, &summary), IsOk());
  }
  absl::Status Finish(bool allow_commands = true, std::stop_token stop = {}) {
    return FinishPending(seams_, leadership_,
                         {.allow_commands = allow_commands, .user_agent = "strata/test", .webhook_pause_ms = 1}, stop);
  }
  std::string Read(const std::string& name) {
    std::ifstream file(folder_.Under(name));
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }
  size_t Pending() { return PendingFinishes(*metadata_)->size(); }
};

constexpr char kAppend[] = "on_finish: {command: [sh, -c, \"cat >> told; echo >> told\"]}\n";

TEST_F(FinishTest, TheCommandIsToldOfTheRunAndWhatCameOfItIsRecorded) {
  End(Begin(kAppend), RunState::kFailed);
  EXPECT_EQ(Pending(), 1u);
  const std::string record = GetRun(*metadata_, "shop", 1)->ToJson();
  ASSERT_THAT(Finish(), IsOk());
  EXPECT_EQ(Read("told"), record + "\n");
  EXPECT_EQ(Pending(), 0u);
  const RunSummary told = *GetRun(*metadata_, "shop", 1);
  EXPECT_EQ(told.state, RunState::kFailed);
  EXPECT_EQ(told.error_message, "it rained");
  ASSERT_EQ(told.on_finish.size(), 1u);
  EXPECT_TRUE(told.on_finish[0].ok);
  EXPECT_EQ(told.on_finish[0].message, "exit status 0");
  EXPECT_THAT(told.warnings, IsEmpty());
  ASSERT_THAT(Finish(), IsOk());
  EXPECT_EQ(Read("told"), record + "\n") << "once, when nothing dies";
}

TEST_F(FinishTest, AFailureIsAWarningAndChangesNothingElse) {
  End(Begin("on_finish: {command: [sh, -c, \"echo no paper; exit 4\"]}\n"), RunState::kSucceeded);
  ASSERT_THAT(Finish(), IsOk());
  const RunSummary told = *GetRun(*metadata_, "shop", 1);
  EXPECT_EQ(told.state, RunState::kSucceeded);
  EXPECT_FALSE(told.on_finish[0].ok);
  EXPECT_THAT(told.warnings, ElementsAre("on_finish command: exit status 4; it said: no paper"));
}

TEST_F(FinishTest, OnlyTheOutcomesThatAreAskedForAreTold) {
  const RunState states[] = {RunState::kSucceeded, RunState::kFailed, RunState::kCancelled};
  const char* const asked[] = {"succeeded", "failed", "cancelled"};
  for (int want = 0; want < 3; ++want) {
    for (int is = 0; is < 3; ++is) {
      const std::string on = std::string("on_finish: {command: [\"true\"], on: [") + asked[want] + "]}\n";
      End(Begin(on), states[is]);
      EXPECT_EQ(Pending(), want == is ? 1u : 0u) << asked[want] << " " << Name(states[is]);
      ASSERT_THAT(Finish(), IsOk());
    }
  }
}

TEST_F(FinishTest, WhatADeadCoordinatorLeftIsDoneByTheNextOne) {
  End(Begin(kAppend), RunState::kCancelled);
  const Leadership old = LeadAnew();
  // The old one still thinks that it leads: it may tell, but not record, so the new one tells again.
  EXPECT_THAT(FinishPending(seams_, old, {.allow_commands = true}, {}),
              FailsWith(absl::StatusCode::kAborted, "LEADERSHIP_LOST"));
  EXPECT_EQ(Pending(), 1u);
  ASSERT_THAT(Finish(), IsOk());
  EXPECT_EQ(Pending(), 0u);
}

TEST_F(FinishTest, ARunThatIsClosedForADeadCoordinatorIsToldOfToo) {
  Begin(kAppend);
  LeadAnew();
  ASSERT_THAT(RecoverRuns(seams_, leadership_, {.build_id = "b2", .is_mine = {}, .why_not = {}}), IsOk());
  ASSERT_THAT(Finish(), IsOk());
  EXPECT_THAT(Read("told"), HasSubstr("COORDINATOR_LOST"));
}

TEST_F(FinishTest, AStopLeavesItToTheNextOne) {
  End(Begin(kAppend), RunState::kSucceeded);
  std::stop_source stop;
  stop.request_stop();
  ASSERT_THAT(Finish(true, stop.get_token()), IsOk());
  EXPECT_EQ(Pending(), 1u);
  EXPECT_EQ(Read("told"), "");
}

TEST_F(FinishTest, ACommandIsRefusedWhereNoneAreAllowed) {
  End(Begin(kAppend), RunState::kSucceeded);
  ASSERT_THAT(Finish(false), IsOk());
  EXPECT_EQ(Read("told"), "");
  EXPECT_EQ(Pending(), 0u);
  const RunSummary told = *GetRun(*metadata_, "shop", 1);
  EXPECT_EQ(told.on_finish[0].attempts, 0);
  EXPECT_THAT(told.warnings, ElementsAre(HasSubstr("--allow-on-finish-command")));
}

TEST_F(FinishTest, ARunWhoseJobCannotBeReadIsClosedWithAWarning) {
  Begin("models: {tarot: {}}\n");
  LeadAnew();
  ASSERT_THAT(RecoverRuns(seams_, leadership_, {.build_id = "b2", .is_mine = {}, .why_not = {}}), IsOk());
  const RunSummary closed = *GetRun(*metadata_, "shop", 1);
  EXPECT_EQ(closed.state, RunState::kFailed);
  EXPECT_THAT(closed.warnings, ElementsAre(HasSubstr("models.tarot")));
  EXPECT_EQ(Pending(), 0u);
}

TEST_F(FinishTest, AnAddressThatNobodyAnswersIsTriedAndNamedWithoutItsSecret) {
  End(Begin("on_finish: {webhook: \"http://127.0.0.1:1/secret\"}\n"), RunState::kSucceeded);
  ASSERT_THAT(Finish(), IsOk());
  const RunSummary told = *GetRun(*metadata_, "shop", 1);
  EXPECT_EQ(told.on_finish[0].attempts, kWebhookAttempts);
  EXPECT_THAT(told.warnings, ElementsAre(HasSubstr("on_finish webhook: http://127.0.0.1:1: ")));
  EXPECT_THAT(told.ToJson(), testing::Not(HasSubstr("secret")));
}

}  // namespace
}  // namespace strata
