// Who leads: what every Metadata promises about Campaign, Renew and Resign, told with clocks that stand still.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "tests/store/metadata_world.h"

namespace strata {

inline constexpr int64_t kLeaseMs = 10'000;

inline auto StateHeld() { return FailsWith(absl::StatusCode::kFailedPrecondition, "STATE_HELD"); }
inline auto LeadershipLost() { return FailsWith(absl::StatusCode::kFailedPrecondition, "LEADERSHIP_LOST"); }

TEST_P(MetadataConformance, AHeldLeadIsRefusedAndItsHolderNamed) {
  ASSERT_OK(metadata_->Campaign("first host, process 7", kLeaseMs));
  const auto other = world_->Open(&clock_);
  const auto refused = other->Campaign("second", kLeaseMs);
  EXPECT_THAT(refused, StateHeld());
  EXPECT_THAT(refused, SaysThat("first host, process 7"));
  EXPECT_EQ(DetailOf(refused.status())->metadata.at("holder"), "first host, process 7");
  EXPECT_THAT(metadata_->Campaign("first again", kLeaseMs), StateHeld()) << "the holder itself is no exception";
}

TEST_P(MetadataConformance, AFirstCampaignAgainstAHeldLeadNeverWins) {
  ASSERT_OK(metadata_->Campaign("first", kLeaseMs));
  clock_.Advance(100 * kLeaseMs);
  const auto other = world_->Open(&clock_);
  EXPECT_THAT(other->Campaign("second", 1), StateHeld()) << "it has watched nothing yet";
}

TEST_P(MetadataConformance, AContenderWaitsTheWholeTimeOutOfItsOwnClock) {
  ASSERT_OK(metadata_->Campaign("first", kLeaseMs));
  FakeClock own;
  const auto other = world_->Open(&own);
  EXPECT_THAT(other->Campaign("second", kLeaseMs), StateHeld());
  clock_.Advance(100 * kLeaseMs);  // somebody else's time is no argument
  own.JumpWall(100 * kLeaseMs);    // nor is the calendar
  EXPECT_THAT(other->Campaign("second", kLeaseMs), StateHeld());
  own.Advance(kLeaseMs - 1);
  EXPECT_THAT(other->Campaign("second", kLeaseMs), StateHeld());
  own.Advance(1);
  EXPECT_OK(other->Campaign("second", kLeaseMs));
}

TEST_P(MetadataConformance, ARenewalStartsTheWatchAnew) {
  const auto lead = metadata_->Campaign("first", kLeaseMs);
  ASSERT_OK(lead);
  const auto other = world_->Open(&clock_);
  EXPECT_THAT(other->Campaign("second", kLeaseMs), StateHeld());
  for (int beat = 0; beat < 5; ++beat) {
    clock_.Advance(kLeaseMs - 1);
    ASSERT_OK(metadata_->Renew(*lead));
    clock_.Advance(1);
    EXPECT_THAT(other->Campaign("second", kLeaseMs), StateHeld()) << "beat " << beat;
  }
  clock_.Advance(kLeaseMs);
  EXPECT_OK(other->Campaign("second", kLeaseMs)) << "no renewal since the last look";
}

TEST_P(MetadataConformance, AResignedLeadIsFreeAtOnce) {
  const auto lead = metadata_->Campaign("first", kLeaseMs);
  ASSERT_OK(lead);
  const auto other = world_->Open(&clock_);
  ASSERT_OK(metadata_->Resign(*lead));
  EXPECT_THAT(metadata_->Renew(*lead), LeadershipLost());
  EXPECT_THAT(metadata_->Resign(*lead), LeadershipLost());
  const auto next = other->Campaign("second", kLeaseMs);
  ASSERT_OK(next);
  EXPECT_GT(next->token, lead->token);
  EXPECT_THAT(metadata_->Campaign("first", kLeaseMs), StateHeld());
}

TEST_P(MetadataConformance, ADeposedLeaderCanDoNothing) {
  const auto old = metadata_->Campaign("first", kLeaseMs);
  ASSERT_OK(old);
  const auto other = world_->Open(&clock_);
  EXPECT_THAT(other->Campaign("second", kLeaseMs), StateHeld());
  EXPECT_EQ(ConflictKey(Commit({.puts = {{"a", "1"}}, .token = old->token})), "") << "slow, but nobody came";
  clock_.Advance(kLeaseMs);
  const auto lead = other->Campaign("second", kLeaseMs);
  ASSERT_OK(lead);
  EXPECT_EQ(ConflictKey(Commit({.puts = {{"a", "2"}}, .token = old->token})), kLeadershipKey);
  EXPECT_EQ(Value("a"), "1");
  const absl::Status renewed = metadata_->Renew(*old);
  EXPECT_THAT(renewed, LeadershipLost());
  EXPECT_THAT(renewed, SaysThat("second"));
  EXPECT_THAT(metadata_->Resign(*old), LeadershipLost());
  EXPECT_OK(other->Renew(*lead)) << "the old leader's calls did not hurt the new one";
  EXPECT_EQ(ConflictKey(Commit({.puts = {{"a", "3"}}, .token = lead->token})), "")
      << "the token counts, not the object";
}

TEST_P(MetadataConformance, ATokenIsCheckedBeforeComparesAndNeverByZero) {
  EXPECT_EQ(ConflictKey(Commit({.token = 1})), kLeadershipKey) << "nobody ever led";
  const auto lead = metadata_->Campaign("first", kLeaseMs);
  ASSERT_OK(lead);
  EXPECT_EQ(ConflictKey(Commit({.compares = {{"missing", 5}}, .token = lead->token + 1})), kLeadershipKey);
  EXPECT_EQ(ConflictKey(Commit({.compares = {{"missing", 5}}, .token = lead->token})), "missing");
  EXPECT_EQ(ConflictKey(Commit({.puts = {{"a", "1"}}})), "") << "without a token nobody is asked";
  ASSERT_OK(metadata_->Resign(*lead));
  EXPECT_EQ(ConflictKey(Commit({.puts = {{"a", "2"}}, .token = lead->token})), kLeadershipKey);
}

TEST_P(MetadataConformance, TokensRiseForEver) {
  int64_t last = 0;
  for (int reign = 0; reign < 6; ++reign) {
    const auto lead = metadata_->Campaign("reign " + std::to_string(reign), kLeaseMs);
    ASSERT_OK(lead);
    EXPECT_GT(lead->token, last);
    last = lead->token;
    if (reign % 2 == 0) {
      ASSERT_OK(metadata_->Resign(*lead));
    } else {
      metadata_.reset();  // dies
      metadata_ = world_->Open(&clock_);
      EXPECT_THAT(metadata_->Campaign("watching", kLeaseMs), StateHeld());
      clock_.Advance(kLeaseMs);
    }
  }
}

TEST_P(MetadataConformance, OfTwoContendersOneWins) {
  ASSERT_OK(metadata_->Campaign("dead", kLeaseMs));
  FakeClock fast, slow;
  const auto a = world_->Open(&fast);
  const auto b = world_->Open(&slow);
  EXPECT_THAT(a->Campaign("a", kLeaseMs), StateHeld());
  EXPECT_THAT(b->Campaign("b", kLeaseMs), StateHeld());
  fast.Advance(kLeaseMs);
  const auto lead = a->Campaign("a", kLeaseMs);
  ASSERT_OK(lead);
  slow.Advance(kLeaseMs);  // b has waited for the dead one, but meanwhile somebody else leads
  EXPECT_THAT(b->Campaign("b", kLeaseMs), StateHeld());
  slow.Advance(kLeaseMs - 1);
  ASSERT_OK(a->Renew(*lead));
  slow.Advance(1);
  EXPECT_THAT(b->Campaign("b", kLeaseMs), StateHeld());
}

TEST_P(MetadataConformance, LeadershipNeedsANameAndATime) {
  const auto refused = [](const char* reason) { return FailsWith(absl::StatusCode::kInvalidArgument, reason); };
  EXPECT_THAT(metadata_->Campaign("", kLeaseMs), refused("HOLDER_INVALID"));
  EXPECT_THAT(metadata_->Campaign(std::string(257, 'h'), kLeaseMs), refused("HOLDER_INVALID"));
  EXPECT_THAT(metadata_->Campaign("a", 0), refused("TIMEOUT_INVALID"));
  EXPECT_THAT(metadata_->Campaign("a", -1), refused("TIMEOUT_INVALID"));
  EXPECT_THAT(metadata_->Renew(Leadership{.token = 1}), LeadershipLost());
}

}  // namespace strata
