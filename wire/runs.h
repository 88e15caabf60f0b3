// Runs on the wire: requests are checked, summaries and progress filled and read back. Pure functions; thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/date.h"
#include "base/status.h"
#include "run/activation.h"
#include "run/stage.h"
#include "run/summary.h"

namespace strata {
namespace v1 {
class ListRunsRequest;
class Run;
class RunJobRequest;
class RunMetadata;
}  // namespace v1

inline constexpr size_t kMaxRequestIdBytes = 64;  // a UUID has 36

// What somebody asks to be run.
struct RunRequest {
  std::string job_yaml;
  std::optional<Day> as_of;        // nullopt: as the job says
  std::optional<int64_t> follows;  // nullopt: the newest kept snapshot with an earlier date; 0: none
  Activation activation = Activation::kAsUsual;
  bool rebuild_ledger = false;
  bool ledger_only = false;  // only together with rebuild_ledger
  bool verify_sources = false;
  bool ignore_veto = false;
  bool backfill = false;
  std::string request_id;  // empty: none

  bool operator==(const RunRequest&) const = default;
};

void FillRunRequest(const RunRequest& request, v1::RunJobRequest* message);
// INVALID_ARGUMENT: JOB_INVALID (empty or too long; its content is run/job_file.h's to check), DATE_INVALID,
// FOLLOWS_INVALID, ACTIVATION_INVALID, LEDGER_ONLY_INVALID, REQUEST_ID_INVALID. DATA_LOSS (REQUEST_DAMAGED): the
// checksum does not fit.
absl::StatusOr<RunRequest> ReadRunRequest(const v1::RunJobRequest& message);

void FillRun(const RunSummary& summary, v1::Run* message);
// INTERNAL (ANSWER_INVALID) for a message that no run stands behind.
absl::StatusOr<RunSummary> ReadRun(const v1::Run& message);

// How far a run is.
struct RunProgressFacts {
  struct StageTasks {
    Stage stage = Stage::kPlan;
    int64_t done = 0;   // rounds of the fit stage
    int64_t total = 0;  // 0: not known
    bool operator==(const StageTasks&) const = default;
  };
  std::string job;
  int64_t run = 0;
  std::optional<Stage> stage;      // nullopt: not begun
  std::vector<StageTasks> stages;  // begun so far, in order
  int64_t rows_read = 0;
  int32_t workers = 0;
  std::string message;
  bool operator==(const RunProgressFacts&) const = default;
};
void FillRunMetadata(const RunProgressFacts& progress, v1::RunMetadata* message);
absl::StatusOr<RunProgressFacts> ReadRunMetadata(const v1::RunMetadata& message);

struct ListRunsQuestion {
  std::string job;
  int64_t before = 0;  // only runs with a smaller number; 0: all
  int32_t page_size = 0;
};
// INVALID_ARGUMENT: NAME_INVALID, PAGE_SIZE_INVALID, PAGE_TOKEN_INVALID.
absl::StatusOr<ListRunsQuestion> ReadListRuns(const v1::ListRunsRequest& request);
std::string RunsToken(const std::string& job, int64_t before);

}  // namespace strata
