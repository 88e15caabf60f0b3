#include "base/telemetry/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "tests/base/fake_clock.h"

namespace strata {
namespace {

using testing::ElementsAre;

std::vector<std::string> LinesOf(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

class LogTest : public testing::Test {
 protected:
  std::string Written(const LogOptions& options, const LogLine& line) {
    std::ostringstream out;
    const Log log("strata-test", options, &clock_, &out);
    log.Write(line);
    return out.str();
  }
  FakeClock clock_{1'711'937'624'007};
};

TEST_F(LogTest, TextIsForPeople) {
  EXPECT_EQ(Written({}, {LogLevel::kWarn, "worker w1 was lost", {Field("worker", "w1")}}),
            "[2024-04-01T02:13:44.007Z] [warn] worker w1 was lost\n");
}

TEST_F(LogTest, JsonKeepsTypes) {
  const std::string text = Written({.format = LogFormat::kJson},
                                   {LogLevel::kInfo,
                                    "run 3 ended",
                                    {Field("run", int64_t{1} << 53), Field("job", "shop"), Field("published", true),
                                     Field("seconds", 1.5), Field("port", 7070), Field("attempt", uint64_t{9})}});
  EXPECT_EQ(text,
            "{\"time\":\"2024-04-01T02:13:44.007Z\",\"level\":\"info\",\"program\":\"strata-test\",\"message\":\"run 3 "
            "ended\",\"run\":9007199254740992,\"job\":\"shop\",\"published\":true,\"seconds\":1.5,\"port\":7070,"
            "\"attempt\":9}\n");
}

TEST_F(LogTest, ALineIsOneLineWhateverIsInIt) {
  const std::string nasty = "a\"b\\c\nd\te\x01 \xc3\xa4 \xff\x7f";
  const std::string json =
      Written({.format = LogFormat::kJson}, {LogLevel::kError, nasty, {Field("job", nasty), Field("time", "noon")}});
  ASSERT_EQ(LinesOf(json).size(), 1u);
  const auto parsed = nlohmann::json::parse(json);
  EXPECT_EQ(parsed["message"], "a\"b\\c\nd\te\x01 \xc3\xa4 \xef\xbf\xbd\x7f");
  EXPECT_EQ(parsed["job"], parsed["message"]);
  EXPECT_EQ(parsed["_time"], "noon");
  EXPECT_EQ(parsed["time"], "2024-04-01T02:13:44.007Z");
  const std::string text = Written({}, {LogLevel::kError, nasty, {}});
  EXPECT_EQ(text, "[2024-04-01T02:13:44.007Z] [error] a\"b\\c\\x0ad\\x09e\\x01 \xc3\xa4 \xff\\x7f\n");
}

TEST_F(LogTest, LinesWithPercentAndBracesAreNotFormats) {
  EXPECT_EQ(Written({}, {LogLevel::kInfo, "50% {} %v", {}}), "[2024-04-01T02:13:44.007Z] [info] 50% {} %v\n");
}

TEST_F(LogTest, LinesBelowTheLevelAreDropped) {
  const LogLevel levels[] = {LogLevel::kDebug, LogLevel::kInfo, LogLevel::kWarn, LogLevel::kError};
  for (const LogLevel least : levels) {
    for (const LogLevel level : levels) {
      EXPECT_EQ(!Written({.level = least}, {level, "x", {}}).empty(), level >= least) << Name(least) << Name(level);
    }
  }
}

TEST_F(LogTest, TimesBefore1970AndNonNumbersAreWritten) {
  FakeClock old(-1);
  std::ostringstream out;
  const Log log("p", {.format = LogFormat::kJson}, &old, &out);
  log.Info("x", {Field("seconds", std::numeric_limits<double>::quiet_NaN())});
  const auto parsed = nlohmann::json::parse(out.str());
  EXPECT_EQ(parsed["time"], "1969-12-31T23:59:59.999Z");
  EXPECT_TRUE(parsed["seconds"].is_null());
}

TEST_F(LogTest, ThreadsDoNotMixTheirLines) {
  std::ostringstream out;
  const Log log("p", {.format = LogFormat::kJson}, &clock_, &out);
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&log, sink = log.sink(), t] {
        for (int i = 0; i < 200; ++i) sink({LogLevel::kInfo, std::string(50, 'x'), {Field("thread", t)}});
      });
    }
  }
  const auto lines = LinesOf(out.str());
  ASSERT_EQ(lines.size(), 800u);
  for (const std::string& line : lines) EXPECT_EQ(nlohmann::json::parse(line)["message"], std::string(50, 'x'));
}

}  // namespace
}  // namespace strata
