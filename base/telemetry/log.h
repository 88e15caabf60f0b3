// The log of a program: lines on standard error, as text for people or as one JSON object a line for machines.
//
//   text  [2026-01-05T02:13:44.120Z] [info] worker w1 joined with 2 slot(s)
//   json  {"time":"2026-01-05T02:13:44.120Z","level":"info","program":"strata-coordinator",
//          "message":"worker w1 joined with 2 slot(s)","worker":"w1","slots":2}          (on one line)
//
// A line is one line whatever is in it: text shows control characters as \xNN, JSON escapes them, and bytes that are
// not UTF-8 become U+FFFD in JSON. Fields called time, level, program or message get an underscore before their name.
// Thread-safe; there is no global log, and spdlog's default one is not touched.
#pragma once

#include <memory>
#include <ostream>
#include <string>

#include "base/clock.h"
#include "base/telemetry/log_line.h"

namespace strata {

enum class LogFormat { kText, kJson };

struct LogOptions {
  LogFormat format = LogFormat::kText;
  LogLevel level = LogLevel::kInfo;  // lines below it are dropped
};

class Log {
 public:
  // Writes to `out`, or to standard error when it is null. `clock` and `out` must outlive the log.
  Log(std::string program, const LogOptions& options, const Clock* clock, std::ostream* out = nullptr);
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  void Write(const LogLine& line) const;
  void Debug(std::string message, std::vector<LogField> fields = {}) const;
  void Info(std::string message, std::vector<LogField> fields = {}) const;
  void Warn(std::string message, std::vector<LogField> fields = {}) const;
  void Error(std::string message, std::vector<LogField> fields = {}) const;

  // For those who are handed a sink; the log must outlive it.
  LogSink sink() const;

 private:
  struct Writer;
  std::string program_;
  LogOptions options_;
  const Clock* clock_;
  std::unique_ptr<Writer> writer_;
};

}  // namespace strata
