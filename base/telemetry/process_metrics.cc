#include "base/telemetry/process_metrics.h"

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <optional>
#include <sstream>

namespace strata {
namespace {

// Numbers of fields as proc(5) counts them.
constexpr int kStateField = 3;
constexpr int kUserTicksField = 14;
constexpr int kSystemTicksField = 15;
constexpr int kStartTicksField = 22;
constexpr int kVirtualBytesField = 23;
constexpr int kResidentPagesField = 24;

// A field of /proc/self/stat; the program's name before them may hold blanks and brackets, so the last bracket counts.
std::optional<double> StatField(int field) {
  std::ifstream file("/proc/self/stat");
  std::string text;
  std::getline(file, text);
  const size_t name_end = text.rfind(')');
  if (name_end == std::string::npos) return std::nullopt;
  std::istringstream fields(text.substr(name_end + 1));
  std::string word;
  for (int i = kStateField; i <= field; ++i) fields >> word;
  if (!fields) return std::nullopt;
  return std::stod(word);
}

std::optional<double> BootTimeSeconds() {
  std::ifstream file("/proc/stat");
  std::string word;
  while (file >> word) {
    double seconds = 0;
    if (word == "btime" && file >> seconds) return seconds;
  }
  return std::nullopt;
}

std::optional<double> OpenDescriptors() {
  DIR* folder = opendir("/proc/self/fd");
  if (folder == nullptr) return std::nullopt;
  double count = -1;  // the one that reads
  while (const dirent* entry = readdir(folder)) count += entry->d_name[0] != '.' ? 1 : 0;
  closedir(folder);
  return count;
}

std::optional<double> MaxDescriptors() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return std::nullopt;
  return static_cast<double>(limit.rlim_cur);
}

double TicksPerSecond() { return static_cast<double>(sysconf(_SC_CLK_TCK)); }

std::optional<double> CpuSeconds() {
  const auto user = StatField(kUserTicksField);
  const auto system = StatField(kSystemTicksField);
  if (!user.has_value() || !system.has_value()) return std::nullopt;
  return (*user + *system) / TicksPerSecond();
}

std::optional<double> StartTimeSeconds() {
  const auto boot = BootTimeSeconds();
  const auto start = StatField(kStartTicksField);
  if (!boot.has_value() || !start.has_value()) return std::nullopt;
  return *boot + *start / TicksPerSecond();
}

std::optional<double> ResidentBytes() {
  const auto pages = StatField(kResidentPagesField);
  if (!pages.has_value()) return std::nullopt;
  return *pages * static_cast<double>(sysconf(_SC_PAGESIZE));
}

}  // namespace

ProcessMetrics::ProcessMetrics(const ProgramFacts& program, MetricsRegistry* registry) {
  registry
      ->AddGauge(
          {"strata_build_info", "Which program and build this is; always 1.", {"program", "version", "build_id"}})
      .With({program.program, program.version, program.build_id})
      .Set(1);
  // A value that cannot be read has no sample, which is what Prometheus shows as a gap.
  const auto add = [&](const char* name, const char* help, MetricKind kind, std::optional<double> (*read)()) {
    readings_.push_back(registry->AddReading({name, help, {}}, kind, [read]() -> std::vector<Sample> {
      const std::optional<double> value = read();
      if (!value.has_value()) return {};
      return {{.labels = {}, .value = *value}};
    }));
  };
  add("process_cpu_seconds_total", "Processor time of user and system spent, in seconds.", MetricKind::kCounter,
      CpuSeconds);
  add("process_resident_memory_bytes", "Resident memory, mapped snapshots included, in bytes.", MetricKind::kGauge,
      ResidentBytes);
  add("process_virtual_memory_bytes", "Virtual memory, in bytes.", MetricKind::kGauge,
      [] { return StatField(kVirtualBytesField); });
  add("process_start_time_seconds", "When the process started, in seconds since 1970-01-01 UTC.", MetricKind::kGauge,
      StartTimeSeconds);
  add("process_open_fds", "Open file descriptors.", MetricKind::kGauge, OpenDescriptors);
  add("process_max_fds", "Most file descriptors that may be open.", MetricKind::kGauge, MaxDescriptors);
}

}  // namespace strata
