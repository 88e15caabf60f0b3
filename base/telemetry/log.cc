#include "base/telemetry/log.h"

#include <fmt/format.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <nlohmann/json.hpp>

#include "base/date.h"

namespace strata {
namespace {

constexpr int64_t kMsPerDay = 86'400'000;

// RFC 3339 in UTC with milliseconds.
std::string TimeText(int64_t wall_ms) {
  const int64_t day = wall_ms >= 0 ? wall_ms / kMsPerDay : (wall_ms - kMsPerDay + 1) / kMsPerDay;
  const int64_t ms = wall_ms - day * kMsPerDay;
  return fmt::format("{}T{:02}:{:02}:{:02}.{:03}Z", FormatDay(static_cast<Day>(day)), ms / 3'600'000, ms / 60'000 % 60,
                     ms / 1000 % 60, ms % 1000);
}

std::string OneLineText(const std::string& message) {
  std::string text;
  for (const char c : message) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) {
      text += fmt::format("\\x{:02x}", byte);
    } else {
      text += c;
    }
  }
  return text;
}

bool IsReserved(const std::string& name) {
  return name == "time" || name == "level" || name == "program" || name == "message";
}

std::string JsonText(const LogLine& line, const std::string& program, const std::string& time) {
  nlohmann::ordered_json json = {
      {"time", time}, {"level", Name(line.level)}, {"program", program}, {"message", line.message}};
  for (const LogField& field : line.fields) {
    nlohmann::ordered_json& value = json[IsReserved(field.name) ? "_" + field.name : field.name];
    std::visit([&value](const auto& v) { value = v; }, field.value);
  }
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

spdlog::level::level_enum LevelOf(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarn:
      return spdlog::level::warn;
    case LogLevel::kError:
      break;
  }
  return spdlog::level::err;
}

spdlog::sink_ptr SinkTo(std::ostream* out) {
  if (out == nullptr) return std::make_shared<spdlog::sinks::stderr_sink_mt>();
  return std::make_shared<spdlog::sinks::ostream_sink_mt>(*out);
}

}  // namespace

const char* Name(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "debug";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarn:
      return "warn";
    case LogLevel::kError:
      break;
  }
  return "error";
}

struct Log::Writer {
  Writer(const std::string& program, std::ostream* out) : logger(program, SinkTo(out)) {}
  spdlog::logger logger;
};

Log::Log(std::string program, const LogOptions& options, const Clock* clock, std::ostream* out)
    : program_(std::move(program)), options_(options), clock_(clock), writer_(std::make_unique<Writer>(program_, out)) {
  writer_->logger.set_pattern("%v");  // lines are made here, where their fields are known
  writer_->logger.set_level(LevelOf(options_.level));
  writer_->logger.flush_on(spdlog::level::debug);
}

Log::~Log() = default;

void Log::Write(const LogLine& line) const {
  if (line.level < options_.level) return;
  const std::string time = TimeText(clock_->WallMs());
  const std::string text = options_.format == LogFormat::kJson
                               ? JsonText(line, program_, time)
                               : fmt::format("[{}] [{}] {}", time, Name(line.level), OneLineText(line.message));
  writer_->logger.log(LevelOf(line.level), spdlog::string_view_t(text));
}

void Log::Debug(std::string message, std::vector<LogField> fields) const {
  Write({LogLevel::kDebug, std::move(message), std::move(fields)});
}
void Log::Info(std::string message, std::vector<LogField> fields) const {
  Write({LogLevel::kInfo, std::move(message), std::move(fields)});
}
void Log::Warn(std::string message, std::vector<LogField> fields) const {
  Write({LogLevel::kWarn, std::move(message), std::move(fields)});
}
void Log::Error(std::string message, std::vector<LogField> fields) const {
  Write({LogLevel::kError, std::move(message), std::move(fields)});
}

LogSink Log::sink() const {
  return [this](const LogLine& line) { Write(line); };
}

}  // namespace strata
