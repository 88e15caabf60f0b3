// Small decisions of the command line: which job, which ids, which flags go together, signals.
#include <gtest/gtest.h>

#include <csignal>
#include <sstream>

#include "client/id_file.h"
#include "client/interrupts.h"
#include "client/run_options.h"
#include "client/session.h"
#include "tests/base/status_matchers.h"

namespace strata {
namespace {

TEST(ChooseJob, TheOnlyOneIsFoundByItself) { EXPECT_EQ(*ChooseJob({"shop"}, {}), "shop"); }

TEST(ChooseJob, OfSeveralOneMustBeNamed) {
  EXPECT_THAT(ChooseJob({"cafe", "shop"}, {}), FailsWith(absl::StatusCode::kInvalidArgument, "JOB_AMBIGUOUS"));
  EXPECT_THAT(ChooseJob({"cafe", "shop"}, {}), SaysThat("there is cafe, shop"));
  EXPECT_EQ(*ChooseJob({"cafe", "shop"}, {.job = "shop"}), "shop");
  EXPECT_THAT(ChooseJob({"cafe", "shop"}, {.job = "shpo"}), SaysThat("there is cafe, shop; did you mean 'shop'?"));
}

TEST(ChooseJob, OfNoneTheFirstStepIsTold) {
  EXPECT_THAT(ChooseJob({}, {.state = "s"}), SaysThat("run `strata run JOB.yaml --state s` first"));
}

TEST(IdFile, HasAnIdPerLineAndCountsEmptyOnes) {
  std::istringstream in("a\r\n\n b \nc,d");
  int64_t empty_lines = 0;
  EXPECT_EQ(*ReadIds(in, "ids", &empty_lines), (std::vector<std::string>{"a", " b ", "c,d"}));
  EXPECT_EQ(empty_lines, 1);
}

TEST(IdFile, WithoutAnIdIsAnError) {
  std::istringstream in("\n\r\n");
  int64_t empty_lines = 0;
  EXPECT_THAT(ReadIds(in, "ids", &empty_lines), FailsWith(absl::StatusCode::kInvalidArgument, "IDS_INVALID"));
  EXPECT_THAT(ReadIdFile("no-such-file", in, &empty_lines), FailsWith(absl::StatusCode::kNotFound, "IDS_MISSING"));
  EXPECT_THAT(ReadIdFile("tests", in, &empty_lines), FailsWith(absl::StatusCode::kNotFound, "IDS_MISSING"));
}

TEST(RunFlags, AreReadAndDefaultToNothing) {
  RunOptions options;
  ASSERT_OK(ReadRunFlags({}, &options));
  EXPECT_FALSE(options.as_of.has_value());
  EXPECT_FALSE(options.follows.has_value());
  EXPECT_EQ(options.activation, Activation::kAsUsual);
  ASSERT_OK(ReadRunFlags({.as_of = "2024-03-31", .follows = "none", .activate = false, .no_activate = true}, &options));
  EXPECT_EQ(options.as_of, ToDay({2024, 3, 31}));
  EXPECT_EQ(options.follows, 0);
  EXPECT_EQ(options.activation, Activation::kNoActivate);
  ASSERT_OK(ReadRunFlags({.as_of = "", .follows = "12", .activate = true, .no_activate = false}, &options));
  EXPECT_EQ(options.follows, 12);
  EXPECT_EQ(options.activation, Activation::kActivate);
}

TEST(RunFlags, FollowsTakesNothingButANumberOrNone) {
  for (const char* text : {"0", "-1", "1.0", "3x", "NONE", " 3", "99999999999999999999"}) {
    RunOptions options;
    EXPECT_THAT(ReadRunFlags({.as_of = "", .follows = text}, &options),
                FailsWith(absl::StatusCode::kInvalidArgument, "FLAG_INVALID"))
        << text;
  }
}

TEST(RunFlags, KernelsAndMemoryAreOfThisProcess) {
  RunOptions options;
  ASSERT_OK(ReadRunFlags({.kernels = "plain", .memory_limit = "192MiB"}, &options));
  EXPECT_EQ(options.kernels, &PlainKernels());
  EXPECT_EQ(options.memory_limit_bytes, 192u << 20);
  EXPECT_THAT(ReadRunFlags({.kernels = "sse2"}, &options), SaysThat("--kernels"));
  EXPECT_THAT(ReadRunFlags({.kernels = "sse2"}, &options),
              FailsWith(absl::StatusCode::kInvalidArgument, "FLAG_INVALID"));
  EXPECT_THAT(ReadRunFlags({.memory_limit = "12GB"}, &options), SaysThat("--memory-limit"));
  options.state.target = "cluster:7070";
  for (const RunFlagTexts& texts : {RunFlagTexts{.kernels = "plain"}, RunFlagTexts{.memory_limit = "1GiB"}}) {
    EXPECT_THAT(ReadRunFlags(texts, &options), SaysThat("a cluster's workers have their own"));
  }
}

TEST(RequestId, IsAUuidOfVersionFour) {
  EXPECT_EQ(RequestIdOf(0, 0), "00000000-0000-4000-8000-000000000000");
  EXPECT_EQ(RequestIdOf(~uint64_t{0}, ~uint64_t{0}), "ffffffff-ffff-4fff-bfff-ffffffffffff");
  EXPECT_EQ(RequestIdOf(0x0123456789abcdef, 0xfedcba9876543210), "01234567-89ab-4def-bedc-ba9876543210");
}

TEST(Interrupts, TakeTheSignalInsteadOfEndingTheProcess) {
  const Interrupts interrupts;
  EXPECT_FALSE(interrupts.Wait(0));
  raise(SIGTERM);
  EXPECT_TRUE(interrupts.Wait(-1));
  EXPECT_FALSE(interrupts.Wait(0));
  raise(SIGINT);  // pending at the end: taken, or the test would die here
}

}  // namespace
}  // namespace strata
