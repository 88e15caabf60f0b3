// Small decisions of the command line: which job, which ids, which flags go together, signals.
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <sstream>

#include <fmt/format.h>

#include "client/backfill.h"
#include "client/exit_status.h"
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

TEST(RunFlags, ARangeIsABackfill) {
  RunOptions options;
  ASSERT_OK(ReadRunFlags({.as_of = "2024-02-28..2024-03-01", .follows = ""}, &options));
  EXPECT_FALSE(options.as_of.has_value());
  const Day first = ToDay({2024, 2, 28});
  EXPECT_EQ(options.backfill, (std::vector<Day>{first, first + 1, first + 2}));
  ASSERT_OK(ReadRunFlags({.as_of = "2024-02-28..2024-03-09", .every_days = 5, .follows = ""}, &options));
  EXPECT_EQ(options.backfill, (std::vector<Day>{first, first + 5, first + 10}));
  ASSERT_OK(ReadRunFlags({.as_of = "2024-02-28..2024-02-28", .every_days = 5, .follows = ""}, &options));
  EXPECT_EQ(options.backfill, std::vector<Day>{first});
}

TEST(RunFlags, ThatDoNotGoWithARangeOrWithoutOneAreRefused) {
  const auto refused = [](RunFlagTexts texts, const char* says, bool skip = false) {
    RunOptions options;
    options.skip_published = skip;
    options.rebuild_ledger = skip;
    const absl::Status status = ReadRunFlags(texts, &options);
    EXPECT_THAT(status, FailsWith(absl::StatusCode::kInvalidArgument, "FLAG_INVALID")) << says;
    EXPECT_THAT(status, SaysThat(says));
  };
  refused({.as_of = "2024-03-02..2024-03-01", .follows = ""}, "the last date lies before the first");
  refused({.as_of = "2024-03-02..", .follows = ""}, "last date: ");
  refused({.as_of = "..2024-03-02", .follows = ""}, "first date: ");
  refused({.as_of = "2024-03-01..2024-03-02..2024-03-03", .follows = ""}, "last date: ");
  refused({.as_of = "1950-01-01..2024-01-01", .follows = ""}, "at most 3660 are allowed; --every N");
  refused({.as_of = "2024-03-01..2024-03-02", .follows = "none"}, "--follows");
  refused({.as_of = "2024-03-01", .every_days = 7, .follows = ""}, "--every");
  refused({.as_of = "2024-03-01", .follows = ""}, "--skip-published", true);
  refused({.as_of = "2024-03-01..2024-03-02", .follows = ""}, "of the ledger that would be replaced", true);
}

// What the runs of a backfill are asked, and what it prints.
class BackfillStory : public testing::Test {
 protected:
  BackfillStory() {
    options_.state.json = true;
    options_.backfill = {10, 11, 12};
    options_.rebuild_ledger = true;
    options_.request_id = "fill";
  }
  int Run(const std::map<Day, int64_t>& published, Day failing = -1) {
    return Backfill(
        options_, published,
        [&](const RunOptions& one) {
          asked_ += fmt::format("{}{}{}{}{} ", one.request_id, one.rebuild_ledger ? " rebuild" : "",
                                one.verify_sources ? " verify" : "",
                                one.activation == Activation::kActivate ? " activate" : "",
                                one.backfill.empty() && one.is_backfill ? "" : " not a run of a backfill");
          RunSummary summary;
          summary.as_of = FormatDay(*one.as_of);
          summary.published = *one.as_of != failing;
          summary.ledger_version = summary.published ? 4 : 0;
          if (!summary.published) SetError(MakeError(absl::StatusCode::kFailedPrecondition, "VETO", "no"), &summary);
          return absl::StatusOr<RunSummary>(summary);
        },
        console_);
  }
  RunOptions options_;
  std::string asked_;
  std::ostringstream out_, err_;
  Console console_{.out = &out_, .err = &err_};
};

TEST_F(BackfillStory, RunsEveryDateOldestFirstWithoutActivation) {
  EXPECT_EQ(Run({}), kExitDone);
  EXPECT_EQ(asked_, "fill-1970-01-11 rebuild fill-1970-01-12 fill-1970-01-13 ");
  const std::string text = out_.str();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 3) << "an object a line";
}

TEST_F(BackfillStory, OnlyTheNewestDateIsActivatedOnRequest) {
  options_.activation = Activation::kActivate;
  EXPECT_EQ(Run({}), kExitDone);
  EXPECT_EQ(asked_, "fill-1970-01-11 rebuild fill-1970-01-12 fill-1970-01-13 activate ");
}

TEST_F(BackfillStory, StopsAtTheFirstDateThatFails) {
  EXPECT_EQ(Run({}, 11), kExitFailed);
  EXPECT_EQ(asked_, "fill-1970-01-11 rebuild fill-1970-01-12 ");
  EXPECT_NE(err_.str().find("the backfill ends at 1970-01-12, 1 of 3 dates are published"), std::string::npos)
      << err_.str();
  EXPECT_EQ(err_.str().find("the ledger went"), std::string::npos) << "it did not get as far as the ledger";
}

TEST_F(BackfillStory, SourcesAreVerifiedByTheFirstRunEvenWhereItsDateIsNotTheFirst) {
  options_.rebuild_ledger = false;
  options_.verify_sources = true;
  EXPECT_EQ(Run({{10, 7}}), kExitDone);
  EXPECT_EQ(asked_, "fill-1970-01-12 verify fill-1970-01-13 ");
}

TEST_F(BackfillStory, LeavesOutDatesThatAreThere) {
  EXPECT_EQ(Run({{11, 7}}), kExitDone);
  EXPECT_EQ(asked_, "fill-1970-01-11 rebuild fill-1970-01-13 ");
  EXPECT_NE(out_.str().find("{\"as_of\":\"1970-01-12\",\"skipped\":true,\"snapshot\":7}\n"), std::string::npos);
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
