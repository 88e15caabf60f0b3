// Keeps the lead of a state by renewing it in time. Not thread-safe; its seams must outlive it.
#pragma once

#include <functional>
#include <stop_token>

#include "base/clock.h"
#include "base/status.h"
#include "store/metadata.h"

namespace strata {

// Leadership is renewed this often; a contender waits at least kLeadershipTimeoutMs.
inline constexpr int64_t kLeadershipTimeoutMs = 15'000;
inline constexpr int64_t kLeadershipRenewalMs = kLeadershipTimeoutMs / 5;

class LeadKeeper {
 public:
  LeadKeeper(Metadata* metadata, const Clock* clock, Leadership leadership)
      : metadata_(metadata), clock_(clock), leadership_(leadership), renewed_ms_(clock->MonotonicMs()) {}

  // Renews when it is time. Metadata that does not answer is asked again at the next call, until a contender may have
  // the lead: UNAVAILABLE (METADATA_UNREACHABLE). FAILED_PRECONDITION (LEADERSHIP_LOST) when one has.
  absl::Status Keep();

 private:
  Metadata* metadata_;
  const Clock* clock_;
  Leadership leadership_;
  int64_t renewed_ms_;
};

// Does `work` on a thread of its own and keeps the lead meanwhile. Its status; or why the lead could not be kept, once
// `work`, which is asked to stop, has returned.
absl::Status WhileKeepingLead(LeadKeeper lead, const std::function<absl::Status(const std::stop_token&)>& work);

}  // namespace strata
