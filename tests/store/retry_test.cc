#include "store/retry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "tests/base/fake_clock.h"
#include "tests/base/status_matchers.h"

namespace strata {
namespace {

class Retrying : public testing::Test {
 protected:
  // Fails with UNAVAILABLE `failures` times, then answers `last`.
  absl::Status Run(int failures, absl::Status last = absl::OkStatus()) {
    attempts_ = 0;
    return RetryUnavailable(seams_, "write s3://bucket/key", [&]() -> absl::Status {
      clock_.Advance(attempt_ms_);
      if (attempts_++ >= failures) return last;
      return MakeError(absl::StatusCode::kUnavailable, "S3_UNAVAILABLE", "the server is gone");
    });
  }

  FakeClock clock_;
  std::vector<int64_t> sleeps_;
  std::vector<std::string> notes_;
  int attempts_ = 0;
  int64_t attempt_ms_ = 0;
  RetrySeams seams_{.clock = &clock_,
                    .sleep =
                        [this](int64_t ms) {
                          sleeps_.push_back(ms);
                          clock_.Advance(ms);
                        },
                    .note = [this](const std::string& note) { notes_.push_back(note); },
                    .policy = {}};
};

TEST_F(Retrying, WhatWorksIsDoneOnceAndNotSpokenOf) {
  EXPECT_OK(Run(0));
  EXPECT_EQ(attempts_, 1);
  EXPECT_THAT(sleeps_, testing::IsEmpty());
  EXPECT_THAT(notes_, testing::IsEmpty());
}

TEST_F(Retrying, OnlyUnavailableIsTriedAgain) {
  for (const auto code : {absl::StatusCode::kNotFound, absl::StatusCode::kPermissionDenied, absl::StatusCode::kInternal,
                          absl::StatusCode::kAlreadyExists}) {
    EXPECT_EQ(Run(0, MakeError(code, "REASON", "no")).code(), code);
    EXPECT_EQ(attempts_, 1);
    EXPECT_EQ(Run(2, MakeError(code, "REASON", "no")).code(), code);
    EXPECT_EQ(attempts_, 3);
  }
}

TEST_F(Retrying, TheWaitDoublesUpToItsMaximumAndIsShortenedByAtMostHalf) {
  EXPECT_OK(Run(8));
  ASSERT_EQ(sleeps_.size(), 8u);
  int64_t full = seams_.policy.first_delay_ms;
  for (const int64_t slept : sleeps_) {
    EXPECT_LE(slept, full);
    EXPECT_GE(slept, full / 2);
    full = std::min(full * 2, seams_.policy.max_delay_ms);
  }
  ASSERT_EQ(notes_.size(), 2u);
  EXPECT_THAT(notes_[0], testing::AllOf(testing::HasSubstr("the server is gone"), testing::HasSubstr("up to 60 s")));
  EXPECT_THAT(notes_[1], testing::AllOf(testing::HasSubstr("s3://bucket/key"), testing::HasSubstr("at attempt 9")));
}

TEST_F(Retrying, ItEndsAfterTheTotalTimeWithTheLastCause) {
  const int64_t begun = clock_.MonotonicMs();
  const absl::Status status = Run(1'000'000);
  EXPECT_THAT(status, FailsWith(absl::StatusCode::kUnavailable, "S3_UNAVAILABLE"));
  EXPECT_THAT(status, SaysThat("the server is gone"));
  EXPECT_THAT(status, SaysThat("given up after"));
  const int64_t passed = clock_.MonotonicMs() - begun;
  EXPECT_LE(passed, seams_.policy.total_ms);
  EXPECT_GT(passed, seams_.policy.total_ms - 2 * seams_.policy.max_delay_ms);
  EXPECT_THAT(notes_.back(), testing::HasSubstr("given up"));
}

TEST_F(Retrying, SlowAttemptsCountToo) {
  attempt_ms_ = 25'000;
  EXPECT_FALSE(Run(1'000'000).ok());
  EXPECT_EQ(attempts_, 3);
}

}  // namespace
}  // namespace strata
