// Programs of somebody else's: what they get, what is kept of what they say, and that none outlives its time.
#include "coordinator/finish/child_command.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <fstream>
#include <sstream>
#include <thread>

#include "tests/base/fake_clock.h"
#include "tests/base/temporary_folder.h"

namespace strata {
namespace {

using testing::HasSubstr;

// Every look at it is 100 ms after the last one: no test waits for a time-out.
class TickingClock final : public Clock {
 public:
  int64_t MonotonicMs() const override { return now_ms_ += 100; }
  int64_t WallMs() const override { return MonotonicMs(); }

 private:
  mutable std::atomic<int64_t> now_ms_ = 0;
};

class ChildCommand : public testing::Test {
 protected:
  CommandEnd Shell(const std::string& script, std::string_view input = "", int64_t timeout_ms = 1 << 30,
                   std::stop_token stop = {}) {
    return RunCommand(
        {.words = {"sh", "-c", script}, .folder = folder_.path(), .input = input, .timeout_ms = timeout_ms}, clock_,
        stop);
  }
  std::string Read(const std::string& name) {
    std::ifstream file(folder_.Under(name));
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }
  // Waits until nobody else holds the lock on the file.
  void WaitForLock(const std::string& name) {
    const int file = open(folder_.Under(name).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    ASSERT_GE(file, 0);
    ASSERT_EQ(flock(file, LOCK_EX), 0);
    close(file);
  }

  const TemporaryFolder folder_;
  const TickingClock clock_;
};

TEST_F(ChildCommand, GetsItsInputInItsFolder) {
  const std::string large(300'000, 'x');  // more than a pipe holds
  EXPECT_EQ(Shell("cat > got; exit 0", large).Describe(), "exit status 0");
  EXPECT_EQ(Read("got"), large);
  EXPECT_TRUE(Shell("exec 0<&-; true", large).ok()) << "nobody has to read it";
}

TEST_F(ChildCommand, EndsAreTold) {
  EXPECT_EQ(Shell("echo out; echo wrong >&2; exit 3").Describe(), "exit status 3; it said: out wrong");
  EXPECT_EQ(Shell("kill -9 $$").Describe(), "ended by signal 9");
  EXPECT_EQ(Shell("exit 7").Describe(), "exit status 7");
  const CommandEnd missing = RunCommand(
      {.words = {"no-such-program"}, .folder = folder_.path(), .input = "", .timeout_ms = 1 << 30}, clock_, {});
  EXPECT_EQ(missing.how, CommandEnd::How::kNotStarted);
  EXPECT_THAT(missing.Describe(), HasSubstr("not started: 'no-such-program' in " + folder_.path()));
}

TEST_F(ChildCommand, OnlyTheEndOfWhatItSaysIsKept) {
  const CommandEnd end = Shell("head -c 1000000 /dev/zero | tr '\\0' a; printf END; exit 1");
  EXPECT_EQ(end.output.size(), kKeptOutputBytes);
  EXPECT_TRUE(end.output.ends_with("aaaEND"));
}

TEST_F(ChildCommand, ItsSignalsAreNotBlocked) {
  sigset_t all, before;
  sigfillset(&all);
  ASSERT_EQ(pthread_sigmask(SIG_BLOCK, &all, &before), 0);  // as the threads of servers do
  EXPECT_EQ(Shell("kill -TERM $$; exit 0").Describe(), "ended by signal 15");
  ASSERT_EQ(pthread_sigmask(SIG_SETMASK, &before, nullptr), 0);
}

TEST_F(ChildCommand, OneThatHangsIsEndedWithItsWholeGroup) {
  // It and its child ignore being asked to end; the child holds a lock for as long as it lives.
  const CommandEnd end = Shell("trap '' TERM; exec 9>held; flock 9; sh -c 'sleep 1000' & wait", "", 5'000);
  EXPECT_EQ(end.how, CommandEnd::How::kTimedOut);
  EXPECT_THAT(end.Describe(), HasSubstr("took too long"));
  WaitForLock("held");
}

TEST_F(ChildCommand, WhatItLeavesInTheBackgroundIsNotWaitedFor) {
  EXPECT_TRUE(Shell("cat - < /dev/null; sleep 1000 > /dev/null 2>&1 & echo $! > pid").ok());
  const pid_t left = std::stoi(Read("pid"));
  EXPECT_EQ(kill(left, SIGKILL), 0) << "it lives on";
}

TEST_F(ChildCommand, IsEndedWhenThisProcessEnds) {
  const FakeClock still;
  std::stop_source stop;
  ASSERT_EQ(mkfifo(folder_.Under("begun").c_str(), 0600), 0);
  std::jthread asks([&] {
    std::ifstream(folder_.Under("begun")).get();  // returns when the program has opened it
    stop.request_stop();
  });
  const CommandEnd end = RunCommand(
      {.words = {"sh", "-c", "echo > begun; sleep 1000"}, .folder = folder_.path(), .input = "", .timeout_ms = 1 << 30},
      still, stop.get_token());
  EXPECT_EQ(end.how, CommandEnd::How::kStopped);
}

}  // namespace
}  // namespace strata
