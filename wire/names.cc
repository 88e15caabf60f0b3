#include "wire/names.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <utility>
#include <vector>

#include "wire/text.h"

namespace strata {
namespace {

constexpr char kJobForm[] = "jobs/{job}";
constexpr char kSnapshotForm[] = "jobs/{job}/snapshots/{number}";
constexpr char kModelsForm[] = "jobs/{job}/snapshots/{number}/models";
constexpr char kRunForm[] = "jobs/{job}/runs/{number}";
constexpr char kLedgerForm[] = "jobs/{job}/ledger";
constexpr char kOperationForm[] = "operations/jobs/{job}/runs/{number}";
constexpr char kParentForms[] = "jobs/{job} or jobs/{job}/snapshots/{number}";
constexpr char kSegmentForms[] = "jobs/{job}/segments/{segment} or jobs/{job}/snapshots/{number}/segments/{segment}";
constexpr char kReportForms[] = "jobs/{job}/reports/{report} or jobs/{job}/snapshots/{number}/reports/{report}";
constexpr size_t kQuotedBytes = 80;  // of a bad name, in the message

absl::Status Invalid(std::string_view field, std::string_view name, std::string_view forms) {
  const std::string found = EscapeNonUtf8(name.substr(0, kQuotedBytes));
  return MakeError(
      absl::StatusCode::kInvalidArgument, "NAME_INVALID",
      fmt::format("{} is '{}{}', must be {}, where a job is [a-z][a-z0-9_-]{{0,62}} and a number is 1 or more "
                  "without leading zeros",
                  field, found, name.size() > kQuotedBytes ? "..." : "", forms),
      {{"field", std::string(field)}, {"found", found}});
}

bool IsLetter(char c) { return c >= 'a' && c <= 'z'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool IsWord(std::string_view text, size_t max_bytes, bool digit_first) {
  if (text.empty() || text.size() > max_bytes) return false;
  if (!IsLetter(text[0]) && !(digit_first && IsDigit(text[0]))) return false;
  for (const char c : text) {
    if (!IsLetter(c) && !IsDigit(c) && c != '_' && c != '-') return false;
  }
  return true;
}

bool IsJob(std::string_view text) { return IsWord(text, kMaxJobNameBytes, false); }

std::optional<int64_t> Number(std::string_view text) {
  if (text.empty() || text[0] == '0' || !IsDigit(text[0])) return std::nullopt;
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// The number of a snapshot, 0 for "current".
std::optional<int64_t> NumberOrCurrent(std::string_view text) {
  if (text == "current") return 0;
  return Number(text);
}

std::vector<std::string_view> Segments(std::string_view name) {
  std::vector<std::string_view> segments;
  if (name.size() > kMaxResourceNameBytes) return segments;
  while (true) {
    const size_t slash = name.find('/');
    segments.push_back(name.substr(0, slash));
    if (slash == std::string_view::npos) return segments;
    name.remove_prefix(slash + 1);
  }
}

// The snapshot in jobs/{job}/snapshots/{number}, the first four segments.
std::optional<SnapshotName> SnapshotOf(const std::vector<std::string_view>& s) {
  if (s.size() < 4 || s[0] != "jobs" || !IsJob(s[1]) || s[2] != "snapshots") return std::nullopt;
  const auto number = NumberOrCurrent(s[3]);
  if (!number.has_value()) return std::nullopt;
  return SnapshotName{std::string(s[1]), *number};
}

std::optional<SnapshotName> ParentOf(const std::vector<std::string_view>& s) {
  if (s.size() == 2 && s[0] == "jobs" && IsJob(s[1])) return SnapshotName{std::string(s[1]), 0};
  return s.size() == 4 ? SnapshotOf(s) : std::nullopt;
}

// The snapshot and the last segment of jobs/{job}/<collection>/{thing} and jobs/{job}/snapshots/{number}/<collection>/
// {thing}.
std::optional<std::pair<SnapshotName, std::string>> ThingOf(std::string_view name, std::string_view collection,
                                                            size_t max_bytes) {
  auto s = Segments(name);
  if ((s.size() != 4 && s.size() != 6) || s[s.size() - 2] != collection || !IsWord(s.back(), max_bytes, true)) {
    return std::nullopt;
  }
  std::string thing(s.back());
  s.resize(s.size() - 2);
  auto snapshot = ParentOf(s);
  if (!snapshot.has_value()) return std::nullopt;
  return std::pair(*std::move(snapshot), std::move(thing));
}

std::optional<RunName> RunOf(const std::vector<std::string_view>& s) {
  if (s.size() != 4 || s[0] != "jobs" || !IsJob(s[1]) || s[2] != "runs") return std::nullopt;
  const auto number = Number(s[3]);
  if (!number.has_value()) return std::nullopt;
  return RunName{std::string(s[1]), *number};
}

}  // namespace

absl::StatusOr<std::string> ParseJobName(std::string_view field, std::string_view name) {
  const auto s = Segments(name);
  if (s.size() != 2 || s[0] != "jobs" || !IsJob(s[1])) return Invalid(field, name, kJobForm);
  return std::string(s[1]);
}

absl::StatusOr<SnapshotName> ParseSnapshotParent(std::string_view field, std::string_view name) {
  auto snapshot = ParentOf(Segments(name));
  if (!snapshot.has_value()) return Invalid(field, name, kParentForms);
  return *std::move(snapshot);
}

absl::StatusOr<SnapshotName> ParseSnapshotName(std::string_view field, std::string_view name) {
  const auto s = Segments(name);
  auto snapshot = s.size() == 4 ? SnapshotOf(s) : std::nullopt;
  if (!snapshot.has_value()) return Invalid(field, name, kSnapshotForm);
  return *std::move(snapshot);
}

absl::StatusOr<SnapshotName> ParseModelsName(std::string_view field, std::string_view name) {
  const auto s = Segments(name);
  auto snapshot = s.size() == 5 && s[4] == "models" ? SnapshotOf(s) : std::nullopt;
  if (!snapshot.has_value()) return Invalid(field, name, kModelsForm);
  return *std::move(snapshot);
}

absl::StatusOr<SnapshotName> ParseNumberedSnapshotName(std::string_view field, std::string_view name) {
  STRATA_ASSIGN_OR_RETURN(SnapshotName snapshot, ParseSnapshotName(field, name));
  if (snapshot.is_current()) return Invalid(field, name, kSnapshotForm);
  return snapshot;
}

absl::StatusOr<SegmentName> ParseSegmentName(std::string_view field, std::string_view name) {
  auto segment = ThingOf(name, "segments", kMaxSegmentNameBytes);
  if (!segment.has_value()) return Invalid(field, name, kSegmentForms);
  return SegmentName{std::move(segment->first), std::move(segment->second)};
}

absl::StatusOr<ReportName> ParseReportName(std::string_view field, std::string_view name) {
  auto report = ThingOf(name, "reports", kMaxReportNameBytes);
  if (!report.has_value()) return Invalid(field, name, kReportForms);
  return ReportName{std::move(report->first), std::move(report->second)};
}

absl::StatusOr<RunName> ParseRunName(std::string_view field, std::string_view name) {
  auto run = RunOf(Segments(name));
  if (!run.has_value()) return Invalid(field, name, kRunForm);
  return *std::move(run);
}

absl::StatusOr<std::string> ParseLedgerName(std::string_view field, std::string_view name) {
  const auto s = Segments(name);
  if (s.size() != 3 || s[0] != "jobs" || !IsJob(s[1]) || s[2] != "ledger") return Invalid(field, name, kLedgerForm);
  return std::string(s[1]);
}

absl::StatusOr<RunName> ParseOperationName(std::string_view field, std::string_view name) {
  auto s = Segments(name);
  if (s.size() == 5 && s[0] == "operations") {
    s.erase(s.begin());
    if (auto run = RunOf(s); run.has_value()) return *std::move(run);
  }
  return Invalid(field, name, kOperationForm);
}

std::string JobResource(std::string_view job) { return fmt::format("jobs/{}", job); }

std::string SnapshotResource(std::string_view job, int64_t number) {
  return fmt::format("jobs/{}/snapshots/{}", job, number);
}

std::string ModelsResource(std::string_view job, int64_t number) {
  return fmt::format("jobs/{}/snapshots/{}/models", job, number);
}

std::string SegmentResource(std::string_view job, std::string_view segment) {
  return fmt::format("jobs/{}/segments/{}", job, segment);
}

std::string ReportResource(std::string_view job, std::string_view report) {
  return fmt::format("jobs/{}/reports/{}", job, report);
}

std::string RunResource(std::string_view job, int64_t number) { return fmt::format("jobs/{}/runs/{}", job, number); }

std::string LedgerResource(std::string_view job) { return fmt::format("jobs/{}/ledger", job); }

std::string OperationResource(std::string_view job, int64_t run) {
  return fmt::format("operations/jobs/{}/runs/{}", job, run);
}

}  // namespace strata
