#include "coordinator/sure_commit.h"

#include <fmt/format.h>

#include <algorithm>

#include "coordinator/plan/plan.h"

namespace strata {
namespace {

absl::StatusOr<bool> IsInForce(Metadata& metadata, const CommitRequest& request) {
  if (!request.puts.empty()) {
    STRATA_ASSIGN_OR_RETURN(const auto entry, metadata.Get(request.puts.front().key));
    return entry.has_value() && entry->value == request.puts.front().value;
  }
  // Any of them may have been gone before, so that one alone says nothing.
  for (const std::string& key : request.deletes) {
    STRATA_ASSIGN_OR_RETURN(const auto entry, metadata.Get(key));
    if (entry.has_value()) return false;
  }
  return !request.deletes.empty();  // one that only checks the token: check again
}

absl::Status ConflictError(const std::string& key, std::string_view what) {
  if (key == kLeadershipKey) {
    return MakeError(absl::StatusCode::kAborted, "LEADERSHIP_LOST",
                     fmt::format("{}: another coordinator acts now", what));
  }
  return MakeError(absl::StatusCode::kAborted, "COMMIT_CONFLICT", fmt::format("{}: {} changed meanwhile", what, key),
                   {{"key", key}});
}

}  // namespace

absl::Status CommitSurely(Metadata& metadata, const CommitRequest& request, std::string_view what) {
  absl::Status cause;
  for (int attempt = 1; attempt <= kMaxAttempts; ++attempt) {
    STRATA_ASSIGN_OR_RETURN(const CommitOutcome outcome, metadata.Commit(request));
    if (std::holds_alternative<Committed>(outcome)) return absl::OkStatus();
    const auto* conflict = std::get_if<Conflict>(&outcome);
    if (conflict != nullptr && attempt == 1) return ConflictError(conflict->key, what);
    // Unknown, or a conflict that the unknown attempt before may have caused itself.
    const auto in_force = IsInForce(metadata, request);
    if (in_force.ok() && *in_force) return absl::OkStatus();
    if (conflict != nullptr && in_force.ok()) return ConflictError(conflict->key, what);
    cause = in_force.ok() ? std::get<Unknown>(outcome).cause : in_force.status();
  }
  return MakeError(absl::StatusCode::kUnavailable, "OUTCOME_UNKNOWN",
                   fmt::format("{}: whether it was recorded is not known: {}", what, StdView(cause.message())));
}

bool LeavesRunOpen(const absl::Status& status) {
  const auto detail = DetailOf(status);
  if (!detail.has_value()) return false;
  static constexpr std::string_view kReasons[] = {"LEADERSHIP_LOST",      "OUTCOME_UNKNOWN", "METADATA_UNREACHABLE",
                                                  "COORDINATOR_STOPPING", "METADATA_BUSY",   "COMMIT_FAILED"};
  return std::find(std::begin(kReasons), std::end(kReasons), detail->reason) != std::end(kReasons);
}

}  // namespace strata
