// Resource names: jobs/{job}, jobs/{job}/snapshots/{number}, jobs/{job}/runs/{number}, jobs/{job}/segments/{segment},
// jobs/{job}/reports/{report}, jobs/{job}/ledger, and the names of operations. Parsing is strict; every error is
// INVALID_ARGUMENT (NAME_INVALID), which names the field, what was found and which forms are allowed. Pure functions;
// thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"
#include "run/segments/segment_definition.h"

namespace strata {

inline constexpr size_t kMaxJobNameBytes = 63;        // [a-z][a-z0-9_-]{0,62}, as in run/job.h
inline constexpr size_t kMaxReportNameBytes = 63;     // [a-z0-9][a-z0-9_-]{0,62}, as a segment (kMaxSegmentNameBytes)
inline constexpr size_t kMaxResourceNameBytes = 256;  // all of the forms fit twice

// A snapshot of a job; number 0 stands for the current one.
struct SnapshotName {
  std::string job;
  int64_t number = 0;
  bool is_current() const { return number == 0; }
  bool operator==(const SnapshotName&) const = default;
};

struct RunName {
  std::string job;
  int64_t number = 0;
  bool operator==(const RunName&) const = default;
};

struct SegmentName {
  SnapshotName snapshot;
  std::string segment;
  bool operator==(const SegmentName&) const = default;
};

struct ReportName {
  SnapshotName snapshot;
  std::string report;
  bool operator==(const ReportName&) const = default;
};

// Each takes the field's name for messages.
// jobs/{job}
absl::StatusOr<std::string> ParseJobName(std::string_view field, std::string_view name);
// jobs/{job} or jobs/{job}/snapshots/{number}, for answers from the current or a pinned snapshot. "current" as number
// is the current one, here and in the next two.
absl::StatusOr<SnapshotName> ParseSnapshotParent(std::string_view field, std::string_view name);
// jobs/{job}/snapshots/{number}
absl::StatusOr<SnapshotName> ParseSnapshotName(std::string_view field, std::string_view name);
// jobs/{job}/snapshots/{number}/models
absl::StatusOr<SnapshotName> ParseModelsName(std::string_view field, std::string_view name);
// jobs/{job}/snapshots/{number}, where only a number will do: what would change must be named exactly.
absl::StatusOr<SnapshotName> ParseNumberedSnapshotName(std::string_view field, std::string_view name);
// jobs/{job}/segments/{segment} or jobs/{job}/snapshots/{number}/segments/{segment}
absl::StatusOr<SegmentName> ParseSegmentName(std::string_view field, std::string_view name);
// jobs/{job}/reports/{report} or jobs/{job}/snapshots/{number}/reports/{report}
absl::StatusOr<ReportName> ParseReportName(std::string_view field, std::string_view name);
// jobs/{job}/runs/{number}
absl::StatusOr<RunName> ParseRunName(std::string_view field, std::string_view name);
// jobs/{job}/ledger
absl::StatusOr<std::string> ParseLedgerName(std::string_view field, std::string_view name);
// operations/jobs/{job}/runs/{number}: the long-running operation of a run.
absl::StatusOr<RunName> ParseOperationName(std::string_view field, std::string_view name);

std::string JobResource(std::string_view job);
std::string SnapshotResource(std::string_view job, int64_t number);
std::string ModelsResource(std::string_view job, int64_t number);
std::string SegmentResource(std::string_view job, std::string_view segment);
std::string ReportResource(std::string_view job, std::string_view report);
std::string RunResource(std::string_view job, int64_t number);
std::string LedgerResource(std::string_view job);
std::string OperationResource(std::string_view job, int64_t run);

}  // namespace strata
