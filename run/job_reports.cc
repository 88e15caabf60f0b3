#include "run/job_reports.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

namespace strata {
namespace {

constexpr size_t kMaxReports = 1000;        // far more than a build has
constexpr size_t kMaxReportNameBytes = 63;  // as names of resources
constexpr std::string_view kAllowed = "all, or a list of names as `strata report list` shows them";

bool IsReportName(std::string_view name) {
  const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
  return !name.empty() && name.size() <= kMaxReportNameBytes && name[0] >= 'a' && name[0] <= 'z' &&
         std::all_of(name.begin(), name.end(), allowed);
}

}  // namespace

absl::Status ReadReports(const YamlSection& root, Job* job) {
  if (!root.Has("reports")) return absl::OkStatus();
  std::string word;
  if (root.ReadText("reports", &word).ok()) {
    job->all_reports = word == "all";
    return job->all_reports ? absl::OkStatus() : root.Invalid("reports", kAllowed);
  }
  STRATA_RETURN_IF_ERROR(root.ReadTexts("reports", kMaxReports, &job->reports));
  for (const std::string& name : job->reports) {
    if (!IsReportName(name)) {
      return root.Problem("reports", fmt::format("found '{}' in the list; allowed: {}", name, kAllowed));
    }
  }
  std::sort(job->reports.begin(), job->reports.end());
  const auto twice = std::adjacent_find(job->reports.begin(), job->reports.end());
  if (twice == job->reports.end()) return absl::OkStatus();
  return root.Problem("reports", fmt::format("found '{}' twice; allowed: each once", *twice));
}

}  // namespace strata
