#include "coordinator/lead_keeper.h"

#include <fmt/format.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

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

absl::Status WhileKeepingLead(LeadKeeper lead, const std::function<absl::Status(const std::stop_token&)>& work) {
  std::mutex mutex;
  std::condition_variable changed;
  bool done = false;
  absl::Status status;
  std::jthread thread([&](const std::stop_token& stop) {
    absl::Status finished = work(stop);
    const std::lock_guard lock(mutex);
    status = std::move(finished);
    done = true;
    changed.notify_all();
  });
  std::unique_lock lock(mutex);
  while (!changed.wait_for(lock, std::chrono::milliseconds(kLeadershipRenewalMs), [&done] { return done; })) {
    lock.unlock();
    const absl::Status kept = lead.Keep();
    if (!kept.ok()) return kept;  // the thread is stopped by its destructor
    lock.lock();
  }
  return status;
}

}  // namespace strata
