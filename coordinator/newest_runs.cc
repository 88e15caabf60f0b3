// What ran lately, from the records of the state.
#include <algorithm>

#include "coordinator/run_control.h"
#include "run/keys.h"

namespace strata {
namespace {

constexpr std::string_view kJobs = "jobs/";
constexpr std::string_view kNextNumber = "/next_number";  // NextNumberKey's end

}  // namespace

absl::StatusOr<std::vector<RunSummary>> NewestRuns(const StateSeams& seams, size_t count) {
  STRATA_ASSIGN_OR_RETURN(const auto records, seams.metadata->List(std::string(kJobs)));
  std::vector<RunSummary> last;  // of every job
  std::vector<RunSummary> others;
  for (const KeyValue& record : records) {
    if (!record.key.ends_with(kNextNumber)) continue;
    const std::string job = record.key.substr(kJobs.size(), record.key.size() - kJobs.size() - kNextNumber.size());
    if (NextNumberKey(job) != record.key) continue;
    size_t of_job = 0;
    for (int64_t run = RunNumberOf(record.value) - 1; run > 0 && of_job < count; --run) {
      STRATA_ASSIGN_OR_RETURN(const auto stored, seams.metadata->Get(RunKey(job, run)));
      if (!stored.has_value()) continue;
      STRATA_ASSIGN_OR_RETURN(RunSummary summary, RunSummary::FromJson(stored->value));
      if (summary.state == RunState::kRunning) continue;
      (of_job++ == 0 ? last : others).push_back(std::move(summary));
    }
  }
  const auto newer = [](const RunSummary& a, const RunSummary& b) {
    return a.finished_ms != b.finished_ms ? a.finished_ms > b.finished_ms : a.run > b.run;
  };
  std::sort(others.begin(), others.end(), newer);
  if (others.size() > count) others.resize(count);
  while (!others.empty() && last.size() + others.size() > count) others.pop_back();
  std::move(others.begin(), others.end(), std::back_inserter(last));
  std::sort(last.begin(), last.end(), newer);
  return last;
}

}  // namespace strata
