#include "coordinator/lead_keeper.h"

#include <fmt/format.h>

namespace strata {

absl::Status LeadKeeper::Keep() {
  const int64_t now_ms = clock_->MonotonicMs();
  if (now_ms - renewed_ms_ < kLeadershipRenewalMs) return absl::OkStatus();
  const absl::Status status = metadata_->Renew(leadership_);
  if (status.ok()) {
    renewed_ms_ = now_ms;
    return status;
  }
  if (ClassOf(status) != ErrorClass::kRetryable) return status;
  if (now_ms - renewed_ms_ < kLeadershipTimeoutMs) return absl::OkStatus();
  return MakeError(
      absl::StatusCode::kUnavailable, "METADATA_UNREACHABLE",
      fmt::format("the lead could not be renewed for {} ms: {}", now_ms - renewed_ms_, StdView(status.message())));
}

}  // namespace strata
