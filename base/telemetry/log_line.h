// A line of a log as a value: what happened, in words for people, and what it is about, in fields for machines. Parts
// of the program that tell what they do are handed a LogSink and know nothing of formats and files. Plain values.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <variant>
#include <vector>

namespace strata {

enum class LogLevel { kDebug, kInfo, kWarn, kError };
const char* Name(LogLevel level);  // "debug", "info", "warn", "error"

// Standard names: run, job, worker, attempt, stage, task, snapshot, generation, port, address, state, seconds, reason.
struct LogField {
  std::string name;
  std::variant<int64_t, double, bool, std::string> value;
};

struct LogLine {
  LogLevel level = LogLevel::kInfo;
  std::string message;  // a sentence that can be read without the fields
  std::vector<LogField> fields;
};

using LogSink = std::function<void(const LogLine&)>;

inline LogField Field(std::string name, std::string value) { return {std::move(name), std::move(value)}; }
inline LogField Field(std::string name, const char* value) { return {std::move(name), std::string(value)}; }
inline LogField Field(std::string name, bool value) { return {std::move(name), value}; }
inline LogField Field(std::string name, double value) { return {std::move(name), value}; }
template <typename Integer>
requires std::is_integral_v<Integer> LogField Field(std::string name, Integer value) {
  return {std::move(name), static_cast<int64_t>(value)};
}

}  // namespace strata
