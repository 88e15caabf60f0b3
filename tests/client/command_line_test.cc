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

TEST(CommandLine, HelpAndVersionAreDone) {
  const CommandResult help = Strata({"--help"});
  EXPECT_EQ(help.status, 0);
  EXPECT_EQ(help.err, "");
  for (const char* command : {"run", "validate", "serve", "get", "lookup", "segments", "export", "models", "snapshots",
                              "ledger", "runs", "version"}) {
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

TEST(CommandLine, AMissingStateIsToldAndNotMade) {
  const TemporaryFolder folder;
  const std::string state = folder.Under("none");
  for (const std::vector<std::string>& command : std::vector<std::vector<std::string>>{{"get", "a"},
                                                                                       {"segments"},
                                                                                       {"models"},
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

}  // namespace
}  // namespace strata
