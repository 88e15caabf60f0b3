// Bad usage: every row is a command line, its exit status and what the error must say.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/base/temporary_folder.h"
#include "tests/client/command_line_run.h"

namespace strata {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

struct BadUsage {
  std::vector<std::string> arguments;
  std::string says;
};

class BadUsageTest : public testing::TestWithParam<BadUsage> {};

TEST_P(BadUsageTest, IsStatusTwoWithOneClearError) {
  const CommandResult result = Strata(GetParam().arguments);
  EXPECT_EQ(result.status, 2) << result.err;
  EXPECT_THAT(result.err, StartsWith("strata: error: "));
  EXPECT_THAT(result.err, HasSubstr(GetParam().says));
  EXPECT_EQ(result.out, "");
}

INSTANTIATE_TEST_SUITE_P(
    CommandLine, BadUsageTest,
    testing::Values(
        BadUsage{{}, "strata wants a command\nUsage: strata [OPTIONS] SUBCOMMAND"},
        BadUsage{{"sgements"}, "'sgements' is no command of strata; did you mean 'segments'?"},
        BadUsage{{"xyzzy"}, "'xyzzy' is no command of strata\n"},
        BadUsage{{"snapshots"}, "strata snapshots wants a command"},
        BadUsage{{"snapshots", "lst"}, "'lst' is no command of strata snapshots; did you mean 'list'?"},
        BadUsage{{"get"}, "ID is required\nUsage: strata get [OPTIONS] ID"},
        BadUsage{{"get", "a", "b"}, "strata get does not take 'b'"},
        BadUsage{{"get", "a", "--jsn"}, "strata get does not take '--jsn'; did you mean '--json'?"},
        BadUsage{{"get", ""}, "ID '': a customer id is 1 to 256 bytes of UTF-8"},
        BadUsage{{"get", "a\xff"}, "ID 'a\\xff': a customer id is"},
        BadUsage{{"get", "a", "--state", ""}, "--state: found ''; allowed is the name of a folder"},
        BadUsage{{"get", "a", "--snapshot", "0"}, "--snapshot: found '0'; allowed is a whole number from 1"},
        BadUsage{{"get", "a", "--snapshot", "1.5"}, "--snapshot: found '1.5'"},
        BadUsage{{"snapshots", "activate"}, "N is required\nUsage: strata snapshots activate [OPTIONS] N"},
        BadUsage{{"snapshots", "delete", "-1"}, "strata snapshots delete"}, BadUsage{{"lookup"}, "--ids is required"},
        BadUsage{{"export", "--out", "a.csv", "--what", "feature"}, "--what feature: must be scores or features"},
        BadUsage{{"export", "--out", "a.csv", "--what", "features", "--target", "h:1"},
                 "--target h:1: features are exported where they lie; use --state DIR"},
        BadUsage{{"report"}, "NAME is required\nUsage: strata report [OPTIONS] NAME"},
        BadUsage{{"report", "Value Classes"}, "NAME Value Classes: a report's name is lower-case letters"},
        BadUsage{{"report", "a\xff"}, "NAME a\\xff: a report's name is"},
        BadUsage{{"report", "list", "--out", "a.csv"}, "--out a.csv: writes a report, not the list of them"},
        BadUsage{{"report", "segments", "--out", "a.xlsx"}, "--out a.xlsx: the file's ending says its format"},
        BadUsage{{"report", "segments", "--markdown"}, "--markdown with segments: only `strata report list` takes it"},
        BadUsage{{"run"}, "JOB.yaml is required"},
        BadUsage{{"run", "j.yaml", "--workers", "0"}, "--workers: found '0'; allowed is a whole number from 1 to 64"},
        BadUsage{{"run", "j.yaml", "--as-of", "2024-02-30"}, "--as-of 2024-02-30: "},
        BadUsage{{"run", "j.yaml", "--follows", "last"}, "--follows last: a snapshot's number from 1 on, or none"},
        BadUsage{{"run", "j.yaml", "--activate", "--no-activate"}, "--activate and --no-activate: give one of them"},
        BadUsage{{"run", "j.yaml", "--target", "a:1", "--state", "s"},
                 "--target a:1: names a cluster and --state a folder"},
        BadUsage{{"run", "j.yaml", "--target", "a:1", "--workers", "2"}, "--workers 2: a cluster has its own workers"},
        BadUsage{{"run", "there-is-no-such-job.yaml"}, "there is no job file there-is-no-such-job.yaml"},
        BadUsage{{"get", "a", "--target", "nowhere"}, "--target nowhere: an address is HOST:PORT"},
        BadUsage{{"export", "--out", "scores.txt"},
                 "--out scores.txt: the file's ending says its format: .csv or .parquet"},
        BadUsage{{"export", "--out", "no/such/folder/scores.csv"}, "there is no folder no/such/folder"},
        BadUsage{{"serve", "--listen", "bogus"}, "--listen bogus: an address is HOST:PORT"},
        BadUsage{{"serve", "--max-age-hours", "0"}, "--max-age-hours: found '0'"},
        BadUsage{{"ledger", "verify", "--target", "a:1"}, "a ledger is verified where it lies; use --state DIR"},
        BadUsage{{"runs", "cancel", "1"}, "end it there with Ctrl-C"}));

// What `strata generate` is given besides a folder that must not come about.
class BadGenerateTest : public testing::TestWithParam<BadUsage> {};

TEST_P(BadGenerateTest, IsStatusTwoAndWritesNothing) {
  const TemporaryFolder folder;
  std::vector<std::string> arguments = {"generate", "--out", folder.Under("base")};
  arguments.insert(arguments.end(), GetParam().arguments.begin(), GetParam().arguments.end());
  const CommandResult result = Strata(arguments);
  EXPECT_EQ(result.status, 2) << result.err;
  EXPECT_THAT(result.err, StartsWith("strata: error: "));
  EXPECT_THAT(result.err, HasSubstr(GetParam().says));
  EXPECT_EQ(result.out, "");
  EXPECT_FALSE(std::filesystem::exists(folder.Under("base")));
}

std::vector<std::string> Sized(std::vector<std::string> more) {
  more.insert(more.begin(), {"--customers", "10", "--transactions", "100"});
  return more;
}

INSTANTIATE_TEST_SUITE_P(
    CommandLine, BadGenerateTest,
    testing::Values(
        BadUsage{{}, "--customers is required"}, BadUsage{{"--customers", "5"}, "--transactions is required"},
        BadUsage{{"--customers", "0", "--transactions", "5"},
                 "--customers: found '0'; allowed is a whole number from 1"},
        BadUsage{{"--customers", "1e6", "--transactions", "5"}, "--customers: found '1e6'"},
        BadUsage{{"--customers", "10", "--transactions", "9"}, "--transactions 9: every customer buys at least once"},
        BadUsage{{"--customers", "10", "--transactions", "99999999999999999999"},
                 "--transactions: found '99999999999999999999'; allowed is a whole number from 1 to 20000000000"},
        BadUsage{{"--customers", "10", "--transactions", "1000000"}, "allowed is a purchase in two days on average"},
        BadUsage{Sized({"--format", "xml"}), "--format 'xml': allowed are parquet and csv"},
        BadUsage{Sized({"--tables", "some"}), "--tables 'some': allowed are transactions and all"},
        BadUsage{Sized({"--shape", "dense"}), "--shape 'dense': allowed are retail, sparse, nights and causes"},
        BadUsage{Sized({"--shape", "nights", "--days", "100"}), "--days 100: allowed are 240 and more"},
        BadUsage{Sized({"--start", "2024-02-30"}), "--start 2024-02-30: '2024-02-30' is not a day of the calendar"},
        BadUsage{Sized({"--start", "2199-12-01"}), "--start 2199-12-01: allowed is 1900-01-01 to 2197-12-01"},
        BadUsage{Sized({"--days", "5"}), "--days: found '5'; allowed is a whole number from 90 to 7305"},
        BadUsage{Sized({"--seed", "-1"}), "--seed '-1': allowed is a whole number from 0 to 2^64 - 1"},
        BadUsage{Sized({"--seed", "18446744073709551616"}), "--seed '18446744073709551616'"},
        BadUsage{Sized({"--dirty-ratio", "0.6"}), "--dirty-ratio 0.6: allowed is a share of the rows from 0 to 0.5"},
        BadUsage{Sized({"--dirty-ratio", "some"}), "--dirty-ratio 'some': allowed is a number from 0 to 0.5"},
        BadUsage{Sized({"--dirty-ratio", "nan"}), "--dirty-ratio nan"},
        BadUsage{Sized({"--currency", "euro"}), "--currency 'euro': allowed are three capital letters"},
        BadUsage{Sized({"--files", "11"}), "--files 11: allowed is 1 to 10"},
        BadUsage{Sized({"--threads", "0"}), "--threads: found '0'; allowed is a whole number from 1 to 256"},
        BadUsage{Sized({"--sede", "1"}), "did you mean '--seed'?"}));

TEST(CommandLine, AReportListIsMarkdownOrJson) {
  const CommandResult both = Strata({"report", "list", "--markdown", "--json"});
  EXPECT_EQ(both.status, 2);
  EXPECT_THAT(both.err, HasSubstr("--markdown with --json: ask for one of them"));
  EXPECT_THAT(both.out, HasSubstr("\"FLAG_INVALID\"")) << "the error is an object as well";
}

TEST(CommandLine, HelpAndVersionAreDone) {
  const CommandResult help = Strata({"--help"});
  EXPECT_EQ(help.status, 0);
  EXPECT_EQ(help.err, "");
  for (const char* command : {"run", "validate", "serve", "get", "lookup", "segments", "export", "models", "report",
                              "snapshots", "ledger", "runs", "generate", "tables", "version"}) {
    EXPECT_THAT(help.out, HasSubstr(std::string("\n  ") + command + " "));
    const CommandResult own = Strata({command, "--help"});
    EXPECT_EQ(own.status, 0) << command;
    EXPECT_THAT(own.out, HasSubstr(std::string("Usage: strata ") + command)) << command;
  }
  const CommandResult version = Strata({"--version"});
  EXPECT_EQ(version.status, 0);
  EXPECT_THAT(version.out, StartsWith("strata "));
  EXPECT_THAT(version.out, EndsWith("\n"));
  EXPECT_EQ(Strata({"version"}).out, version.out);
}

TEST(CommandLine, AResultThatCouldNotBePrintedIsNotDone) {
  const char* argv[] = {"strata", "version"};
  std::ostringstream out;
  std::ostringstream err;
  ASSERT_EQ(RunCommandLine(2, argv, out, err), 0);
  out.setstate(std::ios::badbit);  // as after a write to a full disk
  EXPECT_EQ(RunCommandLine(2, argv, out, err), 1);
  EXPECT_THAT(err.str(), HasSubstr("could be written to the standard output"));
}

TEST(CommandLine, AMissingStateIsToldAndNotMade) {
  const TemporaryFolder folder;
  const std::string state = folder.Under("none");
  for (const std::vector<std::string>& command : std::vector<std::vector<std::string>>{{"get", "a"},
                                                                                       {"segments"},
                                                                                       {"models"},
                                                                                       {"report", "list"},
                                                                                       {"snapshots", "list"},
                                                                                       {"ledger", "show"},
                                                                                       {"runs", "list"},
                                                                                       {"serve"},
                                                                                       {"snapshots", "activate", "1"},
                                                                                       {"ledger", "verify"}}) {
    std::vector<std::string> arguments = command;
    arguments.insert(arguments.end(), {"--state", state});
    const CommandResult result = Strata(arguments);
    EXPECT_EQ(result.status, 1) << command.front();
    EXPECT_THAT(result.err,
                HasSubstr("no state at " + state + ": run `strata run JOB.yaml --state " + state + "` first"));
  }
  EXPECT_FALSE(std::filesystem::exists(state));
}

TEST(CommandLine, AnUnreachableTargetIsToldWithItsAddress) {
  // Nobody listens at the discard port of the loopback.
  const CommandResult result = Strata({"get", "a", "--target", "127.0.0.1:9", "--json"});
  EXPECT_EQ(result.status, 1);
  EXPECT_EQ(result.err, "strata: error: cannot reach 127.0.0.1:9: nothing answers at this address\n");
  EXPECT_THAT(result.out, HasSubstr(R"("reason":"TARGET_UNREACHABLE")"));
}

TEST(CommandLine, AJobThatCannotBeReadNamesFileLineAndKeyAndMakesNoState) {
  const TemporaryFolder folder;
  const std::string job = folder.Under("job.yaml");
  std::ofstream(job) << "name: shop\ncurency: EUR\n";
  for (const char* command : {"run", "validate"}) {
    const CommandResult result = Strata({command, job});
    EXPECT_EQ(result.status, 2) << command;
    EXPECT_THAT(result.err, HasSubstr(job + ":2: curency: unknown key; did you mean 'currency'?")) << command;
  }
  EXPECT_EQ(Strata({"run", job, "--state", folder.Under("state")}).status, 2);
  EXPECT_FALSE(std::filesystem::exists(folder.Under("state")));
}

TEST(CommandLine, AGeneratedBaseIsToldAndRuns) {
  const TemporaryFolder folder;
  const std::string out = folder.Under("base");
  const std::vector<std::string> sized = {"generate", "--customers", "300", "--transactions", "3000", "--seed",
                                          "9",        "--out",       out};
  const CommandResult made = Strata(sized);
  ASSERT_EQ(made.status, 0) << made.err;
  EXPECT_THAT(made.out, HasSubstr("rows of 300 customers in EUR, 2024-01-02 to 2025-12-31, retail, seed 9\n"));
  EXPECT_THAT(made.out, HasSubstr("fall on a day that already has one of their customer."));
  EXPECT_THAT(made.out, EndsWith("\nNext: strata run " + out + "/job.yaml\n"));
  EXPECT_THAT(made.err, StartsWith("generate: 1 task"));

  const CommandResult again = Strata(sized);
  EXPECT_EQ(again.status, 2);
  EXPECT_EQ(again.err,
            "strata: error: --out " + out + ": holds " + out + "/job.yaml already; allowed is a new or empty folder\n");

  const CommandResult run = Strata({"run", out + "/job.yaml", "--state", folder.Under("state"), "--json"});
  EXPECT_EQ(run.status, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("\"customers\":300"));

  const CommandResult json = Strata({"generate", "--customers", "300", "--transactions", "3000", "--seed", "9", "--out",
                                     folder.Under("json"), "--format", "csv", "--json"});
  ASSERT_EQ(json.status, 0) << json.err;
  for (const char* part : {"{\"format_version\":1,", "\"same_day_merging\":{\"statement\":[", "\"job\":\""}) {
    EXPECT_THAT(json.out, HasSubstr(part));
  }
}

}  // namespace
}  // namespace strata
